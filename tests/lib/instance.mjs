// One running Unio for one test file: a fresh directory, a free port, the real programs behind the real
// front server, started as `make run` starts them. The file owns its instance and stops it in `after`.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { secretsIn } from './secrets.mjs';

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
export const buildDir = resolve(root, process.env.UNIO_BUILD ?? 'build');

/** Sanitized programs on a busy two-core machine are slow; nothing here waits longer than it must. */
const START_MS = 60_000;
const STOP_MS = 30_000;
const READY_MS = 30_000;
const PORT_ATTEMPTS = 5;

/** The marker in the environment by which every process of an instance is found again. */
const MARK = 'INSTANCE_MARK';

/** What `make test WEB= API=` asks for; tests of the one or the other say so themselves. */
export const defaults = { web: process.env.WEB || 'lighttpd', api: process.env.API || 'fastcgi' };

/**
 * Apache hands a chunked body to a CGI program without a length, and such a program reads as much as the length says
 * (RFC 3875 §4.2): none. And what the program logs becomes part of the lines of Apache's error log.
 */
export const apacheCgi = defaults.web === 'apache' && defaults.api === 'cgi';

const PROGRAMS = { api: 'unio-api', signald: 'unio-signald', hookd: 'unio-hookd', web: 'web' };

/** How much slower programs may be than plain ones: with sanitizers, and under valgrind. */
export const SLOWER = process.env.SANITIZE === 'valgrind' ? 10 : process.env.SANITIZE ? 4 : 1;

/** For what valgrind starts: it makes memory that is written and executed. */
export const unconfined = process.env.SANITIZE === 'valgrind' ? { confine: 'no' } : {};

/** Cheap passwords, and limits that only the tests of those limits meet. */
const FAST = {
	password_passes: 1,
	password_memory: 8192,
	connection_rate: 100_000,
	max_connections_per_address: 100_000,
	api_rate: 100_000,
	login_rate: 100_000,
	byte_rate: '1024m',
	byte_burst: '1024m',
	login_account_failures: 100_000,
	login_address_failures: 100_000,
	log_level: 'debug',
	...unconfined,
};

const running = new Set();

// A test file that ends without stopping its instance must not leave it behind.
process.on('exit', () => running.forEach((instance) => instance.killAll()));

/**
 * Starts an instance and resolves when it is ready.
 * @param {{conf?: object, env?: object, web?: string, api?: string}} options  conf: configuration keys over the
 *   fast defaults; web: the front server; api: how that runs the API, fastcgi or cgi
 */
export async function startInstance({ conf = {}, env = {}, web = defaults.web, api = defaults.api } = {}) {
	const dir = mkdtempSync(join(tmpdir(), 'unio-'));
	writeFileSync(join(dir, 'conf'), Object.entries({ ...FAST, ...conf })
		.map(([key, value]) => `${key} = ${value}\n`).join(''));
	for (let attempt = 1; ; attempt++) {
		const instance = new Instance(dir, await freePort(), { basePath: conf.base_path ?? '', env, web, api });
		try {
			await instance.start();
			return instance;
		} catch (error) {
			instance.killAll();
			// Another test may have taken the free port before the web server did.
			if (attempt === PORT_ATTEMPTS || !/is in use/.test(error.message))
				throw error;
		}
	}
}

/** A TCP port that nobody listens on right now. */
export async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

/** Waits until `condition` gives something true, and returns that; fails with `what` after `ms`, or what SLOWER makes of them. */
export async function until(condition, what, ms = 10_000) {
	const deadline = Date.now() + ms * SLOWER;
	for (;;) {
		const value = await condition();
		if (value)
			return value;
		if (Date.now() > deadline)
			assert.fail(`not within ${ms * SLOWER} ms: ${what}`);
		await pause(20);
	}
}

/** Is there such a process, other than one that is dead and waits for its parent? */
export function isAlive(pid) {
	try {
		return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
}

class Instance {
	#child;
	#output = '';
	#pids = {};

	constructor(dir, port, { basePath, env, web, api }) {
		this.dir = dir;
		this.basePath = basePath;
		this.port = port;
		this.origin = `http://127.0.0.1:${port}`;
		this.wsOrigin = `ws://127.0.0.1:${port}`;
		this.varDir = join(dir, 'var');
		this.dbPath = join(this.varDir, 'unio.db');
		this.confPath = join(this.varDir, 'unio.conf');
		this.env = {
			...process.env,
			ASAN_OPTIONS: `halt_on_error=1:detect_leaks=1:detect_stack_use_after_return=1:log_path=${dir}/sanitizer`,
			UBSAN_OPTIONS: `halt_on_error=1:print_stacktrace=1:log_path=${dir}/sanitizer`,
			TSAN_OPTIONS: `halt_on_error=1:suppressions=${root}/tests/sanitize/thread:log_path=${dir}/sanitizer`,
			...env,
			BUILD: buildDir, PORT: String(port), BIND: '127.0.0.1', VAR: this.varDir, CONF: join(dir, 'conf'), WEB: web, API: api,
			[MARK]: dir,
		};
	}

	/** Starts it (again, after a stop with `keep`), as `make run` would. */
	async start() {
		this.#output = '';
		this.#child = spawn(join(root, 'admin/run.sh'), { cwd: root, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
		running.add(this);
		const child = this.#child;
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text) => { this.#output += text; }).unref();
		child.unref(); // an instance that a failed test forgot does not keep the test file from its end
		await until(() => /^ready: /m.test(this.#output) || hasEnded(child), 'ready', START_MS)
			.catch((error) => { throw new Error(`${error.message}\n${this.#tail()}`); });
		if (hasEnded(child))
			throw new Error(`run.sh ended with ${child.exitCode ?? child.signalCode}:\n${this.#output}`);
		this.#remember();
	}

	/** What `make run` printed on the terminal. */
	get terminal() {
		return this.#output;
	}

	get supervisorPid() {
		return this.#child.pid;
	}

	/** Runs unioctl on this instance's configuration. */
	async ctl(args, { input = '' } = {}) {
		const child = spawn(join(buildDir, 'unioctl'), ['-c', this.confPath, ...args], { cwd: root, env: this.env });
		const result = { code: null, stdout: '', stderr: '' };
		for (const name of ['stdout', 'stderr'])
			child[name].setEncoding('utf8').on('data', (text) => { result[name] += text; });
		child.stdin.on('error', () => {}); // it may end without reading its input
		child.stdin.end(input);
		const [code, signal] = await once(child, 'close');
		return { ...result, code: code ?? signal };
	}

	/** @param {'api'|'signald'|'hookd'|'web'} name */
	pid(name) {
		const file = name === 'web' ? `${this.env.WEB}.pid` : `${PROGRAMS[name]}.pid`;
		return Number(readFileSync(join(this.varDir, 'run', file), 'utf8'));
	}

	/** Sends a signal to a program; assertAlive() will not hold its death against it. */
	kill(name, signal = 'SIGKILL') {
		delete this.#pids[name];
		process.kill(this.pid(name), signal);
	}

	/** Resolves when /api/health/ready is 200 (and remembers the programs that are then alive). */
	async waitReady(ms = READY_MS) {
		const url = `${this.origin}${this.basePath}/api/health/ready`;
		await until(() => fetch(url).then((reply) => reply.arrayBuffer().then(() => reply.ok), () => false),
			`${url} is 200`, ms);
		this.#remember();
	}

	/** Everything that the programs wrote into their logs. */
	logs() {
		const dir = join(this.varDir, 'log');
		try {
			return readdirSync(dir).sort().map((name) => readFileSync(join(dir, name), 'utf8')).join('');
		} catch {
			return '';
		}
	}

	/** Fails if a program has died (and was started again) since the start, the last kill() apart. */
	assertAlive() {
		assert.ok(!hasEnded(this.#child), `make run has ended:\n${this.#output}`);
		for (const [name, pid] of Object.entries(this.#pids))
			assert.equal(this.pid(name), pid, `${name} has died:\n${this.#tail()}`);
	}

	/** The rows of one SQL statement, through the sqlite3 tool. */
	sql(query) {
		const { status, stdout, stderr } = spawnSync('sqlite3',
			['-json', '-cmd', '.timeout 5000', this.dbPath, query], { encoding: 'utf8', maxBuffer: 1 << 28 });
		assert.equal(status, 0, stderr);
		return stdout.trim() === '' ? [] : JSON.parse(stdout);
	}

	/** The processes of this instance. */
	processes() {
		return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
			.filter((pid) => pid !== process.pid && marked(pid, this.dir));
	}

	/** Ctrl-C; then nothing may be left, no sanitizer may have complained, no log may hold a secret. */
	async stop({ keep = false } = {}) {
		if (!hasEnded(this.#child)) {
			this.#child.kill('SIGINT');
			await until(() => hasEnded(this.#child), 'make run ends after Ctrl-C', STOP_MS)
				.catch((error) => { this.killAll(); throw error; });
		}
		running.delete(this);
		await this.#assertClean();
		assert.equal(this.#child.exitCode, 0, `make run ended with ${this.#child.signalCode}:\n${this.#output}`);
		if (!keep)
			rmSync(this.dir, { recursive: true, force: true });
	}

	/** What must hold after the end; the directory is kept for a look if it does not. */
	async #assertClean() {
		// A process that has been killed takes a moment to be gone.
		await until(() => this.processes().length === 0, 'no process is left', 2000)
			.catch(() => assert.deepEqual(this.processes().map(commandLine), [], 'processes are left'));
		const reports = readdirSync(this.dir).filter((name) => name.startsWith('sanitizer'));
		assert.deepEqual(reports.map((name) => readFileSync(join(this.dir, name), 'utf8')), [], 'sanitizer reports');
		assert.deepEqual(secretsIn(this.logs()), [], `secrets in the logs of ${this.varDir}/log`);
	}

	/** The hard way out: the supervisor's death takes all of its programs along. */
	killAll() {
		this.#child?.kill('SIGKILL');
		running.delete(this);
	}

	#remember() {
		for (const name of Object.keys(PROGRAMS).filter((program) => program !== 'api' || this.env.API !== 'cgi'))
			this.#pids[name] = this.pid(name);
	}

	#tail() {
		return this.#output + this.logs().split('\n').slice(-40).join('\n');
	}
}

function hasEnded(child) {
	return child.exitCode !== null || child.signalCode !== null;
}

function marked(pid, mark) {
	try {
		return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${MARK}=${mark}`) && isAlive(pid);
	} catch {
		return false; // gone, or another user's
	}
}

function commandLine(pid) {
	try {
		return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`;
	} catch {
		return `${pid}`;
	}
}
