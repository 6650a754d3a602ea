// docs/PROTOCOL.md: tokens end by themselves. Short lives by configuration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { as, assertError, assertStatus, loginWith, newUser, request, useInstance } from '../lib/api.mjs';
import { SLOWER, until } from '../lib/instance.mjs';

const inst = await useInstance({ conf: { token_ttl: `${SLOWER}s`, refresh_ttl: `${5 * SLOWER}s` } });

test('an access token stops working when its time is over, and a refresh gives another', async () => {
	const user = await newUser(inst);
	const session = await loginWith(inst, user.email, user.password);
	assert.equal(session.expires_in, SLOWER);
	const refused = await until(async () => {
		const reply = await as(inst, session).get('/api/auth/me');
		return reply.status !== 200 && reply;
	}, 'the access token expires');
	assertError(refused, 401);
	const reply = await request(inst, 'POST', '/api/auth/refresh', { json: { refresh: session.refresh } });
	assertStatus(await as(inst, assertStatus(reply, 200)).get('/api/auth/me'), 200);
});

test('a refresh token stops working when its time is over', async () => {
	const user = await newUser(inst);
	const { refresh } = await loginWith(inst, user.email, user.password);
	await pause(5500 * SLOWER);
	assertError(await request(inst, 'POST', '/api/auth/refresh', { json: { refresh } }), 401);
});
