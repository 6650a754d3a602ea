// Strangers who send a body slowly hold a buffer of the front server, and no worker of the API.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';

import { assertStatus, request } from '../lib/api.mjs';
import { startInstance } from '../lib/instance.mjs';

const WORKERS = 2;
const PART = 45_000; // bytes of a body: more than a worker lets wait beside it (fcgi-api/lobby.h)
const SERVERS = { lighttpd: 'lighttpd', apache: 'apache2', nginx: 'nginx', caddy: 'caddy' };

/** A request whose body stops coming, after all of its head has been sent. */
async function slowBody(inst, head) {
	const socket = net.connect(inst.port, '127.0.0.1');
	socket.on('error', () => {});
	await once(socket, 'connect');
	socket.write(`POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${head}`);
	return socket;
}

for (const [web, program] of Object.entries(SERVERS)) {
	const missing = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${program}`]).status !== 0;

	test(`behind ${web} twice as many slow bodies as there are workers delay nobody`, { skip: missing }, async () => {
		const inst = await startInstance({ web, api: 'fastcgi', conf: { workers: WORKERS } });
		const part = ' '.repeat(PART);
		const heads = [
			`Content-Length: ${PART + 1000}\r\n\r\n${part}`,
			`Transfer-Encoding: chunked\r\n\r\n${PART.toString(16)}\r\n${part}\r\n`,
		];
		const sockets = await Promise.all(Array.from({ length: 2 * WORKERS }, (_, i) => slowBody(inst, heads[i % 2])));
		const started = Date.now();
		for (let i = 0; i < 10; i++)
			assertStatus(await request(inst, 'GET', '/api/health'), 200);
		assert.ok(Date.now() - started < 5000, `${Date.now() - started} ms`);
		for (const socket of sockets)
			socket.destroy();
		inst.assertAlive();
		await inst.stop();
	});
}
