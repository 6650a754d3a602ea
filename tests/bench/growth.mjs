#!/usr/bin/env node
// What things cost when there is more: 10 to 10,000 other sessions in the daemon; 1 to 100,000 meetings in a database
// with a million past calls. All of it should be flat.
//
//	make bench-growth
//
// SESSIONS and MEETINGS (comma lists) are the sizes, CALLS (1,000,000) the past calls; ROUNDS (5) of all sizes in turn,
// medians; SECONDS (0.5) each; REST (1) seconds of looking on while nothing happens (26 to see the pings); OUT
// (docs/bench) where growth.json and RESULTS.md go, '-' for nowhere.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import WebSocket from 'ws';

import { Fixture } from './fixture.mjs';
import { behind, unioApi } from './front.mjs';
import { printRows, write } from './report.mjs';
import { build, pinned, programs, SERVERS, startServer } from './servers.mjs';
import { median, number, rotated, time } from './statistics.mjs';

const list = (text) => text.split(',').map(Number);
const SESSIONS = list(process.env.SESSIONS ?? '10,100,1000,10000');
const MEETINGS = list(process.env.MEETINGS ?? '1,10,100,1000,10000,100000');
const CALLS = Number(process.env.CALLS ?? 1_000_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 0.5);
const OUT = process.env.OUT ?? 'docs/bench';

const EVENTS = 20;
const REST_MS = 1000 * Number(process.env.REST ?? 1);
const USERS = 2000;
const BUSY = USERS;
const BUSY_IN = 1000;

const fixtures = [];
process.on('exit', () => fixtures.forEach((fixture) => fixture.remove()));

function newFixture(more) {
	const fixture = new Fixture(build, { max_connections: 20_000, ...more });
	fixtures.push(fixture);
	return fixture;
}

const PROBE = { id: 1, host: 1, members: [1, 2] };

/** What is asked of each size, in microseconds; all but the first by one client at a time, in meeting 1. */
const ASKED = {
	join: 'join, connect() to welcome', join_cpu: 'join, CPU', relay: 'relay, sent to received', relay_cpu: 'relay, CPU',
	event: 'event, API reply to frame', event_whole: 'event, request to frame', resting: 'CPU at rest, for each second', start: 'daemon, exec to listening',
	meeting: 'GET /api/meetings/1', call: 'call start + end', calls: 'GET /api/calls', of_meeting: 'GET /api/calls?meeting_id=1',
	busy: `GET /api/calls, in up to ${number(BUSY_IN)} meetings`, meetings: `GET /api/meetings, in up to ${number(BUSY_IN)} meetings`,
};

function run(program, args) {
	const [command, ...rest] = pinned(1, [join(programs, program), ...args]).map(String);
	return JSON.parse(execFileSync(command, rest, { encoding: 'utf8', timeout: 60_000 }));
}

/** CPU time in µs, of all its threads: to the nanosecond, where /proc/PID/stat counts in hundredths of a second. */
const cpuOf = (pid) => readdirSync(`/proc/${pid}/task`).map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
	.reduce((sum, ns) => sum + ns / 1000, 0);

/** The daemon and the API, on the fixture's database. */
async function running(fixture, work) {
	const path = join(fixture.dir, 'ws.sock');
	const began = performance.now();
	const daemon = await startServer(SERVERS[0], fixture, { kind: 'unix', path, text: `unix:${path}` });
	const start = (performance.now() - began) * 1000;
	try {
		return await behind(fixture, unioApi(fixture), async ({ port }) => ({ start, ...(await work({ path, port, pid: daemon.pids[0] })) }));
	} finally {
		await daemon.stop();
	}
}

/** Joins and messages, one at a time. */
function askDaemon(fixture, { path, pid }) {
	const load = (...args) => run('load', ['-c', fixture.clients('probe', [PROBE]), '-p', pid, '-t', SECONDS, ...args.slice(0, -1), `unix:${path}`,
		args.at(-1)]);
	const { joins } = load('joins');
	const { closed } = load('-s', 250, '-w', 1, 'candidates');
	const each = ({ cpu, count }) => (1e6 * cpu) / count;
	return { join: joins.p50_us, join_cpu: each(joins), relay: closed.p50_us, relay_cpu: each(closed) };
}

/** A change by REST, until somebody in the room hears of it. */
async function askEvents(fixture, { path, port }) {
	const socket = new WebSocket(`ws+unix://${path}:/ws/meeting/1/`, { headers: { Authorization: `Bearer ${fixture.token(1)}`, Host: 'localhost' } });
	const heard = new Map();
	socket.on('message', (data) => heard.get(JSON.parse(data).meeting?.title)?.(performance.now()));
	await once(socket, 'open');
	const replies = [];
	const wholes = [];
	for (let n = 0; n < EVENTS; n += 1) {
		const title = `title ${Math.random()}`;
		const frame = new Promise((done) => { heard.set(title, done); });
		const began = performance.now();
		const { status } = await fetch(`http://127.0.0.1:${port}/api/meetings/1`, { method: 'PATCH', body: JSON.stringify({ title }),
			headers: { authorization: `Bearer ${fixture.token(1)}`, 'content-type': 'application/json' } });
		const replied = performance.now();
		const at = await Promise.race([frame, pause(5000)]);
		if (status !== 200 || at === undefined)
			throw new Error(`no event within 5 s of PATCH, which was ${status}`);
		replies.push(Math.max(0, at - replied) * 1000);
		wholes.push((at - began) * 1000);
	}
	socket.terminate();
	return { event: median(replies), event_whole: median(wholes) };
}

function askApi(fixture, { port }, who) {
	const http = (user, ...args) => run('http', ['-c', fixture.clients(`http-${user}`, [{ id: 1, members: [user] }]), '-p', process.pid, '-n', 1, '-t', SECONDS,
		`tcp:127.0.0.1:${port}`, ...args]).p50_us;
	const all = { meeting: () => http(1, 'get', '/api/meetings/1'), call: () => http(1, 'calls'), calls: () => http(1, 'get', '/api/calls'),
		of_meeting: () => http(1, 'get', '/api/calls?meeting_id=1'), busy: () => http(BUSY, 'get', '/api/calls'),
		meetings: () => http(BUSY, 'get', '/api/meetings') };
	return Object.fromEntries(who.map((name) => [name, all[name]()]));
}

async function withSessions(fixture, n) {
	return running(fixture, async (place) => {
		const others = Array.from({ length: n / 2 }, (_, k) => ({ id: k + 2, members: [2 * k + 3, 2 * k + 4] }));
		const child = spawn(join(programs, 'load'), ['-c', fixture.clients('others', others), `unix:${place.path}`, 'stay'], { stdio: ['pipe', 'ignore', 'pipe'] });
		const [said] = await once(child.stderr, 'data');
		if (!String(said).startsWith('in'))
			throw new Error(`${n} sessions: ${said}`);
		await pause(REST_MS);
		const cpu = cpuOf(place.pid);
		await pause(REST_MS);
		const resting = ((cpuOf(place.pid) - cpu) * 1000) / REST_MS;
		const found = { ...askDaemon(fixture, place), ...(await askEvents(fixture, place)), resting, ...askApi(fixture, place, ['meeting', 'call']) };
		child.stdin.end();
		await once(child, 'close');
		return found;
	});
}

const withMeetings = (fixture) => running(fixture, async (place) => ({ ...askDaemon(fixture, place), ...(await askEvents(fixture, place)),
	...askApi(fixture, place, ['meeting', 'call', 'calls', 'of_meeting', 'busy', 'meetings']) }));

const most = Math.max(...SESSIONS);
const crowd = newFixture();
crowd.fill(most + 2, Array.from({ length: most / 2 + 1 }, (_, k) => ({ id: k + 1, host: 2 * k + 1, members: [2 * k + 1, 2 * k + 2] })));
const filled = new Map(MEETINGS.map((meetings) => {
	const fixture = newFixture();
	fixture.fillMany({ users: USERS, meetings, calls: CALLS, busy: BUSY, busyIn: BUSY_IN });
	return [meetings, fixture];
}));

const results = [];
for (let round = 0; round < ROUNDS; round += 1) {
	for (const sessions of rotated(SESSIONS, round))
		results.push({ of: 'sessions', size: sessions, round, ...(await withSessions(crowd, sessions)) });
	for (const meetings of rotated(MEETINGS, round))
		results.push({ of: 'meetings', size: meetings, round, ...(await withMeetings(filled.get(meetings))) });
	if (process.stderr.isTTY)
		process.stderr.write(`\r${round + 1}/${ROUNDS} `);
}

const of = (name, size, key) => median(results.filter((result) => result.of === name && result.size === size).map((result) => result[key]));

function table(name, title, sizes, text) {
	const keys = Object.keys(ASKED).filter((key) => sizes.some((size) => Number.isFinite(of(name, size, key))));
	return { title, text, rows: [[name, ...sizes.map((size) => number(size))],
		...keys.map((key) => [ASKED[key], ...sizes.map((size) => time(of(name, size, key)))])] };
}

const tables = [
	table('sessions', 'with other sessions in the daemon', SESSIONS, 'Two to a room, silent. What is measured happens in one more room; medians (p50) of one client at a time. An event of 0 µs came before the reply.'),
	table('meetings', 'with meetings in the database', MEETINGS, `And ${number(CALLS)} past calls, spread evenly. Who asks is in one meeting, where not said.`),
];
for (const { title, rows } of tables) {
	console.log(`\n${title}`);
	printRows(rows);
}
if (OUT !== '-')
	write(OUT, 'growth', { runs: ROUNDS, seconds: SECONDS, calls: CALLS, tables, results });
