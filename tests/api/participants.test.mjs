// docs/PROTOCOL.md: who takes part in a meeting.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, useInstance } from '../lib/api.mjs';

const inst = await useInstance();

const person = ({ id, email, full_name }) => ({ id, email, full_name });
const path = (meeting, user) => `/api/meetings/${meeting.id}/participants${user ? `/${user.id}` : ''}`;

async function participantsOf(host, meeting) {
	const { participants } = assertStatus(await as(inst, host).get(`/api/meetings/${meeting.id}`), 200);
	return participants.map((user) => user.id);
}

for (const key of ['user_id', 'email'])
	test(`a participant added by ${key} is replied with 201, and with 200 when already in`, async () => {
		const [host, guest] = [await newUser(inst), await newUser(inst)];
		const meeting = await newMeeting(inst, host);
		const body = key === 'email' ? { email: guest.email } : { user_id: guest.id };
		assert.deepEqual(assertStatus(await as(inst, host).post(path(meeting), body), 201), person(guest));
		assert.deepEqual(assertStatus(await as(inst, host).post(path(meeting), body), 200), person(guest));
		assert.deepEqual(await participantsOf(host, meeting), [guest.id]);
	});

test('an e-mail address is found however its letters are cased', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host);
	const added = assertStatus(
		await as(inst, host).post(path(meeting), { email: guest.email.toUpperCase() }),
		201,
	);
	assert.equal(added.id, guest.id);
});

test('whoever is added sees the meeting, and no longer when removed', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host);
	const look = () => as(inst, guest).get(`/api/meetings/${meeting.id}`);
	assertError(await look(), 404);
	assertStatus(await as(inst, host).post(path(meeting), { user_id: guest.id }), 201);
	assertStatus(await look(), 200);
	assertStatus(await as(inst, host).del(path(meeting, guest)), 204);
	assertError(await look(), 404);
	assert.deepEqual(await participantsOf(host, meeting), []);
});

test('a participant may leave by himself', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host, { participants: [guest] });
	assertStatus(await as(inst, guest).del(path(meeting, guest)), 204);
	assertError(await as(inst, guest).get(`/api/meetings/${meeting.id}`), 404);
});

test('a participant may remove nobody else', async () => {
	const [host, a, b] = [await newUser(inst), await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host, { participants: [a, b] });
	assertError(await as(inst, a).del(path(meeting, b)), 403);
	assert.equal((await participantsOf(host, meeting)).length, 2);
});

test('removing someone who is not in it is 404', async () => {
	const [host, stranger] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host);
	assertError(await as(inst, host).del(path(meeting, stranger)), 404);
});

test('whoever was removed no longer sees the calls that he was in', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host, { participants: [guest] });
	const call = assertStatus(await as(inst, guest).post('/api/calls', { meeting_id: meeting.id }), 201);
	assert.equal(call.caller.id, guest.id);
	assertStatus(await as(inst, host).del(path(meeting, guest)), 204);
	assertError(await as(inst, guest).get(`/api/calls/${call.id}`), 404);
	assertError(await as(inst, guest).post(`/api/calls/${call.id}/end`), 403);
	assert.deepEqual(assertStatus(await as(inst, guest).get('/api/calls'), 200).results, []);
	assertStatus(await as(inst, host).get(`/api/calls/${call.id}`), 200);
});

test('the host stays host, whatever is removed', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const reply = await as(inst, host).del(path(meeting, host));
	assert.ok(reply.status >= 400 && reply.status < 500, `got ${reply.status}`);
	const { host: still } = assertStatus(await as(inst, host).get(`/api/meetings/${meeting.id}`), 200);
	assert.equal(still.id, host.id);
});

const unknown = [
	['id', { user_id: 99999999 }],
	['e-mail', { email: 'nobody-at-all@test.example' }],
];
for (const [what, body] of unknown)
	test(`adding an ${what} that nobody has is 404 and adds nobody`, async () => {
		const host = await newUser(inst);
		const meeting = await newMeeting(inst, host);
		assertError(await as(inst, host).post(path(meeting), body), 404);
		assert.deepEqual(await participantsOf(host, meeting), []);
	});

const bad = [
	['nothing', {}, undefined],
	['a string as user_id', { user_id: '2' }, 'user_id'],
	['user_id 0', { user_id: 0 }, 'user_id'],
	['a negative user_id', { user_id: -2 }, 'user_id'],
	['a fraction as user_id', { user_id: 1.5 }, 'user_id'],
	['a user_id beyond 64 bits', '{"user_id":99999999999999999999}', 'user_id'],
	['a number as e-mail', { email: 2 }, 'email'],
	['a list as e-mail', { email: [] }, 'email'],
];
for (const [what, body, field] of bad)
	test(`adding ${what} is 400`, async () => {
		const host = await newUser(inst);
		const meeting = await newMeeting(inst, host);
		const options = typeof body === 'string' ? { json: undefined, body } : { json: body };
		assertError(await as(inst, host).post(path(meeting), undefined, options), 400, { field });
	});

test('ten additions of the same user at once add him once', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host);
	const add = () => as(inst, host).post(path(meeting), { user_id: guest.id });
	const statuses = (await Promise.all(Array.from({ length: 10 }, add))).map((reply) => reply.status).sort();
	assert.deepEqual(statuses, [...Array(9).fill(200), 201]);
	assert.deepEqual(await participantsOf(host, meeting), [guest.id]);
});
