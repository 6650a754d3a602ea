#!/usr/bin/env node
// unio-api beside others that do the same work, all behind the same lighttpd: reads, writes, a process for each request;
// and beside what the web server and SQLite alone allow.
//
//	make bench
//
// RUNS (5) of all, medians; SECONDS (1) each; CLIENTS (8) keep-alive connections; SYNCHRONOUS (full); OUT (docs/bench)
// where rest.json, .svg and RESULTS.md go, '-' for nowhere. Ends with status 1 if anything fails; the rest is measured
// all the same.
import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Fixture } from './fixture.mjs';
import { behind, memoryOf, unioApi } from './front.mjs';
import { printRows, write } from './report.mjs';
import { build, here, pinned, programs } from './servers.mjs';
import { median, number, rotated, time, times } from './statistics.mjs';

const RUNS = Number(process.env.RUNS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 1);
const CLIENTS = Number(process.env.CLIENTS ?? 8);
const SYNCHRONOUS = process.env.SYNCHRONOUS ?? 'full';
const OUT = process.env.OUT ?? 'docs/bench';

const WORKERS = 4;
const MEETINGS = 64;

const meetings = Array.from({ length: MEETINGS }, (_, k) => ({ id: k + 1, host: 2 * k + 1, members: [2 * k + 1, 2 * k + 2] }));
const fixture = new Fixture(build, { synchronous: SYNCHRONOUS, workers: WORKERS });
process.on('exit', () => fixture.remove());
fixture.fill(2 * MEETINGS, [...meetings, { id: 1000, host: 1, members: [1] }]);

/** A line "MEETING TOKEN" for each client. */
function clientsFile(name, lines) {
	const file = join(fixture.dir, name);
	writeFileSync(file, lines.map(([meeting, user]) => `${meeting} ${fixture.token(user)}\n`).join(''));
	return file;
}

const readers = clientsFile('readers', Array.from({ length: CLIENTS }, () => [1, 1]));
const callers = clientsFile('callers', meetings.slice(0, CLIENTS).map(({ id, host }) => [id, host]));
const helloReply = join(fixture.dir, 'hello.reply');

/** @type {Record<string, import('./front.mjs').Backend>} */
const BEHIND = {
	unio: unioApi(fixture),
	hello: {
		label: 'hello world, FastCGI', short: 'hello world',
		conf: () => `fastcgi.server = ( "/api" => (( "socket" => "${fixture.dir}/hello.sock", "check-local" => "disable",
			"bin-path" => "${join(programs, 'hello')} ${helloReply}", "max-procs" => ${WORKERS} )) )`,
	},
	drf: {
		label: 'Django REST framework, gunicorn', short: 'Django REST', socket: 'drf.sock',
		command: () => ['/usr/bin/python3', '/usr/bin/gunicorn', '-w', WORKERS, '-b', `unix:${fixture.dir}/drf.sock`,
			'meetings:application'],
		env: () => ({ PYTHONPATH: join(here, 'peers/drf'), PYTHONDONTWRITEBYTECODE: '1', DATABASE: fixture.database,
			SECRET_FILE: fixture.secretFile }),
		conf: () => `proxy.server = ( "/api" => (( "host" => "${fixture.dir}/drf.sock" )) )`,
	},
	cgi: {
		label: 'unio-api, CGI', short: 'unio-api, CGI', brief: true,
		conf: () => `alias.url = ( "/api" => "${join(build, 'unio-api')}" )\ncgi.assign = ( "" => "" )
			setenv.set-environment = ( "UNIO_CONF" => "${fixture.conf}" )`,
	},
};

/** The meeting, as its host sees it: the reply as the web server was given it. */
async function ask(port) {
	const reply = await fetch(`http://127.0.0.1:${port}/api/meetings/1`, { headers: { authorization: `Bearer ${fixture.token(1)}` } });
	const text = await reply.text();
	if (reply.status !== 200)
		throw new Error(`GET /api/meetings/1: ${reply.status} ${text}`);
	const fields = [...reply.headers].filter(([name]) => !['date', 'server', 'connection', 'keep-alive'].includes(name));
	return `Status: 200 OK\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`;
}

function run(core, command) {
	const [program, ...args] = pinned(core, command).map(String);
	return execFileSync(program, args, { encoding: 'utf8', timeout: 120_000, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Under load, by `args` of the load generator. */
const load = (name, clients, args) => behind(fixture, BEHIND[name], async ({ port, pids }) => {
	await Promise.all(Array.from({ length: 4 * WORKERS }, () => ask(port))); // every worker is there and warm
	const watched = pids();
	const result = JSON.parse(run(1, [join(programs, 'http'), '-c', clients, '-n', CLIENTS, '-p', watched.join(','), '-t', SECONDS,
		`tcp:127.0.0.1:${port}`, ...args]));
	return { ...result, memory: BEHIND[name].command ? Math.max(...watched.slice(0, -1).map(memoryOf)) : NaN };
});

const read = (name) => load(name, readers, ['get', '/api/meetings/1']);
const calls = (name) => load(name, callers, ['calls']);

/** SQLite alone, on a copy of the same database. */
const copy = join(fixture.dir, 'commits.db');
cpSync(fixture.database, copy);
const commits = () => JSON.parse(run(0, [join(programs, 'commits'), copy, SYNCHRONOUS, SECONDS]));

/** What is measured: the first of each is ours, and `unio is ×` compares with it. */
const MEASURES = [
	{ name: 'read', label: 'GET /api/meetings/1 with a token', unit: 'requests', of: { unio: read, hello: read, drf: read, cgi: read },
		aim: { hello: 0.7, drf: 20 } },
	{ name: 'write', label: `start and end of a call, synchronous = ${SYNCHRONOUS}`, unit: 'pairs', of: { unio: calls, commits, drf: calls },
		aim: { commits: 0.8, drf: 5 } },
];
const COMMITS = { label: 'SQLite alone, the same rows', short: 'SQLite alone' };
const nameOf = (name, form = 'label') => (BEHIND[name] ?? COMMITS)[form];

const failures = [];
const results = [];
const broken = new Map();

/** What cannot be done is said at once, and again at the end; who fails twice is not asked a third time. */
async function attempt(what, work) {
	try {
		return broken.get(what) > 1 ? null : await work();
	} catch (error) {
		broken.set(what, (broken.get(what) ?? 0) + 1);
		failures.push(`${what}: ${error.stderr || error.message}`);
		console.error(failures.at(-1));
		return null;
	}
}

// The floor says what we say, header and body, so that the web server has as much to do.
writeFileSync(helloReply, await behind(fixture, BEHIND.unio, ({ port }) => ask(port)));

for (let n = 0; n < RUNS; n += 1)
	for (const measure of MEASURES)
		for (const [name, once] of rotated(Object.entries(measure.of), n)) {
			const result = await attempt(`${name}, ${measure.name}`, () => once(name));
			if (result)
				results.push({ measure: measure.name, name, run: n, ...result });
		}

const summary = MEASURES.flatMap((measure) => Object.keys(measure.of).map((name) => {
	const of = (who) => results.filter((result) => result.measure === measure.name && result.name === who);
	const all = (value) => median(of(name).map(value));
	const ratio = (value) => median(of('unio').map((unio) => {
		const other = of(name).find((result) => result.run === unio.run);
		return other ? value(unio) / value(other) : NaN;
	}));
	return { measure: measure.name, name, per_second: all(({ count, seconds }) => count / seconds), per_cpu_second: all(({ count, cpu }) => count / cpu),
		times_per_second: ratio(({ count, seconds }) => count / seconds), times_per_cpu_second: ratio(({ count, cpu }) => count / cpu),
		cpu_us: all(({ count, cpu }) => (1e6 * cpu) / count), p50_us: all((result) => result.p50_us), p99_us: all((result) => result.p99_us),
		memory: all((result) => result.memory) };
}));

const ours = (name) => name === 'unio';
const tables = MEASURES.map(({ name: measure, label, unit, aim }) => ({
	title: label,
	text: `${CLIENTS} clients behind lighttpd; CPU is that of the web server and of all behind it, except SQLite alone. Memory: RssAnon of the largest process.`,
	rows: [['', `${unit} per second`, 'unio is ×', 'per CPU second', 'unio is ×', 'aim', 'CPU for each', 'p50', 'p99', 'memory'],
		...summary.filter((line) => line.measure === measure).map((line) => [nameOf(line.name), number(line.per_second),
			ours(line.name) ? '' : times(line.times_per_second), number(line.per_cpu_second), ours(line.name) ? '' : times(line.times_per_cpu_second),
			aim[line.name] ? `≥ ${aim[line.name]}` : '', time(line.cpu_us), time(line.p50_us), time(line.p99_us), number(line.memory)])],
}));
for (const { title, rows } of tables) {
	console.log(`\n${title}`);
	printRows(rows);
}

const panel = ({ name: measure, label, unit }) => ({ title: label, unit: `${unit} for each second`, bars: summary.filter((line) => line.measure === measure)
	.map((line) => ({ name: ['hello', 'commits'].includes(line.name) ? 'floor' : line.name, label: nameOf(line.name, 'short'), value: line.per_second,
		said: `${number(line.per_second)}${ours(line.name) ? '' : ` (${times(line.times_per_second)}×)`}` })) });
if (OUT !== '-')
	write(OUT, 'rest', { clients: CLIENTS, runs: RUNS, seconds: SECONDS, synchronous: SYNCHRONOUS, workers: WORKERS, failures, tables, summary,
		results }, { title: 'unio-api beside Django REST framework, and beside the floor', subtitle:
		'Behind the same lighttpd, eight clients. Longer is better; in brackets how many times as much unio-api does.', panels: MEASURES.map(panel) });
if (failures.length > 0) {
	console.error(`\nfailed:\n${failures.join('\n')}`);
	process.exitCode = 1;
}
