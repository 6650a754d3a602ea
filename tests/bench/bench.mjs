#!/usr/bin/env node
// unio-signald beside other servers that do the same work: messages for each second of the server's CPU, latencies,
// memory. What counts is the ratios within one run: absolute figures are those of the machine.
//
//	make bench
//
// RUNS (5) of each, interleaved, medians; SECONDS (1) each; SERVERS and SCENARIOS (comma lists; all); TRANSPORT (tcp;
// or unix); OUT (docs/bench) where results.json and the plot go, '-' for nowhere. Ends with status 1 if a server does
// not pass the check, or loses, doubles, misorders or misroutes a message under load.

import { spawn } from 'node:child_process';
import { freePort } from '../lib/instance.mjs';
import { join } from 'node:path';

import { check } from './check.mjs';
import { Fixture } from './fixture.mjs';
import { printTable, writeResults } from './report.mjs';
import { build, pinned, programs, SERVERS, startServer } from './servers.mjs';

const RUNS = Number(process.env.RUNS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 1);
const TRANSPORT = process.env.TRANSPORT ?? 'tcp';
const OUT = process.env.OUT ?? 'docs/bench';

const PAIRS = 1000;
const HALLS = 10;
const HALL = 50;
const range = (from, n) => Array.from({ length: n }, (_, k) => from + k);

/** A meeting: its id, and its members, the first of whom is its host. */
const pairs = range(1, PAIRS).map((id) => ({ id, host: 2 * id - 1, members: [2 * id - 1, 2 * id] }));
const halls = range(0, HALLS).map((n) => ({ id: PAIRS + 1 + n, host: 1 + n * HALL, members: range(1 + n * HALL, HALL) }));

/** window: messages on their way from each client in the closed loop; rate: sent a second in the open loop. */
const SCENARIOS = [
	{ name: 'relay-100', label: 'relay, 100 rooms × 2, candidates of 250 bytes', meetings: pairs.slice(0, 100),
		what: 'candidates', size: 250, window: 4, rate: 2000 },
	{ name: 'relay-1000', label: 'relay, 1,000 rooms × 2, candidates', meetings: pairs, what: 'candidates', size: 250,
		window: 4, rate: 2000 },
	{ name: 'sdp-1000', label: 'relay, 1,000 rooms × 2, SDP of 2.5 KB', meetings: pairs, what: 'offers', size: 2500, window: 4,
		rate: 1000 },
	{ name: 'fan-out', label: 'fan-out, 10 rooms × 50, candidates', meetings: halls, what: 'candidates', size: 250, window: 4,
		rate: 100 },
	{ name: 'joins', label: 'joins: handshake, token, access, roster, user_joined', meetings: pairs.slice(0, 100),
		what: 'joins' },
];

const chosen = (list, names) => list.filter(({ name }) => !names || names.split(',').includes(name));
const servers = chosen(SERVERS, process.env.SERVERS);
const scenarios = chosen(SCENARIOS, process.env.SCENARIOS);

const fixture = new Fixture(build);
process.on('exit', () => fixture.remove());
fixture.fill(2 * PAIRS, [...pairs, ...halls]);

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

async function measure(server, { name, meetings, what, size, window, rate }) {
	const clients = fixture.clients(name, meetings);
	return withServer(server, async (address, { pids }) => {
		const traffic = what === 'joins' ? [] : ['-s', size, '-w', server.window ?? window, '-r', rate];
		const [command, ...args] = pinned(1, [join(programs, 'load'), '-c', clients, '-p', pids.join(','), '-t', SECONDS, ...traffic,
			address.text, what]).map(String);
		const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
		let out = '';
		let wrong = '';
		child.stdout.on('data', (data) => { out += data; });
		child.stderr.on('data', (data) => { wrong += data; });
		const status = await new Promise((done) => { child.once('close', done); });
		if (status !== 0)
			throw new Error(`${server.name}, ${name}: ${wrong.trim()}`);
		return JSON.parse(out);
	});
}

const hall = halls[0];
for (const server of servers)
	await withServer(server, (address) => check(server, fixture, address, { room: hall.id, users: hall.members.slice(0, 3),
		outsider: HALL + 1, other: { room: 1, user: 1 } }));
console.log(`${servers.map(({ name }) => name).join(', ')}: all pass the check`);

const results = [];
for (const scenario of scenarios)
	for (let run = 0; run < RUNS; run += 1)
		for (const server of servers) {
			const result = await measure(server, scenario);
			results.push({ scenario: scenario.name, server: server.name, run, ...result });
			if (process.stderr.isTTY)
				process.stderr.write(`\r${scenario.name} ${run + 1}/${RUNS} ${server.name}      `);
		}
const report = { transport: TRANSPORT, runs: RUNS, seconds: SECONDS, servers, scenarios, results };
printTable(report);
if (OUT !== '-')
	writeResults(report, OUT);
