// No token or password in any log, the front server's included, on the ways where one is easily left.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { login, request } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { noteSecret, secretsIn } from '../lib/secrets.mjs';

let inst;

before(async () => { inst = await startInstance(); });
after(() => inst?.stop());

function assertNoSecret() {
	assert.deepEqual(secretsIn(inst.logs()), []);
}

/** A WebSocket handshake by hand, left unanswered if need be. */
async function upgrade(query) {
	const socket = connect(inst.port, '127.0.0.1');
	await once(socket, 'connect');
	socket.on('error', () => {});
	socket.resume();
	socket.write(`GET /ws/meeting/1/?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n`
		+ 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
	return socket;
}

/** The line of an access log, of whatever server. */
const LOGGED = /\bGET\b.*\/ws\/meeting\/1\/[ "]/;

test('a token in the query is in no log, the access log included', async () => {
	const { access } = await login(inst, 'user');
	const socket = await upgrade(`token=${access}`);
	await until(() => LOGGED.test(inst.logs()) || socket.bytesRead > 200, 'it is open');
	socket.destroy();
	await until(() => LOGGED.test(inst.logs()), 'the access log has it');
	assertNoSecret();
});

test('nor is it when the daemon dies in the middle of the handshake and the front server complains', async () => {
	const token = 'a-token-that-was-never-answered';
	noteSecret(token);
	process.kill(inst.pid('signald'), 'SIGSTOP');
	const socket = await upgrade(`x=1&token=${token}`);
	const closed = once(socket, 'close');
	await until(() => inst.pid('signald') && socket.writableLength === 0, 'sent');
	inst.kill('signald', 'SIGKILL');
	await Promise.race([closed, until(() => socket.bytesRead > 0, 'an answer')]);
	socket.destroy();
	await inst.waitReady();
	assertNoSecret();
});

test('nor is it in a request that the front server refuses by itself', async () => {
	const token = 'a-token-in-a-request-that-is-no-request';
	noteSecret(token);
	for (const line of [`GET /ws/meeting/1/?token=${token} nonsense HTTP/1.1`, `GET /api/x?token=${token}%00%zz HTTP/1.1`,
		`GET /ws/meeting/1/?token=${token}${'x'.repeat(20_000)} HTTP/1.1`]) {
		const socket = connect(inst.port, '127.0.0.1');
		socket.on('error', () => {});
		socket.end(`${line}\r\nHost: 127.0.0.1\r\n\r\n`);
		socket.resume();
		socket.setTimeout(2000, () => socket.destroy()); // no answer is one, too
		await once(socket, 'close');
	}
	assertNoSecret();
});

test('a password is in no log, right or wrong', async () => {
	const wrong = 'not-the-password-at-all';
	noteSecret(wrong, 'user123');
	await request(inst, 'POST', '/api/auth/login', { json: { email: 'user@unio.app', password: wrong } });
	await request(inst, 'POST', '/api/auth/login', { json: { email: 'nobody@unio.app', password: wrong } });
	await request(inst, 'POST', '/api/auth/login', { body: `{"email":"user@unio.app","password":"${wrong}",}` });
	await request(inst, 'POST', `/api/auth/login?password=${wrong}`, { json: { email: 'user@unio.app', password: 'user123' } });
	assertNoSecret();
});

test('a bearer token is in no log, good or bad', async () => {
	const bad = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.';
	noteSecret(bad);
	const { access } = await login(inst, 'admin');
	await request(inst, 'GET', '/api/auth/me', { token: access });
	await request(inst, 'GET', '/api/auth/me', { token: bad });
	await request(inst, 'GET', `/api/auth/me?token=${bad}`);
	assertNoSecret();
});
