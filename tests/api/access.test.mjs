// docs/PROTOCOL.md, GET /api/meetings/{id}/access: what the WebSocket's handshake would say, as a reply that a browser shows.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, request, useInstance } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';
import { closeAll, connect } from '../lib/ws.mjs';

afterEach(closeAll);
const inst = await useInstance();
const small = await useInstance({ conf: { max_sessions_per_user: 2, max_sessions_per_room: 3 } });
const alone = await useInstance({ conf: { max_connections_per_address: 2 } });

const people = {
	host: await newUser(inst),
	participant: await newUser(inst),
	outsider: await newUser(inst),
	administrator: await newUser(inst, { admin: true }),
	nobody: null,
};
const meeting = await newMeeting(inst, people.host, { participants: [people.participant] });
const path = `/api/meetings/${meeting.id}/access`;

for (const role of ['host', 'participant'])
	test(`the ${role} may enter, as ${role}`, async () => {
		const reply = await as(inst, people[role]).get(path);
		assert.deepEqual(assertStatus(reply, 200), { meeting_id: meeting.id, role, signaling: 'ok' });
	});

const refused = {
	outsider: [403, 'forbidden', 4403],
	administrator: [403, 'forbidden', 4403],
	nobody: [401, 'unauthorized', 4401],
};
for (const [kind, [status, code, close]] of Object.entries(refused))
	test(`${kind} is told ${status} ${code}, which the WebSocket calls ${close}`, async () => {
		assertError(await as(inst, people[kind]).get(path), status, { code });
		const client = await connect(inst, meeting.id, { token: people[kind]?.access });
		const error = await client.next('error');
		assert.deepEqual([error.close, error.code], [close, code]);
	});

test('an unknown meeting is 404 not_found, which the WebSocket calls 4404', async () => {
	assertError(await as(inst, people.host).get('/api/meetings/99999999/access'), 404, { code: 'not_found' });
	const client = await connect(inst, 99999999, { token: people.host.access });
	assert.equal((await client.next('error')).code, 'not_found');
});

test('a login that has ended is 401', async () => {
	const user = await newUser(inst);
	const { id } = await newMeeting(inst, user);
	assertStatus(await as(inst, user).get(`/api/meetings/${id}/access`), 200);
	assertStatus(await as(inst, user).post('/api/auth/logout'), 204);
	assertError(await as(inst, user).get(`/api/meetings/${id}/access`), 401, { code: 'unauthorized' });
});

/** Connects and waits until the session is in the room. */
async function enter(where, id, user) {
	const client = await connect(where, id, { token: user.access });
	await client.next('welcome');
	return client;
}

test('too many sessions of a user are 429 with the code of 4412, and fewer are not', async () => {
	const [host, guest] = [await newUser(small), await newUser(small)];
	const { id } = await newMeeting(small, host, { participants: [guest] });
	const ask = (user) => as(small, user).get(`/api/meetings/${id}/access`);
	const first = await enter(small, id, host);
	assertStatus(await ask(host), 200);
	await enter(small, id, host);
	assertError(await ask(host), 429, { code: 'too_many_sessions' });
	assertStatus(await ask(guest), 200);
	const late = await connect(small, id, { token: host.access });
	assert.equal((await late.next('error')).code, 'too_many_sessions');
	await first.close();
	await until(async () => (await ask(host)).status === 200, 'the place is free again');
});

test('a full room is 429 with the code of 4413', async () => {
	const users = [];
	for (let i = 0; i < 4; i++) users.push(await newUser(small));
	const { id } = await newMeeting(small, users[0], { participants: users.slice(1) });
	for (const user of users.slice(0, 3)) await enter(small, id, user);
	assertError(await as(small, users[3]).get(`/api/meetings/${id}/access`), 429, { code: 'room_full' });
	const late = await connect(small, id, { token: users[3].access });
	assert.equal((await late.next('error')).code, 'room_full');
});

test('an address with too many connections is 429 rate_limited, as is its upgrade; to ask costs none', async () => {
	const host = await newUser(alone);
	const { id } = await newMeeting(alone, host);
	const ask = () => as(alone, host).get(`/api/meetings/${id}/access`);
	for (let i = 0; i < 5; i++) assertStatus(await ask(), 200);
	await enter(alone, id, host);
	await enter(alone, id, host);
	assertError(await ask(), 429, { code: 'rate_limited' });
	await assert.rejects(connect(alone, id, { token: host.access }), { status: 429 });
});

test('while the daemon is down the rest is answered, and said to be the rest', async () => {
	inst.kill('signald', 'SIGSTOP');
	try {
		const reply = await as(inst, people.host).get(path);
		assert.deepEqual(assertStatus(reply, 200),
			{ meeting_id: meeting.id, role: 'host', signaling: 'unavailable' });
		assertError(await as(inst, people.outsider).get(path), 403);
	} finally {
		inst.kill('signald', 'SIGCONT');
	}
	await inst.waitReady();
});

test('other methods are 405', async () => {
	assertError(await request(inst, 'POST', path, { token: people.host.access }), 405);
});
