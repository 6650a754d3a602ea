// The server pings, and drops who is silent (docs/PROTOCOL.md, Liveness).
import assert from 'node:assert/strict';
import test from 'node:test';

import { OP, rawConnect } from '../lib/ws.mjs';
import { enter, eventually, leaveOf, newRoom, welcomed, wsInstance } from './support.mjs';

const SLOWER = process.env.SANITIZE ? 3 : 1;
const PING = 200 * SLOWER;
const IDLE = 1_000 * SLOWER;

const inst = await wsInstance({ ping_interval: `${PING}ms`, idle_timeout: `${IDLE}ms` });

const enterRaw = async (room, user, options = {}) =>
	welcomed(await rawConnect(inst, room.id, { token: user.access, ...options }), user);

test('the server pings, again and again', async () => {
	const { id, host } = await newRoom(inst);
	const client = await enter(inst, id, host);
	await eventually('five pings', () => client.pings >= 5);
});

test('a client that answers the pings stays, however long it says nothing itself', async () => {
	const { id, host } = await newRoom(inst);
	const client = await enter(inst, id, host);
	const pings = Math.ceil(3 * IDLE / PING);
	await eventually('pings for three times the idle time', () => client.pings >= pings, { deadline: 6 * IDLE });
	await client.sync();
});

test('a client that is silent is dropped, and the others are told', async () => {
	const room = await newRoom(inst);
	const watcher = await enter(inst, room.id, room.host);
	const silent = await enterRaw(room, room.people[1]);
	const began = Date.now();
	await silent.closed;
	const after = Date.now() - began;
	assert.ok(after > IDLE - PING && after < 4 * IDLE, `${after} ms`);
	await watcher.next(leaveOf(silent));
	await watcher.sync();
});

test('a client that was dropped while in the call is told as call_left and user_left', async () => {
	const room = await newRoom(inst);
	const watcher = await enter(inst, room.id, room.host);
	const silent = await enterRaw(room, room.people[1]);
	silent.send({ type: 'join-call' });
	await watcher.next('call_joined');
	await watcher.next('user_left');
	assert.deepEqual(watcher.types().slice(-2), ['call_left', 'user_left']);
});

test('a client that sends but never answers a ping is not silent', async () => {
	const room = await newRoom(inst);
	const client = await enterRaw(room, room.host);
	const end = Date.now() + 2.5 * IDLE;
	while (Date.now() < end) {
		await client.sync();
		await client.controls.next('ping');
	}
	await client.sync();
});

test('a client that answers with unasked pongs only stays', async () => {
	const room = await newRoom(inst);
	const client = await enterRaw(room, room.host);
	const end = Date.now() + 2.5 * IDLE;
	while (Date.now() < end) {
		await client.controls.next('ping');
		client.frame('', { opcode: OP.pong });
	}
	await client.sync();
});

test('a client that is silent in the middle of a frame is dropped as well', async () => {
	const room = await newRoom(inst);
	const watcher = await enter(inst, room.id, room.host);
	const silent = await enterRaw(room, room.people[1]);
	silent.write(Buffer.from([0x81]));
	await watcher.next(leaveOf(silent));
	await watcher.sync();
});
