// README.md and the manual pages: unio-api serves FastCGI itself. One worker, so that whoever could keep it would be noticed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { assertStatus, request, useInstance } from '../lib/api.mjs';
import { begin, connect, reply, stdin } from '../lib/fastcgi.mjs';
import { buildDir, until } from '../lib/instance.mjs';

const inst = await useInstance({ conf: { workers: 1, request_timeout: '1s' } });
const path = join(inst.varDir, 'run/api.sock');

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
