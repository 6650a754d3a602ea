// What the fault tests share: short and long forms, a locked database, and watching a program from outside.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { assertError, assertRetryAfter } from '../lib/api.mjs';
import { isAlive, until } from '../lib/instance.mjs';

export { SLOWER } from '../lib/instance.mjs';

/** `make test-fault` has the time that `make test` has not. */
export const LONG = Number(process.env.FAULT_KILLS ?? 0) >= 100;

/** How long a program is watched for spinning, and what it may write into its log meanwhile. */
const WATCH_MS = 1_500;
const LOG_BYTES = 64 << 10;

/** Holds the database's write lock while `work` runs. */
export async function whileLocked(inst, work) {
	const holder = spawn('sqlite3', ['-cmd', '.timeout 10000', inst.dbPath], { stdio: ['pipe', 'pipe', 'inherit'] });
	try {
		holder.stdin.write("BEGIN IMMEDIATE;\nSELECT 'locked';\n");
		await once(holder.stdout, 'data');
		return await work();
	} finally {
		holder.stdin.end('ROLLBACK;\n');
		await once(holder, 'close');
	}
}

/** The children of a process. */
export function childrenOf(parent) {
	return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
		.filter((pid) => statOf(pid)?.ppid === parent && isAlive(pid));
}

function statOf(pid) {
	try {
		const [, ppid, ...rest] = /.*\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))[1].split(' ');
		return { ppid: Number(ppid), ticks: Number(rest[9]) + Number(rest[10]) };
	} catch {
		return null; // it is gone
	}
}

/** The CPU time that a process has used, in ms. */
export const cpuOf = (pid) => statOf(pid).ticks * 10;

/** A change was not made, and the reply says so: 503 with Retry-After, in our own words. Returns 1, to be counted. */
export function assertUnavailable(reply) {
	assertError(reply, 503);
	assertRetryAfter(reply);
	return 1;
}

/** Shows that `work` takes no longer than `ms`; its result. */
export async function within(ms, what, work) {
	const began = Date.now();
	const result = await work();
	assert.ok(Date.now() - began <= ms, `${what} took ${Date.now() - began} ms, more than ${ms}`);
	return result;
}

/** Leaves a process `spare` descriptors more than it has; a function that takes that back. */
export function confine(pid, spare) {
	const limit = (value) => {
		const { status, stderr, stdout } = spawnSync('prlimit', ['--pid', String(pid), '--noheadings', '--output', 'SOFT',
			...(value === undefined ? ['--nofile'] : [`--nofile=${value}:`])], { encoding: 'utf8' });
		assert.equal(status, 0, stderr);
		return stdout.trim();
	};
	const before = limit();
	const highest = Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number));
	limit(highest + 1 + spare);
	return () => isAlive(pid) && limit(before);
}

const logSize = (inst, name) => statSync(join(inst.varDir, 'log', name)).size;

/** That processes neither die, spin nor fill their log while `work` runs. */
export async function calm(inst, pids, log, work) {
	const cpu = () => pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
	const before = { cpu: cpu(), size: logSize(inst, log), time: Date.now() };
	await work();
	await pause(WATCH_MS);
	assert.ok(pids.every(isAlive), 'one has died');
	const share = (cpu() - before.cpu) / (Date.now() - before.time);
	assert.ok(share < 0.5, `they use ${Math.round(100 * share)} % of a processor`);
	const written = logSize(inst, log) - before.size;
	assert.ok(written < LOG_BYTES, `it wrote ${written} bytes of log, the last of them ${inst.logs().slice(-300)}`);
}

/** Ends a program and waits until another is in its place and all is ready. */
export async function replace(inst, name, signal = 'SIGKILL') {
	const old = inst.pid(name);
	inst.kill(name, signal);
	await until(() => inst.pid(name) !== old, `another ${name}`);
	await inst.waitReady();
}
