// docs/PROTOCOL.md: five failures for one account from one address, then 429 until the window has passed.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	assertError,
	assertStatus,
	newEmail,
	newPassword,
	newUser,
	tryLogin,
	useInstance,
} from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';

const inst = await useInstance();
const seconds = 6;
const forgetful = await useInstance({ conf: { login_window: `${seconds}s` } });

async function fail(inst, email, times) {
	for (let i = 0; i < times; i++) assertError(await tryLogin(inst, email, newPassword()), 401);
}

test('after five failures even the right password is 429, until the window has passed', async () => {
	const user = await newUser(forgetful);
	await fail(forgetful, user.email, 5);
	const refused = await tryLogin(forgetful, user.email, user.password);
	assertError(refused, 429);
	assert.ok(Number(refused.headers['retry-after']) <= seconds + 1, 'Retry-After is within the window');
	await until(
		async () => (await tryLogin(forgetful, user.email, user.password)).status === 200,
		'the right password works again',
		3 * seconds * 1000,
	);
});

test('four failures do no harm, and a success resets the count', async () => {
	const user = await newUser(inst);
	await fail(inst, user.email, 4);
	assertStatus(await tryLogin(inst, user.email, user.password), 200);
	await fail(inst, user.email, 4);
	assertStatus(await tryLogin(inst, user.email, user.password), 200);
});

test("one account's failures do not lock another out", async () => {
	const [locked, free] = [await newUser(inst), await newUser(inst)];
	await fail(inst, locked.email, 5);
	assertError(await tryLogin(inst, locked.email, locked.password), 429);
	assertStatus(await tryLogin(inst, free.email, free.password), 200);
});

test('an account locked for one address is open to another', async () => {
	const user = await newUser(inst);
	await fail(inst, user.email, 5);
	assertError(await tryLogin(inst, user.email, user.password), 429);
	const elsewhere = await tryLogin(inst, user.email, user.password, {
		headers: { 'X-Forwarded-For': '203.0.113.9' },
	});
	assertStatus(elsewhere, 200);
});

test('an address that no user has is limited just the same', async () => {
	const email = newEmail();
	await fail(inst, email, 5);
	assertError(await tryLogin(inst, email, newPassword()), 429);
});

test('the other case of the letters does not make it another account', async () => {
	const user = await newUser(inst);
	await fail(inst, user.email, 3);
	await fail(inst, user.email.toUpperCase(), 2);
	assertError(await tryLogin(inst, user.email, user.password), 429);
});

test('failures that come all at once are counted too', async () => {
	const user = await newUser(inst);
	const replies = await Promise.all(
		Array.from({ length: 12 }, () => tryLogin(inst, user.email, newPassword())),
	);
	const statuses = replies.map((reply) => reply.status);
	assert.ok(
		statuses.every((status) => [401, 429].includes(status)),
		statuses.join(' '),
	);
	assert.ok(statuses.includes(429), 'the limit holds against parallel guesses');
	assertError(await tryLogin(inst, user.email, user.password), 429);
});

test('the addresses of an IPv6 site count together', async () => {
	const user = await newUser(inst);
	const from = (address) => ({ headers: { 'X-Forwarded-For': address } });
	for (let i = 1; i <= 5; i++)
		assertError(await tryLogin(inst, user.email, newPassword(), from(`2001:db8::${i}`)), 401);
	assertError(await tryLogin(inst, user.email, user.password, from('2001:db8::6')), 429);
	assertStatus(await tryLogin(inst, user.email, user.password, from('2001:db8:0:1::6')), 200);
});
