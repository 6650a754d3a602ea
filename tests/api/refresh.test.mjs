// docs/PROTOCOL.md: refresh tokens rotate; within 10 s of its first use one gets another pair, for two tabs at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, login, newUser, request, useInstance } from '../lib/api.mjs';
import { claimsOf } from '../lib/jwt.mjs';

const inst = await useInstance();

const refresh = (token) => request(inst, 'POST', '/api/auth/refresh', { json: { refresh: token } });

test('refresh gives the reply of login, with new tokens, in the same login session', async () => {
	const user = await newUser(inst);
	const body = assertStatus(await refresh(user.refresh), 200);
	assert.deepEqual(Object.keys(body).sort(), ['access', 'expires_in', 'refresh', 'token_type', 'user']);
	assert.deepEqual(body.user, { id: user.id, email: user.email, full_name: user.full_name });
	assert.notEqual(body.refresh, user.refresh);
	assert.notEqual(body.access, user.access);
	assert.equal(claimsOf(body.access).sid, claimsOf(user.access).sid);
	assertStatus(await as(inst, body).get('/api/auth/me'), 200);
});

test('the new refresh token works in its turn', async () => {
	const user = await newUser(inst);
	let token = user.refresh;
	for (let i = 0; i < 4; i++) token = assertStatus(await refresh(token), 200).refresh;
	assert.notEqual(token, user.refresh);
});

test('two tabs that refresh one after the other both get a pair that works', async () => {
	const user = await newUser(inst);
	const first = assertStatus(await refresh(user.refresh), 200);
	const second = assertStatus(await refresh(user.refresh), 200);
	for (const pair of [first, second]) {
		assertStatus(await as(inst, pair).get('/api/auth/me'), 200);
		assertStatus(await refresh(pair.refresh), 200);
	}
});

test('two tabs that refresh at the same moment both get a pair that works', async () => {
	const user = await newUser(inst);
	const replies = await Promise.all([user.refresh, user.refresh].map(refresh));
	const pairs = replies.map((reply) => assertStatus(reply, 200));
	for (const pair of pairs) assertStatus(await refresh(pair.refresh), 200);
});

test('a refresh makes no second login session', async () => {
	const user = await newUser(inst);
	const pair = assertStatus(await refresh(user.refresh), 200);
	const { results } = assertStatus(await as(inst, pair).get('/api/auth/sessions'), 200);
	assert.equal(results.length, 1);
});

const badTokens = [
	['that nobody gave out', () => 'A'.repeat(43), 401],
	['that is empty', () => '', [400, 401]],
	['that is an access token', (user) => user.access, 401],
	['with one letter changed', (user) => flipLast(user.refresh), 401],
	['of 5 KB', () => 'A'.repeat(5000), [400, 401]],
	['with spaces and quotes', () => "' OR 1=1 --", [400, 401]],
];
for (const [what, make, expected] of badTokens)
	test(`a refresh token ${what} is refused`, async () => {
		const reply = await refresh(make(await newUser(inst)));
		const allowed = [expected].flat();
		assert.ok(allowed.includes(reply.status), `got ${reply.status}: ${reply.text}`);
		assertError(reply, reply.status);
	});

function flipLast(token) {
	const middle = token.length >> 1;
	const other = token[middle] === 'A' ? 'B' : 'A';
	return token.slice(0, middle) + other + token.slice(middle + 1);
}

test('a refresh token that is missing is named', async () => {
	const reply = await request(inst, 'POST', '/api/auth/refresh', { json: {} });
	assertError(reply, 400, { field: 'refresh', message: 'refresh is required' });
});

test('a refresh token is no access token', async () => {
	const user = await newUser(inst);
	assertError(await request(inst, 'GET', '/api/auth/me', { token: user.refresh }), 401);
});

test('a number as refresh token names the field', async () => {
	await login(inst, 'guest');
	assertError(await refresh(12345), 400, { field: 'refresh' });
});
