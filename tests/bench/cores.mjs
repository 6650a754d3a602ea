#!/usr/bin/env node
// One core against two: unio-signald by itself, and two of them that share the meetings (the key daemons).
//
//	make bench-cores
//
// Every daemon shares its core with a load generator of its own, which has that daemon's meetings: so with one core and
// with two the generators take the same part of what there is, and the ratio of the two is what a second daemon brings.
// A second core's worth of memory bandwidth, kernel locks and cache is then really shared by all four processes.
// RUNS (5) of both in turn, medians; SECONDS (2) each; OUT (docs/bench) where cores.json and RESULTS.md go, '-' for
// nowhere.
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { Fixture } from './fixture.mjs';
import { printRows, write } from './report.mjs';
import { MEETINGS, SCENARIOS, USERS } from './scenarios.mjs';
import { build, pinned, programs, startServer } from './servers.mjs';
import { median, number, rotated, times } from './statistics.mjs';

const RUNS = Number(process.env.RUNS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 2);
const OUT = process.env.OUT ?? 'docs/bench';
const LOAD_MS = 120_000;
const CHOSEN = ['relay-1000', 'sdp-1000', 'fan-out'];

if (cpus().length < 2) {
	console.error('this needs two cores');
	process.exit(2);
}

const fixtures = [1, 2].map((daemons) => new Fixture(build, { daemons }));
process.on('exit', () => fixtures.forEach((fixture) => fixture.remove()));
fixtures.forEach((fixture) => fixture.fill(USERS, MEETINGS));

/** As shared/shard.h has it. */
const daemonOf = (id, daemons) => id % 100 % daemons + 1;

/** One daemon of so many, on the core of its number. */
function start(fixture, daemons, daemon) {
	const path = join(fixture.dir, daemon === 1 ? 'ws.sock' : `ws-${daemon}.sock`);
	return startServer({ name: `unio-${daemon}`, core: daemon - 1,
		command: () => [join(build, 'unio-signald'), '-c', fixture.conf, '-k', daemon] }, fixture, { kind: 'unix', path })
		.then((running) => ({ ...running, address: `unix:${path}`, daemon, daemons }));
}

/** What a daemon's own generator, on its core, has of it. */
async function load(fixture, running, { name, meetings, what, size, window }) {
	const own = meetings.filter(({ id }) => daemonOf(id, running.daemons) === running.daemon);
	const [command, ...args] = pinned(running.daemon - 1, [join(programs, 'load'), '-c', fixture.clients(`${name}-${running.daemon}`, own),
		'-p', running.pids[0], '-t', SECONDS, '-s', size, '-w', window, running.address, what]).map(String);
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LOAD_MS, killSignal: 'SIGKILL' });
	let out = '';
	let wrong = '';
	child.stdout.on('data', (data) => { out += data; });
	child.stderr.on('data', (data) => { wrong += data; });
	const status = await new Promise((done) => { child.once('close', done); });
	if (status !== 0)
		throw new Error(wrong.trim() || `no end after ${LOAD_MS / 1000} s`);
	return JSON.parse(out).closed;
}

async function measure(daemons, scenario) {
	const fixture = fixtures[daemons - 1];
	const running = [];
	try {
		for (let daemon = 1; daemon <= daemons; daemon += 1)
			running.push(await start(fixture, daemons, daemon));
		const each = await Promise.all(running.map((one) => load(fixture, one, scenario)));
		const sum = (key) => each.reduce((all, one) => all + one[key], 0);
		const rate = each.reduce((all, one) => all + one.count / one.seconds, 0);
		return { daemons, scenario: scenario.name, count: sum('count'), cpu: sum('cpu'), own_cpu: sum('own_cpu'), rate, each,
			per_cpu: sum('count') / sum('cpu'), all: (sum('cpu') + sum('own_cpu')) / each[0].seconds };
	} finally {
		await Promise.all(running.map(({ stop }) => stop()));
	}
}

const scenarios = SCENARIOS.filter(({ name }) => (process.env.SCENARIOS ?? CHOSEN.join(',')).split(',').includes(name));
const results = [];
for (let run = 0; run < RUNS; run += 1)
	for (const scenario of scenarios)
		for (const daemons of rotated([1, 2], run))
			results.push({ run, ...await measure(daemons, scenario) });

const of = (scenario, daemons, key) => median(results.filter((one) => one.scenario === scenario && one.daemons === daemons).map((one) => one[key]));
/** Of pairs of one run, for the machine is another at another time. */
const ratio = (scenario, key) => median(Array.from({ length: RUNS }, (_, run) => {
	const [one, two] = [1, 2].map((daemons) => results.find((result) => result.run === run && result.scenario === scenario && result.daemons === daemons));
	return two[key] / one[key];
}));
/** Were the cores ours? If not, the clock tells of whoever else was there. */
const alone = (scenario) => of(scenario, 1, 'all') > 0.9 && of(scenario, 2, 'all') > 1.8;

const plain = [['', 'one', 'two', 'ratio', 'cores used, one', 'two']];
const cleared = [['', 'for a CPU second, one', 'two', 'of one whole core', 'of two', 'ratio']];
for (const { name, label } of scenarios) {
	plain.push([label, number(of(name, 1, 'rate')), number(of(name, 2, 'rate')), alone(name) ? times(ratio(name, 'rate')) : '-',
		number(of(name, 1, 'all'), 2), number(of(name, 2, 'all'), 2)]);
	const [one, two] = [of(name, 1, 'per_cpu'), of(name, 2, 'per_cpu')];
	cleared.push([label, number(one), number(two), number(one), number(2 * two), times(2 * ratio(name, 'per_cpu'))]);
}
const tables = [
	{ title: 'one daemon on one core, two on two: without the generators', rows: cleared,
		text: 'Messages for each second of CPU that the daemons themselves have used, and what they would carry of cores that they had to themselves.' },
	{ title: 'the same on the clock, generators and whoever else is on the machine included', rows: plain,
		text: 'Messages a second of all together. Each daemon shares its core with a load generator of its own. No ratio where others had so '
			+ 'much of the cores that it would be theirs.' },
];
for (const { title, rows } of tables) {
	console.log(`\n${title}`);
	printRows(rows);
}
if (OUT !== '-')
	write(OUT, 'cores', { runs: RUNS, seconds: SECONDS, tables, results });
