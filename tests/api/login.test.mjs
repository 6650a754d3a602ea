// docs/PROTOCOL.md: login, logout and what the tokens are worth in between.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	as,
	assertError,
	assertStatus,
	demo,
	login,
	loginWith,
	newEmail,
	newPassword,
	newUser,
	request,
	tryLogin,
	useInstance,
} from '../lib/api.mjs';
import { claimsOf } from '../lib/jwt.mjs';

const inst = await useInstance();

for (const [who, { id, email, full_name }] of Object.entries(demo))
	test(`the demo user ${who} can log in`, async () => {
		const reply = await login(inst, who);
		assert.deepEqual(reply.user, { id, email, full_name });
	});

test('login replies with the pair of tokens, their type, their life and the user', async () => {
	const user = await newUser(inst, { name: 'Zoë Müller' });
	const reply = await loginWith(inst, user.email, user.password);
	assert.deepEqual(Object.keys(reply).sort(), ['access', 'expires_in', 'refresh', 'token_type', 'user']);
	assert.equal(reply.token_type, 'Bearer');
	assert.equal(reply.expires_in, 3600);
	assert.deepEqual(reply.user, { id: user.id, email: user.email, full_name: 'Zoë Müller' });
	assert.equal(reply.refresh.split('.').length, 1, 'the refresh token is opaque');
});

test('the access token carries the claims that docs/PROTOCOL.md names', async () => {
	const user = await newUser(inst);
	const reply = await loginWith(inst, user.email, user.password);
	const claims = claimsOf(reply.access);
	assert.equal(claims.sub, String(user.id));
	assert.equal(claims.user_id, user.id);
	assert.equal(claims.email, user.email);
	assert.equal(claims.full_name, user.full_name);
	assert.equal(claims.token_type, 'access');
	assert.equal(claims.exp - claims.iat, reply.expires_in);
	assert.ok(Math.abs(claims.iat - Date.now() / 1000) < 60);
	for (const name of ['jti', 'iss', 'sid']) assert.ok(claims[name], `${name} is there`);
	const header = JSON.parse(Buffer.from(reply.access.split('.')[0], 'base64url'));
	assert.equal(header.alg, 'HS256');
});

test('two logins are two login sessions with different tokens', async () => {
	const user = await newUser(inst);
	const again = await loginWith(inst, user.email, user.password);
	assert.notEqual(again.access, user.access);
	assert.notEqual(again.refresh, user.refresh);
	assert.notEqual(claimsOf(again.access).sid, claimsOf(user.access).sid);
});

test('an e-mail address logs in however its letters are cased', async () => {
	const user = await newUser(inst);
	const reply = await loginWith(inst, user.email.toUpperCase(), user.password);
	assert.equal(reply.user.id, user.id);
});

test('a wrong password and an unknown user get the same 401', async () => {
	const user = await newUser(inst);
	const wrong = assertError(await tryLogin(inst, user.email, newPassword()), 401);
	const unknown = assertError(await tryLogin(inst, newEmail(), newPassword()), 401);
	assert.equal(wrong.error, unknown.error);
	assert.equal(wrong.code, unknown.code);
});

const badLogins = [
	['no e-mail', { password: 'whatever-1' }, 'email'],
	['no password', { email: 'a@test.example' }, 'password'],
	['an e-mail that is a number', { email: 1, password: 'whatever-1' }, 'email'],
	['a password that is an array', { email: 'a@test.example', password: ['whatever-1'] }, 'password'],
	['a password that is null', { email: 'a@test.example', password: null }, 'password'],
];
for (const [what, json, field] of badLogins)
	test(`a login with ${what} is 400 and names the field`, async () => {
		assertError(await request(inst, 'POST', '/api/auth/login', { json }), 400, { field });
	});

test('a password of 100 KB is refused without harm', async () => {
	const reply = await tryLogin(inst, demo.guest.email, 'x'.repeat(100_000));
	assertError(reply, 413);
});

test('a password longer than any may be is refused', async () => {
	const user = await newUser(inst);
	const reply = await tryLogin(inst, user.email, 'x'.repeat(2000));
	assert.ok([400, 401].includes(reply.status), `got ${reply.status}`);
});

test('logout ends the access and the refresh token, and no other login session', async () => {
	const user = await newUser(inst);
	const other = await loginWith(inst, user.email, user.password);
	const reply = await as(inst, user).post('/api/auth/logout');
	assertStatus(reply, 204);
	assert.equal(reply.text, '');
	assertError(await as(inst, user).get('/api/auth/me'), 401);
	assertError(await request(inst, 'POST', '/api/auth/refresh', { json: { refresh: user.refresh } }), 401);
	assertError(await as(inst, user).post('/api/auth/logout'), 401);
	assertStatus(await as(inst, other).get('/api/auth/me'), 200);
});

const needLogin = [
	['POST', '/api/auth/logout'],
	['GET', '/api/auth/me'],
	['PATCH', '/api/auth/me'],
	['POST', '/api/auth/password'],
	['GET', '/api/auth/sessions'],
	['DELETE', '/api/auth/sessions/1'],
	['GET', '/api/meetings'],
	['POST', '/api/meetings'],
	['GET', '/api/meetings/1'],
	['PATCH', '/api/meetings/1'],
	['DELETE', '/api/meetings/1'],
	['POST', '/api/meetings/1/participants'],
	['DELETE', '/api/meetings/1/participants/2'],
	['POST', '/api/health/call/start'],
	['POST', '/api/health/call/end'],
	['GET', '/api/calls'],
	['POST', '/api/calls'],
	['GET', '/api/calls/1'],
	['POST', '/api/calls/1/end'],
	['GET', '/api/calls/1/attendance.csv'],
];
for (const [method, path] of needLogin)
	test(`${method} ${path} without a token is 401`, async () => {
		const json = ['POST', 'PATCH'].includes(method) ? {} : undefined;
		assertError(await request(inst, method, path, { json }), 401);
	});

const badAuthorizations = [
	['no scheme', (token) => token],
	['the scheme alone', () => 'Bearer'],
	['the scheme and a space', () => 'Bearer '],
	['another scheme', (token) => `Basic ${token}`],
	['two tokens', (token) => `Bearer ${token} ${token}`],
	['a token in quotes', (token) => `Bearer "${token}"`],
	['HTTP basic credentials', () => `Basic ${Buffer.from('admin@unio.app:admin123').toString('base64')}`],
];
for (const [what, make] of badAuthorizations)
	test(`an Authorization header with ${what} is 401`, async () => {
		const { access } = await login(inst, 'user');
		const headers = { Authorization: make(access) };
		assertError(await request(inst, 'GET', '/api/auth/me', { headers }), 401);
	});

test("the scheme's name may be in any case", async () => {
	const { access } = await login(inst, 'user');
	const headers = { Authorization: `bearer ${access}` };
	assertStatus(await request(inst, 'GET', '/api/auth/me', { headers }), 200);
});

test('a token in the query is no credential for the REST API', async () => {
	const { access } = await login(inst, 'user');
	assertError(await request(inst, 'GET', `/api/auth/me?token=${access}`), 401);
});
