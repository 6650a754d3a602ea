#!/usr/bin/env node
// Everything at once for a long time: rooms with calls, people who come, stumble and go, requests of all kinds.
// After the warm-up the memory and the descriptors of every program must stay where they are.
//
//	MINUTES=30 node tests/soak/soak.mjs
//
// Prints a line for each sample; fails if a program grew, died, or if anything was lost or doubled meanwhile. Under
// valgrind (valgrind.sh) the memory is valgrind's: how much it is says nothing there.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { childrenOf } from '../fault/support.mjs';
import { Load } from '../fault/load.mjs';
import { startInstance } from '../lib/instance.mjs';
import { seeded } from '../lib/random.mjs';
import { descriptorsOf, memoryOf } from '../ws/support.mjs';
import { Churn } from './churn.mjs';

const MINUTES = Number(process.env.MINUTES ?? 30);
const VALGRIND = process.env.SANITIZE === 'valgrind';
const SAMPLES = Math.max(20, Math.ceil(MINUTES * 4));

/** The part of the run that warms up caches and pools. */
const WARM_UP = 0.4;

/** What a program may have more at the end than after the warm-up: what SQLite's caches and an allocator may keep. */
const GROWTH_BYTES = 2 << 20;
const GROWTH_SHARE = 0.1;
const GROWTH_DESCRIPTORS = 8;

const inst = await startInstance({ conf: { log_level: 'warn', resume_ttl: '2s', ...(VALGRIND ? { workers: 1 } : {}) } });
const chance = seeded();
const load = new Load(inst, chance);
const churn = new Churn(inst, chance);
const samples = [];

const programs = () => ({
	signald: [inst.pid('signald')],
	web: [inst.pid('web')],
	api: [inst.pid('api'), ...childrenOf(inst.pid('api'))],
});

function sample() {
	const of = {};
	for (const [name, pids] of Object.entries(programs()))
		of[name] = {
			kib: Math.round(pids.reduce((sum, pid) => sum + memoryOf(pid), 0) / 1024),
			fds: pids.reduce((sum, pid) => sum + descriptorsOf(pid), 0),
		};
	samples.push(of);
	const text = Object.entries(of).map(([name, { kib, fds }]) => `${name} ${kib} KiB ${fds} fds`).join('   ');
	console.log(`${String(samples.length).padStart(4)}/${SAMPLES}   ${text}   ${load.counts.confirmed} requests, `
		+ `${churn.sessions} sessions, ${churn.resumed} resumed`);
}

/** The middle one of a program's figures in a part of the run. */
function middle(from, to, name, key) {
	const values = samples.slice(Math.floor(from * samples.length), Math.ceil(to * samples.length))
		.map((of) => of[name][key]).sort((a, b) => a - b);
	return values[values.length >> 1];
}

function assertFlat() {
	for (const name of Object.keys(programs())) {
		const [before, after] = [middle(WARM_UP, WARM_UP + 0.2, name, 'kib'), middle(0.8, 1, name, 'kib')];
		const allowed = Math.max(GROWTH_BYTES / 1024, GROWTH_SHARE * before);
		console.log(`${name}: ${before} KiB after the warm-up, ${after} KiB at the end`);
		assert.ok(after - before <= allowed, `${name} grew by ${after - before} KiB`);
		const [opened, open] = [middle(WARM_UP, WARM_UP + 0.2, name, 'fds'), middle(0.8, 1, name, 'fds')];
		assert.ok(open - opened <= GROWTH_DESCRIPTORS, `${name} has ${open} descriptors, ${opened} before`);
	}
}

console.log(`SEED=${chance.seed} MINUTES=${MINUTES}`);
try {
	await load.start();
	await churn.start();
	const end = Date.now() + MINUTES * 60_000;
	for (let n = 1; n <= SAMPLES; n += 1) {
		await pause(Math.max(0, end - Date.now()) / (SAMPLES - n + 1));
		inst.assertAlive();
		sample();
		if (n % Math.ceil(SAMPLES / 5) === 0)
			await load.check();
	}
	await churn.stop();
	await load.finish();
	if (!VALGRIND)
		assertFlat();
	inst.assertAlive();
	console.log('soak: 1 passed, 0 failed');
} catch (error) {
	load.abandon();
	console.error(error);
	console.log('soak: 0 passed, 1 failed');
	process.exitCode = 1;
} finally {
	await churn.stop();
	await inst.stop();
}
process.exit();
