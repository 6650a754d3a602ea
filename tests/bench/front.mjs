// A program behind lighttpd, for a bench: started, used, ended.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { freePort } from '../lib/instance.mjs';
import { build, pinned } from './servers.mjs';

const START_MS = 30_000;

/**
 * @typedef {{label: string, short: string, socket?: string, command?: () => (string|number)[], env?: () => object,
 *   conf: () => string, brief?: boolean}} Backend  what lighttpd talks to: a program and its socket, or what it starts
 *   itself; brief: for each request anew, so that their CPU is found with lighttpd's own, as that of ended children
 */

/** @returns {Backend} */
export const unioApi = (fixture) => ({
	label: 'unio-api, FastCGI', short: 'unio-api', socket: 'api.sock', command: () => [join(build, 'unio-api'), '-c', fixture.conf],
	conf: () => `fastcgi.server = ( "/api" => (( "socket" => "${fixture.dir}/api.sock", "check-local" => "disable" )) )`,
});

function lighttpdConf(fixture, port, { conf }) {
	const file = join(fixture.dir, `lighttpd-${port}.conf`);
	writeFileSync(file, `server.modules = ( "mod_fastcgi", "mod_proxy", "mod_cgi", "mod_alias", "mod_setenv" )
		server.bind = "127.0.0.1"\nserver.port = ${port}\nserver.document-root = "${fixture.dir}"
		server.max-keep-alive-requests = 1000000\nserver.upload-dirs = ( "${fixture.dir}" )
		server.errorlog = "${fixture.dir}/lighttpd.log"\n${conf()}\n`);
	return file;
}

/** All processes below one, itself the first. */
export function tree(pid) {
	const parents = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map((entry) => {
		try {
			return [Number(entry), Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'latin1'))[1])];
		} catch {
			return [0, 0]; // it is gone
		}
	});
	return [pid, ...parents.filter(([, parent]) => parent === pid).flatMap(([child]) => tree(child))];
}

/** Private resident bytes of a process. */
export const memoryOf = (pid) => 1024 * Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

export const reachable = (where) => new Promise((done) => {
	const socket = connect(where, () => done(true)).on('error', () => done(false)).on('connect', () => socket.destroy());
});

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A program that listens somewhere soon; `where` as for connect(). */
export async function start(fixture, command, env, where) {
	const log = openSync(join(fixture.dir, 'programs.log'), 'a');
	const [program, ...args] = pinned(0, command).map(String);
	const child = spawn(program, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
	closeSync(log);
	running.add(child);
	child.once('exit', () => running.delete(child));
	for (const deadline = Date.now() + START_MS; !(await reachable(where)); await pause(50))
		if (Date.now() > deadline || child.exitCode !== null)
			throw new Error(`${command[0]} does not listen:\n${readFileSync(join(fixture.dir, 'programs.log'), 'utf8').slice(-2000)}`);
	return child;
}

export async function stop(child) {
	const ended = new Promise((done) => { child.once('exit', done); });
	if (child.exitCode === null) {
		child.kill('SIGTERM');
		await ended;
	}
}

/** Starts it and a lighttpd before it, lets `work` use them ({port, pids}), ends both. */
export async function behind(fixture, backend, work) {
	const port = await freePort();
	const children = [];
	try {
		if (backend.command)
			children.push(await start(fixture, backend.command(), backend.env?.(), { path: join(fixture.dir, backend.socket) }));
		children.push(await start(fixture, ['/usr/sbin/lighttpd', '-D', '-f', lighttpdConf(fixture, port, backend)], {},
			{ host: '127.0.0.1', port }));
		return await work({ port, pids: () => children.flatMap(({ pid }) => (backend.brief ? [pid] : tree(pid))) });
	} finally {
		for (const child of children.reverse())
			await stop(child);
	}
}
