// Connections that never speak: each is ended in time, and meanwhile everybody else is served.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';

import { connect, DEADLINE, rawConnect } from '../lib/ws.mjs';
import {
	assertClosedWith, assertRefused, descriptorsOf, enter, eventually, MEMORY_GROWTH, memoryOf, newFullRoom,
	newRoom, welcomed, wsInstance,
} from './support.mjs';

const HANDSHAKE = 1_500 * (process.env.SANITIZE ? 3 : 1);
const MANY = 1_000;

const inst = await wsInstance({ handshake_timeout: `${HANDSHAKE}ms` });
const daemonSocket = path.join(inst.varDir, 'run', 'ws.sock');

test('who offers unio.v1 and never authenticates is refused with 4401 when the time is over', async () => {
	const { id } = await newRoom(inst);
	const began = Date.now();
	const client = await connect(inst, id, { protocols: ['unio.v1'] });
	await assertRefused(client, 4401);
	const after = Date.now() - began;
	assert.ok(after > 0.6 * HANDSHAKE && after < 3 * HANDSHAKE, `${after} ms`);
});

test('pings do not prolong the time to authenticate', async () => {
	const { id } = await newRoom(inst);
	const began = Date.now();
	const client = await connect(inst, id, { protocols: ['unio.v1'] });
	const pinging = setInterval(() => client.ws.ping(), HANDSHAKE / 10);
	await assertClosedWith(client, 4401).finally(() => clearInterval(pinging));
	assert.ok(Date.now() - began < 3 * HANDSHAKE);
});

test('an auth frame that never ends is refused with 4401 when the time is over', async () => {
	const { id } = await newRoom(inst);
	const raw = await rawConnect(inst, id, { protocols: ['unio.v1'] });
	raw.frame('{"type":"auth",', { fin: false });
	await assertRefused(raw, 4401);
});

test('who has authenticated stays when the time is over', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const first = [{ type: 'auth', token: guest.access }];
	const inRoom = [
		await enter(inst, id, host),
		await welcomed(await connect(inst, id, { protocols: ['unio.v1'], first }), guest),
	];
	const measure = await connect(inst, id, { protocols: ['unio.v1'] });
	await measure.closed;
	for (const client of inRoom)
		await client.sync();
});

/** Opens `count` connections by `open` in batches; while they stand, a room is used; all must end in time. */
async function manySilent(count, open, ended) {
	const pid = inst.pid('signald');
	const { id, host, clients: [ann, bob] } = await newFullRoom(inst);
	const before = { memory: memoryOf(pid), descriptors: descriptorsOf(pid) };
	const silent = [];
	while (silent.length < count)
		silent.push(...await Promise.all(Array.from({ length: 100 }, () => open(id))));
	const newcomer = await enter(inst, id, host);
	newcomer.send({ type: 'message', data: 'hello' });
	await Promise.all([ann, bob].map((client) => client.next('message')));
	assert.ok(memoryOf(pid) - before.memory < MEMORY_GROWTH, `${memoryOf(pid) - before.memory} bytes`);
	await Promise.all(silent.map(ended));
	await eventually('the descriptors are free again', () => descriptorsOf(pid) <= before.descriptors + 8);
	assert.ok(memoryOf(pid) - before.memory < MEMORY_GROWTH);
	await Promise.all([ann, bob, newcomer].map((client) => client.sync()));
}

test('a thousand WebSockets that never speak are all closed with 4401, and the room goes on', async () => {
	await manySilent(MANY, (id) => rawConnect(inst, id, { protocols: ['unio.v1'] }),
		async (raw) => assert.equal((await raw.closed).code, 4401));
});

/** A connection to the daemon's own socket, past the front server, that sends `text` and no more. */
async function unixConnection(text) {
	const socket = net.connect(daemonSocket);
	socket.on('error', () => {});
	socket.resume();
	socket.ended = once(socket, 'close');
	await once(socket, 'connect');
	socket.write(text);
	return socket;
}

const beginnings = {
	'never say a word': '',
	'send half a request': 'GET /ws/meeting/1/ HTTP/1.1\r\nHost: x\r\nUpgrade: webs',
};

for (const [what, text] of Object.entries(beginnings))
	test(`a thousand connections that ${what} are all ended, and the room goes on`, async () => {
		const timer = (socket) => setTimeout(() => socket.destroy(new Error('late')), HANDSHAKE * 3 + DEADLINE);
		await manySilent(MANY, () => unixConnection(text), async (socket) => {
			const late = timer(socket);
			await socket.ended;
			clearTimeout(late);
			assert.equal(socket.errored?.message, undefined);
		});
	});
