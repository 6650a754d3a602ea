// What the fault tests share: short and long forms, a locked database, and watching a program from outside.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

import { assertError, assertRetryAfter } from '../lib/api.mjs';
import { isAlive } from '../lib/instance.mjs';

/** `make test-fault` has the time that `make test` has not. */
export const LONG = Number(process.env.FAULT_KILLS ?? 0) >= 100;

/** How much slower a sanitized build may be. */
export const SLOWER = process.env.SANITIZE ? 4 : 1;

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
