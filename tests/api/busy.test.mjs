// docs/PROTOCOL.md: a database that is held by another beyond the timeout is 503 with Retry-After, and nothing happened.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import {
	as,
	assertError,
	assertRetryAfter,
	assertStatus,
	loginWith,
	newMeeting,
	newUser,
	request,
	useInstance,
} from '../lib/api.mjs';

const inst = await useInstance({ conf: { database_busy_timeout: '300ms' } });

/** Holds the database's write lock while `work` runs, having done `change`, which counts afterwards. */
async function whileLocked(work, change = '') {
	const holder = spawn('sqlite3', ['-cmd', '.timeout 10000', inst.dbPath], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	try {
		holder.stdin.write(`BEGIN IMMEDIATE;\n${change}\nSELECT 'locked';\n`);
		await once(holder.stdout, 'data');
		await work();
	} finally {
		holder.stdin.end('COMMIT;\n');
		await once(holder, 'close');
	}
}

test('a change is 503 with Retry-After while the database is held, and works afterwards', async () => {
	const user = await newUser(inst);
	const meeting = await newMeeting(inst, user);
	const api = as(inst, user);
	await whileLocked(async () => {
		const replies = await Promise.all([
			api.post('/api/meetings', { title: 'Not now' }),
			api.patch(`/api/meetings/${meeting.id}`, { title: 'Not now' }),
			api.post('/api/calls', { meeting_id: meeting.id }),
			api.del(`/api/meetings/${meeting.id}`),
		]);
		for (const reply of replies) {
			assertError(reply, 503);
			assertRetryAfter(reply);
		}
	});
	const { results } = assertStatus(await api.get('/api/meetings'), 200);
	assert.deepEqual(results, [meeting]);
	assertStatus(await api.post('/api/meetings', { title: 'Now' }), 201);
});

test('reading goes on while another writes', async () => {
	const user = await newUser(inst);
	const meeting = await newMeeting(inst, user);
	await whileLocked(async () => {
		assert.deepEqual(assertStatus(await as(inst, user).get(`/api/meetings/${meeting.id}`), 200), meeting);
		assertStatus(await as(inst, user).get('/api/auth/me'), 200);
		assertStatus(await request(inst, 'GET', '/api/health/'), 200);
	});
});

test('a request under an Idempotency-Key that met a busy database can be sent again', async () => {
	const user = await newUser(inst);
	const send = () =>
		as(inst, user).post(
			'/api/meetings',
			{ title: 'Retried' },
			{ headers: { 'Idempotency-Key': 'retry-1' } },
		);
	await whileLocked(async () => assertError(await send(), 503));
	assertStatus(await send(), 201);
	assertStatus(await send(), 201);
	assert.equal(assertStatus(await as(inst, user).get('/api/meetings'), 200).results.length, 1);
});

test('a session that is revoked while its change waits for the lock changes nothing', async () => {
	const user = await newUser(inst);
	let waiting;
	await whileLocked(async () => {
		waiting = as(inst, user).patch('/api/auth/me', { full_name: 'Too Late' });
		await pause(100); // by now it has shown its token and waits; if not, it is refused anyway
	}, `UPDATE login SET revoked_at = 1 WHERE user_id = ${user.id};`);
	assertError(await waiting, 401);
	const again = await loginWith(inst, user.email, user.password);
	assert.equal(assertStatus(await as(inst, again).get('/api/auth/me'), 200).full_name, user.full_name);
});
