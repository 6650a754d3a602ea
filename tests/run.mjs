#!/usr/bin/env node
// Runs the suites: the unit test programs of the build directory and tests/<suite>/<topic>.test.mjs.
//
//	node tests/run.mjs [suite | suite/topic | way/suite | way/suite/topic]...
//
// All of it runs behind lighttpd, and some of it in the other ways to host Unio (WAYS below): behind Apache, behind
// nginx or Caddy, and with the API as a plain CGI program. WEB=apache, nginx, caddy or lighttpd runs all behind that server alone
// (and API=cgi as a CGI program); WEB=all runs, beside what is run by default, all that a way can make a difference to.
//
// JOBS (4) files at a time, one line for each, the output of a failed one whole, at the end `N passed, N failed`.
// With CI set, up to three files that failed run once more, alone, and that counts: a machine that CI shares with others
// is not always in time. At the end of a whole run all that docs/openapi.yaml and docs/asyncapi.yaml describe must have
// been seen in it (contract/coverage). UNIO_BUILD (build) is where the programs are; TIMEOUT (300) the seconds that one file may take.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const buildDir = resolve(here, '..', process.env.UNIO_BUILD ?? 'build');
const jobs = Number(process.env.JOBS ?? 4);
const timeoutMs = Number(process.env.TIMEOUT ?? 300) * 1000;

/** The slow suites first, so that none of them is what everybody waits for at the end. */
const SUITES = ['browser', 'net', 'web', 'examples', 'run', 'fault', 'hook', 'ws', 'api', 'ctl', 'metrics', 'recipes', 'contract', 'readme', 'unit'];

/** What a way to host Unio can make a difference to, and of that the part that every run has. */
const LONG = {
	web: ['api', 'ws', 'browser', 'run', 'conformance/front'],
	cgi: ['api', 'run/secrets'],
	// Its words for what is no HTTP are its own, and a body without a length does not reach the API.
	caddy: ['api/base-path', 'api/client-address', 'api/health', 'api/json', 'api/log', 'api/login', 'api/paths', 'run/secrets',
		'run/start', 'run/web', 'ws', 'conformance/front'],
};
const SHORT = {
	web: ['api/base-path', 'api/client-address', 'api/health', 'api/log', 'api/login', 'api/paths', 'api/raw-http',
		'browser/call', 'conformance/front', 'run/secrets', 'run/start', 'run/web-prefix',
		'run/web-site', 'ws/credentials', 'ws/daemons-front', 'ws/frames', 'ws/room', 'ws/upgrades'],
	cgi: ['api/calls', 'api/health', 'api/login', 'api/meetings', 'api/raw-http', 'run/secrets'],
	caddy: ['api/client-address', 'api/paths', 'conformance/front', 'run/secrets', 'run/web-prefix', 'run/web-site', 'ws/credentials', 'ws/daemons-front'],
};

/** What is about FastCGI, the processes that serve it, or the memory that they share, is not for CGI. */
const NOT_CGI = ['api/cgi', 'api/fastcgi', 'api/login-rate', 'api/rate', 'api/workers'];

const WAYS = {
	apache: { env: { WEB: 'apache' }, long: LONG.web, short: SHORT.web },
	nginx: { env: { WEB: 'nginx' }, long: LONG.web, short: SHORT.web },
	caddy: { env: { WEB: 'caddy' }, long: LONG.caddy, short: SHORT.caddy },
	cgi: { env: { API: 'cgi' }, long: LONG.cgi, short: SHORT.cgi },
	'apache-cgi': { env: { API: 'cgi', WEB: 'apache' }, long: LONG.cgi, short: SHORT.cgi },
};

/** More than this many that fail are no matter of a busy machine. */
const AGAIN_MAX = 3;

/** What cannot be run under valgrind, [file, test or *, reason]: sanitize/valgrind. */
const leftOut = process.env.SANITIZE !== 'valgrind' ? [] : readFileSync(join(here, 'sanitize/valgrind'), 'utf8')
	.split('\n').filter((line) => /^[a-z]/.test(line)).map((line) => line.split(' | '));

const running = new Set();

process.env.ASAN_OPTIONS ??= 'detect_stack_use_after_return=1';
process.env.TSAN_OPTIONS ??= `suppressions=${join(here, 'sanitize/thread')}`;

process.exitCode = await main(process.argv.slice(2));

async function main(filters) {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
		process.on(signal, () => interrupted(signal));
	const tests = planned(filters).filter((test) => !isLeftOut(test));
	if (tests.length === 0) {
		console.error(`no test matches ${filters.join(' ') || 'at all'}`);
		return 2;
	}
	const started = Date.now();
	const total = { passed: 0, failed: 0, skipped: 0 };
	const failures = [];
	const count = (test, result) => {
		for (const key of Object.keys(total))
			total[key] += result[key];
		if (result.failed > 0)
			failures.push(test.name);
	};
	// What a whole run sees of the interface is held against its description at the end.
	const seen = filters.length === 0 && !process.env.WEB && !process.env.API ? mkdtempSync(join(tmpdir(), 'unio-seen-')) : '';
	if (seen)
		process.env.UNIO_SEEN = seen;
	const again = [];
	await inParallel(tests, jobs, async (test) => {
		const result = await run(test);
		report(test, result);
		if (result.failed > 0 && process.env.CI)
			again.push(test);
		else
			count(test, result);
	});
	// In CI a file that failed beside others is asked once more by itself; its first output stands above.
	for (const test of again.slice(0, AGAIN_MAX)) {
		console.log(`again, alone: ${test.name}`);
		const result = await run(test);
		report(test, result);
		count(test, result);
	}
	for (const test of again.slice(AGAIN_MAX))
		count(test, { passed: 0, failed: 1, skipped: 0 });
	if (seen) {
		const coverage = { name: 'contract/coverage', command: [process.execPath, '--test-reporter=tap', join(here, 'contract/coverage.mjs')] };
		const result = await run(coverage);
		report(coverage, result);
		count(coverage, result);
		rmSync(seen, { recursive: true });
	}
	if (failures.length > 0)
		console.log(`failed: ${failures.sort().join(' ')}`);
	if (total.skipped > 0)
		console.log(`${total.skipped} skipped`);
	console.log(`${seconds(Date.now() - started)} on ${(availableParallelism ?? (() => cpus().length))()} cores`);
	console.log(`${total.passed} passed, ${total.failed} failed`);
	return total.failed === 0 ? 0 : 1;
}

/** The tests of this run: those that the filters name, or all, and a part of them in other ways. */
function planned(filters) {
	const { WEB = '', API = '' } = process.env;
	const plain = [...scripts(), ...unitPrograms()]
		.filter(({ name }) => API !== 'cgi' || (wanted(name, LONG.cgi) && !NOT_CGI.includes(name)));
	if (WEB !== 'all' && (WEB || API))
		return plain.filter(({ name }) => wanted(name, filters));
	// First what takes longest, in whatever way: all goes by the order of the plain ones.
	return plain.flatMap((test) => [test, ...otherWays(test, WEB === 'all' || filters.length > 0)])
		.map((test) => ({ ...test, env: { WEB: 'lighttpd', ...test.env } }))
		.filter(({ name }) => wanted(name, filters));
}

/** A file that cannot be run says so; true if it is one. */
function isLeftOut({ name }) {
	const [, , reason] = leftOut.find(([file, test]) => name === file && test === '*') ?? [];
	if (reason)
		console.log(`     not run: ${name}: ${reason}`);
	return Boolean(reason);
}

/** For node: what it takes to run all tests of a file but those that cannot be run. */
function withoutLeftOut(name) {
	const tests = leftOut
		.filter(([file, test]) => name === file && test !== '*')
		.map(([, test]) => test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	return tests.length > 0 ? [`--test-name-pattern=/^(?!(${tests.join('|')})$)/`] : [];
}

/** The same test in the other ways, named way/suite/topic. */
function otherWays(test, long) {
	return Object.entries(WAYS)
		.filter(([, way]) => (long ? wanted(test.name, way.long) : way.short.includes(test.name)))
		.filter(([, { env }]) => !env.API || !NOT_CGI.includes(test.name))
		.map(([way, { env }]) => ({ ...test, env, name: `${way}/${test.name}` }));
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
			.map((file) => ({ file, name: `${suite}/${basename(file, '.test.mjs')}` }))
			.map(({ file, name }) => ({
				name,
				command: [process.execPath, '--test-reporter=tap', ...withoutLeftOut(name), join(here, suite, file)],
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
function run({ command: [program, ...args], env = {} }) {
	return new Promise((done) => {
		const started = Date.now();
		let output = '';
		let late = false;
		const child = spawn(program, args, {
			cwd: resolve(here, '..'),
			detached: true,
			env: { ...process.env, ...env, UNIO_BUILD: buildDir, CMOCKA_MESSAGE_OUTPUT: 'TAP' },
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
	console.log(`${failed ? 'FAIL' : 'ok  '} ${name.padEnd(32)} ${seconds(ms).padStart(7)}  ${counts.filter(Boolean).join(', ')}`);
	for (const [, test, reason] of output.matchAll(/^ok \d+ - (.*) # SKIP (.+)$/gm))
		console.log(`     not run: ${test}: ${reason}`);
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
