// docs/PROTOCOL.md: which access tokens are worth something. Each row makes one from a good token's claims.
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { as, assertError, assertStatus, loginWith, newUser, request, useInstance } from '../lib/api.mjs';
import { claimsOf, makeToken, signingKey } from '../lib/jwt.mjs';

const inst = await useInstance();
const user = await newUser(inst);
const good = user.access;
const key = await signingKey(inst, good);
const now = Math.floor(Date.now() / 1000);

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const [head, body, signature] = good.split('.');
const claims = claimsOf(good);
const without = (name) => {
	const rest = { ...claims };
	delete rest[name];
	return makeToken(rest, key);
};
const changed = (changes) => makeToken({ ...claims, ...changes }, key);
const underHeader = (header, hash = 'sha256') => makeToken(claims, key, { header, hash });
const flip = (text, at) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
const admin = { ...claims, sub: '1', user_id: 1 };

const accepted = [
	['as the server made it', good],
	["signed again with the server's key", changed({})],
	['with a claim that nobody knows', changed({ colour: 'green' })],
];
for (const [what, token] of accepted)
	test(`a token ${what} is accepted`, async () => {
		assertStatus(await request(inst, 'GET', '/api/auth/me', { token }), 200);
	});

const refused = [
	[
		'with alg none and no signature',
		makeToken(claims, key, { header: { alg: 'none', typ: 'JWT' }, hash: '' }),
	],
	['with alg None', makeToken(claims, key, { header: { alg: 'None', typ: 'JWT' }, hash: '' })],
	['with alg NONE and the old signature', `${part({ alg: 'NONE' })}.${body}.${signature}`],
	['with alg none and the old signature', `${part({ alg: 'none' })}.${body}.${signature}`],
	['with alg none for the administrator', makeToken(admin, key, { header: { alg: 'none' }, hash: '' })],
	['without a signature', `${head}.${body}.`],
	['without the last part', `${head}.${body}`],
	['of four parts', `${good}.${signature}`],
	['of five parts', `${good}.${head}.${body}`],
	['signed as HS512', underHeader({ alg: 'HS512', typ: 'JWT' }, 'sha512')],
	['signed as HS384', underHeader({ alg: 'HS384', typ: 'JWT' }, 'sha384')],
	['that says RS256 over an HMAC', underHeader({ alg: 'RS256', typ: 'JWT' })],
	['that says ES256 over an HMAC', underHeader({ alg: 'ES256', typ: 'JWT' })],
	['that says no algorithm', underHeader({ typ: 'JWT' })],
	['whose algorithm is a number', underHeader({ alg: 256, typ: 'JWT' })],
	['signed with another key', makeToken(claims, randomBytes(32))],
	['signed with an empty key', makeToken(claims, '')],
	['with a changed signature', `${head}.${body}.${flip(signature, 5)}`],
	['with a shortened signature', `${head}.${body}.${signature.slice(0, -4)}`],
	['with a changed payload', `${head}.${part(admin)}.${signature}`],
	['that expired an hour ago', changed({ iat: now - 7200, exp: now - 3600 })],
	['that expires this second', changed({ exp: now })],
	['that expired at the beginning of time', changed({ exp: 0 })],
	['whose exp is negative', changed({ exp: -1 })],
	['whose exp is a string', changed({ exp: String(now + 3600) })],
	['whose exp is null', changed({ exp: null })],
	['without exp', without('exp')],
	['of another issuer', changed({ iss: 'somebody-else' })],
	['without issuer', without('iss')],
	['of type refresh', changed({ token_type: 'refresh' })],
	['of no type', without('token_type')],
	['without sub', without('sub')],
	['whose sub is empty', changed({ sub: '' })],
	['whose sub is no number', changed({ sub: 'admin' })],
	['whose sub is negative', changed({ sub: '-1' })],
	['whose sub is beyond 64 bits', changed({ sub: '18446744073709551617' })],
	['of a user that is not there', changed({ sub: '999999', user_id: 999999 })],
	["of another user's login session", makeToken(admin, key)],
	['without login session', without('sid')],
	[
		'of a login session that is not there',
		changed({ sid: typeof claims.sid === 'number' ? 999999 : 'none' }),
	],
	['over 4,096 bytes, well signed', changed({ padding: 'x'.repeat(3500) })],
	['of 5 KB, well signed', changed({ padding: 'x'.repeat(4000) })],
	['of 5 KB of nothing', 'A'.repeat(5000)],
	['that is a refresh token', user.refresh],
	['that is empty parts', '..'],
	['that is not base64', '!!!.???.***'],
	['whose payload is not JSON', makeToken('not json', key)],
	['whose payload is an array', makeToken('[1,2,3]', key)],
	['whose payload is a string', makeToken('"1"', key)],
	['whose payload is empty', makeToken('', key)],
	[
		'whose payload has 1,000 levels',
		makeToken(`{"sub":"1","x":${'['.repeat(1000)}${']'.repeat(1000)}}`, key),
	],
];
for (const [what, token] of refused)
	test(`a token ${what} is 401`, async () => {
		assertError(await request(inst, 'GET', '/api/auth/me', { token }), 401);
	});

test('the token of a user who was disabled is 401, and so is his login', async () => {
	const gone = await newUser(inst);
	const done = await inst.ctl(['user', 'disable', gone.email]);
	if (done.code !== 0) throw new Error(done.stderr);
	assertError(await as(inst, gone).get('/api/auth/me'), 401);
	assertError(await request(inst, 'POST', '/api/auth/refresh', { json: { refresh: gone.refresh } }), 401);
	const login = await request(inst, 'POST', '/api/auth/login', {
		json: { email: gone.email, password: gone.password },
	});
	assertError(login, 401);
});

test("the tokens outlive a change of the user's name", async () => {
	const { access } = await loginWith(inst, user.email, user.password);
	assertStatus(await as(inst, { access }).patch('/api/auth/me', { full_name: 'Renamed' }), 200);
	assertStatus(await as(inst, { access }).get('/api/auth/me'), 200);
});
