// The programs as a service manager starts them: they say when they serve (that they take its sockets, too, is in
// tests/unit/test_listen.c and tests/pack/deb/systemd.mjs).

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { buildDir, isAlive, until } from '../lib/instance.mjs';

const SOCKETS = { 'unio-api': 'api.sock', 'unio-signald': 'ws.sock' };

let dir;
let started;

beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'unio-ready-'));
	started = [];
	writeFileSync(join(dir, 'unio.conf'), Object.entries({
		database: `${dir}/unio.db`, secret_file: `${dir}/secret.key`, api_socket: `${dir}/api.sock`, ws_socket: `${dir}/ws.sock`,
		control_socket: `${dir}/ctl.sock`, wake_endpoint: `ipc://${dir}/wake.sock`, drain_timeout: '1s', workers: 2,
	}).map(([key, value]) => `${key} = ${value}\n`).join(''));
});
afterEach(async () => {
	for (const pid of started)
		try {
			process.kill(pid, 'SIGTERM');
		} catch {
			// it has ended
		}
	await until(() => started.every((pid) => !isAlive(pid)), 'they have ended');
	rmSync(dir, { recursive: true });
});

/** start-stop-daemon knows the protocol: it comes back with 0 as soon as it is told READY=1, else when the time is over. */
function start(program, seconds = 30) {
	const pidfile = join(dir, `${program}.pid`);
	const done = spawnSync('start-stop-daemon', ['--start', '--quiet', '--background', '--notify-await', '--notify-timeout', String(seconds),
		'--make-pidfile', '--pidfile', pidfile, '--startas', join(buildDir, program), '--', '-c', join(dir, 'unio.conf')],
	{ encoding: 'utf8', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
	assert.equal(done.status, 0, done.stdout + done.stderr);
	const pid = Number(readFileSync(pidfile, 'utf8'));
	started.push(pid);
	return pid;
}

for (const program of Object.keys(SOCKETS))
	test(`${program} says that it is ready when it listens, and not before`, async () => {
		const pid = start(program);
		const socket = connect(join(dir, SOCKETS[program]));
		await once(socket, 'connect');
		socket.destroy();
		assert.ok(isAlive(pid));
	});

test('unio-hookd says that it is ready when it holds the database', () => {
	const pid = start('unio-hookd');
	assert.equal(spawnSync('flock', ['-n', join(dir, 'unio.db.hookd'), 'true']).status, 1);
	assert.ok(isAlive(pid));
});

for (const program of [...Object.keys(SOCKETS), 'unio-hookd'])
	test(`${program} with a mistake in its configuration never says that it is ready`, () => {
		writeFileSync(join(dir, 'unio.conf'), 'workers = many\n');
		assert.throws(() => start(program, 2));
	});
