// What the programs give up once they have started (shared/confine.h), as the kernel tells it, and that the key confine
// leaves it out. What each refusal is, is for the unit test.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { buildDir, startInstance, until } from '../lib/instance.mjs';

const ours = ['unio-api', 'unio-signald', 'unio-hookd'];

/** Sanitizers look into their own process, and valgrind does all by itself. */
const watched = Boolean(process.env.SANITIZE) || /-fsanitize=/.test(readFileSync(join(buildDir, 'flags'), 'utf8'));
const skip = watched && 'not in this build';

let inst;

before(async () => { inst = await startInstance({ conf: { workers: 2 } }); });
afterEach(() => inst.assertAlive());
after(() => inst?.stop());

const proc = (pid, file) => readFileSync(`/proc/${pid}/${file}`, 'utf8');

/** Below the supervisor, whose processes are told by their names: they hide their environment from who is not root. */
function processes(instance) {
	const parents = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
		try {
			const [, name, parent] = /^\d+ \((.*)\) \S+ (\d+)/s.exec(proc(pid, 'stat'));
			return [[Number(pid), { name, parent: Number(parent) }]];
		} catch {
			return []; // gone by now
		}
	}));
	const isBelow = (pid) => pid === instance.supervisorPid || (parents.has(pid) && isBelow(parents.get(pid).parent));
	return [...parents].filter(([pid, { name }]) => ours.includes(name) && isBelow(pid)).map(([pid, { name }]) => ({ pid, name }));
}

/** A field of proc(5)'s status for every thread of all processes of the three programs. */
function statuses(instance, field) {
	return processes(instance).flatMap(({ pid, name }) => readdirSync(`/proc/${pid}/task`).map((task) => {
		const [, value] = new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(proc(pid, `task/${task}/status`));
		return { name, value };
	}));
}

const count = (list, name) => list.filter((each) => each.name === name).length;

test('every thread of every program is behind a filter of system calls, and gains no rights', { skip }, async () => {
	await until(() => count(processes(inst), 'unio-api') === 3, 'the master and its workers are there');
	for (const [field, wanted] of [['Seccomp', '2'], ['NoNewPrivs', '1']]) {
		const found = statuses(inst, field);
		assert.deepEqual(found.filter(({ value }) => value !== wanted), [], field);
		assert.equal(count(found, 'unio-hookd') > 0 && count(found, 'unio-signald') > 1 && count(found, 'unio-api') > 2, true);
	}
});

test('none of them dumps a core', { skip }, () => {
	for (const { pid, name } of processes(inst))
		assert.match(proc(pid, 'limits'), /^Max core file size +0 +0 /m, name);
});

test('workers that a reload has made are confined as well', { skip }, async () => {
	const older = processes(inst).map(({ pid }) => pid);
	for (const name of ['api', 'signald', 'hookd'])
		process.kill(inst.pid(name), 'SIGHUP');
	const fresh = () => processes(inst).filter(({ pid, name }) => name === 'unio-api' && !older.includes(pid));
	await until(() => fresh().length === 2 && count(processes(inst), 'unio-api') === 3, 'two new workers');
	assert.deepEqual(statuses(inst, 'Seccomp').filter(({ value }) => value !== '2'), []);
	await inst.waitReady();
});

test('confine = no leaves them open to a debugger', { skip }, async () => {
	const open = await startInstance({ conf: { workers: 1, confine: 'no' } });
	try {
		assert.deepEqual(statuses(open, 'Seccomp').filter(({ value }) => value !== '0'), []);
		assert.equal(processes(open).length >= 4, true);
	} finally {
		await open.stop();
	}
});
