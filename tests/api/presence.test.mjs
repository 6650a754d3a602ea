// docs/PROTOCOL.md, GET /api/meetings/{id}/presence: who is in the room at this moment.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import {
	as, assertError, assertRetryAfter, assertStatus, newMeeting, newUser, timePattern, useInstance,
} from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';
import { closeAll, connect } from '../lib/ws.mjs';

afterEach(closeAll);
const inst = await useInstance();

const people = {
	host: await newUser(inst),
	participant: await newUser(inst),
	outsider: await newUser(inst),
	administrator: await newUser(inst, { admin: true }),
	nobody: null,
};

const room = () => newMeeting(inst, people.host, { participants: [people.participant] });
const presence = async (id, user = people.host) =>
	assertStatus(await as(inst, user).get(`/api/meetings/${id}/presence`), 200).sessions;

async function enter(id, user, options = {}) {
	const client = await connect(inst, id, { token: user.access, ...options });
	client.session = (await client.next('welcome')).session_id;
	return client;
}

const expected = { host: 200, participant: 200, administrator: 200, outsider: 404, nobody: 401 };
for (const [kind, status] of Object.entries(expected))
	test(`${kind} gets ${status} for who is in the room`, async () => {
		const { id } = await room();
		await enter(id, people.participant);
		const reply = await as(inst, people[kind]).get(`/api/meetings/${id}/presence`);
		if (status !== 200) return assertError(reply, status);
		assert.deepEqual(Object.keys(assertStatus(reply, 200)), ['sessions']);
		return assert.equal(reply.json.sessions.length, 1);
	});

test('an empty room has no sessions', async () => {
	assert.deepEqual(await presence((await room()).id), []);
});

test('an unknown meeting is 404', async () => {
	assertError(await as(inst, people.host).get('/api/meetings/99999999/presence'), 404);
});

test('a session is told with all that docs/PROTOCOL.md names', async () => {
	const { id } = await room();
	const before = Date.now();
	const client = await enter(id, people.participant, { query: { client_id: 'my-phone_1' } });
	const [{ joined_at: joined, ...session }] = await presence(id);
	assert.deepEqual(session, {
		session_id: client.session,
		user_id: people.participant.id,
		email: people.participant.email,
		full_name: people.participant.full_name,
		in_call: false,
		connected: true,
		state: {},
		client_id: 'my-phone_1',
	});
	assert.match(joined, timePattern);
	assert.ok(Math.abs(Date.parse(joined) - before) < 60_000);
});

test('a session without client_id has null', async () => {
	const { id } = await room();
	await enter(id, people.host);
	assert.equal((await presence(id))[0].client_id, null);
});

test('state and in_call are as the client said last, byte for byte', async () => {
	const { id } = await room();
	assertStatus(await as(inst, people.host).post('/api/calls', { meeting_id: id }), 201);
	const client = await enter(id, people.host);
	client.sendRaw('{"type":"state","state":{"muted":true,"x":[1, 2.50,"\\u00e9"]},"id":1}');
	client.send({ type: 'join-call', id: 2 });
	await client.next((frame) => frame.type === 'ack' && frame.id === 2);
	const reply = await as(inst, people.host).get(`/api/meetings/${id}/presence`);
	assert.equal(reply.json.sessions[0].in_call, true);
	assert.ok(reply.text.includes('"state":{"muted":true,"x":[1, 2.50,"\\u00e9"]}'), reply.text);
	client.send({ type: 'leave-call', id: 3 });
	await client.next((frame) => frame.type === 'ack' && frame.id === 3);
	assert.equal((await presence(id))[0].in_call, false);
});

test('every device of a user is a session of its own, and who has left is none', async () => {
	const { id } = await room();
	const clients = [await enter(id, people.host), await enter(id, people.host), await enter(id, people.participant)];
	const found = (await presence(id)).map((session) => session.session_id);
	assert.deepEqual(found.sort(), clients.map((client) => client.session).sort());
	await clients[0].close();
	await until(async () => (await presence(id)).length === 2, 'two are left');
});

test('the room of another meeting is not told', async () => {
	const [one, other] = [await room(), await room()];
	await enter(one.id, people.host);
	assert.deepEqual(await presence(other.id), []);
});

test('ten sessions with large states are told whole', async () => {
	const { id } = await room();
	const text = 'é'.repeat(900);
	const users = [people.host, people.participant];
	for (let i = 0; i < 10; i++) {
		const client = await enter(id, users[i % 2]);
		client.send({ type: 'state', state: { text }, id: 1 });
		await client.next('ack');
	}
	const sessions = await presence(id);
	assert.equal(sessions.length, 10);
	assert.ok(sessions.every(({ state }) => state.text === text));
});

test('while the daemon does not answer it is 503 with Retry-After, and right again afterwards', async () => {
	const { id } = await room();
	inst.kill('signald', 'SIGSTOP');
	try {
		const reply = await as(inst, people.host).get(`/api/meetings/${id}/presence`);
		assertError(reply, 503, { code: 'signaling_unavailable' });
		assertRetryAfter(reply);
		assertError(await as(inst, people.outsider).get(`/api/meetings/${id}/presence`), 404);
	} finally {
		inst.kill('signald', 'SIGCONT');
	}
	/* a worker that met the silence does not ask again for a second */
	const reply = await until(async () => {
		const answer = await as(inst, people.host).get(`/api/meetings/${id}/presence`);
		return answer.status === 200 && answer;
	}, 'it answers');
	assert.deepEqual(reply.json.sessions, []);
});
