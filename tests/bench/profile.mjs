#!/usr/bin/env node
// Where the time of unio-signald and unio-api goes while they relay, fan out, let in, read and write: the share of the
// kernel, by system call, of each library, and of our own functions.
//
//	make profile
//
// It samples with perf; where that may not (see kernel.perf_event_paranoid) it counts instructions with callgrind, which
// sees no kernel (BY=callgrind does so anyway). SECONDS (2) each; OUT (docs/bench) where profile.json and RESULTS.md go,
// '-' for nowhere.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { freePort } from '../lib/instance.mjs';
import { Fixture } from './fixture.mjs';
import { behind, tree, unioApi } from './front.mjs';
import { printRows, write } from './report.mjs';
import { MEETINGS, SCENARIOS, USERS } from './scenarios.mjs';
import { build, pinned, programs, SERVERS, startServer } from './servers.mjs';
import { number } from './statistics.mjs';

const SECONDS = Number(process.env.SECONDS ?? 2);
const OUT = process.env.OUT ?? 'docs/bench';

/** What the load generators need until the load is as it stays. */
const LEAD_MS = 1500;
const FUNCTIONS = 12;

const fixture = new Fixture(build);
process.on('exit', () => fixture.remove());
fixture.fill(USERS, MEETINGS);

function perfWorks() {
	try {
		execFileSync('perf', ['record', '-g', '-o', join(fixture.dir, 'probe.data'), '--', 'true'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
}

const SAMPLED = process.env.BY !== 'callgrind' && perfWorks();

/** Runs the load and looks at the processes meanwhile: [{where, function}] with a weight each. */
async function look(name, pids, load) {
	const [command, ...args] = pinned(1, load).map(String);
	const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
	const ended = once(child, 'close');
	await pause(LEAD_MS);
	const data = join(fixture.dir, `${name}.data`);
	if (!SAMPLED) {
		if ((await ended)[0] !== 0)
			throw new Error(`${name}: the load generator failed`);
		return [];
	}
	execFileSync('perf', ['record', '-F', '1999', '-g', '-p', pids.join(','), '-o', data, '--', 'sleep', SECONDS], { stdio: 'ignore' });
	if (child.exitCode !== null)
		throw new Error(`${name}: the load ended with ${child.exitCode}, too soon`);
	child.kill();
	await ended;
	return samples(data);
}

/** "     7f12 recv+0x3 (/usr/lib/libc.so.6)", the innermost first; a blank line after each sample. */
function samples(data) {
	const text = execFileSync('perf', ['script', '-i', data, '-F', 'ip,sym,dso'], { encoding: 'utf8', maxBuffer: 1 << 29, stdio: ['ignore', 'pipe', 'ignore'] });
	return text.split('\n\n').map((sample) => sample.split('\n').map((line) => /^\s*[0-9a-f]+ (.*) \(([^)]*)\)$/.exec(line)).filter(Boolean))
		.filter((frames) => frames.length > 0)
		.map((frames) => ({ where: whereOf(frames), function: frames[0][1].replace(/\.(constprop|part|isra|cold)\..*/, ''), weight: 1 }));
}

const isKernel = (dso) => dso.startsWith('[kernel') || dso.startsWith('[unknown');

function whereOf(frames) {
	const [, , dso] = frames[0];
	if (!isKernel(dso))
		return libraryOf(dso);
	const call = frames.map(([, name]) => /^__(?:x64|arm64|se)_sys_(\w+)/.exec(name)?.[1]).find(Boolean);
	return `kernel, ${call ?? 'entry, exit, interrupts'}`;
}

const libraryOf = (object) => (basename(object).startsWith('unio-') ? 'ours' : basename(object).replace(/[-.]?[\d.]*\.so.*/, '').replace(/^\[(.*)\]$/, '$1'));

/** The programs under callgrind: what its files say, "2,345 ( 1.23%)  file:function [object]". */
function counted() {
	const files = readdirSync(fixture.dir).filter((name) => /^callgrind\.out\.\d+$/.test(name)).map((name) => join(fixture.dir, name));
	const found = files.flatMap((file) => execFileSync('callgrind_annotate', ['--threshold=99', file], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n')
		.map((line) => /^\s*([\d,]+) \([^)]*\)\s+\S*?:(\S+).*\[(.*)\]$/.exec(line)).filter(Boolean)
		.map(([, weight, name, object]) => ({ where: libraryOf(object), function: name.replace(/'.*/, '').replace(/^0x.*/, '[unknown]'), weight: Number(weight.replaceAll(',', '')) })));
	files.forEach((file) => rmSync(file));
	return found;
}

const VALGRIND = ['valgrind', '-q', '--tool=callgrind', '--trace-children=yes', `--callgrind-out-file=${fixture.dir}/callgrind.out.%p`];
/** Of the load; with perf it is ended before. */
const T = LEAD_MS / 1000 + SECONDS * (SAMPLED ? 10 : 1);

async function signaling(name, scenario) {
	const { meetings, what, size, window } = SCENARIOS.find((one) => one.name === scenario);
	const port = await freePort();
	const address = { kind: 'tcp', port, text: `tcp:127.0.0.1:${port}` };
	const plain = SERVERS[0];
	const server = SAMPLED ? plain : { ...plain, command: (...args) => { const command = plain.command(...args); return [...command.slice(0, 3), ...VALGRIND, ...command.slice(3)]; } };
	const { pids, stop } = await startServer(server, fixture, address);
	const traffic = what === 'joins' ? [] : ['-s', size, '-w', window];
	const found = await look(name, pids, [join(programs, 'load'), '-c', fixture.clients(name, meetings), '-t', T, ...traffic, address.text, what]);
	await stop(SAMPLED ? 'SIGKILL' : 'SIGTERM');
	return SAMPLED ? found : counted();
}

async function rest(name, users, ...asked) {
	const plain = unioApi(fixture);
	const backend = SAMPLED ? plain : { ...plain, command: () => [...VALGRIND, ...plain.command()] };
	const clients = fixture.clients(name, users.map((user) => ({ id: (user + 1) / 2, members: [user] })));
	const found = await behind(fixture, backend, ({ port, pids }) => look(name, tree(pids()[0]), [join(programs, 'http'), '-c', clients, '-n', 8, '-p',
		process.pid, '-t', T, `tcp:127.0.0.1:${port}`, ...asked]));
	return SAMPLED ? found : counted();
}

const PROFILES = {
	relay: () => signaling('relay', 'relay-1000'),
	'fan-out': () => signaling('fan-out', 'fan-out'),
	join: () => signaling('join', 'joins'),
	'GET meeting': () => rest('read', Array(8).fill(1), 'get', '/api/meetings/1'),
	'call start + end': () => rest('write', Array.from({ length: 8 }, (_, n) => 2 * n + 1), 'calls'),
};

/** [[what, share]], the largest first. */
function shares(found, of) {
	const sums = new Map();
	for (const one of found)
		sums.set(of(one), (sums.get(of(one)) ?? 0) + one.weight);
	const all = found.reduce((sum, { weight }) => sum + weight, 0);
	return [...sums].map(([what, sum]) => [what, sum / all]).sort((a, b) => b[1] - a[1]);
}

const percent = (share) => (share ? `${number(100 * share, 1)} %` : '');

const names = Object.keys(PROFILES);
const found = [];
for (const name of names)
	found.push(await PROFILES[name]());
const wheres = found.map((one) => new Map(shares(one, ({ where }) => where)));
const places = [...new Set(wheres.flatMap((shares) => [...shares].filter(([, share]) => share >= 0.01).map(([where]) => where)))]
	.sort((a, b) => Math.max(...wheres.map((shares) => shares.get(b) ?? 0)) - Math.max(...wheres.map((shares) => shares.get(a) ?? 0)));
const kernel = wheres.map((shares) => [...shares].filter(([where]) => where.startsWith('kernel')).reduce((sum, [, share]) => sum + share, 0));
const functions = (one) => shares(one, ({ where, function: name }) => `${name.replace('[unknown]', 'static ones')}${where === 'ours' ? '' : ` [${where}]`}`)
	.filter(([name]) => !name.includes('[kernel,')).slice(0, FUNCTIONS);
const tables = [
	{ title: 'where the time goes', text: SAMPLED ? 'Shares of CPU samples, by the innermost frame; the kernel by system call.' : 'Shares of instructions; the kernel is not seen.',
		rows: [['', ...names], ...(SAMPLED ? [['kernel, all of it', ...kernel.map(percent)]] : []),
			...places.map((where) => [where, ...wheres.map((shares) => percent(shares.get(where)))])] },
	{ title: 'functions outside the kernel', text: 'Those of libraries with the library\'s name.',
		rows: [names, ...Array.from({ length: FUNCTIONS }, (_, n) => found.map((one) => functions(one)[n]).map((one) => (one ? `${one[0]} ${percent(one[1])}` : '')))] },
];
for (const { title, rows } of tables) {
	console.log(`\n${title}`);
	printRows(rows);
}
if (OUT !== '-')
	write(OUT, 'profile', { runs: 1, seconds: SECONDS, by: SAMPLED ? 'perf' : 'callgrind', tables });
