// The wake-up's socket is taken away, stolen or shut: it costs latency at most, never an event.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import test, { afterEach } from 'node:test';

import { newFullRoom, rename, titlesOf, wsInstance } from '../ws/support.mjs';
import { replace, SLOWER, within } from './support.mjs';

const PROMPT_MS = 2_000 * SLOWER;
const inst = await wsInstance();
const path = join(inst.varDir, 'run', 'wake.sock');

/** Each fault has a daemon that has bound its socket anew. */
afterEach(async () => {
	await replace(inst, 'signald');
});

/** Changes arrive one by one, each in time and once. */
async function assertTold(room, count = 5) {
	const before = titlesOf(room.clients[0]).length;
	for (let n = 0; n < count; n += 1) {
		await rename(inst, room, `Title ${before + n}`);
		await within(PROMPT_MS, 'an event', () => Promise.all(room.clients.map((client) => client.next('meeting_updated'))));
	}
	for (const client of room.clients) {
		await client.sync();
		assert.equal(titlesOf(client).length, before + count);
	}
}

/** Another process listens where the daemon should. */
async function thief(work) {
	rmSync(path, { force: true });
	let calls = 0;
	const server = net.createServer((socket) => { calls += 1; socket.on('error', () => {}); socket.resume(); });
	server.listen(path);
	await once(server, 'listening');
	const sockets = new Set();
	server.on('connection', (socket) => sockets.add(socket));
	try {
		return await work(() => calls);
	} finally {
		sockets.forEach((socket) => socket.destroy());
		server.close();
	}
}

test('the socket is stolen by another process: events arrive by the poll', async () => {
	const room = await newFullRoom(inst);
	await thief(() => assertTold(room));
});

test('workers that start while it is stolen wake the thief, and events arrive all the same', async () => {
	const room = await newFullRoom(inst);
	await thief(async () => {
		await replace(inst, 'api');
		await assertTold(room);
	});
});

test('a thief that says nothing and reads nothing holds up no request', async () => {
	const room = await newFullRoom(inst);
	rmSync(path, { force: true });
	const server = net.createServer((socket) => { socket.on('error', () => {}); socket.pause(); });
	server.listen(path);
	await once(server, 'listening');
	try {
		await replace(inst, 'api');
		await assertTold(room, 40);
	} finally {
		server.close();
	}
});

test('a daemon that starts while it is stolen serves, and events arrive', async () => {
	await thief(async () => {
		await replace(inst, 'signald');
		await assertTold(await newFullRoom(inst));
	});
});

for (const mode of [0, 0o400])
	test(`the socket has the mode ${mode.toString(8)}: events arrive`, async () => {
		const room = await newFullRoom(inst);
		chmodSync(path, mode);
		await replace(inst, 'api');
		await assertTold(room);
	});

for (const [what, put, take] of [
	['a plain file', () => writeFileSync(path, 'not a socket'), () => rmSync(path, { force: true })],
	['nothing', () => {}, () => {}],
])
	test(`where the socket was there is ${what}: events arrive, and a new daemon makes it anew`, async () => {
		const room = await newFullRoom(inst);
		rmSync(path, { force: true });
		put();
		await assertTold(room);
		await replace(inst, 'signald');
		await assertTold(await newFullRoom(inst));
		if (!existsSync(path) || !statSync(path).isSocket())
			take();
	});

test('where the socket was there is a directory: a daemon that starts says so, and what it can do it does', async () => {
	rmSync(path, { force: true });
	mkdirSync(path);
	try {
		await replace(inst, 'signald');
		await assertTold(await newFullRoom(inst));
	} finally {
		rmdirSync(path);
	}
});
