// A TURN server beside an instance: coturn with the configuration of docs/TURN.md, edited as an administrator would,
// on loopback.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, root, until } from './instance.mjs';
import { noteSecret } from './secrets.mjs';

const ATTEMPTS = 5;
const ANSWER_MS = 100;

/** The block of docs/TURN.md that goes into /etc/turnserver.conf. */
export function documentedConf() {
	const [, conf] = /^```ini\n([^]*?)^```$/m.exec(readFileSync(join(root, 'docs/TURN.md'), 'utf8')) ?? [];
	assert.ok(conf, 'docs/TURN.md has no configuration of coturn');
	return conf;
}

/**
 * Starts coturn: {port, tlsPort, urls, secretFile, log, setSecrets, stop}. `urls` is for ice_urls, `secretFile` for
 * turn_secret_file; setSecrets writes that file again.
 * @param {{secrets?: string[], unioSecrets?: string[], host?: string, clock?: string}} options
 *   secrets: those that coturn accepts; unioSecrets: those of Unio, if they are others; clock: how its time differs, as libfaketime has it (+2d)
 */
export async function startCoturn({ secrets = ['a secret of at least 16 bytes'], unioSecrets = secrets, host = '127.0.0.1', clock } = {}) {
	const dir = mkdtempSync(join(tmpdir(), 'unio-turn-'));
	const secretFile = join(dir, 'secret');
	const setSecrets = (...list) => {
		noteSecret(...list);
		writeFileSync(secretFile, list.map((secret) => `${secret}\n`).join(''), { mode: 0o600 });
	};
	setSecrets(...unioSecrets);
	makeCertificate(dir);
	for (let attempt = 1; ; attempt++) {
		const [port, tlsPort] = [await freePort(), await freePort()];
		writeFileSync(join(dir, 'turnserver.conf'), configuration(dir, { port, tlsPort, secrets, host }));
		const child = spawn('turnserver', ['-c', join(dir, 'turnserver.conf')],
			{ cwd: dir, env: { ...process.env, ...faketime(clock) }, stdio: ['ignore', 'pipe', 'pipe'] });
		const ended = once(child, 'close');
		process.once('exit', () => child.kill('SIGKILL'));
		let log = '';
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text) => { log += text; });
		const hasEnded = () => child.exitCode !== null;
		await until(() => hasEnded() || answers(host, port), 'coturn is up')
			.catch((error) => { child.kill('SIGKILL'); throw new Error(`${error.message}\n${log}`); });
		if (!hasEnded()) {
			return { host, port, tlsPort, secretFile, setSecrets, urls: `turn:${host}:${port}?transport=udp`, log: () => log, stop: async () => {
				child.kill('SIGTERM');
				const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
				await ended.finally(() => clearTimeout(timer));
				rmSync(dir, { recursive: true, force: true });
			} };
		}
		assert.ok(attempt < ATTEMPTS, `coturn does not start:\n${log}`); // another took the free port
	}
}

/** Does a STUN server answer there (RFC 8489, a binding request)? */
async function answers(host, port) {
	const socket = createSocket('udp4').unref();
	const answer = once(socket, 'message').then(() => true, () => false);
	const request = Buffer.from(`000100002112a442${'00'.repeat(12)}`, 'hex');
	socket.send(request, port, host);
	try {
		return await Promise.race([answer, pause(ANSWER_MS, false)]);
	} finally {
		socket.close();
	}
}

function faketime(clock) {
	if (!clock)
		return {};
	const [library] = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketimeMT.so.1')).filter(existsSync);
	return { LD_PRELOAD: library, FAKETIME: clock, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

function makeCertificate(dir) {
	const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
		'-subj', '/CN=turn.example.org', '-keyout', join(dir, 'privkey.pem'), '-out', join(dir, 'fullchain.pem')]);
	assert.equal(made.status, 0, String(made.stderr));
}

/** The documented configuration on the test's own ports and paths, and what only loopback needs. */
function configuration(dir, { port, tlsPort, secrets, host }) {
	const changes = {
		'listening-port': [port],
		'tls-listening-port': [tlsPort],
		'static-auth-secret': secrets,
		cert: [join(dir, 'fullchain.pem')],
		pkey: [join(dir, 'privkey.pem')],
		'log-file': ['stdout'],
	};
	const lines = documentedConf().trim().split('\n').flatMap((line) => {
		const key = line.split('=')[0];
		const values = changes[key];
		delete changes[key];
		return values ? values.map((value) => `${key}=${value}`) : [line];
	});
	delete changes['log-file'];
	assert.deepEqual(Object.keys(changes), [], 'docs/TURN.md does not say these');
	return [...lines.filter((line) => !/^(external-ip|listening-ip)=/.test(line)),
		`listening-ip=${host}`, `relay-ip=${host}`, 'allow-loopback-peers', `allowed-peer-ip=${host}`,
		'log-file=stdout', 'verbose', `userdb=${join(dir, 'db')}`, `pidfile=${join(dir, 'pid')}`, ''].join('\n');
}
