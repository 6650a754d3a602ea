// docs/PROTOCOL.md: the two public questions, and that both work with and without the trailing slash.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertStatus, request, timePattern, useInstance } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';

const inst = await useInstance();

test("health is public and says healthy, with the report's fields", async () => {
	const reply = await request(inst, 'GET', '/api/health/');
	const { status, message, timestamp } = assertStatus(reply, 200);
	assert.equal(status, 'healthy');
	assert.equal(message, 'Realtime API is running');
	assert.match(timestamp, timePattern);
	assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, 'the timestamp is the present time');
});

test('ready names the database and the signaling daemon', async () => {
	const body = assertStatus(await request(inst, 'GET', '/api/health/ready'), 200);
	assert.equal(typeof body.status, 'string');
	assert.deepEqual(Object.keys(body.checks).sort(), ['database', 'signaling']);
});

test('health ignores credentials, good or bad', async () => {
	const reply = await request(inst, 'GET', '/api/health/', { token: 'not.a.token' });
	assertStatus(reply, 200);
});

for (const path of [
	'/api/health',
	'/api/health/',
	'/api/health/ready',
	'/api/health/ready/',
	'/api/health/?now=1',
])
	test(`GET ${path} answers itself, without a redirect`, async () => {
		const reply = await request(inst, 'GET', path);
		assertStatus(reply, 200);
		assert.match(reply.headers['content-type'], /^application\/json\b/);
		assert.ok(reply.headers['x-request-id']);
	});

test('each reply has a request id of its own', async () => {
	const replies = await Promise.all(Array.from({ length: 20 }, () => request(inst, 'GET', '/api/health/')));
	const ids = new Set(replies.map((reply) => reply.headers['x-request-id']));
	assert.equal(ids.size, replies.length);
});

// A CGI program has no memory in which the answer could be kept for the next.
const keeps = inst.env.API !== 'cgi';

test('forty who ask whether it is ready do not keep the API from others while the daemon hangs', { skip: !keeps }, async () => {
	const frozen = inst.pid('signald');
	inst.kill('signald', 'SIGSTOP');
	try {
		const begin = Date.now();
		const asked = Promise.all(Array.from({ length: 40 }, () => request(inst, 'GET', '/api/health/ready')));
		assertStatus(await request(inst, 'GET', '/api/health/'), 200);
		(await asked).forEach((reply) => assertStatus(reply, 503));
		assert.ok(Date.now() - begin < 3000, `took ${Date.now() - begin} ms`);
	} finally {
		process.kill(frozen, 'SIGCONT');
	}
	await inst.waitReady();
});

test('ready is 503 while the signaling daemon does not answer, and health stays 200', async () => {
	const frozen = inst.pid('signald');
	inst.kill('signald', 'SIGSTOP');
	try {
		const reply = await until(async () => {
			const answer = await request(inst, 'GET', '/api/health/ready');
			return answer.status === 503 && answer;
		}, 'ready says 503');
		assert.deepEqual(Object.keys(reply.json.checks).sort(), ['database', 'signaling']);
		assertStatus(await request(inst, 'GET', '/api/health/'), 200);
	} finally {
		process.kill(frozen, 'SIGCONT');
	}
	await inst.waitReady();
});
