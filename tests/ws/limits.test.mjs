// How many may be in a room and how many connect from one address (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { startInstance } from '../lib/instance.mjs';
import { closeAll, connect } from '../lib/ws.mjs';
import { assertRefused, enter, eventually, leaveOf, newMeetingOf, newRoom, wsInstance } from './support.mjs';

const ADDRESS_LIMIT = 4;

const inst = await wsInstance({ max_sessions_per_room: 7 });
const tight = await startInstance({ conf: { max_connections_per_address: ADDRESS_LIMIT } });
const slow = await startInstance({ conf: { connection_rate: 3, trusted_proxies: '127.0.0.1' } });
after(() => Promise.all([tight, slow].map((other) => other.stop())));

const enterMany = async (id, user, count) => {
	const clients = [];
	while (clients.length < count)
		clients.push(await enter(inst, id, user));
	return clients;
};

test('the sixth session of a user in a room is refused with 4412', async () => {
	const { id, host } = await newRoom(inst);
	await enterMany(id, host, 5);
	await assertRefused(await connect(inst, id, { token: host.access }), 4412);
});

test('when one of the five has left, another may enter', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const clients = await enterMany(id, host, 5);
	const watcher = await enter(inst, id, guest, { protocols: ['unio.v1'] });
	await clients[0].close();
	await watcher.next(leaveOf(clients[0]));
	await enter(inst, id, host);
	await assertRefused(await connect(inst, id, { token: host.access }), 4412);
});

test('the sessions of a user are counted for each room by itself', async () => {
	const one = await newRoom(inst);
	const two = await newRoom(inst);
	await enterMany(one.id, one.host, 5);
	await enter(inst, two.id, one.host);
});

test('the others hear nothing of a session too many', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const watcher = await enter(inst, id, guest);
	await enterMany(id, host, 5);
	await assertRefused(await connect(inst, id, { token: host.access }), 4412);
	await watcher.sync();
	assert.equal(watcher.count('user_joined'), 6);
	assert.equal(watcher.count('user_left'), 0);
});

test('a full room refuses with 4413, and has room again when somebody has left', async () => {
	const { id, people: [ann, bob, cyd] } = await newRoom(inst, 3);
	const [first] = await enterMany(id, ann, 5);
	const [watcher] = await enterMany(id, bob, 2);
	await assertRefused(await connect(inst, id, { token: cyd.access }), 4413);
	await first.close();
	await eventually('somebody may enter', async () => {
		const client = await connect(inst, id, { token: cyd.access });
		await Promise.race([client.next('welcome').catch(() => {}), client.closed]);
		return client.count('welcome') === 1;
	});
	await watcher.next((frame) => frame.type === 'user_joined' && frame.user_id === cyd.id);
});

test('many clients that knock at a full room at once: exactly as many as fit come in', async () => {
	const { id, people } = await newRoom(inst, 3);
	const knock = (_, n) => connect(inst, id, { token: people[n % 3].access });
	const clients = await Promise.all(Array.from({ length: 12 }, knock));
	const results = await Promise.all(clients.map((client) =>
		Promise.race([client.next('welcome').then(() => 'in', () => 'out'), client.closed.then(() => 'out')])));
	assert.equal(results.filter((result) => result === 'in').length, 7);
	await Promise.all(clients.filter((_, n) => results[n] === 'out').map((client) => assertRefused(client, 4413)));
});

const refusedUpgrade = (error) => {
	assert.equal(error.status, 429, error.message);
	assert.match(error.headers['retry-after'] ?? '', /^[1-9]\d*$/);
	return true;
};

test('connections over the limit of an address are answered with HTTP 429 and Retry-After', async () => {
	const { id, host } = await newMeetingOf(tight);
	const clients = [];
	for (let n = 0; n < ADDRESS_LIMIT; n++)
		clients.push(await connect(tight, id, { token: host.access }));
	await assert.rejects(connect(tight, id, { token: host.access }), refusedUpgrade);
	await clients[0].close();
	const again = await eventually('a place is free', () => connect(tight, id, { token: host.access }).catch(() => null));
	await again.next('welcome');
	closeAll();
});

test('an address that the client claims for itself does not help it over the limit', async () => {
	const { id, host } = await newMeetingOf(tight);
	const from = (n) => connect(tight, id, { token: host.access, headers: { 'X-Forwarded-For': `192.0.2.${n}` } });
	await eventually('the last test has left', async () => {
		const clients = await Promise.all(Array.from({ length: ADDRESS_LIMIT }, (_, n) => from(n).catch(() => null)));
		if (clients.every(Boolean))
			return true;
		closeAll();
		return false;
	}, { interval: 100 });
	await assert.rejects(from(77), refusedUpgrade);
	closeAll();
});

test('connections faster than the rate are answered with HTTP 429 and Retry-After, later ones are let in', async () => {
	const { id, host } = await newMeetingOf(slow);
	const results = await Promise.all(Array.from({ length: 30 }, () =>
		connect(slow, id, { token: host.access }).then(() => 101, (error) => refusedUpgrade(error) && 429)));
	const admitted = results.filter((result) => result === 101).length;
	assert.ok(admitted >= 3 && admitted < 30, `${admitted} of 30`);
	const other = await newMeetingOf(slow);
	const later = await eventually('the rate allows another', () =>
		connect(slow, other.id, { token: other.host.access }).catch(() => null), { interval: 250 });
	await later.next('welcome');
});

test('behind a trusted proxy the rate is that of the address that it names', async () => {
	const { id, host } = await newMeetingOf(slow);
	const there = await newMeetingOf(slow);
	const headers = { 'X-Forwarded-For': '198.51.100.7' };
	const storm = await Promise.all(Array.from({ length: 30 }, () =>
		connect(slow, id, { token: host.access, headers }).then(() => 101, () => 429)));
	assert.ok(storm.includes(429));
	const otherHeaders = { 'X-Forwarded-For': '198.51.100.8' };
	const other = await connect(slow, there.id, { token: there.host.access, headers: otherHeaders });
	await other.next('welcome');
});
