#!/usr/bin/env node
// A storm: a great many sessions lose their connection at the same instant and all come back, once by resuming
// (the front server dies) and once by joining afresh (the daemon dies), while the API answers others.
//
//	ulimit -n 32768; SESSIONS=8000 node tests/soak/storm.mjs
//
// The front server takes a third of its descriptors for clients, so that the limit is to be four times the sessions.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { Follower } from '../fault/follower.mjs';
import { newMeeting, newUser, request } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { descriptorsOf, memoryOf } from '../ws/support.mjs';

const SESSIONS = Number(process.env.SESSIONS ?? 8_000);
const PER_ROOM = 10;
const PER_USER = 5;
const BACK_MS = 15_000;
const AT_ONCE = 200;
const DESCRIPTORS = 16;

const inst = await startInstance({ conf: { log_level: 'warn', max_connections: SESSIONS + 1000 } });
const followers = [];

const live = () => followers.filter(({ isLive }) => isLive).length;
const total = (key) => followers.reduce((sum, follower) => sum + follower[key], 0);

/** Fills rooms of ten, two people with five devices each. */
async function fill() {
	const people = [];
	for (let n = 0; n < PER_ROOM / PER_USER; n += 1)
		people.push(await newUser(inst));
	const [host, ...participants] = people;
	while (followers.length < SESSIONS) {
		const meeting = await newMeeting(inst, host, { participants });
		for (let n = 0; n < PER_ROOM; n += 1)
			followers.push(new Follower(inst, meeting.id, people[n % people.length]));
		await until(() => followers.length - live() < AT_ONCE, 'they come in', 60_000);
	}
	await until(() => live() === SESSIONS, 'all are in', 60_000);
	return host;
}

/** Requests, one after another, until told to stop: how long each took. */
function asking(user) {
	const times = [];
	let over = false;
	const done = (async () => {
		while (!over) {
			const began = performance.now();
			const reply = await request(inst, 'GET', '/api/auth/me', { token: user.access }).catch(() => null);
			if (reply?.status === 200)
				times.push(performance.now() - began);
			await pause(20);
		}
	})();
	return async () => {
		over = true;
		await done;
		times.sort((a, b) => a - b);
		return { asked: times.length, p99: Math.round(times[Math.floor(0.99 * times.length)] ?? NaN) };
	};
}

/** One program dies; the time until everybody is back. */
async function storm(name, how, user) {
	const before = total(how);
	const stop = asking(user);
	const began = Date.now();
	inst.kill(name, 'SIGKILL');
	await until(() => total(how) - before >= SESSIONS && live() === SESSIONS, `all have ${how}`, 8 * BACK_MS)
		.catch((error) => console.log(`${error.message}: ${total(how) - before} of ${SESSIONS}, ${live()} live`));
	const ms = Date.now() - began;
	const { asked, p99 } = await stop();
	console.log(`${name} killed: ${total(how) - before} of ${SESSIONS} ${how} after ${ms} ms; API p99 ${p99} ms of ${asked}`);
	return ms;
}

const figures = () => `daemon ${Math.round(memoryOf(inst.pid('signald')) / 1024)} KiB ${descriptorsOf(inst.pid('signald'))} fds`;

try {
	const empty = descriptorsOf(inst.pid('signald'));
	const began = Date.now();
	const user = await fill();
	console.log(`${SESSIONS} sessions after ${Date.now() - began} ms; ${figures()}`);
	const times = [await storm('web', 'resumed', user), await storm('signald', 'joined', user), await storm('web', 'resumed', user)];
	console.log(figures());
	const problems = followers.flatMap((follower) => follower.problems);
	assert.deepEqual(problems.slice(0, 10), [], `${problems.length} problems`);
	await Promise.all(followers.map((follower) => follower.end()));
	await until(() => descriptorsOf(inst.pid('signald')) <= empty + DESCRIPTORS, 'nothing is left open', 30_000);
	console.log(figures());
	assert.ok(Math.max(...times) <= BACK_MS, `it took ${Math.max(...times)} ms`);
	console.log('storm: 1 passed, 0 failed');
} catch (error) {
	console.error(error);
	console.log('storm: 0 passed, 1 failed');
	process.exitCode = 1;
} finally {
	await inst.stop();
}
process.exit();
