// The control socket: who is slow, silent or endless there is hung up on, and neither rooms nor operators wait for long.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import { assertStatus, newMeeting, newUser, request, useInstance } from '../lib/api.mjs';
import { assertDone } from '../lib/ctl.mjs';
import { SLOWER, until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';

const inst = await useInstance();
const path = join(inst.varDir, 'run/ctl.sock');

/** One that sends `text` and then goes on as `more` says; `ended` when it was hung up on. */
async function hold(text, more = () => {}) {
	const socket = createConnection(path);
	await once(socket, 'connect');
	const client = { socket, ended: false };
	socket.on('error', () => {}).on('close', () => { client.ended = true; });
	socket.resume();
	socket.write(text);
	more(socket);
	return client;
}
const answers = async () => assertDone(await inst.ctl(['stats', '--json']));

test('while some hold it and say nothing, or half a command, others are answered, and people notice nothing', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const client = await connect(inst, meeting.id, { token: host.access });
	const held = await Promise.all(Array.from({ length: 30 }, (_, i) => hold(i % 2 ? '{"cmd":"stats"' : ' ')));
	const began = Date.now();
	await answers();
	client.send({ type: 'ping', id: 1 });
	await client.next('pong');
	assertStatus(await request(inst, 'GET', '/api/health/ready'), 200);
	assert.ok(Date.now() - began < 2000 * SLOWER, `${Date.now() - began} ms`);
	await until(() => held.every(({ ended }) => ended), 'all are hung up on');
});

test('a byte now and then prolongs nothing', async () => {
	const began = Date.now();
	const client = await hold('{', (socket) => {
		const timer = setInterval(() => socket.write(' '), 200);
		socket.on('close', () => clearInterval(timer));
	});
	await until(() => client.ended, 'it is hung up on');
	assert.ok(Date.now() - began < 8000);
});

test('a crowd that holds all places is hung up on in time; until then the rooms go on', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const client = await connect(inst, meeting.id, { token: host.access });
	const held = await Promise.all(Array.from({ length: 60 }, () => hold('')));
	client.send({ type: 'ping', id: 1 });
	await client.next('pong');
	await until(() => held.every(({ ended }) => ended), 'all are hung up on');
	await answers();
	assert.match(inst.logs(), /event=control_full/);
});

test('a command that never ends is cut off', async () => {
	const client = await hold('x'.repeat(1 << 20));
	await until(() => client.ended, 'it is hung up on', 2000);
	await answers();
});
