#!/usr/bin/env node
// Runs the suites: the unit test programs of the build directory and tests/<suite>/<topic>.test.mjs.
//
//	node tests/run.mjs [suite | suite/topic]...
//
// JOBS (4) files at a time, one line for each, the output of a failed one whole, at the end `N passed, N failed`.
// UNIO_BUILD (build) is where the programs are; TIMEOUT (180) the seconds that one file may take.

import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { basename, join, resolve } from 'node:path';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const buildDir = resolve(here, '..', process.env.UNIO_BUILD ?? 'build');
const jobs = Number(process.env.JOBS ?? 4);
const timeoutMs = Number(process.env.TIMEOUT ?? 180) * 1000;

/** The slow suites first, so that none of them is what everybody waits for at the end. */
const SUITES = ['browser', 'run', 'fault', 'ws', 'api', 'doc', 'unit'];

const running = new Set();

process.exitCode = await main(process.argv.slice(2));

async function main(filters) {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
		process.on(signal, () => interrupted(signal));
	const tests = [...scripts(), ...unitPrograms()].filter(({ name }) => wanted(name, filters));
	if (tests.length === 0) {
		console.error(`no test matches ${filters.join(' ') || 'at all'}`);
		return 2;
	}
	const started = Date.now();
	const total = { passed: 0, failed: 0, skipped: 0 };
	const failures = [];
	await inParallel(tests, jobs, async (test) => {
		const result = await run(test);
		report(test, result);
		for (const key of Object.keys(total))
			total[key] += result[key];
		if (result.failed > 0)
			failures.push(test.name);
	});
	if (failures.length > 0)
		console.log(`failed: ${failures.sort().join(' ')}`);
	if (total.skipped > 0)
		console.log(`${total.skipped} skipped`);
	console.log(`${seconds(Date.now() - started)} on ${(availableParallelism ?? (() => cpus().length))()} cores`);
	console.log(`${total.passed} passed, ${total.failed} failed`);
	return total.failed === 0 ? 0 : 1;
}

/** The test files, suite by suite. */
function scripts() {
	const known = (suite) => (SUITES.includes(suite) ? SUITES.indexOf(suite) : SUITES.length);
	return readdirSync(here, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
		.map((entry) => entry.name)
		.sort((a, b) => known(a) - known(b) || a.localeCompare(b))
		.flatMap((suite) => readdirSync(join(here, suite))
			.filter((file) => file.endsWith('.test.mjs')).sort()
			.map((file) => ({
				name: `${suite}/${basename(file, '.test.mjs')}`,
				command: [process.execPath, '--test-reporter=tap', join(here, suite, file)],
			})));
}

/** The unit test programs: one for each tests/unit/test_<module>.c. */
function unitPrograms() {
	return list(join(here, 'unit')).filter((file) => /^test_.*\.c$/.test(file)).sort().map((file) => ({
		name: `unit/${basename(file, '.c').slice('test_'.length)}`,
		command: [join(buildDir, 'tests', basename(file, '.c'))],
	}));
}

function list(dir) {
	try {
		return readdirSync(dir);
	} catch {
		return [];
	}
}

/** A filter is the beginning of a name: a suite, a file, or both as suite/file. */
function wanted(name, filters) {
	return filters.length === 0 || filters.some((filter) => name === filter || name.startsWith(`${filter}/`)
		|| (filter.includes('/') && name.startsWith(filter)));
}

async function inParallel(items, width, work) {
	const queue = [...items];
	await Promise.all(Array.from({ length: Math.min(width, queue.length) }, async () => {
		while (queue.length > 0)
			await work(queue.shift());
	}));
}

/** Runs one test in a process group of its own, so that nothing it started outlives its time. */
function run({ command: [program, ...args] }) {
	return new Promise((done) => {
		const started = Date.now();
		let output = '';
		let late = false;
		const child = spawn(program, args, {
			cwd: resolve(here, '..'),
			detached: true,
			env: { ...process.env, UNIO_BUILD: buildDir, CMOCKA_MESSAGE_OUTPUT: 'TAP' },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		running.add(child);
		const timer = setTimeout(() => { late = true; killGroup(child); }, timeoutMs);
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text) => { output += text; });
		child.on('error', (error) => { output += `${error.message}\n`; finish(error.code); });
		child.on('close', (code, signal) => finish(code ?? signal));

		function finish(end) {
			clearTimeout(timer);
			killGroup(child);
			running.delete(child);
			done({ ...verdict(output, late ? 'timeout' : end), output, ms: Date.now() - started });
		}
	});
}

/** Counts TAP results at column 0; a bad end without a failed test, or no test at all, is a failure as well. */
function verdict(output, end) {
	const lines = output.match(/^(not )?ok\b.*$/gm) ?? [];
	const skipped = lines.filter((line) => /# SKIP/i.test(line)).length;
	const failed = lines.filter((line) => line.startsWith('not ')).length;
	const passed = lines.length - failed - skipped;
	if (failed === 0 && (end !== 0 || lines.length === 0))
		return { passed, failed: 1, skipped, why: lines.length === 0 && end === 0 ? 'no tests' : `ended with ${end}` };
	return { passed, failed, skipped, why: end === 'timeout' ? 'timeout' : '' };
}

function report({ name }, { passed, failed, skipped, why, output, ms }) {
	const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`, why];
	console.log(`${failed ? 'FAIL' : 'ok  '} ${name.padEnd(28)} ${seconds(ms).padStart(7)}  ${counts.filter(Boolean).join(', ')}`);
	if (failed)
		console.log(output.replace(/^/gm, '    | '));
}

function seconds(ms) {
	return `${(ms / 1000).toFixed(1)} s`;
}

function killGroup(child) {
	try {
		process.kill(-child.pid, 'SIGKILL');
	} catch {
		// all of it has ended
	}
}

function interrupted(signal) {
	running.forEach(killGroup);
	console.log(`interrupted by ${signal}`);
	process.exit(130);
}
