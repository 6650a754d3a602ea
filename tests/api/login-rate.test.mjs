// login_rate: one client address has so many attempts a second at passwords, whose hashes cost a worker's time.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newEmail, newPassword, newUser, request, tryLogin, useInstance } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';

const inst = await useInstance({ conf: { login_rate: 5, registration: 'open' } });

let addresses = 0;
/** As if from a client address that no other test has. */
const fromNewAddress = () => ({ 'X-Forwarded-For': `203.0.113.${(addresses += 1)}` });
const signUp = (headers) =>
	request(inst, 'POST', '/api/auth/register', {
		json: { email: newEmail(), password: newPassword(), full_name: 'N' },
		headers,
	});

const attempts = [
	['logins', (headers) => tryLogin(inst, newEmail(), newPassword(), { headers }), 401],
	['registrations', signUp, 201],
];
for (const [what, attempt, status] of attempts)
	test(`${what} over the rate are 429 with Retry-After, those of another address are not, and it passes`, async () => {
		const headers = fromNewAddress();
		const replies = await Promise.all(Array.from({ length: 40 }, () => attempt(headers)));
		const refused = replies.filter((reply) => reply.status === 429);
		assert.ok(refused.length >= 10, `${refused.length} of 40 were refused`);
		refused.forEach((reply) => assertError(reply, 429, { code: 'rate_limited' }));
		assert.ok(replies.some((reply) => reply.status === status));
		assertStatus(await attempt(fromNewAddress()), status);
		await until(async () => (await attempt(headers)).status === status, 'it passes');
	});

test('an IPv6 site has one count', async () => {
	const replies = await Promise.all(
		Array.from({ length: 40 }, (_, i) =>
			tryLogin(inst, newEmail(), newPassword(), { headers: { 'X-Forwarded-For': `2001:db8::${i + 1}` } }),
		),
	);
	assert.ok(replies.filter((reply) => reply.status === 429).length >= 10);
	const next = { headers: { 'X-Forwarded-For': '2001:db8:0:1::1' } };
	assertStatus(await tryLogin(inst, newEmail(), newPassword(), next), 401);
});

test('what needs no password is not counted', async () => {
	const user = await newUser(inst);
	const replies = await Promise.all(Array.from({ length: 40 }, () => as(inst, user).get('/api/auth/me')));
	replies.forEach((reply) => assertStatus(reply, 200));
});
