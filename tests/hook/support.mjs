// unio-hookd alone, without API, signaling daemon and front server: a database, the program, and receivers of our own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, openSync, closeSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach } from 'node:test';

import { Webhook } from 'standardwebhooks';

import { assertDone } from '../lib/ctl.mjs';
import { buildDir, isAlive, unconfined, until } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';
import { noteSecret, secretsIn } from '../lib/secrets.mjs';

/** Retries within moments. */
const FAST = { webhook_retry_delay: '10ms', webhook_timeout: '5s', drain_timeout: '1s', log_level: 'debug', ...unconfined };

/** A server that takes messages: `answer(message, response)` says how; all that came, whole, is in `got`. */
export class Receiver {
	got = [];
	open = 0;
	most = 0;
	secret = '';

	constructor(answer = (message, response) => response.end()) {
		this.answer = answer;
		this.server = createServer((request, response) => this.#take(request, response));
	}

	async listen() {
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		this.url = `http://127.0.0.1:${this.server.address().port}/hook`;
		return this;
	}

	async #take(request, response) {
		this.most = Math.max(this.most, ++this.open);
		response.on('close', () => { this.open--; });
		let body = '';
		for await (const part of request.setEncoding('utf8'))
			body += part;
		const { 'webhook-id': id } = request.headers;
		const message = { id, headers: request.headers, method: request.method, url: request.url, body, json: JSON.parse(body), at: Date.now() };
		this.got.push(message);
		this.answer(message, response, this.got.filter((one) => one.id === id).length);
	}

	/** The distinct messages, in the order of their first coming. */
	get messages() {
		return [...new Map(this.got.map((message) => [message.id, message.json])).values()];
	}

	get eventIds() {
		return this.messages.map(({ event_id: id }) => id);
	}

	/** Every message was signed, as somebody else's program sees it. */
	assertSigned(secret = this.secret) {
		const verifier = new Webhook(secret);
		for (const { body, headers } of this.got)
			assert.deepEqual(verifier.verify(body, headers), JSON.parse(body));
	}

	async close() {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}
}

/** A directory with a database and a configuration, in which unio-hookd is started and stopped at will. */
export class Site {
	#child;
	meeting = 1;

	constructor(conf = {}) {
		this.dir = mkdtempSync(join(tmpdir(), 'unio-hook-'));
		this.confPath = join(this.dir, 'unio.conf');
		this.dbPath = join(this.dir, 'unio.db');
		this.logPath = join(this.dir, 'log');
		this.configure(conf);
	}

	configure(conf = {}) {
		const keys = { database: this.dbPath, secret_file: `${this.dir}/secret.key`, wake_endpoint: `ipc://${this.dir}/wake`, ...FAST, ...conf };
		writeFileSync(this.confPath, Object.entries(keys).map(([key, value]) => `${key} = ${value}\n`).join(''));
	}

	ctl(...args) {
		return runProgram('unioctl', ['-c', this.confPath, ...args], { input: 'long enough\n' });
	}

	/** Starts it, and waits until it says that it is ready. */
	async start(env = {}) {
		const before = this.log.length;
		const log = openSync(this.logPath, 'a');
		this.#child = spawn(join(buildDir, 'unio-hookd'), ['-c', this.confPath], { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
		closeSync(log);
		await until(() => / event=ready/.test(this.log.slice(before)) || !this.isRunning, 'unio-hookd is ready');
		assert.ok(this.isRunning, this.log);
	}

	get pid() {
		return this.#child.pid;
	}

	get isRunning() {
		return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null && isAlive(this.#child.pid);
	}

	get log() {
		try {
			return readFileSync(this.logPath, 'utf8');
		} catch {
			return '';
		}
	}

	/** Ends it by a signal, and says how it ended. */
	async end(signal = 'SIGTERM') {
		const child = this.#child;
		const closed = once(child, 'exit');
		child.kill(signal);
		const [code, by] = await closed;
		return code ?? by;
	}

	sql(query) {
		const { status, stdout, stderr } = spawnSync('sqlite3', ['-json', '-cmd', '.timeout 5000', this.dbPath, query], { encoding: 'utf8', maxBuffer: 1 << 28 });
		assert.equal(status, 0, stderr);
		return stdout.trim() === '' ? [] : JSON.parse(stdout);
	}

	/** Makes a webhook of the receiver, which then knows its secret, or of an address. */
	async hook(receiver, ...more) {
		const webhook = JSON.parse(assertDone(await this.ctl('webhook', 'add', receiver.url ?? receiver, '--json', ...more)));
		noteSecret(webhook.secret);
		if (typeof receiver === 'object')
			receiver.secret = webhook.secret;
		return webhook.id;
	}

	/** Makes n events, as if the API had, of one meeting (a new one unless it is named); returns their ids. */
	events(n, meeting = this.meeting++, type = 'meeting_status') {
		const body = JSON.stringify({ meeting_id: meeting, status: 'ongoing', previous_status: 'scheduled' });
		const one = `(${meeting}, '${type}', '${body}', ${Date.now()}000)`;
		return this.sql(`INSERT INTO event (meeting_id, type, body, created_at) VALUES ${Array(n).fill(one).join()} RETURNING id`).map(({ id }) => id);
	}

	/** Takes webhooks away, with their deliveries. */
	forget(where = '1') {
		this.sql(`PRAGMA foreign_keys = ON; DELETE FROM webhook WHERE ${where}`);
	}

	deliveries(where = '1') {
		return this.sql(`SELECT * FROM delivery WHERE ${where} ORDER BY id`);
	}

	/** All events have been taken up, and all deliveries have come to their end. */
	async settled(ms) {
		const behind = `SELECT 1 FROM webhook WHERE disabled_at IS NULL AND cursor_id < (SELECT max(id) FROM event)
			UNION ALL SELECT 1 FROM delivery WHERE status = 'waiting' LIMIT 1`;
		await until(() => this.sql(behind).length === 0, 'nothing waits', ms);
	}

	async close() {
		if (this.isRunning)
			assert.equal(await this.end(), 0, this.log);
		assert.deepEqual(secretsIn(this.log), [], this.log);
		assert.doesNotMatch(this.log, /Sanitizer|runtime error/);
		rmSync(this.dir, { recursive: true, force: true });
	}
}

/** The site of a test file; it runs, lives through each test, and ends with the file. */
export async function useSite(conf) {
	const site = new Site(conf);
	after(() => site.close());
	assertDone(await site.ctl('migrate'));
	await site.start();
	const pid = site.pid;
	afterEach(() => assert.ok(site.isRunning && (site.mayDie || site.pid === pid), site.log));
	return site;
}

/** A receiver of one test. */
export async function useReceiver(t, answer) {
	const receiver = await new Receiver(answer).listen();
	t.after(() => receiver.close());
	return receiver;
}

export { until };
