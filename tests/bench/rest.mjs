#!/usr/bin/env node
// unio-api beside others that do the same work, all behind the same lighttpd: reads, writes, a process for each request;
// and beside what the web server and SQLite alone allow.
//
//	make bench
//
// RUNS (5) of each, interleaved, medians; SECONDS (1) each; CLIENTS (8) keep-alive connections; SYNCHRONOUS (full);
// OUT (docs/bench), '-' for nowhere.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, cpSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { freePort } from '../lib/instance.mjs';
import { Fixture } from './fixture.mjs';
import { median, number, printRows, time, write } from './report.mjs';
import { build, here, pinned, programs } from './servers.mjs';

const RUNS = Number(process.env.RUNS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 1);
const CLIENTS = Number(process.env.CLIENTS ?? 8);
const SYNCHRONOUS = process.env.SYNCHRONOUS ?? 'full';
const OUT = process.env.OUT ?? 'docs/bench';

const WORKERS = 4;
const MEETINGS = 64;
const START_MS = 30_000;

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
const helloText = join(fixture.dir, 'hello.json');

/** What stands behind lighttpd: a program that it talks to, or that it starts, and its part of the configuration. */
const BEHIND = {
	unio: {
		label: 'unio-api, FastCGI', socket: 'api.sock', command: () => [join(build, 'unio-api'), '-c', fixture.conf],
		conf: () => `fastcgi.server = ( "/api" => (( "socket" => "${fixture.dir}/api.sock", "check-local" => "disable" )) )`,
	},
	hello: {
		label: 'hello world, FastCGI',
		conf: () => `fastcgi.server = ( "/api" => (( "socket" => "${fixture.dir}/hello.sock", "check-local" => "disable",
			"bin-path" => "${join(programs, 'hello')} ${helloText}", "max-procs" => ${WORKERS} )) )`,
	},
	drf: {
		label: 'Django REST framework', socket: 'drf.sock',
		command: () => ['/usr/bin/python3', '/usr/bin/gunicorn', '-w', WORKERS, '-b', `unix:${fixture.dir}/drf.sock`,
			'meetings:application'],
		env: () => ({ PYTHONPATH: join(here, 'peers/drf'), PYTHONDONTWRITEBYTECODE: '1', DATABASE: fixture.database,
			SECRET_FILE: fixture.secretFile }),
		conf: () => `proxy.server = ( "/api" => (( "host" => "${fixture.dir}/drf.sock" )) )`,
	},
	cgi: {
		label: 'unio-api, CGI',
		conf: () => `alias.url = ( "/api" => "${join(build, 'unio-api')}" )\ncgi.assign = ( "" => "" )
			setenv.set-environment = ( "UNIO_CONF" => "${fixture.conf}" )`,
	},
};

function lighttpdConf(name, port) {
	const file = join(fixture.dir, `${name}-lighttpd.conf`);
	writeFileSync(file, `server.modules = ( "mod_fastcgi", "mod_proxy", "mod_cgi", "mod_alias", "mod_setenv" )
		server.bind = "127.0.0.1"\nserver.port = ${port}\nserver.document-root = "${fixture.dir}"
		server.max-keep-alive-requests = 1000000\nserver.upload-dirs = ( "${fixture.dir}" )
		server.errorlog = "${fixture.dir}/lighttpd.log"\n${BEHIND[name].conf()}\n`);
	return file;
}

/** All processes below one. */
function tree(pid) {
	const parents = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map((entry) => {
		try {
			return [Number(entry), Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'latin1'))[1])];
		} catch {
			return [0, 0]; // it is gone
		}
	});
	return [pid, ...parents.filter(([, parent]) => parent === pid).flatMap(([child]) => tree(child))];
}

const reachable = (where) => new Promise((done) => {
	const socket = connect(where, () => done(true)).on('error', () => done(false)).on('connect', () => socket.destroy());
});

async function start(command, env, where) {
	const log = openSync(join(fixture.dir, 'programs.log'), 'a');
	const [program, ...args] = pinned(0, command).map(String);
	const child = spawn(program, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
	closeSync(log);
	for (const deadline = Date.now() + START_MS; !(await reachable(where)); await pause(50))
		if (Date.now() > deadline || child.exitCode !== null)
			throw new Error(`${command[0]} does not listen:\n${readFileSync(join(fixture.dir, 'programs.log'), 'utf8').slice(-2000)}`);
	return child;
}

async function stop(child) {
	const ended = new Promise((done) => { child.once('exit', done); });
	if (child.exitCode === null) {
		child.kill('SIGTERM');
		await ended;
	}
}

/** The meeting, as its host sees it. */
async function ask(port) {
	const reply = await fetch(`http://127.0.0.1:${port}/api/meetings/1`, { headers: { authorization: `Bearer ${fixture.token(1)}` } });
	const text = await reply.text();
	if (reply.status !== 200)
		throw new Error(`GET /api/meetings/1: ${reply.status} ${text}`);
	return text;
}

/** Starts what `name` needs, lets `work` use it, ends it all. */
async function behind(name, work) {
	const { command, env, socket } = BEHIND[name];
	const port = await freePort();
	const children = [];
	try {
		if (command)
			children.push(await start(command(), env?.(), { path: join(fixture.dir, socket) }));
		children.push(await start(['/usr/sbin/lighttpd', '-D', '-f', lighttpdConf(name, port)], {}, { host: '127.0.0.1', port }));
		await Promise.all(Array.from({ length: 4 * WORKERS }, () => ask(port))); // every worker is there and warm
		return await work(port, children.flatMap(({ pid }) => tree(pid)));
	} catch (error) {
		throw new Error(`${name}: ${error.message}`);
	} finally {
		for (const child of children.reverse())
			await stop(child);
	}
}

/** Under load, by `args` of the load generator. */
const load = (name, clients, args) => behind(name, (port, pids) => JSON.parse(run(1, [join(programs, 'http'), '-c', clients, '-n', CLIENTS,
	'-p', pids.join(','), '-t', SECONDS, `tcp:127.0.0.1:${port}`, ...args])));

function run(core, command) {
	const [program, ...args] = pinned(core, command).map(String);
	return execFileSync(program, args, { encoding: 'utf8' });
}

const read = (name) => load(name, readers, ['get', '/api/meetings/1']);
const calls = (name) => load(name, callers, ['calls']);

/** SQLite alone, on a copy of the same database. */
function commits() {
	const copy = join(fixture.dir, 'commits.db');
	cpSync(fixture.database, copy);
	return JSON.parse(run(0, [join(programs, 'commits'), copy, SYNCHRONOUS, SECONDS]));
}

/** What is measured: the first of each is ours, and `unio is ×` compares with it. */
const MEASURES = [
	{ name: 'read', label: 'GET /api/meetings/1 with a token, requests', of: { unio: read, hello: read, drf: read, cgi: read } },
	{ name: 'write', label: `start and end of a call, pairs, synchronous = ${SYNCHRONOUS}`, of: { unio: calls, commits, drf: calls } },
];
const LABELS = { ...Object.fromEntries(Object.entries(BEHIND).map(([name, { label }]) => [name, label])), commits: 'SQLite alone, the same rows' };

// The floor says what we say, so that as many bytes go through the web server.
writeFileSync(helloText, await behind('unio', ask));

const results = [];
for (const measure of MEASURES)
	for (let n = 0; n < RUNS; n += 1)
		for (const [name, once] of Object.entries(measure.of))
			results.push({ measure: measure.name, name, run: n, ...(await once(name)) });

const summary = MEASURES.flatMap((measure) => Object.keys(measure.of).map((name) => {
	const of = (who) => results.filter((result) => result.measure === measure.name && result.name === who);
	const all = (value) => median(of(name).map(value));
	const times = (value) => median(of('unio').map((result, n) => value(result) / value(of(name)[n])));
	return { measure: measure.name, name, per_second: all(({ count, seconds }) => count / seconds), per_cpu_second: all(({ count, cpu }) => count / cpu),
		times_per_second: times(({ count, seconds }) => count / seconds), times_per_cpu_second: times(({ count, cpu }) => count / cpu),
		p50_us: all((result) => result.p50_us), p99_us: all((result) => result.p99_us) };
}));

for (const measure of MEASURES) {
	console.log(`\n${measure.label}; ${CLIENTS} clients behind lighttpd`);
	printRows([['', 'per s', 'unio is ×', 'per CPU s', 'unio is ×', 'p50', 'p99'], ...summary.filter((line) => line.measure === measure.name)
		.map((line) => [LABELS[line.name], number(line.per_second), number(line.times_per_second, 2), number(line.per_cpu_second),
			number(line.times_per_cpu_second, 2), time(line.p50_us), time(line.p99_us)])]);
}
if (OUT !== '-')
	write(OUT, 'rest', { clients: CLIENTS, runs: RUNS, seconds: SECONDS, synchronous: SYNCHRONOUS, workers: WORKERS, summary, results }, {
		title: 'REST', unit: 'for each second', groups: MEASURES.map(({ name, label }) => ({ label, bars: summary
			.filter((line) => line.measure === name).map((line) => ({ name: line.name, label: LABELS[line.name], value: line.per_second,
				ratio: line.times_per_second })) })),
	});
