// Tickets as credentials of the WebSocket (docs/PROTOCOL.md): once, in time, by their owner, in their meeting.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';

import { as, assertStatus, newUser } from '../lib/api.mjs';
import { connect } from '../lib/ws.mjs';
import { assertRefused, enter, eventually, newRoom, welcomed, wsInstance } from './support.mjs';

const inst = await wsInstance();
const brief = await wsInstance({ ticket_ttl: '100ms' });
const patient = await wsInstance({ handshake_timeout: '500ms', database_busy_timeout: '10s' });
const room = await newRoom(inst, 2);
const [host, guest] = room.people;

async function newTicket(user = host, id = room.id, where = inst) {
	const reply = await as(where, user).post(`/api/meetings/${id}/ticket`);
	return assertStatus(reply, 201);
}

/** The ways to show a ticket, as options of connect(). */
const ways = {
	'a subprotocol': (ticket) => ({ protocols: ['unio.v1', `unio.ticket.${ticket}`] }),
	'a subprotocol in front of unio.v1': (ticket) => ({ protocols: [`unio.ticket.${ticket}`, 'unio.v1'] }),
	'the query': (ticket) => ({ query: { ticket } }),
	'the query of a unio.v1 client': (ticket) => ({ query: { ticket }, protocols: ['unio.v1'] }),
	'an auth frame': (ticket) => ({ protocols: ['unio.v1'], first: [{ type: 'auth', ticket }] }),
};

for (const [way, options] of Object.entries(ways)) {
	test(`a ticket as ${way} lets in, as the one who asked for it, and is used up`, async () => {
		const { ticket } = await newTicket(guest);
		const client = await welcomed(await connect(inst, room.id, options(ticket)), guest);
		assert.deepEqual(client.welcome.self, { user_id: guest.id, role: 'participant' });
		await assertRefused(await connect(inst, room.id, options(ticket)), 4004);
		await client.sync();
	});

	test(`an unknown ticket as ${way} is refused with 4004`, async () => {
		await assertRefused(await connect(inst, room.id, options('0123456789abcdefghijkl')), 4004);
	});

	test(`a ticket as ${way} of another meeting is refused with 4004, and used up by that`, async () => {
		const other = await newRoom(inst, 2);
		const { ticket } = await newTicket(host, other.id);
		await assertRefused(await connect(inst, room.id, options(ticket)), 4004);
		await assertRefused(await connect(inst, other.id, options(ticket)), 4004);
	});

	test(`a ticket as ${way} that has expired is refused with 4004`, async () => {
		const there = await newRoom(brief, 1);
		const { ticket } = await newTicket(there.host, there.id, brief);
		const wait = () => brief.sql('SELECT count(*) AS n FROM ticket'
			+ " WHERE expires_at > (julianday('now') - 2440587.5) * 86400e6")[0].n === 0;
		await eventually('the ticket has expired', wait);
		await assertRefused(await connect(brief, there.id, options(ticket)), 4004);
	});

	test(`of ten connections that show one ticket as ${way} at once, one is let in`, async () => {
		const { ticket } = await newTicket();
		const clients = await Promise.all(Array.from({ length: 10 }, () => connect(inst, room.id, options(ticket))));
		const first = await Promise.all(clients.map((client) =>
			client.next((frame) => frame.type === 'welcome' || frame.type === 'error')));
		assert.equal(first.filter((frame) => frame.type === 'welcome').length, 1);
		assert.equal(first.filter((frame) => frame.close === 4004).length, 9);
	});
}

test('the answer to a ticket as a subprotocol is unio.v1, and never the ticket', async () => {
	const { ticket } = await newTicket();
	const client = await connect(inst, room.id, ways['a subprotocol'](ticket));
	assert.equal(client.protocol, 'unio.v1');
	await welcomed(client, host);
});

test('ws_url is where the ticket works', async () => {
	const { ticket, ws_url } = await newTicket();
	const { origin, pathname } = new URL(ws_url);
	assert.equal(origin, inst.wsOrigin);
	await welcomed(await connect(inst, 0, { path: pathname, ...ways['a subprotocol'](ticket) }), host);
});

test('a ticket goes before a token in the query, and a bad one is not made good by it', async () => {
	const { ticket } = await newTicket(guest);
	const client = await connect(inst, room.id, { query: { ticket, token: host.access } });
	await welcomed(client, guest);
	assert.equal(client.welcome.self.user_id, guest.id);
	await assertRefused(await connect(inst, room.id, { query: { ticket, token: host.access } }), 4004);
});

test('an Authorization header goes before a ticket in the query, which stays unused', async () => {
	const { ticket } = await newTicket(guest);
	await enter(inst, room.id, host, { query: { ticket } });
	await welcomed(await connect(inst, room.id, { query: { ticket } }), guest);
});

const texts = { 'an empty ticket': '', 'a ticket that is too short': 'abc', 'a ticket that is too long': 'a'.repeat(23),
	'a ticket with other letters': "' OR 1=1; -- abcdefghi", 'a token in place of a ticket': host.access };
for (const [what, ticket] of Object.entries(texts))
	test(`${what} is refused with 4004`, async () => {
		await assertRefused(await connect(inst, room.id, { query: { ticket } }), 4004);
		await assertRefused(await connect(inst, room.id, ways['an auth frame'](ticket)), 4004);
	});

test('a ticket without a meeting in the path is refused with 4004 and used up', async () => {
	const { ticket } = await newTicket();
	await assertRefused(await connect(inst, 0, { path: '/ws/meeting/', query: { ticket } }), 4004);
	await assertRefused(await connect(inst, room.id, { query: { ticket } }), 4004);
});

test('a ticket whose login has ended is refused with 4401', async () => {
	const user = await newUser(inst);
	const { id } = assertStatus(await as(inst, user).post('/api/meetings', { title: 'Mine' }), 201);
	const { ticket } = await newTicket(user, id);
	assertStatus(await as(inst, user).post('/api/auth/logout'), 204);
	await assertRefused(await connect(inst, id, { query: { ticket } }), 4401);
});

test('a ticket of a disabled user is refused with 4401', async () => {
	const user = await newUser(inst);
	const { id } = assertStatus(await as(inst, user).post('/api/meetings', { title: 'Mine' }), 201);
	const { ticket } = await newTicket(user, id);
	assert.equal((await inst.ctl(['user', 'disable', user.email])).code, 0);
	await assertRefused(await connect(inst, id, { query: { ticket } }), 4401);
});

test('a ticket of a participant who was removed since is refused with 4403', async () => {
	const user = await newUser(inst);
	const one = await newRoom(inst, 1);
	assertStatus(await as(inst, one.host).post(`/api/meetings/${one.id}/participants`, { user_id: user.id }), 201);
	const { ticket } = await newTicket(user, one.id);
	assertStatus(await as(inst, one.host).del(`/api/meetings/${one.id}/participants/${user.id}`), 204);
	await assertRefused(await connect(inst, one.id, { query: { ticket } }), 4403);
});

test('a ticket for a meeting that was deleted since is refused with 4404', async () => {
	const one = await newRoom(inst, 1);
	const { ticket } = await newTicket(one.host, one.id);
	assertStatus(await as(inst, one.host).del(`/api/meetings/${one.id}`), 204);
	await assertRefused(await connect(inst, one.id, { query: { ticket } }), 4404);
});

test('a ticket works without tokens in the query, which can be turned off', async () => {
	const strict = await wsInstance({ allow_query_token: 'no' });
	const one = await newRoom(strict, 1);
	const { ticket } = await newTicket(one.host, one.id, strict);
	await welcomed(await connect(strict, one.id, { query: { ticket } }), one.host);
});

test('a used ticket stays used when the daemon is killed and comes back', async () => {
	const { ticket } = await newTicket();
	await welcomed(await connect(inst, room.id, { query: { ticket } }), host);
	inst.kill('signald');
	await inst.waitReady();
	await assertRefused(await connect(inst, room.id, { query: { ticket } }), 4004);
});

test('while the database is held by another a ticket waits no longer than the handshake may take, a token not at all', async () => {
	const there = await newRoom(patient, 1);
	const { ticket } = await newTicket(there.host, there.id, patient);
	const holder = spawn('sqlite3', ['-cmd', '.timeout 10000', patient.dbPath], { stdio: ['pipe', 'pipe', 'inherit'] });
	try {
		holder.stdin.write("BEGIN IMMEDIATE;\nSELECT 'locked';\n");
		await once(holder.stdout, 'data');
		const late = await connect(patient, there.id, { query: { ticket } });
		await enter(patient, there.id, there.host);
		const error = await late.next('error');
		assert.deepEqual([error.close, error.code, error.action], [1013, 'unavailable', 'reconnect']);
		assert.equal((await late.closed).code, 1013);
	} finally {
		holder.stdin.end('ROLLBACK;\n');
		await once(holder, 'close');
	}
	const { ticket: another } = await newTicket(there.host, there.id, patient);
	await welcomed(await connect(patient, there.id, { query: { ticket: another } }), there.host);
});
