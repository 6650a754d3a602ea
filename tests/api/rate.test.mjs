// docs/PROTOCOL.md: the API answers so many requests a second to one user, and then 429.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newUser, request, useInstance } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';

const inst = await useInstance({ conf: { api_rate: 5 } });

const flood = (user, count) =>
	Promise.all(Array.from({ length: count }, () => as(inst, user).get('/api/auth/me')));

test('over the rate a user gets 429 with Retry-After, others do not, and it passes', async () => {
	const [eager, calm] = [await newUser(inst), await newUser(inst)];
	const replies = await flood(eager, 80);
	const refused = replies.filter((reply) => reply.status === 429);
	assert.ok(refused.length >= 20, `${refused.length} of 80 were refused`);
	assert.ok(replies.some((reply) => reply.status === 200));
	refused.forEach((reply) => assertError(reply, 429));
	assertStatus(await as(inst, calm).get('/api/auth/me'), 200);
	assertStatus(await request(inst, 'GET', '/api/health/'), 200);
	await until(
		async () => (await as(inst, eager).get('/api/auth/me')).status === 200,
		'it is answered again',
	);
});

test('what is refused for its rate takes no effect', async () => {
	const user = await newUser(inst);
	const post = (_, i) => as(inst, user).post('/api/meetings', { title: `Number ${i}` });
	const replies = await Promise.all(Array.from({ length: 60 }, post));
	const made = replies
		.filter((reply) => reply.status === 201)
		.map((reply) => reply.json.id)
		.sort();
	assert.ok(made.length < 60);
	const listed = await until(async () => {
		const reply = await as(inst, user).get('/api/meetings?limit=100');
		return reply.status === 200 && reply.json.results.map((meeting) => meeting.id).sort();
	}, 'the list is answered');
	assert.deepEqual(listed, made);
});
