// iceServers in the welcome (docs/PROTOCOL.md): what GET /api/ice-servers says, for the user who joins; and new secrets.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';

import { noteSecret } from '../lib/secrets.mjs';
import { api, enter, eventually, newRoom, wsInstance } from './support.mjs';

const dir = mkdtempSync(join(tmpdir(), 'unio-ice-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const file = join(dir, 'turn.secret');

function writeSecrets(...secrets) {
	noteSecret(...secrets);
	writeFileSync(file, secrets.join('\n'), { mode: 0o600 });
}

writeSecrets('the-first-secret-of-all');
const urls = 'stun:stun.example, turn:turn.example?transport=udp, turns:turn.example';
const inst = await wsInstance({ ice_urls: urls, turn_secret_file: file, turn_ttl: '1h' });
const bare = await wsInstance();

/** Asserts that the servers are those of the configuration, for that user, signed with that secret. */
function assertServers(servers, user, secret) {
	const [stun, turn] = servers;
	assert.equal(servers.length, 2);
	assert.deepEqual(stun, { urls: ['stun:stun.example'] });
	assert.deepEqual(turn.urls, ['turn:turn.example?transport=udp', 'turns:turn.example']);
	noteSecret(turn.credential);
	const [expiry, id] = turn.username.split(':').map(Number);
	assert.equal(id, user.id);
	assert.ok(Math.abs(expiry - 3600 - Date.now() / 1000) < 30, turn.username);
	assert.equal(turn.credential, createHmac('sha1', secret).update(turn.username).digest('base64'));
}

const signedWith = (servers, secret) =>
	createHmac('sha1', secret).update(servers[1].username).digest('base64') === servers[1].credential;

test('without ice_urls the welcome has an empty list', async () => {
	const room = await newRoom(bare, 1);
	assert.deepEqual((await enter(bare, room.id, room.host)).welcome.iceServers, []);
});

test('the welcome has the servers with credentials of the user who joins', async () => {
	const room = await newRoom(inst, 2);
	for (const user of room.people)
		for (const protocols of [[], ['unio.v1']]) {
			const client = await enter(inst, room.id, user, { protocols });
			assertServers(client.welcome.iceServers, user, 'the-first-secret-of-all');
		}
});

test('nobody else is told anybody\'s credentials', async () => {
	const room = await newRoom(inst, 2);
	const [one, other] = [await enter(inst, room.id, room.people[0]), await enter(inst, room.id, room.people[1])];
	await other.sync();
	await one.sync();
	assert.ok(!JSON.stringify(one.frames).includes(other.welcome.iceServers[1].credential));
	assert.ok(!JSON.stringify(other.frames).includes(one.welcome.iceServers[1].credential));
});

test('after SIGHUP both programs sign with the new first secret; a session that was there stays', async () => {
	const room = await newRoom(inst, 2);
	const client = await enter(inst, room.id, room.host);
	writeSecrets('the-second-secret-of-all', 'the-first-secret-of-all');
	inst.kill('signald', 'SIGHUP');
	inst.kill('api', 'SIGHUP');
	await eventually('the welcome is signed with the new secret', async () => {
		const { iceServers } = (await enter(inst, room.id, room.people[1])).welcome;
		return signedWith(iceServers, 'the-second-secret-of-all');
	}, { interval: 100 });
	await eventually('the API signs with the new secret', async () => {
		const { iceServers } = await api(inst, room.host, 'GET', '/api/ice-servers');
		return signedWith(iceServers, 'the-second-secret-of-all');
	});
	await client.sync();
	await inst.waitReady();
});

test('a secret that is no good is refused at SIGHUP with a line in the log, and the old one stays', async () => {
	const room = await newRoom(inst, 1);
	writeFileSync(file, 'short', { mode: 0o600 });
	inst.kill('signald', 'SIGHUP');
	await eventually('the log says why', () => /shorter than 16 bytes/.test(inst.logs()));
	const { iceServers } = (await enter(inst, room.id, room.host)).welcome;
	assertServers(iceServers, room.host, 'the-second-secret-of-all');
	await inst.waitReady();
});
