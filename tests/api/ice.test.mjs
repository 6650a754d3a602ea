// docs/PROTOCOL.md, GET /api/ice-servers: STUN and TURN by the TURN REST convention, also in the welcome.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { as, assertError, assertStatus, newUser, request, timePattern, useInstance } from '../lib/api.mjs';
import { runProgram } from '../lib/programs.mjs';
import { noteSecret } from '../lib/secrets.mjs';

const dir = mkdtempSync(join(tmpdir(), 'unio-ice-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** A file with these lines. */
function fileOf(name, lines, mode = 0o600) {
	noteSecret(...lines);
	writeFileSync(join(dir, name), `${lines.join('\n')}\n`, { mode });
	return join(dir, name);
}

const secret = 'the-secret-that-signs-now';
const urls = 'stun:stun.example.org, turn:turn.example.org:3478?transport=udp, turns:turn.example.org, stuns:b.example';
const turnFile = fileOf('turn', [secret, 'the-secret-of-yesterday']);

const bare = await useInstance();
const stun = await useInstance({ conf: { ice_urls: 'stun:stun.example.org' } });
const turn = await useInstance({ conf: { ice_urls: urls, turn_secret_file: turnFile, turn_ttl: '2h' } });

const get = async (inst, user) => {
	const reply = await as(inst, user ?? (await newUser(inst))).get('/api/ice-servers');
	for (const { credential } of reply.json?.iceServers ?? []) noteSecret(credential);
	return assertStatus(reply, 200);
};

test('without ice_urls the list is empty', async () => {
	const reply = await get(bare);
	assert.deepEqual(Object.keys(reply).sort(), ['expires_at', 'iceServers', 'ttl']);
	assert.deepEqual(reply.iceServers, []);
	assert.equal(reply.ttl, 12 * 3600);
});

test('stun: URLs come without user name and credential', async () => {
	assert.deepEqual((await get(stun)).iceServers, [{ urls: ['stun:stun.example.org'] }]);
});

test('turn: URLs come with a user name that says until when, signed with the first secret', async () => {
	const user = await newUser(turn);
	const before = Math.floor(Date.now() / 1000);
	const { iceServers, ttl, expires_at } = await get(turn, user);
	const [plain, relay] = iceServers;
	assert.equal(iceServers.length, 2);
	assert.deepEqual(plain, { urls: ['stun:stun.example.org', 'stuns:b.example'] });
	assert.deepEqual(Object.keys(relay).sort(), ['credential', 'urls', 'username']);
	assert.deepEqual(relay.urls, ['turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org']);
	const [, expiry, id] = /^(\d+):(\d+)$/.exec(relay.username);
	assert.equal(Number(id), user.id);
	assert.equal(ttl, 7200);
	assert.ok(expiry - ttl >= before && expiry - ttl <= Date.now() / 1000);
	assert.match(expires_at, timePattern);
	assert.equal(Date.parse(expires_at) / 1000, Number(expiry));
	assert.equal(relay.credential, createHmac('sha1', secret).update(relay.username).digest('base64'));
});

test('nobody gets them without signing in', async () => {
	assertError(await request(turn, 'GET', '/api/ice-servers'), 401);
});

const refused = {
	'a turn: URL without a secret': [`ice_urls = turn:a.example\n`, /turn_secret_file/],
	'a secret file that is not there':
		[`ice_urls = turn:a.example\nturn_secret_file = ${join(dir, 'none')}\n`, /No such file/],
	'a secret that others may read':
		[`ice_urls = turn:a.example\nturn_secret_file = ${fileOf('open', [secret], 0o644)}\n`, /mode must be/],
	'a secret that can be guessed':
		[`ice_urls = turn:a.example\nturn_secret_file = ${fileOf('short', ['guessed'])}\n`, /shorter than 16/],
};
for (const [what, [conf, reason]] of Object.entries(refused))
	for (const program of ['unio-api', 'unio-signald'])
		test(`${program} does not start with ${what}`, async () => {
			const file = join(dir, `conf-${program}`);
			const places = ['database', 'secret_file', 'api_socket', 'ws_socket', 'control_socket']
				.map((key) => `${key} = ${join(dir, key)}\n`);
			writeFileSync(file, `${places.join('')}wake_endpoint = ipc://${join(dir, 'wake')}\n${conf}`);
			const { code, stdout, stderr } = await runProgram(program, ['-c', file]);
			assert.notEqual(code, 0);
			assert.match(stdout + stderr, reason);
		});
