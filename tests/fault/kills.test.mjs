// Programs are killed at random instants while all the others work: nothing committed is lost or told twice, all
// parts agree afterwards, nothing is left over, and each program is back within two seconds (FAULT_KILLS, SEED).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test, { after, afterEach } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { isAlive, startInstance, until } from '../lib/instance.mjs';
import { seeded } from '../lib/random.mjs';
import { descriptorsOf } from '../ws/support.mjs';
import { Load } from './load.mjs';

const KILLS = Number(process.env.FAULT_KILLS ?? 8);
const CHECK_EVERY = Math.min(15, Math.ceil(KILLS / 2));

/** The promise, and what a machine that does much else at the same time may make of it. */
const BACK_MS = process.env.SANITIZE ? 10_000 : 2_000;
const LATE_SHARE = 0.05;
const NEVER_MS = 15_000;

/** `make run` backs off after thirty deaths of one program in 30 s. */
const DEATHS = 26;
const DEATHS_MS = 30_000;

/** How often two are killed at once, and how often one is killed again while it starts. */
const TWO = 0.25;
const AGAIN = 0.2;

const WORKERS = 3;
const inst = await startInstance({ conf: { workers: WORKERS } });
const chance = seeded();
const load = new Load(inst, chance);

after(() => inst.stop());
afterEach(async () => {
	await inst.waitReady();
	inst.assertAlive();
});

function workers() {
	const master = inst.pid('api');
	return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
		try {
			return Number(/.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))[1]) === master && isAlive(pid);
		} catch {
			return false;
		}
	});
}

/** Whom one would kill may be dead already and not yet there again. */
function orDead(strikes) {
	try {
		strikes();
	} catch (error) {
		assert.equal(error.code, 'ESRCH');
	}
}

/** Kills one that is under a supervisor: what shows that it is back. */
function kill(name) {
	const old = inst.pid(name);
	orDead(() => inst.kill(name, 'SIGKILL'));
	return () => inst.pid(name) !== old && isAlive(inst.pid(name));
}

function killWorkers(pids) {
	pids.forEach((pid) => orDead(() => process.kill(pid, 'SIGKILL')));
	return () => workers().length === WORKERS;
}

const VICTIMS = {
	'an API worker': () => killWorkers(workers().slice(0, 1)),
	'all API workers': () => killWorkers(workers()),
	'the API master': () => kill('api'),
	'the daemon': () => kill('signald'),
	'the front server': () => kill('web'),
};

const deaths = [];

/** Those that may be killed without the supervisor's losing its patience. */
function victims() {
	const recent = deaths.filter(({ at }) => Date.now() - at < DEATHS_MS);
	return Object.keys(VICTIMS).filter((name) => recent.filter((death) => death.name === name).length < DEATHS);
}

/** One death: what shows that it is over. */
function strike(name) {
	deaths.push({ name, at: Date.now() });
	return VICTIMS[name]();
}

/** Kills one or two, perhaps again as soon as they are back, and waits until the whole is ready: the time that took. */
async function blow() {
	const names = [chance.one(victims())];
	if (chance.chance(TWO))
		names.push(chance.one(victims()));
	let began = Date.now();
	for (const round of chance.chance(AGAIN) ? [1, 2] : [1]) {
		if (round === 2)
			await pause(chance.between(0, 30));
		began = Date.now();
		for (const isBack of names.map(strike))
			await until(isBack, `${names.join(' and ')} are back`, NEVER_MS);
	}
	await inst.waitReady(NEVER_MS);
	return { names, ms: Date.now() - began };
}

/** Everything below VAR, the logs and SQLite's own files apart. */
function files() {
	return below('').filter((name) => !/^log\/|^unio\.db-(wal|shm)$/.test(name)).sort();
}

/** Node 18's own recursive form takes sockets for directories. */
function below(folder) {
	return readdirSync(`${inst.varDir}/${folder}`, { withFileTypes: true })
		.flatMap((entry) => (entry.isDirectory() ? below(`${folder}${entry.name}/`) : [`${folder}${entry.name}`]));
}

/** What is open in each program once nobody is connected. */
async function descriptors() {
	const pids = () => [inst.pid('signald'), inst.pid('web'), inst.pid('api'), ...workers()];
	let counts;
	let before;
	await until(async () => {
		before = counts;
		counts = pids().map(descriptorsOf);
		await pause(300);
		return JSON.stringify(before) === JSON.stringify(counts);
	}, 'the descriptors are steady', 20_000);
	return counts;
}

test(`nothing is lost, doubled or left over by ${KILLS} kills at random instants`, async (t) => {
	console.log(`# SEED=${chance.seed}`);
	t.after(() => load.abandon());
	const quiet = { files: files(), processes: inst.processes().length, descriptors: await descriptors() };
	await load.start();
	const times = [];
	for (let checked = 0; deaths.length < KILLS;) {
		await pause(chance.between(20, 500));
		if (victims().length > 0)
			times.push(await blow());
		if (deaths.length - checked >= CHECK_EVERY) {
			checked = deaths.length;
			await load.check();
		}
	}
	await load.finish();
	assertBack(times);
	assertNothingLeft(quiet, {
		files: files(), processes: inst.processes().length, descriptors: await descriptors(),
	});
	const { confirmed, refused, lost } = load.counts;
	console.log(`# ${deaths.length} deaths, ${confirmed} requests confirmed, ${refused} refused, ${lost} without an answer; `
		+ `back after ${summary(times)}`);
	assert.ok(confirmed > 5 * KILLS, 'there was a load');
});

function summary(times) {
	const sorted = times.map(({ ms }) => ms).sort((a, b) => a - b);
	return `p50 ${sorted[sorted.length >> 1]} ms, max ${sorted.at(-1)} ms`;
}

function assertBack(times) {
	const late = times.filter(({ ms }) => ms > BACK_MS);
	assert.ok(late.length <= Math.max(1, LATE_SHARE * times.length), `late: ${JSON.stringify(late)}`);
}

/** A program's descriptors come and go by a few (a database file, a kept connection), never by many. */
function assertNothingLeft(before, now) {
	assert.deepEqual(now.files, before.files, 'no file is left');
	assert.equal(now.processes, before.processes, 'no process is left');
	assert.equal(now.descriptors.length, before.descriptors.length);
	now.descriptors.forEach((count, i) => assert.ok(count <= before.descriptors[i] + 6,
		`descriptors of program ${i}: ${before.descriptors[i]}, then ${count}`));
}
