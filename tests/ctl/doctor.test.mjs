// unioctl(8): doctor finds what is wrong, each thing by its name, and says what helps; through the real front server, and
// through one of the test's own that does what web servers do wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { request, useInstance } from '../lib/api.mjs';
import { startCoturn } from '../lib/coturn.mjs';
import { exitCode } from '../lib/ctl.mjs';
import { freePort, startInstance } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';
import { startSite } from '../lib/site.mjs';
import { eventually } from '../ws/support.mjs';

const coturn = await startCoturn();
after(() => coturn.stop());
const inst = await useInstance({ conf: {
	base_path: '/unio',
	ice_urls: `stun:127.0.0.1:${coturn.port}, turn:127.0.0.1:${coturn.port}?transport=udp, turn:127.0.0.1:${coturn.port}?transport=tcp`,
	turn_secret_file: coturn.secretFile,
} });

const here = { host: '127.0.0.1', port: inst.port };

/** What doctor finds: {code, state: {check: "state state…"}, finding, remedy: {check: text}}. */
async function examine({ url = inst.origin, env = {}, confPath = inst.confPath } = {}) {
	const { code, stdout, stderr } = await runProgram('unioctl', ['-c', confPath, 'doctor', '--url', url, '--json'],
		{ env: { ...inst.env, ...env }, deadline: 60_000 });
	assert.equal(stderr, '');
	const found = { code, state: {}, finding: {}, remedy: {} };
	for (const { check, state, finding, remedy } of JSON.parse(stdout)) {
		found.state[check] = [found.state[check], state].filter(Boolean).join(' ');
		found.finding[check] = [found.finding[check], finding].filter(Boolean).join('\n');
		found.remedy[check] = [found.remedy[check], remedy].filter(Boolean).join('\n');
		assert.equal(remedy === null, state === 'ok' || (state === 'skip' && check !== 'descriptors'), `${check}: ${remedy}`);
	}
	return found;
}

/**
 * A front server of the test's own before the instance's: what it does to a request, an upgrade, and an answer; where it
 * takes upgrades to; its certificate.
 */
async function front(t, { request = () => {}, upgrade = () => {}, answer = () => {}, daemon = here, tls }) {
	const server = (tls ? https : http).createServer(tls ?? {}, (req, res) => {
		if (request(req, res))
			return;
		const onward = http.request({ ...here, path: req.url, method: req.method, headers: req.headers }, (reply) => {
			answer(reply);
			res.writeHead(reply.statusCode, reply.headers);
			reply.pipe(res);
		});
		req.pipe(onward);
	});
	server.on('upgrade', (req, socket) => {
		if (upgrade(req, socket))
			return;
		const onward = net.connect(daemon, () => {
			onward.write(`GET ${req.url} HTTP/1.1\r\n${Object.entries(req.headers).map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`);
			socket.pipe(onward).pipe(socket);
		});
		for (const end of [socket, onward])
			end.on('error', () => {});
		socket.on('close', () => onward.destroy());
		onward.on('close', () => socket.destroy());
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	return `${tls ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
}

const healthy = { daemon: 'ok', version: 'ok', descriptors: 'ok', 'wake-up': 'ok', api: 'ok', clock: 'ok', certificate: 'skip',
	ready: 'ok', authorization: 'ok', page: 'ok', address: 'ok', websocket: 'ok', turn: 'ok ok ok' };

test('a healthy server: everything is ok, TURN included, over UDP and TCP', async () => {
	const { code, state, finding } = await examine();
	assert.deepEqual(state, healthy, JSON.stringify(finding, null, 1));
	assert.equal(code, 0);
	assert.deepEqual((await examine({ url: `${inst.origin}/unio/` })).state, healthy);
});

test('as text: a line for each finding, a remedy below it; -q has the findings alone, --tsv four columns', async () => {
	const run = (...args) => runProgram('unioctl', ['-c', inst.confPath, 'doctor', '--url', inst.origin, ...args],
		{ env: { ...inst.env, UNIO_ICE_URLS: '', UNIO_TURN_SECRET_FILE: '' } });
	const { stdout } = await run();
	assert.match(stdout, /^ok {4}api {12}http:\/\/127\.0\.0\.1:\d+\/unio\/api\/health answers in \d+ ms$/m);
	const warning = /^warn {2}turn {11}no STUN or TURN server: .*\n {18}-> run coturn .*$/m;
	assert.match(stdout, warning);
	const { stdout: quiet } = await run('-q');
	assert.match(quiet, warning);
	assert.doesNotMatch(quiet, /^ok/m);
	const lines = (await run('--tsv')).stdout.split('\n').slice(0, -1).map((line) => line.split('\t'));
	assert.ok(lines.length >= 13 && lines.every((line) => line.length === 4), JSON.stringify(lines));
});

test('through the site of etc/ with TLS: a certificate that nobody trusts is found, and the rest all the same; and a connection '
	+ 'that arrives at another instance', async () => {
	const other = await startInstance();
	try {
		const site = await startSite(other);
		const url = `https://127.0.0.1:${site.https}`;
		const { code, state, finding } = await examine({ url, confPath: other.confPath });
		assert.deepEqual(state, { ...healthy, certificate: 'fail', turn: 'warn' }, JSON.stringify(finding, null, 1));
		assert.equal(code, exitCode.failed);
		const strange = await examine({ url, env: { UNIO_BASE_PATH: '' } });
		assert.deepEqual(strange.state, { ...healthy, certificate: 'fail', address: 'fail' });
		assert.match(strange.remedy.address, /right configuration/);
		await site.stop();
	} finally {
		await other.stop();
	}
});

test('a certificate: trusted, soon to end, of another name', async (t) => {
	for (const [days, name, state, finding] of [[90, 'IP:127.0.0.1', 'ok', /good for (89|90) more days/],
		[9, 'IP:127.0.0.1', 'warn', /good for [89] more days/], [90, 'DNS:other.example.org', 'fail', /127\.0\.0\.1/]]) {
		const [key, cert] = ['key', 'cert'].map((file) => join(inst.dir, `${file}-${days}-${state}.pem`));
		const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
			'-subj', '/CN=test', '-addext', `subjectAltName=${name}`, '-days', String(days), '-keyout', key, '-out', cert]);
		assert.equal(made.status, 0, String(made.stderr));
		const url = await front(t, { tls: { key: readFileSync(key), cert: readFileSync(cert) } });
		const found = await examine({ url, env: { SSL_CERT_FILE: cert } });
		assert.deepEqual(found.state, { ...healthy, certificate: state });
		assert.match(found.finding.certificate, finding);
	}
});

test('nobody listens there', async () => {
	const { code, state, remedy } = await examine({ url: `http://127.0.0.1:${await freePort()}` });
	assert.equal(code, exitCode.failed);
	assert.equal(state.api, 'fail');
	assert.match(remedy.api, /is the web server running/);
	assert.equal(state.websocket, undefined);
});

test('an address that is none, or none at all, or under another prefix, is a mistake of usage', async () => {
	for (const args of [['--url', 'meet.example.org'], ['--url', `${inst.origin}/other`], []]) {
		const { code, stderr } = await runProgram('unioctl', ['-c', inst.confPath, 'doctor', ...args], { env: inst.env });
		assert.equal(code, exitCode.usage);
		assert.match(stderr, /^unioctl: doctor: /);
	}
});

test('a web server that keeps the Authorization header for itself', async (t) => {
	const url = await front(t, { request: (req) => { delete req.headers.authorization; } });
	const { code, state, remedy } = await examine({ url });
	assert.deepEqual(state, { ...healthy, authorization: 'fail' });
	assert.match(remedy.authorization, /CGIPassAuth On/);
	assert.equal(code, exitCode.failed);
});

test('a web server with another prefix', async (t) => {
	const url = await front(t, { request: (req) => { req.url = req.url.replace('/unio/api/', '/unio/api/other/'); } });
	const { state, remedy } = await examine({ url });
	assert.match(JSON.stringify(state), /"prefix":"fail"/);
	assert.match(remedy.prefix, /base_path/);
});

test('a web server that has something else there, or cannot reach the API', async (t) => {
	for (const [status, remedy] of [[404, /must hand \/unio\/api\/ to unio-api/], [502, /is unio-api running, .*api\.sock/]]) {
		const url = await front(t, { request: (_req, res) => res.writeHead(status).end('no') });
		const found = await examine({ url });
		assert.equal(found.state.api, 'fail');
		assert.match(found.remedy.api, remedy);
	}
});

test('a web server that does not upgrade, cuts what it upgraded, or drops the subprotocol', async (t) => {
	const cases = [
		[(_req, socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'), /does not upgrade \(HTTP 404\)/],
		[(_req, socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'), /cannot reach unio-signald/],
		[(_req, socket) => socket.destroy(), /closed without an answer/],
		[(_req, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'), /cut off/],
		[(req) => { delete req.headers['sec-websocket-protocol']; }, /without the subprotocol/],
	];
	for (const [upgrade, finding] of cases) {
		const found = await examine({ url: await front(t, { upgrade }) });
		assert.equal(found.state.websocket, 'fail', JSON.stringify(found));
		assert.match(found.finding.websocket, finding);
	}
});

test('with allowed_origins doctor comes as the page of the site: it is let in, others are not, and what is wrong there is found', async (t) => {
	const text = readFileSync(inst.confPath, 'utf8');
	writeFileSync(inst.confPath, `${text}allowed_origins = https://app.example.org\n`);
	const seen = [];
	const note = (req) => { seen.push(req.headers.origin); };
	const inner = (req) => { req.headers.host = 'inner'; };
	try {
		assert.equal((await inst.ctl(['reload'])).code, 0);
		await eventually('strangers are refused', async () => (await request(inst, 'GET', '/unio/api/health',
			{ headers: { Origin: 'https://other.example.org' } })).status === 403);
		const url = await front(t, { request: note, upgrade: note });
		const found = await examine({ url: url.replace('127.0.0.1', 'LOCALHOST') });
		assert.deepEqual(found.state, { ...healthy, origin: 'ok' }, JSON.stringify(found.finding, null, 1));
		assert.deepEqual([...new Set(seen)].sort(), [url.replace('127.0.0.1', 'localhost'), 'https://doctor.invalid'].sort());
		const deaf = await examine({ url: await front(t, { request: (req) => { delete req.headers.origin; } }) });
		assert.deepEqual(deaf.state, { ...healthy, origin: 'warn' });
		assert.match(deaf.remedy.origin, /pass the header Origin on/);
		const wrong = await examine({ url: await front(t, { request: inner }) });
		assert.match(wrong.state.origin, /^fail/);
		assert.match(wrong.finding.origin, /^pages of http:\/\/127\.0\.0\.1:\d+ may not use the API/);
		assert.match(wrong.remedy.origin, /set public_url to http:.* or add it to allowed_origins/);
		const halves = await examine({ url: await front(t, { upgrade: inner }) });
		assert.equal(halves.state.origin, 'ok fail');
		assert.match(halves.finding.origin, /may not use the WebSocket/);
		assert.equal(halves.code, exitCode.failed);
	} finally {
		writeFileSync(inst.confPath, text);
		assert.equal((await inst.ctl(['reload'])).code, 0);
	}
});

test('a client that can choose its address: trusted_proxies names where clients come from', async () => {
	const text = readFileSync(inst.confPath, 'utf8');
	writeFileSync(inst.confPath, `${text}trusted_proxies = 127.0.0.0/8\n`);
	try {
		assert.equal((await inst.ctl(['reload'])).code, 0);
		const { code, state, remedy } = await examine();
		assert.deepEqual(state, { ...healthy, address: 'fail' });
		assert.match(remedy.address, /trusted_proxies/);
		assert.equal(code, exitCode.failed);
	} finally {
		writeFileSync(inst.confPath, text);
		assert.equal((await inst.ctl(['reload'])).code, 0);
	}
});

test('a web server that does not say who connects, and one that says another address', async (t) => {
	const daemon = { path: join(inst.varDir, 'run/ws.sock') };
	const silent = await front(t, { daemon, upgrade: (req) => { delete req.headers['x-forwarded-for']; } });
	const unseen = await examine({ url: silent });
	assert.deepEqual(unseen.state, { ...healthy, address: 'fail' });
	assert.match(unseen.remedy.address, /set X-Forwarded-For/);
	const other = await front(t, { daemon, upgrade: (req) => { req.headers['x-forwarded-for'] = '198.51.100.9'; } });
	const translated = await examine({ url: other });
	assert.deepEqual(translated.state, { ...healthy, address: 'warn' });
	assert.match(translated.finding.address, /sees 198\.51\.100\.9, we are 127\.0\.0\.1/);
});

test('a clock that goes wrong', async (t) => {
	for (const [seconds, state] of [[10, 'warn'], [-100, 'fail']]) {
		const url = await front(t, { answer: (reply) => { reply.headers.date = new Date(Date.now() + seconds * 1000).toUTCString(); } });
		const found = await examine({ url });
		assert.deepEqual(found.state, { ...healthy, clock: state });
		assert.match(found.finding.clock, seconds > 0 ? /ahead/ : /behind/);
	}
});

test('no page', async (t) => {
	const url = await front(t, { request: (req, res) => req.url === '/unio/' && res.writeHead(404).end() });
	const { code, state } = await examine({ url });
	assert.deepEqual(state, { ...healthy, page: 'warn' });
	assert.equal(code, 0);
});

test('without a daemon: the daemon is down, and the API says so too', async () => {
	const { code, state, remedy } = await examine({ env: { UNIO_CONTROL_SOCKET: `${inst.dir}/nobody.sock` } });
	assert.equal(code, exitCode.failed);
	assert.equal(state.daemon, 'fail');
	assert.match(remedy.daemon, /start unio-signald/);
	assert.equal(state.websocket, 'ok');
});

test('wake-ups that do not arrive', async () => {
	const { code, state, finding } = await examine({ env: { UNIO_WAKE_ENDPOINT: `ipc://${inst.dir}/nobody.wake` } });
	assert.deepEqual(state, { ...healthy, 'wake-up': 'warn' });
	assert.match(finding['wake-up'], /up to 50 ms late/);
	assert.equal(code, 0);
});

test('TURN: another secret, no server, none named', async () => {
	const url = `turn:127.0.0.1:${coturn.port}?transport=udp`;
	coturn.setSecrets('quite another secret of 16 bytes');
	const other = await examine({ env: { UNIO_ICE_URLS: url } });
	coturn.setSecrets('a secret of at least 16 bytes');
	assert.equal(other.state.turn, 'fail');
	assert.match(other.finding.turn, /does not take our credentials/);
	assert.match(other.remedy.turn, /static-auth-secret/);
	const silent = await examine({ env: { UNIO_ICE_URLS: `stun:127.0.0.1:${await freePort()}, turn:127.0.0.1:${await freePort()}?transport=tcp` } });
	assert.equal(silent.state.turn, 'fail fail');
	const none = await examine({ env: { UNIO_ICE_URLS: '', UNIO_TURN_SECRET_FILE: '' } });
	assert.deepEqual(none.state, { ...healthy, turn: 'warn' });
});

test('TURN: a server that would be told more than it said', async (t) => {
	const asked = [];
	const server = net.createServer((socket) => socket.on('data', (request) => {
		asked.push(request);
		socket.write(unauthorized(request.subarray(8, 20), Buffer.alloc(30_000)));
	}).on('error', () => {}));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const { state, finding } = await examine({ env: { UNIO_ICE_URLS: `turn:127.0.0.1:${server.address().port}?transport=tcp` } });
	assert.equal(state.turn, 'fail');
	assert.match(finding.turn, /does not answer/);
	assert.equal(asked.length, 1, 'its realm, which is no text, came back as something else');
});

/** The answer to an allocate request that a server gives to whoever has not said who they are, with that realm. */
function unauthorized(id, realm) {
	const attribute = (type, value) => Buffer.concat([number(type), number(value.length), value, Buffer.alloc(-value.length & 3)]);
	const body = Buffer.concat([attribute(0x0009, Buffer.from([0, 0, 4, 1])), attribute(0x0014, realm), attribute(0x0015, Buffer.from('nonce'))]);
	return Buffer.concat([number(0x0113), number(body.length), Buffer.from('2112a442', 'hex'), id, body]);
}

function number(value) {
	return Buffer.from([value >> 8, value & 0xff]);
}
