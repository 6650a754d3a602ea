#!/usr/bin/env node
// Who has which part of a WebSocket: the front server, the daemon, the kernel. docs/SCALING.md reckons with it.
//
//	make bench-share		(or tests/bench/share.mjs WEB...)
//
// WEB: lighttpd, nginx, apache, caddy (all); SESSIONS (2000), two in each meeting; SECONDS (1); OUT (docs/bench) where
// share.json and RESULTS.md go, '-' for nowhere. Memory is that of a process's own, and what the kernel's slabs have grown,
// between 100 sessions and all; the last is of the whole machine, on which nothing else should run.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import WebSocket from 'ws';

import { startInstance } from '../lib/instance.mjs';
import { startSite } from '../lib/site.mjs';
import { Fixture } from './fixture.mjs';
import { printRows, write } from './report.mjs';
import { build, programs } from './servers.mjs';
import { number } from './statistics.mjs';

const FEW = 100;
const SESSIONS = Number(process.env.SESSIONS ?? 2000);
const SECONDS = Number(process.env.SECONDS ?? 1);
const OUT = process.env.OUT ?? 'docs/bench';
/** None that meets the load. */
const LIMITS = { max_connections: 20_000, message_rate: 1_000_000, message_burst: 1_000_000, byte_rate: '1000m', byte_burst: '1000m' };
const TLS_SESSIONS = 400;
const RELAY = 100;
const REST_MS = 3000;

const meetings = Array.from({ length: SESSIONS / 2 }, (_, n) => ({ id: n + 1, host: 2 * n + 1, members: [2 * n + 1, 2 * n + 2] }));
const fixture = new Fixture(build); // for its secret, and the tokens that it signs
process.on('exit', () => fixture.remove());

const field = (text, name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]) * 1024;
const private_ = (pid) => field(readFileSync(`/proc/${pid}/status`, 'utf8'), 'RssAnon');
const descriptors = (pid) => Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))[1]);

function look(inst) {
	return { front: private_(inst.pid('web')), daemon: private_(inst.pid('signald')), kernel: field(readFileSync('/proc/meminfo', 'utf8'), 'Slab') };
}

/** So many sessions come through the front server, and rest. */
async function stay(inst, name, list) {
	const child = spawn(join(programs, 'load'), ['-c', fixture.clients(name, list), `tcp:127.0.0.1:${inst.port}`, 'stay'], { stdio: ['pipe', 'ignore', 'pipe'] });
	const [said] = await once(child.stderr, 'data');
	if (String(said) !== 'in\n')
		throw new Error(String(said));
	await pause(REST_MS);
	return async () => {
		child.stdin.end();
		await once(child, 'close');
	};
}

/** The same over TLS, by the whole site of etc/: what the front server takes for each of so many. */
async function overTls(inst) {
	const site = await startSite(inst);
	const open = (from, n) => Promise.all(meetings.slice(from, from + n).map(async ({ id, host }) => {
		const ws = new WebSocket(`wss://127.0.0.1:${site.https}/ws/meeting/${id}/`, { rejectUnauthorized: false, perMessageDeflate: false,
			servername: 'meet.example.org', headers: { Host: 'meet.example.org', Authorization: `Bearer ${fixture.token(host)}` } });
		await once(ws, 'message');
		return ws;
	}));
	const all = await open(0, FEW / 2);
	await pause(REST_MS);
	const before = private_(site.pid);
	for (let from = FEW / 2; from < FEW / 2 + TLS_SESSIONS; from += FEW / 2)
		all.push(...await open(from, FEW / 2));
	await pause(REST_MS);
	const each = (private_(site.pid) - before) / TLS_SESSIONS;
	all.forEach((ws) => ws.terminate());
	await site.stop();
	return each;
}

/** Microseconds of a program's CPU for each message that is passed on, or for each who joins. */
function cost(inst, name, ...what) {
	const out = execFileSync(join(programs, 'load'), ['-c', fixture.clients('relay', meetings.slice(0, RELAY)), '-p', inst.pid(name), '-t', SECONDS,
		...what.slice(0, -1), `tcp:127.0.0.1:${inst.port}`, what.at(-1)].map(String), { encoding: 'utf8' });
	const { closed, joins } = JSON.parse(out);
	const { cpu, count } = closed ?? joins;
	return number((1e6 * cpu) / count, 1);
}

const costs = [['', 'front server, a message', 'a join', 'daemon, a message', 'a join']];
const rows = [['', 'front server', 'with TLS', 'daemon', 'kernel (client too)']];
for (const web of process.argv.length > 2 ? process.argv.slice(2) : ['lighttpd', 'nginx', 'apache', 'caddy']) {
	const inst = await startInstance({ web, conf: { ...LIMITS, secret_file: fixture.secretFile, log_level: 'info' } });
	inst.sql('DELETE FROM member; DELETE FROM meeting; DELETE FROM account;'); // those of the demo
	fixture.database = inst.dbPath;
	fixture.fill(SESSIONS, meetings);
	const ends = [await stay(inst, 'few', meetings.slice(0, FEW / 2))];
	const before = look(inst);
	const n = Math.min(SESSIONS - FEW, Math.floor(descriptors(inst.pid('web')) / 2) - 2 * FEW) & ~1;
	ends.push(await stay(inst, 'many', meetings.slice(FEW / 2, (FEW + n) / 2)));
	const after = look(inst);
	for (const end of ends)
		await end();
	const each = (what) => number((after[what] - before[what]) / n);
	rows.push([web, each('front'), number(await overTls(inst)), each('daemon'), each('kernel')]);
	const [message, join_] = [['-s', 250, '-w', 4, 'candidates'], ['joins']];
	costs.push([web, ...['web', 'signald'].flatMap((name) => [cost(inst, name, ...message), cost(inst, name, ...join_)])]);
	await inst.stop();
}
const tables = [
	{ title: 'memory of a session at rest', rows, text: `Bytes for each of ${number(SESSIONS - FEW)}, on the loopback address.` },
	{ title: 'CPU of a message and of a join', rows: costs,
		text: 'Microseconds, 100 rooms of two, without TLS; a message of 250 bytes from one to the other, a join from the connection to the welcome.' },
];
for (const { title, rows: lines } of tables) {
	console.log(`\n${title}`);
	printRows(lines);
}
if (OUT !== '-')
	write(OUT, 'share', { runs: 1, seconds: SECONDS, tables });
