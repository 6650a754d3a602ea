// What the room sees when a program or the wake-up dies: nothing is lost, nothing comes twice.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { request } from '../lib/api.mjs';
import { DEADLINE } from '../lib/ws.mjs';
import {
	api, assertClosedWith, enter, eventually, newFullRoom,
	rename, startCall, titlesOf, wsInstance,
} from './support.mjs';

const inst = await wsInstance();

const isTitle = (title) => (frame) => frame.meeting?.title === title;

/** Kills the daemon, does `meanwhile`, and waits until the daemon is back. */
async function withoutDaemon(clients, meanwhile, signal = 'SIGKILL') {
	inst.kill('signald', signal);
	await Promise.all(clients.map((client) => client.closed));
	await meanwhile();
	await inst.waitReady();
}

/** Kills the API's master process and waits until another one serves. */
async function killApi(meanwhile) {
	const old = inst.pid('api');
	inst.kill('api', 'SIGKILL');
	await meanwhile();
	await eventually('another master', () => inst.pid('api') !== old);
	await inst.waitReady();
}

test('events made while the daemon was down reach a client that names the last one, each once', async () => {
	const room = await newFullRoom(inst, 2);
	const [ann, bob] = room.clients;
	await rename(inst, room, 'Seen');
	const { event_id: last } = await ann.next('meeting_updated');
	await withoutDaemon([ann, bob], async () => {
		for (const title of ['Missed 1', 'Missed 2', 'Missed 3'])
			await rename(inst, room, title);
	});
	const back = await enter(inst, room.id, room.host, { query: { last_event_id: last, epoch: ann.welcome.epoch } });
	assert.equal(back.welcome.epoch, ann.welcome.epoch);
	assert.ok(!back.welcome.events_truncated);
	await rename(inst, room, 'Live');
	await back.next(isTitle('Live'));
	await back.sync();
	assert.deepEqual(titlesOf(back), ['Missed 1', 'Missed 2', 'Missed 3', 'Live']);

	const plain = await enter(inst, room.id, bob.user);
	assert.equal(plain.welcome.meeting.title, 'Live');
	assert.ok(plain.welcome.event_id >= back.frames.filter(({ type }) => type === 'meeting_updated').at(-1).event_id);
	await plain.sync();
	assert.deepEqual(titlesOf(plain), [], 'who names none gets the picture alone');
});

test('a call started while the daemon was down stands in the welcome', async () => {
	const room = await newFullRoom(inst, 1);
	let call;
	await withoutDaemon(room.clients, async () => { call = await startCall(inst, room.host, room.id); });
	const { welcome } = await enter(inst, room.id, room.host);
	assert.deepEqual([welcome.call?.id, welcome.meeting.status], [call.id, 'ongoing']);
});

test('the requests work on while the daemon is down', async () => {
	const room = await newFullRoom(inst, 1);
	await withoutDaemon(room.clients, async () => {
		await rename(inst, room, 'Without');
		assert.equal((await api(inst, room.host, 'GET', `/api/meetings/${room.id}`)).title, 'Without');
	});
});

test('after the daemon was killed nobody is left in a call: attendance is closed', async () => {
	const room = await newFullRoom(inst, 1);
	const call = await startCall(inst, room.host, room.id);
	room.clients[0].send({ type: 'join-call' });
	const attendance = async () => (await api(inst, room.host, 'GET', `/api/calls/${call.id}`)).attendance;
	await eventually('the attendance is open', async () => (await attendance())[0]?.intervals[0]?.left_at === null);
	await withoutDaemon(room.clients, () => {});
	await eventually('the attendance is closed',
		async () => (await attendance())[0].intervals.every(({ left_at: left }) => left !== null));
});

test('a daemon that is told to end says restarting and closes with 1012', async () => {
	const room = await newFullRoom(inst, 2);
	await withoutDaemon(room.clients, () => {}, 'SIGTERM');
	for (const client of room.clients)
		await assertClosedWith(client, 1012);
});

test('the daemon is back within two seconds and the room can be entered', async () => {
	const room = await newFullRoom(inst, 1);
	const began = Date.now();
	await withoutDaemon(room.clients, () => {});
	await enter(inst, room.id, room.host);
	assert.ok(Date.now() - began < (process.env.SANITIZE ? 10_000 : 3_000), `${Date.now() - began} ms`);
});

test('the death of the API programs leaves the sockets open, and later events arrive', async () => {
	const room = await newFullRoom(inst, 2);
	const [ann, bob] = room.clients;
	await killApi(async () => {
		await ann.sync();
		ann.send({ type: 'message', data: 'still here' });
		await bob.next('message');
	});
	await rename(inst, room, 'After');
	for (const client of [ann, bob]) {
		await client.next(isTitle('After'));
		await client.sync();
	}
});

test('a burst of requests and a killed API: what was committed is told, and nothing else', async () => {
	const room = await newFullRoom(inst, 1);
	const [ann] = room.clients;
	const sending = Array.from({ length: 30 }, (_, n) =>
		request(inst, 'PATCH', `/api/meetings/${room.id}`, { token: room.host.access, json: { title: `Title ${n}` } })
			.then((reply) => (reply.status === 200 ? `Title ${n}` : null), () => null));
	await ann.next('meeting_updated');
	let confirmed;
	await killApi(async () => { confirmed = (await Promise.all(sending)).filter(Boolean); });
	await rename(inst, room, 'Last');
	await ann.next(isTitle('Last'));
	const told = titlesOf(ann);
	assert.equal(new Set(told).size, told.length, 'none twice');
	assert.deepEqual(confirmed.filter((title) => !told.includes(title)), [], 'none lost');
});

/** Holds the database's write lock, as a long transaction of another program would, during `work`. */
async function withWriteLock(work) {
	const other = spawn('sqlite3', ['-batch', inst.dbPath], { stdio: ['pipe', 'pipe', 'inherit'] });
	other.stdin.write(".timeout 5000\nBEGIN IMMEDIATE;\nSELECT 'locked';\n");
	await once(other.stdout, 'data');
	try {
		await work();
	} finally {
		other.stdin.end('ROLLBACK;\n');
		await once(other, 'close');
	}
}

test('a held write lock delays neither joins nor messages; attendance is written when it is free', async () => {
	const room = await newFullRoom(inst, 2);
	const [ann, bob] = room.clients;
	const call = await startCall(inst, room.host, room.id);
	await bob.next('meeting_status');
	await withWriteLock(async () => {
		const began = Date.now();
		bob.send({ type: 'join-call' });
		await ann.next('call_joined');
		const late = await enter(inst, room.id, room.host);
		late.send({ type: 'message', data: 'hello' });
		await ann.next('message');
		assert.ok(Date.now() - began < DEADLINE / 5, `${Date.now() - began} ms`);
	});
	await eventually('the attendance is written', async () => {
		const { attendance } = await api(inst, room.host, 'GET', `/api/calls/${call.id}`);
		return attendance.some(({ user, intervals }) => user.id === bob.user.id && intervals.length === 1);
	});
});

test('without the wake-up socket events still arrive, by the poll', async () => {
	const room = await newFullRoom(inst, 1);
	rmSync(path.join(inst.varDir, 'run', 'wake.sock'));
	for (let n = 0; n < 5; n++) {
		await rename(inst, room, `Title ${n}`);
		await room.clients[0].next(isTitle(`Title ${n}`), Math.min(DEADLINE, 2_000));
	}
	await room.clients[0].sync();
	assert.equal(titlesOf(room.clients[0]).length, 5);
});
