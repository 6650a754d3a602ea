// The servers that are compared, and how each is started. All do the same work for the same clients; what one of them
// does not do is said here and in the report.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
export const root = resolve(here, '../..');
export const build = resolve(root, process.env.UNIO_BUILD ?? 'build');
export const programs = join(build, 'bench');

const START_MS = 30_000;

/** Server and load each have a core of their own, where there are two. */
export const pinned = (core, command) => (cpus().length > 1 ? ['taskset', '-c', String(core), ...command] : command);

/**
 * name, what it is (short: in the picture), whether it refuses who may not enter, how many messages each client has on
 * their way if the scenario's are more than it gets rid of in reasonable time, whether thousands of clients take it
 * minutes, and its command line for an address ({kind: 'tcp', port} or {kind: 'unix', path}; text is what our own
 * programs take).
 */
export const SERVERS = [
	{
		name: 'unio', label: 'unio-signald', short: 'unio-signald', refuses: true,
		command: (fixture, { kind, text }) => [...(kind === 'tcp' ? [join(programs, 'load'), '-l', text] : []),
			join(build, 'unio-signald'), '-c', fixture.conf],
	},
	{
		name: 'floor', label: 'floor (C, epoll, no checks)', short: 'floor', refuses: false,
		command: (fixture, { text }) => [join(programs, 'floor'), text],
	},
	{
		name: 'go', label: 'Go, gorilla/websocket', short: 'Go, gorilla', refuses: true,
		command: (fixture, { text }) => [join(programs, 'go-server'), text, fixture.database, fixture.secretFile],
	},
	{
		name: 'node', label: 'Node, ws', short: 'Node, ws', refuses: true,
		command: (fixture, { port, path }) => ['node', join(here, 'peers/node/server.mjs'), port ?? path, fixture.database,
			fixture.secretFile],
	},
	{
		name: 'channels', label: 'Django Channels, Daphne', short: 'Django Channels', refuses: true, window: 1, slow: true,
		env: (fixture) => ({ PYTHONPATH: join(here, 'peers/channels'), PYTHONDONTWRITEBYTECODE: '1', DATABASE: fixture.database,
			SECRET_FILE: fixture.secretFile }),
		command: (fixture, { port, path }) => ['/usr/bin/python3', '/usr/bin/daphne', '-v', '0', '--no-server-name', '-e',
			port ? `tcp:${port}:interface=127.0.0.1:backlog=4096` : `unix:${path}:backlog=4096`, 'rooms:application'],
	},
];

const running = new Set();

// Whatever ends the bench ends its servers.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.on(signal, () => process.exit(1));

/** A server that runs: `pids` are all its processes. */
export async function startServer(server, fixture, address) {
	const log = openSync(join(fixture.dir, `${server.name}.log`), 'w');
	const [command, ...args] = pinned(server.core ?? 0, server.command(fixture, address)).map(String);
	const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...server.env?.(fixture) } });
	closeSync(log);
	running.add(child);
	const ended = new Promise((done) => { child.once('exit', done); });
	child.once('exit', () => running.delete(child));
	const stop = async (signal = 'SIGKILL') => {
		child.kill(signal);
		await ended;
	};
	try {
		await listening(child, address);
	} catch (error) {
		await stop();
		throw new Error(`${server.name}: ${error.message}\n${readFileSync(join(fixture.dir, `${server.name}.log`), 'utf8').slice(-2000)}`);
	}
	return { pids: [child.pid], stop };
}

async function listening(child, { port, path }) {
	for (const deadline = Date.now() + START_MS; Date.now() < deadline; await pause(10)) {
		if (child.exitCode !== null)
			throw new Error('it has ended');
		const reached = await new Promise((done) => {
			const socket = connect(port ? { host: '127.0.0.1', port } : { path }, () => done(true)).on('error', () => done(false));
			socket.once('connect', () => socket.destroy());
		});
		if (reached)
			return;
	}
	throw new Error('it does not listen');
}
