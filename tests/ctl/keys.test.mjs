// unioctl(8): key: the key of access tokens is replaced while people work, and nobody notices.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { as, assertStatus, loginWith, newMeeting, newUser, request, timePattern, useInstance } from '../lib/api.mjs';
import { assertDone, assertRefused, exitCode } from '../lib/ctl.mjs';
import { until } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { connect } from '../lib/ws.mjs';

const inst = await useInstance({ conf: { workers: 3 } });
const file = join(inst.varDir, 'secret.key');
const first = readFileSync(file, 'utf8');
noteSecret(first.trim());

const run = async (...args) => assertDone(await inst.ctl(args));
const json = async (...args) => JSON.parse(await run(...args, '--json'));
const refused = async (code, ...args) => assertRefused(await inst.ctl(args), code);
const headerOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
const works = async (token) => (await request(inst, 'GET', '/api/auth/me', { token })).status === 200;

function noteKeys() {
	for (const line of readFileSync(file, 'utf8').split('\n').slice(1))
		noteSecret(line.split(' ')[3]);
}

test('a new installation has one key without a name', async () => {
	assert.deepEqual(await json('key', 'list'), [{ kid: null, state: 'active', since: null }]);
	assert.equal(await run('key', 'list', '--tsv'), '-\tactive\t-\n');
	await refused(exitCode.conflict, 'key', 'retire', '-');
	await refused(exitCode.notFound, 'key', 'retire', 'unknown');
	assert.equal(readFileSync(file, 'utf8'), first);
});

test('rotate, four times in a row with people at work: no request and no connection fails, none is closed', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const open = await connect(inst, meeting.id, { token: host.access });
	await open.next('welcome');
	const tokens = [host.access];
	let running = true;
	const statuses = [];
	const work = async (once) => {
		while (running)
			statuses.push(await once());
	};
	const any = () => tokens[Math.floor(Math.random() * tokens.length)];
	const workers = [
		work(async () => (await request(inst, 'GET', '/api/auth/me', { token: any() })).status),
		work(async () => {
			const { access } = await loginWith(inst, host.email, host.password);
			tokens.push(access);
			return (await request(inst, 'GET', '/api/meetings', { token: access })).status;
		}),
		work(async () => {
			const client = await connect(inst, meeting.id, { token: any() });
			const { type } = await Promise.race([client.next('welcome'), client.next('error')]);
			await client.close();
			return type;
		}),
	];
	const kids = [null];
	for (let i = 0; i < 4; i++) {
		const { kid, state, since } = await json('key', 'rotate');
		noteKeys();
		assert.match(kid, /^[A-Za-z0-9_][\w-]{7}$/);
		assert.equal(state, 'active');
		assert.match(since, timePattern);
		kids.push(kid);
		await until(() => tokens.some((token) => headerOf(token).kid === kid), 'a worker signs with the new key');
	}
	running = false;
	await Promise.all(workers);
	assert.ok(statuses.length > 20);
	assert.deepEqual(statuses.filter((status) => status !== 200 && status !== 'welcome'), []);
	await open.sync();
	await open.close();
	assert.deepEqual((await json('key', 'list')).map(({ kid, state }) => [kid, state]),
		[...kids].reverse().map((kid, i) => [kid, i === 0 ? 'active' : 'verify']));
	assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('retire: the tokens of that key end, those of the others go on, and open connections stay', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const open = await connect(inst, meeting.id, { token: host.access });
	await open.next('welcome');
	const { kid } = headerOf(host.access);
	await refused(exitCode.conflict, 'key', 'retire', kid);
	const fresh = await json('key', 'rotate');
	noteKeys();
	assert.ok(await works(host.access));
	// A worker that is about to be replaced may still sign with the former key.
	const { access } = await until(async () => {
		const login = await loginWith(inst, host.email, host.password);
		return headerOf(login.access).kid === fresh.kid && login;
	}, 'a worker signs with the new key');
	assert.match(await run('key', 'retire', kid), /not believed any more\nthe running programs have been told/);
	assert.doesNotMatch(readFileSync(file, 'utf8'), new RegExp(`^${kid} (active|verify)`, 'm'));
	await until(async () => !(await works(host.access)), 'the API believes it no more');
	assert.equal((await (await connect(inst, meeting.id, { token: host.access })).closed).code, 4401);
	assert.ok(await works(access));
	await open.sync();
	await open.close();
	// The refresh token is no matter of keys.
	assertStatus(await request(inst, 'POST', '/api/auth/refresh', { json: { refresh: host.refresh } }), 200);
});

test('unioctl token signs with the active key; the first one still works until it is retired', async () => {
	const host = await newUser(inst);
	const token = (await run('token', host.email)).trim();
	noteSecret(token);
	const [{ kid }] = await json('key', 'list');
	assert.equal(headerOf(token).kid, kid);
	assertStatus(await as(inst, { access: token }).get('/api/auth/me'), 200);
	assert.equal((await json('key', 'list')).at(-1).kid, null);
	await run('key', 'retire', '-');
	await run('check');
});

test('programs that were not told of a key notice by themselves', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const alone = { env: { ...inst.env, UNIO_CONTROL_SOCKET: join(inst.dir, 'nobody.sock'), UNIO_API_SOCKET: join(inst.dir, 'nobody-either.sock') } };
	assert.match(assertDone(await runProgram('unioctl', ['-c', inst.confPath, 'key', 'rotate'], alone)), /not running, .*: unio-signald unio-api$/m);
	noteKeys();
	const access = (await run('token', host.email)).trim();
	assert.notEqual(headerOf(access).kid, headerOf(host.access).kid);
	for (let i = 0; i < 6; i++)
		assert.ok(await works(access));
	const client = await connect(inst, meeting.id, { token: access });
	await client.next('welcome');
	await client.close();
	assert.ok(await works(host.access));
	// Nor of one that is retired, which they notice by the clock alone.
	assertDone(await runProgram('unioctl', ['-c', inst.confPath, 'key', 'retire', headerOf(host.access).kid], alone));
	await until(async () => !(await works(host.access)), 'the API believes it no more');
	await until(async () => {
		const late = await connect(inst, meeting.id, { token: host.access });
		const { code } = await Promise.race([late.next('welcome'), late.next('error')]);
		await late.close();
		return code === 'unauthorized';
	}, 'the daemon believes it no more');
});

test('a full file takes no more keys until one is retired; its mode stays what it was', async () => {
	chmodSync(file, 0o640);
	for (let i = 0; i < 15 && (await inst.ctl(['key', 'rotate'])).code === 0; i++)
		noteKeys();
	assert.match(await refused(exitCode.conflict, 'key', 'rotate'), /retire some first/);
	const list = await json('key', 'list');
	await run('key', 'retire', list[1].kid);
	await run('key', 'rotate');
	noteKeys();
	assert.equal((await json('key', 'list')).length, list.length);
	assert.equal(statSync(file).mode & 0o777, 0o640);
	chmodSync(file, 0o600);
});

test('ten rotations at once are ten keys, one after the other', async () => {
	writeFileSync(file, first);
	const results = await Promise.all(Array.from({ length: 10 }, () => inst.ctl(['key', 'rotate'])));
	noteKeys();
	results.forEach(assertDone);
	const list = await json('key', 'list');
	assert.equal(list.length, 11);
	assert.equal(list.filter(({ state }) => state === 'active').length, 1);
});

test('a file with a mistake is refused by everything, and stays', async () => {
	const good = readFileSync(file, 'utf8');
	writeFileSync(file, 'unio-keys 1\nnonsense\n');
	try {
		for (const command of [['key', 'list'], ['key', 'rotate'], ['check'], ['reload']])
			assert.match(await refused(exitCode.failed, ...command), /secret\.key: a line of it is not/);
		assert.equal(readFileSync(file, 'utf8'), 'unio-keys 1\nnonsense\n');
	} finally {
		writeFileSync(file, good);
	}
});
