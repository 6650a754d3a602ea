// README.md and the manual pages: unio-api as its own master takes HUP for reload; with no workers it serves in one process.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import {
	as,
	assertError,
	assertStatus,
	newEmail,
	newMeeting,
	newPassword,
	newUser,
	request,
	useInstance,
} from '../lib/api.mjs';
import { isAlive, until } from '../lib/instance.mjs';
import { childrenOf } from '../fault/support.mjs';

const many = await useInstance({ conf: { workers: 3 } });
const quiet = await useInstance({ conf: { workers: 3, request_timeout: '1s' } });
const none = await useInstance({ conf: { workers: 0 } });

const reload = () => process.kill(many.pid('api'), 'SIGHUP');
const register = () =>
	request(many, 'POST', '/api/auth/register', {
		json: { email: newEmail(), password: newPassword(), full_name: 'N' },
	});

for (const [what, inst] of [
	['workers', many],
	['no workers', none],
])
	test(`with ${what} a crowd is served`, async () => {
		const user = await newUser(inst);
		const meeting = await newMeeting(inst, user);
		const send = () => as(inst, user).post('/api/calls', { meeting_id: meeting.id });
		const replies = await Promise.all(Array.from({ length: 50 }, send));
		assert.equal(replies.filter((reply) => reply.status === 201).length, 1);
		assert.equal(replies.filter((reply) => reply.status === 200).length, 49);
	});

test('a reload takes what the configuration says now, and the same process goes on', async () => {
	const master = many.pid('api');
	assertError(await register(), 403);
	appendFileSync(many.confPath, 'registration = open\n');
	reload();
	await until(async () => (await register()).status === 201, 'registration is open');
	assert.equal(many.pid('api'), master);
});

test('a reload with a mistake in the configuration changes nothing', async () => {
	const good = readFileSync(many.confPath, 'utf8');
	try {
		appendFileSync(many.confPath, 'no_such_key = 1\n');
		reload();
		await until(() => many.logs().includes('no_such_key'), 'the mistake is logged');
		assertStatus(await request(many, 'GET', '/api/health/ready'), 200);
	} finally {
		writeFileSync(many.confPath, good);
	}
});

test('no request fails while the program reloads again and again', async () => {
	const user = await newUser(many);
	let running = true;
	const client = async () => {
		while (running) assertStatus(await as(many, user).get('/api/auth/me'), 200);
	};
	const clients = [client(), client()];
	for (let i = 0; i < 5; i++) {
		const before = many.logs().length;
		reload();
		await until(() => many.logs().length > before + 200, 'it has done something');
	}
	running = false;
	await Promise.all(clients);
});

test('a worker that hangs is killed at a reload, and the others are replaced all the same', async () => {
	const workers = () => childrenOf(quiet.pid('api'));
	const before = await until(() => workers().length === 3 && workers(), 'all of them are there');
	process.kill(before[0], 'SIGSTOP');
	process.kill(quiet.pid('api'), 'SIGHUP');
	await until(() => !before.some(isAlive), 'all of them have gone', 15_000);
	await until(() => workers().length === 3, 'others are there');
	assertStatus(await request(quiet, 'GET', '/api/health/'), 200);
});
