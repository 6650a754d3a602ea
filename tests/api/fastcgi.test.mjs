// README.md and the manual pages: unio-api serves FastCGI itself. One worker, so that whoever could keep it would be noticed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { assertStatus, request, useInstance } from '../lib/api.mjs';
import { begin, connect, reply, stdin } from '../lib/fastcgi.mjs';
import { buildDir, isAlive, startInstance, until } from '../lib/instance.mjs';

const inst = await useInstance({ conf: { workers: 1, request_timeout: '1s' } });
const path = join(inst.varDir, 'run/api.sock');

/** Who waits for half a minute, as by default. */
const patient = await startInstance({ conf: { workers: 1, request_timeout: '30s' } });
after(async () => {
	patient.assertAlive();
	await patient.stop();
});
const PLACES = 256; // fcgi-api/lobby.h

const health = { REQUEST_METHOD: 'GET', REQUEST_URI: '/api/health', REMOTE_ADDR: '192.0.2.1' };
const post = { ...health, REQUEST_METHOD: 'POST', REQUEST_URI: '/api/auth/login', CONTENT_TYPE: 'application/json' };

const stillServed = async () => assertStatus(await request(inst, 'GET', '/api/health'), 200);

test('a request is answered', async () => {
	const socket = await connect(path);
	socket.write(Buffer.concat([begin(health), stdin()]));
	assert.equal((await reply(socket)).status, 200);
});

test('a connection that is to be kept is closed all the same, and keeps no worker', async () => {
	const socket = await connect(path);
	socket.write(Buffer.concat([begin(health, { keep: true }), stdin()]));
	assert.equal((await reply(socket)).status, 200);
	await stillServed();
});

test('a body that never ends, as fast as it can come, keeps no worker', async () => {
	const socket = await connect(path);
	const piece = stdin(Buffer.alloc(65_528, 'x'));
	const send = () => {
		while (socket.writable && socket.write(piece));
	};
	socket.on('drain', send);
	socket.write(begin(post));
	send();
	await reply(socket);
	await stillServed();
});

test('a body that stops coming keeps no worker', async () => {
	const socket = await connect(path);
	socket.write(Buffer.concat([begin({ ...post, CONTENT_LENGTH: '100' }), stdin(Buffer.from('{"email":'))]));
	assert.equal((await reply(socket)).status, 400);
	await stillServed();
});

test('a request that stops in its variables keeps no worker', async () => {
	const socket = await connect(path);
	socket.write(begin(health).subarray(0, 40));
	await reply(socket);
	await stillServed();
});

test('a connection that says nothing keeps no worker', async () => {
	const socket = await connect(path);
	await reply(socket);
	await stillServed();
});

const unfinished = {
	'say nothing': Buffer.alloc(0),
	'say one byte': begin(health).subarray(0, 1),
	'stop in their variables': begin(health).subarray(0, 40),
	'announce a body that does not come': begin({ ...post, CONTENT_LENGTH: '100' }),
	'stop in their body': Buffer.concat([begin({ ...post, CONTENT_LENGTH: '100' }), stdin(Buffer.from('{"email":'))]),
	'end another request than they began': Buffer.concat([begin(health), Buffer.from([1, 5, 0, 2, 0, 0, 0, 0])]),
};
for (const [what, bytes] of Object.entries(unfinished))
	test(`forty connections that ${what} delay nobody, with one worker and half a minute's patience`, async () => {
		const sockets = await Promise.all(Array.from({ length: 40 }, () => connect(join(patient.varDir, 'run/api.sock'))));
		for (const socket of sockets)
			socket.on('error', () => {}).write(bytes);
		const started = Date.now();
		for (let i = 0; i < 10; i++)
			assertStatus(await request(patient, 'GET', '/api/health'), 200);
		assert.ok(Date.now() - started < 10_000, `${Date.now() - started} ms`);
		assert.ok(sockets.every((socket) => !socket.readableEnded), 'and they are waited for');
		sockets.forEach((socket) => socket.destroy());
	});

/** 16 bytes each, and each has an answer of libfcgi's: 2,000 fill the socket when nobody reads. */
const second = Buffer.from([1, 1, 0, 2, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
const manage = Buffer.from([1, 77, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const flood = (record, n) => Buffer.concat([begin(health).subarray(0, 16), ...Array(n).fill(record), begin(health).subarray(16), stdin()]);
for (const [what, bytes] of Object.entries({ 'manage us': flood(manage, 1_900), 'begin again and again': flood(second, 1_900) }))
	test(`those who ${what} and do not read the answers are sent away at once`, async () => {
		const socket = await connect(join(patient.varDir, 'run/api.sock'));
		let closed = false;
		socket.on('error', () => {}).on('close', () => { closed = true; });
		socket.pause().write(bytes); // they are not read: that is an error, and no end behind data
		await until(() => closed, 'it is sent away');
		assertStatus(await request(patient, 'GET', '/api/health'), 200);
	});

test('whoever is too long to be looked at and does not read keeps no worker', async () => {
	const socket = await connect(path);
	socket.on('error', () => {}).pause().write(flood(second, 10_000));
	const isServed = () => fetch(`${inst.origin}/api/health`, { signal: AbortSignal.timeout(2_000) }).then((reply) => reply.ok, () => false);
	await until(isServed, 'the worker is free again');
	socket.destroy();
});

test('more connections that say nothing than there are places send the oldest away', async () => {
	const sockets = [];
	const ended = new Set();
	for (let i = 0; i < 300; i++) {
		const socket = await connect(join(patient.varDir, 'run/api.sock'));
		socket.on('error', () => {}).on('close', () => ended.add(i)).resume();
		sockets.push(socket);
	}
	assertStatus(await request(patient, 'GET', '/api/health'), 200);
	await until(() => ended.size === 300 - PLACES, 'the first of them are sent away');
	assert.deepEqual([...ended].sort((a, b) => a - b), Array.from({ length: 300 - PLACES }, (_, i) => i));
	sockets.forEach((socket) => socket.destroy());
});

test('a request that comes in pieces, of whatever size, is answered when it is whole', async () => {
	const body = Buffer.from(JSON.stringify({ email: 'nobody@test.example', password: 'x'.repeat(50_000) }));
	const whole = Buffer.concat([begin({ ...post, CONTENT_LENGTH: String(body.length) }), stdin(body), stdin()]);
	for (const [bytes, cuts, status] of [[Buffer.concat([begin(health), stdin()]), [1, 8, 30, 100], 200], [whole, [100, 20_000], 400]]) {
		const socket = await connect(join(patient.varDir, 'run/api.sock'));
		for (const [i, cut] of [0, ...cuts].entries()) {
			socket.write(bytes.subarray(cut, cuts[i]));
			if (i < cuts.length)
				assertStatus(await request(patient, 'GET', '/api/health'), 200);
		}
		assert.equal((await reply(socket)).status, status);
	}
});

/** How long a worker that ends waits for the rest of a request (fcgi-api/worker.c): on a slow machine we may be later than that. */
const GRACE_MS = 500;

test('a worker that ends finishes the request that it has a part of', async () => {
	const children = `/proc/${patient.pid('api')}/task/${patient.pid('api')}/children`;
	const hasTaken = (pid) => !isAlive(pid) || /^ShdPnd:\t0+$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	const bytes = Buffer.concat([begin(health), stdin()]);
	for (let worker, isInTime = false; !isInTime;) {
		const socket = await connect(join(patient.varDir, 'run/api.sock'));
		socket.write(bytes.subarray(0, 50));
		assertStatus(await request(patient, 'GET', '/api/health'), 200);
		worker = readFileSync(children, 'utf8').split(' ').find((pid) => pid !== worker);
		const begun = Date.now();
		process.kill(Number(worker), 'SIGTERM');
		await until(() => hasTaken(worker), 'it has taken the signal');
		socket.on('error', () => {}).write(bytes.subarray(50));
		isInTime = Date.now() - begun < GRACE_MS / 2;
		if (isInTime)
			assert.equal((await reply(socket)).status, 200);
	}
});

test('the socket that is removed at the end is the one that was made, whatever a reload says', async () => {
	const site = mkdtempSync(join(tmpdir(), 'unio-socket-'));
	const socketAt = (name) => readFileSync(inst.confPath, 'utf8').replace(/^api_socket.*$/m, `api_socket = ${site}/${name}`);
	writeFileSync(join(site, 'conf'), socketAt('made'));
	const child = spawn(join(buildDir, 'unio-api'), ['-c', join(site, 'conf')], {
		env: inst.env,
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let log = '';
	child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
	const ended = once(child, 'exit');
	try {
		await until(() => existsSync(join(site, 'made')), 'it listens');
		writeFileSync(join(site, 'conf'), socketAt('other'));
		writeFileSync(join(site, 'other'), 'of somebody else');
		child.kill('SIGHUP');
		await until(() => /event=reload/.test(log), 'it has read its configuration again');
	} finally {
		child.kill('SIGTERM');
		await ended;
	}
	assert.ok(!existsSync(join(site, 'made')));
	assert.ok(existsSync(join(site, 'other')));
	rmSync(site, { recursive: true });
});
