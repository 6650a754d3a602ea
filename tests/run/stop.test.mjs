// The end of `make run`, the orderly one and the others: nothing is left behind.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { login } from '../lib/api.mjs';
import { freePort, root, startInstance, until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';
import { assertClosedWith } from '../ws/support.mjs';

function socketFiles(inst) {
	return readdirSync(join(inst.varDir, 'run'), { withFileTypes: true })
		.filter((entry) => entry.isSocket() || entry.name.endsWith('.pid')).map((entry) => entry.name);
}

test('Ctrl-C leaves no process, no socket and no pid file', async () => {
	const inst = await startInstance();
	assert.ok(socketFiles(inst).length >= 6);
	await inst.stop({ keep: true });
	assert.deepEqual(socketFiles(inst), []);
	await inst.stop();
});

test('Ctrl-C ends it soon although connections are open', async () => {
	const inst = await startInstance();
	const sockets = await Promise.all(Array.from({ length: 5 }, async () => {
		const ws = new WebSocket(`${inst.wsOrigin}/ws/meeting/1/`, ['unio.v1']);
		ws.on('error', () => {});
		await once(ws, 'open');
		return ws;
	}));
	const closed = sockets.map((ws) => once(ws, 'close'));
	await inst.stop();
	await Promise.all(closed);
});

test('Ctrl-C tells those in a room, through the front server, before it closes', async () => {
	const inst = await startInstance();
	const { access: token } = await login(inst, 'admin');
	const ws = await connect(inst, 1, { token });
	await ws.next('welcome');
	await Promise.all([assertClosedWith(ws, 1012), inst.stop()]);
});

test('the last word of Ctrl-C is where the data are', async () => {
	const inst = await startInstance();
	await inst.stop({ keep: true });
	assert.equal(inst.terminal.trimEnd().split('\n').at(-1), `Unio has ended; the data stay in ${inst.varDir}`);
	await inst.stop();
});

test('SIGTERM ends it as Ctrl-C does', async () => {
	const inst = await startInstance();
	process.kill(inst.supervisorPid, 'SIGTERM');
	await until(() => inst.processes().length === 0, 'all processes end', 30_000);
	assert.deepEqual(socketFiles(inst), []);
	await inst.stop();
});

test('no process outlives a supervisor that is killed, and the next start is a clean one', async () => {
	const inst = await startInstance();
	process.kill(inst.supervisorPid, 'SIGKILL');
	await until(() => inst.processes().length === 0, 'all processes end');
	await inst.start();
	inst.assertAlive();
	await inst.stop();
});

test('make run is the same, and Ctrl-C in its terminal ends all of it', async () => {
	const inst = await startInstance();
	await inst.stop({ keep: true });
	const env = { ...inst.env, PORT: String(await freePort()) };
	for (const name of ['MAKEFLAGS', 'MAKELEVEL', 'MFLAGS'])
		delete env[name]; // this may be a `make test`, whose flags are not ours
	const make = spawn('make', ['run'], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	for (const stream of [make.stdout, make.stderr])
		stream.setEncoding('utf8').on('data', (text) => { output += text; });
	try {
		await until(() => /^ready: /m.test(output) || make.exitCode !== null, 'ready', 120_000);
		assert.equal(make.exitCode, null, output);
		process.kill(-make.pid, 'SIGINT'); // as a terminal does: to the whole group
		await until(() => inst.processes().length === 0, 'all processes end', 30_000);
	} finally {
		inst.processes().forEach((pid) => process.kill(pid, 'SIGKILL'));
	}
	await inst.stop();
});
