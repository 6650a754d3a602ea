#!/usr/bin/env node
// A storm: a great many sessions lose their connection at the same instant and all come back, by resuming when the
// front server dies and by joining afresh when the daemon does, while the API answers others. After they have
// gone the daemon has given their memory back.
//
//	SESSIONS=8000 node tests/soak/storm.mjs
//
// A session takes two of the front server's descriptors, of which it may have as many as admin/front.sh grants it and
// stops to accept when nine tenths are in use: 20,000 descriptors are enough for 8,900 sessions.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { cpuOf } from '../fault/support.mjs';
import { newMeeting, newUser } from '../lib/api.mjs';
import { root, startInstance, until } from '../lib/instance.mjs';
import { descriptorsOf, memoryOf } from '../ws/support.mjs';

const SESSIONS = Number(process.env.SESSIONS ?? 8_000);
const CROWDS = 2;
const PER_ROOM = 10;
const PER_USER = 5;
const AT_ONCE = 200;

const FRONT_DESCRIPTORS_MAX = 32_768;
const FRONT_SHARE = 0.9;
const FRONT_OWN = 100;

/** All are back by then; they are given longer, to learn how long it takes. */
const BACK_MS = 15_000;
const PATIENCE_MS = 8 * BACK_MS;

/** What the daemon may keep when all have gone: pools of messages, SQLite's pages, an allocator's remains. */
const KEPT_BYTES = 8 << 20;
const KEPT_DESCRIPTORS = 16;
const QUIET_MS = 30_000;

/** Only the requests that were under way when the front server died may go wrong: no more than are asked at once. */
const STORMS = [
	{ name: 'web', signal: 'SIGKILL', how: 'resumed', lost: 4 },
	{ name: 'signald', signal: 'SIGKILL', how: 'joined', lost: 0 },
	{ name: 'signald', signal: 'SIGTERM', how: 'joined', lost: 0 },
	{ name: 'web', signal: 'SIGKILL', how: 'resumed', lost: 4 },
];

function assertDescriptors() {
	const limits = readFileSync('/proc/self/limits', 'utf8');
	const limit = Number(/^Max open files +\d+ +(\d+)/m.exec(limits)?.[1] ?? Infinity);
	const room = Math.floor(FRONT_SHARE * Math.min(limit, FRONT_DESCRIPTORS_MAX) / 2) - FRONT_OWN;
	assert.ok(SESSIONS <= room, `SESSIONS=${SESSIONS}: ${limit} descriptors (ulimit -Hn) are enough for ${room}`);
}

assertDescriptors();
const inst = await startInstance({ conf: { log_level: 'warn', max_connections: SESSIONS + 500 } });
const reach = { wsOrigin: inst.wsOrigin, port: inst.port };
const start = (file) => fork(join(root, 'tests/soak', file));

/** A process with a part of the clients; `figures` is what it told last. */
function newCrowd() {
	const crowd = { child: start('crowd.mjs'), figures: { live: 0, joined: 0, resumed: 0, problems: [] } };
	crowd.child.on('message', (figures) => { crowd.figures = figures; });
	return crowd;
}

const crowds = Array.from({ length: CROWDS }, newCrowd);
const total = (key) => crowds.reduce((sum, { figures }) => sum + figures[key], 0);
const memory = () => memoryOf(inst.pid('signald'));
const descriptors = () => descriptorsOf(inst.pid('signald'));
const report = (when) => console.log(`${when}: daemon ${(memory() / 2 ** 20).toFixed(1)} MiB, `
	+ `${descriptors()} descriptors, ${cpuOf(inst.pid('signald'))} ms of CPU since its start`);

/** Fills rooms of ten, two people with five devices each. */
async function fill() {
	const people = [];
	for (let n = 0; n < PER_ROOM / PER_USER; n += 1)
		people.push(await newUser(inst));
	const [host, ...participants] = people;
	for (let n = 0; n < SESSIONS; n += PER_ROOM) {
		const { id } = await newMeeting(inst, host, { participants });
		const size = Math.min(PER_ROOM, SESSIONS - n);
		crowds[(n / PER_ROOM) % CROWDS].child.send({ inst: reach, meeting: id, people, size });
		await until(() => n + size - total('live') < AT_ONCE, 'they come in', PATIENCE_MS);
	}
	await until(() => total('live') === SESSIONS, 'all are in', PATIENCE_MS);
	return host;
}

/** One program dies; the time until everybody is back. */
async function storm({ name, signal, how, lost }, user) {
	const asker = start('asker.mjs');
	asker.send({ inst: reach, token: user.access });
	const before = total(how);
	const began = Date.now();
	inst.kill(name, signal);
	await until(() => total(how) - before >= SESSIONS && total('live') === SESSIONS, `all have ${how}`, PATIENCE_MS)
		.catch((error) => console.log(`${error.message}: ${total('live')} are live`));
	const ms = Date.now() - began;
	asker.send({ over: true });
	const [{ asked, failed, p50, p99 }] = await once(asker, 'message');
	console.log(`${name} ${signal}: ${total(how) - before} ${how} after ${ms} ms; `
		+ `API: ${asked} requests, ${failed} failed, p50 ${p50} ms, p99 ${p99} ms`);
	report('    then');
	assert.ok(ms <= BACK_MS, `it took ${ms} ms`);
	assert.ok(failed <= lost, `${failed} requests failed`);
}

async function end() {
	for (const { child } of crowds) {
		child.send({ over: true });
		await once(child, 'exit');
	}
}

try {
	report('before');
	const empty = { memory: memory(), descriptors: descriptors() };
	const began = Date.now();
	const user = await fill();
	report(`${SESSIONS} sessions after ${Date.now() - began} ms`);
	for (const kind of STORMS)
		await storm(kind, user);
	assert.deepEqual(crowds.flatMap(({ figures }) => figures.problems.slice(0, 10)), [], 'nothing is lost or doubled');
	await end();
	await until(() => descriptors() <= empty.descriptors + KEPT_DESCRIPTORS, 'no descriptor is left', QUIET_MS);
	report('all have gone');
	await until(() => memory() <= empty.memory + KEPT_BYTES, 'no memory is left', QUIET_MS)
		.finally(() => report('at the end'));
	console.log('storm: 1 passed, 0 failed');
} catch (error) {
	console.error(error);
	console.log('storm: 0 passed, 1 failed');
	process.exitCode = 1;
} finally {
	await inst.stop();
}
process.exit();
