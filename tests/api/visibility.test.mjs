// docs/PROTOCOL.md, "Who sees what": each action on a meeting and its call, by each kind of user. One test per row and
// user; a meeting of its own for each, since many of the actions change it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, useInstance } from '../lib/api.mjs';

const inst = await useInstance();

const people = {
	host: await newUser(inst),
	participant: await newUser(inst),
	outsider: await newUser(inst),
	administrator: await newUser(inst, { admin: true }),
	nobody: null,
};
const spare = await newUser(inst);
const third = await newUser(inst);

const kinds = ['host', 'participant', 'outsider', 'administrator', 'nobody'];
// Columns in the order of `kinds`. `started`: the meeting has an active call.
const actions = [
	['read the meeting', (m) => ['get', `/api/meetings/${m.id}`], [200, 200, 404, 200, 401]],
	[
		'change the meeting',
		(m) => ['patch', `/api/meetings/${m.id}`, { title: 'Changed' }],
		[200, 403, 404, 200, 401],
	],
	[
		'cancel the meeting',
		(m) => ['patch', `/api/meetings/${m.id}`, { status: 'cancelled' }],
		[200, 403, 404, 200, 401],
	],
	['delete the meeting', (m) => ['del', `/api/meetings/${m.id}`], [204, 403, 404, 204, 401]],
	[
		'add a participant',
		(m) => ['post', `/api/meetings/${m.id}/participants`, { user_id: spare.id }],
		[201, 403, 404, 201, 401],
	],
	[
		'remove a participant',
		(m) => ['del', `/api/meetings/${m.id}/participants/${third.id}`],
		[204, 403, 404, 204, 401],
	],
	[
		"start a call by the report's name",
		(m) => ['post', '/api/health/call/start', { meeting_id: m.id }],
		[201, 201, 403, 403, 401],
	],
	[
		'start a call by its other name',
		(m) => ['post', '/api/calls', { meeting_id: m.id }],
		[201, 201, 403, 403, 401],
	],
	[
		'start a call that is active',
		(m) => ['post', '/api/calls', { meeting_id: m.id }],
		[200, 200, 403, 403, 401],
		'started',
	],
	['read the call', (m, c) => ['get', `/api/calls/${c.id}`], [200, 200, 404, 200, 401], 'started'],
	[
		'read the attendance',
		(m, c) => ['get', `/api/calls/${c.id}/attendance.csv`],
		[200, 200, 404, 200, 401],
		'started',
	],
	[
		"end the call by the report's name",
		(m, c) => ['post', '/api/health/call/end', { call_id: c.id }],
		[200, 200, 403, 200, 401],
		'started',
	],
	[
		'end the call by its other name',
		(m, c) => ['post', `/api/calls/${c.id}/end`],
		[200, 200, 403, 200, 401],
		'started',
	],
	[
		'delete the meeting of an active call',
		(m) => ['del', `/api/meetings/${m.id}`],
		[204, 403, 404, 204, 401],
		'started',
	],
];

for (const [what, make, expected, started] of actions)
	kinds.forEach((kind, column) => {
		const status = expected[column];
		test(`${kind === 'nobody' ? 'without a token' : `as ${kind}`}: ${what} is ${status}`, async () => {
			const participants = [people.participant, third];
			const meeting = await newMeeting(inst, people.host, { title: 'Secret plans', participants });
			const call =
				started &&
				assertStatus(await as(inst, people.host).post('/api/calls', { meeting_id: meeting.id }), 201);
			const [verb, path, body] = make(meeting, call);
			const reply = await as(inst, people[kind])[verb](path, body);
			if (status < 400) return assertStatus(reply, status);
			assertError(reply, status);
			assert.ok(!reply.text.includes('Secret plans'), 'a refusal tells nothing of the meeting');
			return assertUnchanged(meeting, call);
		});
	});

async function assertUnchanged(meeting, call) {
	const now = assertStatus(await as(inst, people.host).get(`/api/meetings/${meeting.id}`), 200);
	const expected = call ? 'ongoing' : 'scheduled';
	assert.equal(now.status, expected);
	assert.equal(now.title, meeting.title);
	assert.deepEqual(now.participants, meeting.participants);
	assert.equal(now.active_call?.id, call ? call.id : undefined);
}

test('an outsider cannot tell a meeting that exists from one that does not', async () => {
	const meeting = await newMeeting(inst, people.host);
	const real = assertError(await as(inst, people.outsider).get(`/api/meetings/${meeting.id}`), 404);
	const none = assertError(await as(inst, people.outsider).get('/api/meetings/99999999'), 404);
	assert.equal(real.error, none.error);
	assert.equal(real.code, none.code);
});

test("an outsider sees none of a meeting's calls in lists", async () => {
	const meeting = await newMeeting(inst, people.host);
	const call = assertStatus(
		await as(inst, people.host).post('/api/calls', { meeting_id: meeting.id }),
		201,
	);
	const all = assertStatus(await as(inst, people.outsider).get('/api/calls?limit=100'), 200);
	assert.ok(all.results.every((one) => one.id !== call.id));
	const asked = await as(inst, people.outsider).get(`/api/calls?meeting_id=${meeting.id}`);
	assert.ok(asked.status === 404 || (asked.status === 200 && asked.json.results.length === 0));
});

test("an administrator sees a meeting's calls", async () => {
	const meeting = await newMeeting(inst, people.host);
	const call = assertStatus(
		await as(inst, people.host).post('/api/calls', { meeting_id: meeting.id }),
		201,
	);
	const { results } = assertStatus(
		await as(inst, people.administrator).get(`/api/calls?meeting_id=${meeting.id}`),
		200,
	);
	assert.deepEqual(
		results.map((one) => one.id),
		[call.id],
	);
});
