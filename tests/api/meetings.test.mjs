// docs/PROTOCOL.md: meetings, from making to deleting.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, timePattern, useInstance } from '../lib/api.mjs';

const inst = await useInstance();

const person = ({ id, email, full_name }) => ({ id, email, full_name });
const meetingKeys = [
	'active_call',
	'created_at',
	'description',
	'host',
	'ice_policy',
	'id',
	'participants',
	'scheduled_at',
	'status',
	'title',
	'updated_at',
];

test('a new meeting has every field, its maker as host, and a Location that leads to it', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const body = {
		title: 'Weekly',
		description: 'What next?',
		participants: [guest.id],
		scheduled_at: '2031-02-03T04:05:06Z',
	};
	const reply = await as(inst, host).post('/api/meetings', body);
	const meeting = assertStatus(reply, 201);
	assert.deepEqual(Object.keys(meeting).sort(), meetingKeys);
	assert.ok(Number.isSafeInteger(meeting.id) && meeting.id > 0);
	assert.equal(meeting.title, 'Weekly');
	assert.equal(meeting.description, 'What next?');
	assert.deepEqual(meeting.host, person(host));
	assert.deepEqual(meeting.participants, [person(guest)]);
	assert.equal(meeting.status, 'scheduled');
	assert.equal(meeting.ice_policy, 'all');
	assert.equal(meeting.scheduled_at, '2031-02-03T04:05:06.000000Z');
	assert.match(meeting.created_at, timePattern);
	assert.match(meeting.updated_at, timePattern);
	assert.equal(meeting.active_call, null);
	const { pathname } = new URL(reply.headers.location, inst.origin);
	assert.deepEqual(assertStatus(await as(inst, host).get(pathname), 200), meeting);
});

test('a title is enough', async () => {
	const meeting = await newMeeting(inst, await newUser(inst), { title: 'Just this' });
	assert.deepEqual(meeting.participants, []);
	assert.equal(meeting.scheduled_at, null);
	assert.ok(['', null].includes(meeting.description));
});

test('participants may be named by id and by e-mail, in one list, and twice', async () => {
	const [host, a, b] = [await newUser(inst), await newUser(inst), await newUser(inst)];
	const body = { title: 'Mixed', participants: [a.id, b.email, a.email, b.id] };
	const meeting = assertStatus(await as(inst, host).post('/api/meetings', body), 201);
	assert.deepEqual(meeting.participants.map((user) => user.id).sort(), [a.id, b.id].sort());
});

test('a participant who does not exist makes no meeting', async () => {
	const host = await newUser(inst);
	for (const unknown of [99999999, 'nobody@test.example']) {
		const reply = await as(inst, host).post('/api/meetings', { title: 'T', participants: [unknown] });
		assert.ok([400, 404].includes(reply.status), `got ${reply.status}`);
		assertError(reply, reply.status);
	}
	const { results } = assertStatus(await as(inst, host).get('/api/meetings'), 200);
	assert.deepEqual(results, []);
});

test('more than 1,000 participants are refused', async () => {
	const host = await newUser(inst);
	const participants = Array.from({ length: 1001 }, (_, i) => i + 1);
	const reply = await as(inst, host).post('/api/meetings', { title: 'A crowd', participants });
	assertError(reply, 400, { field: 'participants' });
	assert.deepEqual(assertStatus(await as(inst, host).get('/api/meetings'), 200).results, []);
});

test('a scheduled time with an offset is kept in UTC', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host, { scheduled_at: '2030-06-01T01:30:00.5+02:00' });
	assert.equal(meeting.scheduled_at, '2030-05-31T23:30:00.500000Z');
});

test('texts come back exactly as they were sent', async () => {
	const host = await newUser(inst);
	const title = 'Ünïcode "quoted" \\ / <b>&amp;</b> 🙂 \u2028 ’; DROP TABLE meeting; -- %s %n';
	const description = 'line one\nline two\ttabbed\n';
	const { id } = await newMeeting(inst, host, { title, description });
	const meeting = assertStatus(await as(inst, host).get(`/api/meetings/${id}`), 200);
	assert.equal(meeting.title, title);
	assert.equal(meeting.description, description);
});

test('the host changes title, description, time and ICE policy, and updated_at moves', async () => {
	const host = await newUser(inst);
	const before = await newMeeting(inst, host);
	const changes = {
		title: 'New title',
		description: 'New text',
		scheduled_at: '2032-01-01T00:00:00Z',
		ice_policy: 'relay',
	};
	const after = assertStatus(await as(inst, host).patch(`/api/meetings/${before.id}`, changes), 200);
	assert.deepEqual(after, {
		...before,
		...changes,
		scheduled_at: '2032-01-01T00:00:00.000000Z',
		updated_at: after.updated_at,
	});
	assert.ok(after.updated_at > before.updated_at);
	assert.deepEqual(assertStatus(await as(inst, host).get(`/api/meetings/${before.id}`), 200), after);
});

test('a change names only what it changes', async () => {
	const host = await newUser(inst);
	const before = await newMeeting(inst, host, {
		description: 'stays',
		scheduled_at: '2032-01-01T00:00:00Z',
	});
	const after = assertStatus(
		await as(inst, host).patch(`/api/meetings/${before.id}`, { title: 'Only this' }),
		200,
	);
	assert.deepEqual({ ...after, title: before.title, updated_at: before.updated_at }, before);
});

test('the scheduled time can be taken away', async () => {
	const host = await newUser(inst);
	const { id } = await newMeeting(inst, host, { scheduled_at: '2032-01-01T00:00:00Z' });
	const meeting = assertStatus(
		await as(inst, host).patch(`/api/meetings/${id}`, { scheduled_at: null }),
		200,
	);
	assert.equal(meeting.scheduled_at, null);
});

test('unknown and read-only fields of a change are ignored', async () => {
	const [host, other] = [await newUser(inst), await newUser(inst)];
	const before = await newMeeting(inst, host);
	const body = {
		colour: 'green',
		id: 1,
		created_at: '2000-01-01T00:00:00Z',
		host: { id: other.id },
		active_call: {},
	};
	const after = assertStatus(await as(inst, host).patch(`/api/meetings/${before.id}`, body), 200);
	assert.deepEqual({ ...after, updated_at: before.updated_at }, before);
});

test('an empty change is no mistake', async () => {
	const host = await newUser(inst);
	const before = await newMeeting(inst, host);
	const after = assertStatus(await as(inst, host).patch(`/api/meetings/${before.id}`, {}), 200);
	assert.deepEqual({ ...after, updated_at: before.updated_at }, before);
});

test('a change with one bad field changes nothing', async () => {
	const host = await newUser(inst);
	const before = await newMeeting(inst, host);
	const body = { title: 'Good', ice_policy: 'sometimes' };
	assertError(await as(inst, host).patch(`/api/meetings/${before.id}`, body), 400, { field: 'ice_policy' });
	assert.deepEqual(assertStatus(await as(inst, host).get(`/api/meetings/${before.id}`), 200), before);
});

test('a deleted meeting is gone', async () => {
	const host = await newUser(inst);
	const { id } = await newMeeting(inst, host);
	const reply = await as(inst, host).del(`/api/meetings/${id}`);
	assertStatus(reply, 204);
	assert.equal(reply.text, '');
	for (const method of ['get', 'del', 'patch'])
		assertError(await as(inst, host)[method](`/api/meetings/${id}`, {}), 404);
	assert.deepEqual(assertStatus(await as(inst, host).get('/api/meetings'), 200).results, []);
});

test('the id of a deleted meeting is not given to another', async () => {
	const host = await newUser(inst);
	const { id } = await newMeeting(inst, host);
	assertStatus(await as(inst, host).del(`/api/meetings/${id}`), 204);
	const { id: next } = await newMeeting(inst, host);
	assert.ok(next > id);
});

test('the list shows meetings one hosts or takes part in, and no others', async () => {
	const [me, other] = [await newUser(inst), await newUser(inst)];
	const mine = await newMeeting(inst, me, { title: 'mine' });
	const invited = await newMeeting(inst, other, { title: 'invited', participants: [me] });
	await newMeeting(inst, other, { title: 'not mine' });
	const { results } = assertStatus(await as(inst, me).get('/api/meetings'), 200);
	assert.deepEqual(
		results.map((meeting) => meeting.id),
		[invited.id, mine.id],
	);
	assert.deepEqual(Object.keys(results[0]).sort(), meetingKeys);
});
