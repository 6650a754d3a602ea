#!/usr/bin/env node
// How fast it is: an event from its commit to the clients, the daemon from its end to the first frame of the next
// one, and what a resume costs beside joining afresh. Prints a table; ROUNDS (300) is how often each is measured.
//
//	make bench-events

import { setTimeout as pause } from 'node:timers/promises';

import { cpuOf } from '../fault/support.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';
import { enterSession, PROTOCOL } from '../ws/resume.mjs';
import { enter, newFullRoom, newRoom, rename } from '../ws/support.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 300);
const ENDS = Math.min(10, ROUNDS);
const ROOM = 10;

/** `make run` starts a program at once if it has lived for 200 ms. */
const LIFE_MS = 300;

const inst = await startInstance({ conf: { log_level: 'warn' } });
const rows = [];

/** The wall clock in ms, finer than Date.now(). */
const wall = () => performance.timeOrigin + performance.now();

/** A timestamp of the server in ms, with its microseconds. */
const msOf = (timestamp) => Date.parse(`${timestamp.slice(0, 19)}Z`) + Number(timestamp.slice(20, 26)) / 1000;

function row(what, times, more = '') {
	const sorted = [...times].sort((a, b) => a - b);
	const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
	rows.push([what, String(times.length), at(0.5), at(0.99), sorted.at(-1).toFixed(1), more]);
}

/** When the client is sent the frame that matches, by the wall clock. */
const arrival = (client, matches) => client.next(matches).then((frame) => ({ frame, at: wall() }));

/** One change by REST at a time; every client in the room notes when it hears of it. */
async function events() {
	const room = await newFullRoom(inst, ROOM);
	const whole = [];
	const answered = [];
	for (let n = 0; n < ROUNDS; n += 1) {
		const title = `title ${n}`;
		const arrivals = room.clients.map((client) => arrival(client, ({ meeting }) => meeting?.title === title));
		await rename(inst, room, title);
		const replied = wall();
		for (const { frame, at } of await Promise.all(arrivals)) {
			whole.push(at - msOf(frame.timestamp));
			answered.push(at - replied);
		}
	}
	row(`event: from its timestamp, before the commit, to each of ${ROOM} clients`, whole);
	row('event: from the reply of the API, after the commit, to the same', answered.map((ms) => Math.max(ms, 0)));
	await Promise.all(room.clients.map((client) => client.close()));
}

/** Nothing tells the daemon of this commit: it is found by the poll. */
async function silentEvents() {
	const room = await newFullRoom(inst, 1);
	const times = [];
	for (let n = 0; n < ROUNDS / 10; n += 1) {
		const arrived = arrival(room.clients[0], ({ type }) => type === 'meeting_status');
		inst.sql(`INSERT INTO event (meeting_id, type, body, created_at) VALUES (${room.id}, 'meeting_status', `
			+ `'{"meeting_id":${room.id},"status":"scheduled","previous_status":"cancelled"}', ${Math.round(wall() * 1000)})`);
		const { frame, at } = await arrived;
		times.push(at - msOf(frame.timestamp));
	}
	row('event: the same without a wake-up', times);
	await room.clients[0].close();
}

/** The daemon ends; a client tries until it is in the room again. */
async function ends(signal) {
	const room = await newRoom(inst, 1);
	const times = [];
	for (let n = 0; n < ENDS; n += 1) {
		await pause(LIFE_MS);
		const client = await enter(inst, room.id, room.host);
		const began = performance.now();
		inst.kill('signald', signal);
		await client.closed;
		await until(() => connect(inst, room.id, { token: room.host.access })
			.then((again) => again.next('welcome').then(() => again.close())).then(() => true, () => false), 'it is back');
		times.push(performance.now() - began);
	}
	row(`${signal} of the daemon: to the welcome of who was there`, times);
	await inst.waitReady();
}

/** Comes back in one way or the other: the time of each, and the daemon's CPU time for all. */
async function comeBack(what, rounds, once) {
	const cpu = cpuOf(inst.pid('signald'));
	const times = [];
	for (let n = 0; n < rounds; n += 1)
		times.push(await once());
	row(what, times, `${((cpuOf(inst.pid('signald')) - cpu) / rounds).toFixed(2)} ms CPU each`);
}

async function returns() {
	const room = await newFullRoom(inst, ROOM, { protocols: [PROTOCOL] });
	const [watcher] = room.clients;
	const user = room.people[1];
	let session = await enterSession(inst, room.id, user);
	const told = () => watcher.frames.filter(({ type }) => /^user_/.test(type)).length;
	await watcher.sync();
	let before = told();
	await comeBack('resume: from connect() to `resumed`', ROUNDS, async () => {
		await session.lose();
		const began = performance.now();
		await session.resume();
		return performance.now() - began;
	});
	await watcher.sync();
	rows.at(-1).push(`${Math.round((told() - before) / ROUNDS)} frames to each of the others`);
	await session.close();
	await watcher.sync();
	before = told();
	await comeBack('joining afresh: from connect() to `welcome`', ROUNDS, async () => {
		const began = performance.now();
		session = await connect(inst, room.id, { token: user.access, protocols: [PROTOCOL] });
		await session.next('welcome');
		const ms = performance.now() - began;
		await session.close();
		return ms;
	});
	await watcher.sync();
	rows.at(-1).push(`${Math.round((told() - before) / ROUNDS)} frames to each of the others`);
}

try {
	await events();
	await silentEvents();
	await ends('SIGTERM');
	await ends('SIGKILL');
	await returns();
	const width = Math.max(...rows.map(([what]) => what.length));
	console.log(`${'ms'.padEnd(width)} ${['n', 'p50', 'p99', 'max'].map((head) => head.padStart(8)).join('')}`);
	for (const [what, n, p50, p99, max, ...more] of rows)
		console.log(`${what.padEnd(width)} ${[n, p50, p99, max].map((cell) => cell.padStart(8)).join('')}  ${more.filter(Boolean).join(', ')}`);
} finally {
	await inst.stop();
}
process.exit();
