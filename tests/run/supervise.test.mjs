// The supervisor alone, with small shell programs: sockets, deaths and the end.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { buildDir, freePort, isAlive, until } from '../lib/instance.mjs';

const supervisor = join(buildDir, 'unio-supervise');

let dir;
let running;

before(() => { dir = mkdtempSync(join(tmpdir(), 'unio-')); });
afterEach(() => running?.child.kill('SIGKILL'));
after(() => rmSync(dir, { recursive: true, force: true }));

function programs(...lines) {
	const path = join(dir, 'programs');
	writeFileSync(path, lines.map((words) => `${words.join('\t')}\n`).join(''));
	return path;
}

/** Starts it; each line is a list of words. */
function supervise(...lines) {
	const child = spawn(supervisor, [programs(...lines)], { stdio: ['ignore', 'pipe', 'pipe'] });
	running = { child, said: '', printed: '' };
	const mine = running;
	child.stderr.setEncoding('utf8').on('data', (text) => { mine.said += text; });
	child.stdout.setEncoding('utf8').on('data', (text) => { mine.printed += text; });
	return mine;
}

async function ended(child) {
	if (child.exitCode === null && child.signalCode === null)
		await once(child, 'exit');
	return child.exitCode ?? child.signalCode;
}

function shell(script) {
	return [':', 'sh', '-c', script];
}

function pidIn(name) {
	const path = join(dir, name);
	return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
}

test('a program finds its listening socket as descriptor 3, named by LISTEN_PID and LISTEN_FDS', async () => {
	const run = supervise(['a', `listen=unix:${dir}/a.sock`,
		...shell('test "$LISTEN_PID" = $$ && test "$LISTEN_FDS" = 1 && test -S /proc/self/fd/3 && echo found; exec sleep 60')]);
	await until(() => run.printed === 'found\n', 'it is found');
});

test('a socket file is for the group and no further, and gone at the end', async () => {
	const run = supervise(['a', `listen=unix:${dir}/mode.sock`, ...shell('exec sleep 60')]);
	await until(() => existsSync(`${dir}/mode.sock`), 'the socket');
	assert.match(spawnSync('stat', ['-c', '%a', `${dir}/mode.sock`], { encoding: 'utf8' }).stdout, /^660/);
	run.child.kill('SIGINT');
	assert.equal(await ended(run.child), 0);
	assert.ok(!existsSync(`${dir}/mode.sock`));
});

test('a connection waits while the program is away', async () => {
	const port = await freePort();
	supervise(['a', `listen=tcp:127.0.0.1:${port}`, `pidfile=${dir}/a.pid`, ...shell('exec sleep 60')]);
	await until(() => pidIn('a.pid'), 'it runs');
	process.kill(pidIn('a.pid'), 'SIGKILL');
	const socket = connect(port, '127.0.0.1');
	await once(socket, 'connect');
	socket.destroy();
});

test('a descriptor that the supervisor inherited is not passed on', async () => {
	const path = programs(['a', ...shell('ls /proc/self/fd; exec sleep 60')]);
	const child = spawn('sh', ['-c', `exec 9>'${dir}/lock'; exec '${supervisor}' '${path}'`], { stdio: ['ignore', 'pipe', 'pipe'] });
	running = { child };
	let printed = '';
	child.stdout.setEncoding('utf8').on('data', (text) => { printed += text; });
	await until(() => printed.includes('2\n'), 'the list');
	assert.doesNotMatch(printed, /^9$/m);
});

test('a program that dies is started again at once, with a new pid in its file', async () => {
	supervise(['a', `pidfile=${dir}/b.pid`, ...shell('exec sleep 60')]);
	const first = await until(() => pidIn('b.pid'), 'it runs');
	process.kill(first, 'SIGKILL');
	const second = await until(() => pidIn('b.pid') !== first && pidIn('b.pid'), 'it runs again', 1000);
	await until(() => isAlive(second), 'it lives');
});

test('a program that dies over and over is left alone for a while, and no other waits for it', async () => {
	const run = supervise(['bad', ...shell('exit 3')], ['good', `pidfile=${dir}/c.pid`, ...shell('exec sleep 60')]);
	const first = await until(() => pidIn('c.pid'), 'the good one runs');
	await until(() => /bad has died 30 times in 30 s/.test(run.said), 'the pause', 25_000);
	assert.equal(run.said.match(/bad \(pid \d+\) ended with status 3/g).length, 30);
	process.kill(first, 'SIGKILL');
	await until(() => pidIn('c.pid') !== first, 'the good one runs again', 1000);
});

test('what is to run once is not started again', async () => {
	const run = supervise(['a', 'once', ...shell('echo once')], ['b', ...shell('sleep 1; echo later; exec sleep 60')]);
	await until(() => run.printed.includes('later'), 'later');
	assert.equal(run.printed, 'once\nlater\n');
});

test('the end comes in reverse order', async () => {
	const say = (word) => shell(`trap 'echo ${word}; exit' TERM; echo on; while :; do sleep 0.1; done`);
	const run = supervise(['a', ...say('first')], ['b', ...say('second')]);
	await until(() => run.printed === 'on\non\n', 'both run');
	run.child.kill('SIGTERM');
	assert.equal(await ended(run.child), 0);
	assert.equal(run.printed, 'on\non\nsecond\nfirst\n');
});

test('a program that ignores SIGTERM is killed after its time, and with it what it started', async () => {
	const run = supervise(['a', `pidfile=${dir}/e.pid`, ...shell(`trap '' TERM; sleep 61 & echo $!; wait; wait`)]);
	const grandchild = Number(await until(() => /\n/.test(run.printed) && run.printed, 'it runs'));
	run.child.kill('SIGTERM');
	assert.equal(await ended(run.child), 0);
	assert.match(run.said, /a does not end: killed/);
	await until(() => !isAlive(grandchild), 'what it started is gone', 1000);
});

test('a second Ctrl-C does not wait', async () => {
	const run = supervise(['a', ...shell(`trap '' TERM; echo on; while :; do sleep 0.1; done`)]);
	await until(() => run.printed === 'on\n', 'it runs');
	run.child.kill('SIGINT');
	await until(() => readFileSync(`/proc/${run.child.pid}/status`, 'utf8').match(/^ShdPnd:\s+0+$/m), 'the first was taken');
	const started = Date.now();
	run.child.kill('SIGINT');
	assert.equal(await ended(run.child), 0);
	assert.ok(Date.now() - started < 5000);
});

test('a programs file with a mistake is refused with its line', () => {
	for (const [line, words] of [[['a'], /:1: no command/], [['a', ':'], /:1: no command/],
		[['a', 'colour=red', ':', 'x'], /:1: unknown option colour=red/], [['a', 'listen=file:x', ':', 'x'], /neither unix: nor tcp:/]]) {
		const { status, stderr } = spawnSync(supervisor, [programs(line)], { encoding: 'utf8' });
		assert.equal(status, 1);
		assert.match(stderr, words);
	}
});
