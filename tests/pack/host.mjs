// A fresh Debian host for a test, as root: a minimal tree in namespaces of its own (tests/pack/tree.sh), with the real
// lighttpd in front as its own user. What comes from outside goes the way of a visitor: through lighttpd's socket, which
// is reached by the host's root directory under /proc.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
export const buildDir = resolve(root, process.env.UNIO_BUILD ?? 'build');

const WEB = ['lighttpd', 'curl'];
const FRONT = '/root/front.conf';
const DEADLINE_MS = 30_000;

/** The whole of it waits for this at most: a start, a stop, a restart. */
export async function until(condition, what, ms = DEADLINE_MS) {
	for (const end = Date.now() + ms; Date.now() < end; await pause(50)) {
		const value = await condition();
		if (value)
			return value;
	}
	return assert.fail(`not within ${ms} ms: ${what}`);
}

/** The package of a version, as `make deb` made it. */
export function debOf(version) {
	const [name] = readdirSync(join(buildDir, 'deb')).filter((file) => file.startsWith(`unio_${version}_`) && file.endsWith('.deb'));
	assert.ok(name, `no package of version ${version} in ${buildDir}/deb`);
	return join(buildDir, 'deb', name);
}

export class Host {
	constructor(init) {
		this.dir = mkdtempSync(join(tmpdir(), 'unio-host-'));
		this.tree = join(this.dir, 'tree');
		this.init = init;
		this.call('make', ...WEB, ...(init === 'systemd' ? ['systemd', 'systemd-sysv'] : []));
	}

	/** Brings packages along, and from Debian what they depend on; then there is no network any more. */
	start(packages = []) {
		mkdirSync(join(this.tree, 'root/packages'), { recursive: true });
		for (const file of packages)
			copyFileSync(file, join(this.tree, 'root/packages', basename(file)));
		if (packages.length > 0)
			this.call('run', `apt-get update -qq && apt-get install -y -qq --no-install-recommends --download-only /root/packages/${basename(packages[0])} >/dev/null`);
		this.call(this.init === 'systemd' ? 'boot' : 'hold');
		const outer = readFileSync(`${this.tree}.pid`, 'utf8').trim();
		const [first] = readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').split(' ');
		this.root = `/proc/${first}/root`;
		// Where there is no init at all, packages start services only if this says that they may.
		if (this.init !== 'systemd')
			this.run("printf '#!/bin/sh\\nexit 0\\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d");
	}

	stop() {
		this.call('remove');
		spawnSync('rmdir', [this.dir]);
	}

	call(action, ...args) {
		const done = spawnSync('sh', [join(root, 'tests/pack/tree.sh'), action, this.tree, ...args],
			{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
		assert.equal(done.status, 0, `${action} ${args.join(' ')}\n${done.stdout}${done.stderr}`);
		return done.stdout;
	}

	/** A command inside that must end well; what it says. */
	run(command) {
		return this.call('in', command).trimEnd();
	}

	/** Its exit status, whatever that is. */
	code(command) {
		return Number(this.run(`(${command}) >/dev/null 2>&1; echo $?`));
	}

	read(path) {
		return readFileSync(this.root + path, 'utf8');
	}

	write(path, text) {
		writeFileSync(this.root + path, text);
	}

	install(file) {
		return this.run(`apt-get install -y -qq --no-install-recommends /root/packages/${basename(file)} 2>&1`);
	}

	/** lighttpd with the configuration that is installed, the way its heading says. */
	startFront(conf = '/etc/unio/lighttpd.conf', web = '/usr/share/unio/web') {
		this.write(FRONT, `var.unio_base = ""
var.unio_web = "${web}"
var.unio_api_socket = "/run/unio/api.sock"
var.unio_ws_socket = "/run/unio/ws.sock"
var.unio_spool = "/var/cache/lighttpd/uploads"
var.unio_log = "/var/log/lighttpd"
var.unio_max_fds = 1024
server.bind = "/run/front.sock"
server.username = "www-data"
server.groupname = "www-data"
include "${conf}"
`);
		this.run('mkdir -p /var/cache/lighttpd/uploads /var/log/lighttpd && chown www-data /var/cache/lighttpd/uploads /var/log/lighttpd');
		this.run(`rm -f /run/front.sock; setsid lighttpd -D -f ${FRONT} >/var/log/front.log 2>&1 </dev/null &`);
	}

	/** One request through lighttpd: {status, json, text}; status 0: nobody answered. */
	async ask(method, path, { token, json } = {}) {
		const headers = { Host: 'localhost' };
		if (token)
			headers.Authorization = `Bearer ${token}`;
		if (json)
			headers['Content-Type'] = 'application/json';
		const asked = request({ socketPath: `${this.root}/run/front.sock`, method, path, headers, agent: false });
		asked.end(json && JSON.stringify(json));
		try {
			const [reply] = await once(asked, 'response');
			let text = '';
			for await (const part of reply)
				text += part;
			return { status: reply.statusCode, text, json: /^[{[]/.test(text) ? JSON.parse(text) : null };
		} catch (error) {
			return { status: 0, text: String(error), json: null };
		}
	}

	healthy() {
		return until(async () => (await this.ask('GET', '/api/health/ready')).status === 200, 'it is healthy');
	}

	async login(email, password) {
		const { status, json, text } = await this.ask('POST', '/api/auth/login', { json: { email, password } });
		assert.equal(status, 200, text);
		return json.access;
	}

	/** A client in a room, after its welcome: {frames, closed, ws}. */
	async enter(meeting, token) {
		const ws = new WebSocket(`ws+unix:${this.root}/run/front.sock:/ws/meeting/${meeting}/`,
			{ headers: { Host: 'localhost', Authorization: `Bearer ${token}` } });
		const client = { ws, frames: [], closed: once(ws, 'close').then(([code]) => code) };
		ws.on('message', (data) => client.frames.push(JSON.parse(data)));
		ws.on('error', (error) => { client.error = error; });
		await until(() => client.error || client.frames.some(({ type }) => type === 'welcome'), 'the client is in the room');
		assert.equal(client.error, undefined);
		return client;
	}

	/** A ping that is answered: it is still the same connection. */
	async alive(client) {
		const id = `ping ${client.frames.length}`;
		client.ws.send(JSON.stringify({ type: 'ping', id }));
		await until(() => client.frames.some((frame) => frame.type === 'pong' && frame.id === id), 'a pong');
	}

	pids(name) {
		return this.run(`grep -lx ${name} /proc/[0-9]*/comm || :`).split('\n').filter(Boolean).map((path) => Number(path.split('/')[2]));
	}

	/** The files and directories that a process may write: as its own user, in its own view of them. */
	writable(pid) {
		return this.run(`nsenter --target ${pid} --mount setpriv --reuid=unio --regid=unio --clear-groups \
			find / '(' -path /proc -o -path /sys -o -path /dev ')' -prune -o '(' -type f -o -type d ')' -writable -print 2>/dev/null || :`)
			.split('\n').filter(Boolean).sort();
	}

	/** All files, with type, mode and owner; and who is in the user database. */
	snapshot() {
		const passing = ['/proc', '/sys', '/dev', '/tmp', '/root', '/run', '/var/cache', '/var/log', '/var/lib/apt', '/var/lib/dpkg',
			'/var/lib/systemd', '/etc/ld.so.cache'];
		const files = this.run(`find / '(' ${passing.map((path) => `-path ${path}`).join(' -o ')} ')' -prune -o -printf '%y %m %u:%g %p\\n'`);
		const users = this.run('for f in passwd group shadow gshadow; do sed "s|^|$f: |" /etc/$f; done');
		return [...files.split('\n'), ...users.split('\n')].filter((line) => !/ \/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/.test(line)).sort();
	}
}

/** What is in the one list and not in the other. */
export function difference(before, after) {
	return { gone: before.filter((line) => !after.includes(line)), left: after.filter((line) => !before.includes(line)) };
}
