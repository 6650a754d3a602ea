// unioctl(8): drain and reload speak to the programs that run.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { assertStatus, login, newEmail, newMeeting, newPassword, newUser, request, tryLogin, useInstance } from '../lib/api.mjs';
import { assertDone, assertRefused, exitCode } from '../lib/ctl.mjs';
import { until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';

const inst = await useInstance();

async function enter(user, meeting, options = {}) {
	const client = await connect(inst, meeting.id, { token: user.access, ...options });
	client.welcome = await client.next('welcome');
	return client;
}

/** Somebody in a room, who must notice nothing of what `work` does. */
async function undisturbed(work) {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const client = await enter(host, meeting);
	const pids = ['api', 'signald', 'web'].map((name) => inst.pid(name));
	await work(host, meeting);
	await client.sync();
	assert.deepEqual(['api', 'signald', 'web'].map((name) => inst.pid(name)), pids);
	await client.close();
}

const register = () => request(inst, 'POST', '/api/auth/register',
	{ json: { email: newEmail(), password: newPassword(), full_name: 'N' } });

/** How often unio-hookd has said that it has taken what is configured. */
const reloads = () => readFileSync(join(inst.varDir, 'log/unio-hookd.log'), 'utf8').match(/ event=reload( |$)/gm)?.length ?? 0;

test('reload: the programs take what is configured now, and nobody notices', async () => {
	await undisturbed(async (host, meeting) => {
		appendFileSync(inst.confPath, 'registration = open\nallow_query_token = no\nresume_ttl = 7s\n');
		const before = reloads();
		assert.match(assertDone(await inst.ctl(['reload'])), /^the signaling daemon has taken .*; unio-hookd reads it again$/m);
		await until(() => reloads() === before + 1, 'unio-hookd has read it');
		await until(async () => (await register()).status === 201, 'the API has taken it');
		const { welcome } = await enter(host, meeting, { protocols: ['unio.v1'] });
		assert.equal(welcome.resume_ttl, 7);
		const refused = await connect(inst, meeting.id, { query: { token: host.access } });
		assert.equal((await refused.closed).code, 4401);
	});
});

test('reload: the log level', async () => {
	const lines = () => inst.logs().match(/ level=info [^\n]*event=open /g)?.length ?? 0;
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const text = readFileSync(inst.confPath, 'utf8');
	writeFileSync(inst.confPath, text.replace(/^log_level.*$/m, 'log_level = error'));
	assertDone(await inst.ctl(['reload']));
	const before = lines();
	await (await enter(host, meeting)).close();
	assert.equal(lines(), before);
	writeFileSync(inst.confPath, text);
	assertDone(await inst.ctl(['reload']));
	await (await enter(host, meeting)).close();
	assert.ok(lines() > before);
});

test('reload: with another token secret the old tokens are good for nothing, and open sockets stay', async () => {
	await undisturbed(async (host, meeting) => {
		writeFileSync(join(inst.varDir, 'secret.key'), 'another secret of more than 32 bytes, for tests alone\n');
		assertDone(await inst.ctl(['reload', '-q']));
		await until(async () => (await request(inst, 'GET', '/api/auth/me', { token: host.access })).status === 401, 'by the API');
		const refused = await connect(inst, meeting.id, { token: host.access });
		assert.equal((await refused.closed).code, 4401);
		const fresh = assertStatus(await tryLogin(inst, host.email, host.password), 200);
		await enter(fresh, meeting);
	});
});

test('reload: with a mistake nothing changes, and the mistake is said', async () => {
	const text = readFileSync(inst.confPath, 'utf8');
	await undisturbed(async () => {
		appendFileSync(inst.confPath, 'no_such_key = 1\n');
		try {
			assert.match(assertRefused(await inst.ctl(['reload']), exitCode.failed), /no_such_key/);
		} finally {
			writeFileSync(inst.confPath, text);
		}
	});
});

test('reload: a secret that only the programs read is found bad as well, and said', async () => {
	const key = readFileSync(join(inst.varDir, 'secret.key'));
	await undisturbed(async () => {
		writeFileSync(join(inst.varDir, 'secret.key'), 'short');
		try {
			assert.match(assertRefused(await inst.ctl(['reload']), exitCode.failed), /the signaling daemon refuses: .*secret\.key/);
		} finally {
			writeFileSync(join(inst.varDir, 'secret.key'), key);
		}
		assertStatus(await request(inst, 'GET', '/api/auth/me', { token: (await login(inst, 'user')).access }), 200);
	});
});

test('drain: with --wait another daemon is ready when it returns; clients are told 4001', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const client = await enter(host, meeting);
	const old = inst.pid('signald');
	const said = assertDone(await inst.ctl(['drain', '--wait']));
	await inst.waitReady();
	assert.match(said, /^sessions that were told to come back: [1-9]\d*; another daemon is ready for them\n$/);
	assert.notEqual(inst.pid('signald'), old);
	assert.equal((await client.closed).code, 4001);
	await (await enter(host, meeting)).close();
});

test('drain and reload: without a daemon they say so', async () => {
	const text = readFileSync(inst.confPath, 'utf8');
	writeFileSync(inst.confPath, text.replace(/^control_socket.*$/m, `control_socket = ${inst.dir}/nobody.sock`));
	try {
		for (const command of ['drain', 'reload'])
			assert.match(assertRefused(await inst.ctl([command]), exitCode.busy), /does not answer on .*nobody\.sock/);
	} finally {
		writeFileSync(inst.confPath, text);
	}
	assertDone(await inst.ctl(['reload']));
});
