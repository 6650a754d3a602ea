#!/usr/bin/env node
// unio-signald beside other servers that do the same work: messages for each second of the server's CPU, latencies,
// memory. What counts is the ratios within one run: absolute figures are those of the machine.
//
//	make bench
//
// RUNS (5) of all, medians; SECONDS (1) each; SERVERS and SCENARIOS (comma lists; all); TRANSPORT (tcp; or unix); OUT
// (docs/bench) where signaling.json, .svg and RESULTS.md go, '-' for nowhere. Ends with status 1 if a server does not
// pass the check, or loses, doubles, misorders or misroutes a message under load; the others are measured all the same.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { freePort } from '../lib/instance.mjs';
import { check } from './check.mjs';
import { Fixture } from './fixture.mjs';
import { printRows, write } from './report.mjs';
import { CAST, MEETINGS, SCENARIOS, USERS } from './scenarios.mjs';
import { build, pinned, programs, SERVERS, startServer } from './servers.mjs';
import { picture, summary, tables } from './signaling.mjs';
import { rotated } from './statistics.mjs';

const RUNS = Number(process.env.RUNS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 1);
const TRANSPORT = process.env.TRANSPORT ?? 'tcp';
const OUT = process.env.OUT ?? 'docs/bench';

/** A server that hangs must not hold up the others for longer. */
const LOAD_MS = 150_000;

/** So many rooms take a slow server most of the time of a run: it plays them in every other. */
const MANY = 1000;

const chosen = (list, names) => list.filter(({ name }) => !names || names.split(',').includes(name));
const scenarios = chosen(SCENARIOS, process.env.SCENARIOS);

const fixture = new Fixture(build);
process.on('exit', () => fixture.remove());
fixture.fill(USERS, MEETINGS);

let servings = 0;

async function withServer(server, work) {
	servings += 1;
	const port = await freePort();
	const path = join(fixture.dir, server.name === 'unio' ? 'ws.sock' : `${servings}.sock`);
	const address = TRANSPORT === 'tcp' ? { kind: 'tcp', port, text: `tcp:127.0.0.1:${port}` } : { kind: 'unix', path, text: `unix:${path}` };
	const running = await startServer(server, fixture, address);
	try {
		return await work(address, running);
	} finally {
		await running.stop();
	}
}

function measure(server, { name, meetings, what, size, window, rate, memory }) {
	const traffic = what === 'joins' ? [] : ['-s', size, '-w', server.window ?? window, '-r', rate, ...(memory ? ['-m'] : [])];
	return withServer(server, (address, { pids }) => load(['-c', fixture.clients(name, meetings), '-p', pids.join(','), '-t', SECONDS,
		...traffic, address.text, what]));
}

async function load(options) {
	const [command, ...args] = pinned(1, [join(programs, 'load'), ...options]).map(String);
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LOAD_MS, killSignal: 'SIGKILL' });
	let out = '';
	let wrong = '';
	child.stdout.on('data', (data) => { out += data; });
	child.stderr.on('data', (data) => { wrong += data; });
	const status = await new Promise((done) => { child.once('close', done); });
	if (status !== 0)
		throw new Error(wrong.trim() || `no end after ${LOAD_MS / 1000} s`);
	return JSON.parse(out);
}

const failures = [];

/** What cannot be done is said at once, and again at the end. */
async function attempt(what, work) {
	try {
		return await work();
	} catch (error) {
		failures.push(`${what}: ${error.message}`);
		console.error(failures.at(-1));
		return null;
	}
}

const servers = [];
for (const server of chosen(SERVERS, process.env.SERVERS))
	if (await attempt(`${server.name}, the check`, () => withServer(server, (address) => check(server, fixture, address, CAST)).then(() => true)))
		servers.push(server);
console.log(`${servers.map(({ name }) => name).join(', ')}: pass the check`);

const results = [];
/** Who fails twice in a scenario is not asked a third time. */
const broken = new Map();
const isBroken = (what) => (broken.get(what) ?? 0) > 1;
for (let run = 0; run < RUNS; run += 1)
	for (const [at, scenario] of scenarios.entries())
		for (const server of rotated(servers, run + at)) {
			const what = `${server.name}, ${scenario.name}`;
			if (server.slow && scenario.meetings.length >= MANY && run % 2 === 1)
				continue;
			if (process.stderr.isTTY)
				process.stderr.write(`\r${run + 1}/${RUNS} ${scenario.name} ${server.name}          `);
			const result = isBroken(what) ? null : await attempt(what, () => measure(server, scenario));
			if (result)
				results.push({ scenario: scenario.name, server: server.name, run, ...result });
			else
				broken.set(what, (broken.get(what) ?? 0) + 1);
		}

const report = { servers, scenarios, results, lines: summary({ servers, scenarios, results }) };
const said = tables(report);
for (const { title, rows } of said) {
	console.log(`\n${title}`);
	printRows(rows);
}
if (OUT !== '-') {
	const plain = (list) => list.map(({ name, label, aim }) => ({ name, label, aim }));
	write(OUT, 'signaling', { transport: TRANSPORT, runs: RUNS, seconds: SECONDS, servers: plain(servers), scenarios: plain(scenarios), failures,
		tables: said, summary: report.lines, results }, picture(report));
}
if (failures.length > 0) {
	console.error(`\nfailed:\n${failures.join('\n')}`);
	process.exitCode = 1;
}
