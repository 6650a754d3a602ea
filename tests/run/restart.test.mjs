// A program that dies is back within a second, and meanwhile its clients wait and are not refused.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { get } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { defaults, isAlive, startInstance, until } from '../lib/instance.mjs';

/** The promise is a second; sanitized programs take longer to start, and other tests run beside this one. */
const PROMISE_MS = process.env.SANITIZE ? 10_000 : 1000;
const ATTEMPTS = 3;

const WORKERS = 3;

let inst;

before(async () => { inst = await startInstance({ conf: { workers: WORKERS } }); });
after(() => inst?.stop());
afterEach(async () => {
	await inst.waitReady();
	inst.assertAlive();
});

/** Kills and asks until both the kill and the answer were within the time; the machine may be busy once. */
async function back(kill, ask) {
	const times = [];
	for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
		await inst.waitReady();
		const gone = kill();
		const started = Date.now();
		await ask();
		await until(() => gone.every((pid) => !isAlive(pid)), 'it is dead');
		times.push(Date.now() - started);
		if (times.at(-1) <= PROMISE_MS)
			return;
	}
	assert.fail(`back only after ${times.join(', ')} ms`);
}

function killed(name) {
	const pid = inst.pid(name);
	inst.kill(name, 'SIGKILL');
	return [pid];
}

/** On a connection of its own: one that is kept alive would be lost with the process that has it. */
async function apiAnswers() {
	const ask = get(`${inst.origin}/api/health/`, { agent: false });
	const [reply] = await once(ask, 'response');
	reply.resume();
	assert.equal(reply.statusCode, 200);
}

async function socketOpens() {
	const ws = new WebSocket(`${inst.wsOrigin}/ws/meeting/1/`);
	await once(ws, 'open');
	ws.terminate();
}

function children(parent) {
	return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
		try {
			return Number(/.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))[1]) === parent && isAlive(pid);
		} catch {
			return false;
		}
	});
}

test('the API answers again after its master was killed', async () => {
	await back(() => {
		const workers = children(inst.pid('api'));
		return [...killed('api'), ...workers]; // no worker outlives its master
	}, () => retry(apiAnswers));
});

test('the API answers after a worker was killed, which is replaced', async () => {
	const master = inst.pid('api');
	await back(() => {
		const [worker] = children(master);
		process.kill(worker, 'SIGKILL');
		return [worker];
	}, () => retry(apiAnswers));
	await until(() => children(master).length === WORKERS, 'as many workers as before');
	assert.equal(inst.pid('api'), master);
});

test('the API answers while all of its workers are killed at once', async () => {
	const master = inst.pid('api');
	await back(() => {
		const workers = children(master);
		workers.forEach((worker) => process.kill(worker, 'SIGKILL'));
		return workers;
	}, () => retry(apiAnswers));
	assert.equal(inst.pid('api'), master);
});

test('the signaling daemon takes connections again after it was killed', async () => {
	await back(() => killed('signald'), () => retry(socketOpens));
});

test('the front server takes connections again after it was killed', async () => {
	await back(() => killed('web'), () => retry(apiAnswers));
});

// Apache and nginx (as one process) take no listening socket from the supervisor: they open the port themselves.
const holdsPort = defaults.web === 'lighttpd';

test('connections made while the front server is dead are served, not refused', { skip: !holdsPort }, async () => {
	for (let round = 0; round < 5; round++) {
		const [dead] = killed('web');
		await until(() => !isAlive(dead), 'it is dead');
		await Promise.all(Array.from({ length: 10 }, apiAnswers));
		await until(() => inst.pid('web') !== dead, 'its successor is known');
	}
});

test('a program that is killed over and over comes back each time', async () => {
	for (let round = 0; round < 10; round++) {
		killed('signald');
		await retry(socketOpens);
		await inst.waitReady();
	}
});

test('each death is said in one line', () => {
	const lines = inst.terminal.match(/^unio-supervise: unio-api \(pid \d+\) was killed by signal 9 after \d+ ms$/gm);
	assert.ok(lines?.length >= 1);
});

/** A connection that a dying process had already taken is lost: the client tries again. */
async function retry(ask) {
	let last;
	await until(() => ask().then(() => true, (error) => { last = error; return false; }), 'an answer', PROMISE_MS * 10)
		.catch((error) => assert.fail(`${error.message}: ${last?.message}`));
}
