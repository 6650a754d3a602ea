// docs/PROTOCOL.md: registration where it is open, and the limits of what an account consists of.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	as,
	assertError,
	assertStatus,
	newEmail,
	newPassword,
	request,
	tryLogin,
	useInstance,
} from '../lib/api.mjs';

const inst = await useInstance({ conf: { registration: 'open' } });

const register = (json) => request(inst, 'POST', '/api/auth/register', { json });
const person = (changes) => ({
	email: newEmail(),
	password: newPassword(),
	full_name: 'New Person',
	...changes,
});

test('registering gives 201 and the reply of login, and the tokens work', async () => {
	const who = person();
	const body = assertStatus(await register(who), 201);
	assert.deepEqual(Object.keys(body).sort(), ['access', 'expires_in', 'refresh', 'token_type', 'user']);
	assert.deepEqual({ ...body.user, id: 0 }, { id: 0, email: who.email, full_name: who.full_name });
	const me = assertStatus(await as(inst, body).get('/api/auth/me'), 200);
	assert.equal(me.is_admin, false);
	assertStatus(await tryLogin(inst, who.email, who.password), 200);
	assertStatus(await request(inst, 'POST', '/api/auth/refresh', { json: { refresh: body.refresh } }), 200);
});

test('an address that is taken is 409, however its letters are cased', async () => {
	const who = person();
	assertStatus(await register(who), 201);
	assertError(await register(person({ email: who.email })), 409);
	assertError(await register(person({ email: who.email.toUpperCase() })), 409);
	assertStatus(await tryLogin(inst, who.email, who.password), 200);
});

test('ten registrations of one address at once make one user', async () => {
	const email = newEmail();
	const replies = await Promise.all(Array.from({ length: 10 }, () => register(person({ email }))));
	const statuses = replies.map((reply) => reply.status).sort();
	assert.deepEqual(statuses, [201, ...Array(9).fill(409)]);
});

test('whoever registers is no administrator, whatever the body says', async () => {
	const body = assertStatus(await register(person({ is_admin: true, id: 1, admin: true })), 201);
	const me = assertStatus(await as(inst, body).get('/api/auth/me'), 200);
	assert.equal(me.is_admin, false);
	assert.notEqual(me.id, 1);
});

test('an e-mail address may have 254 characters and not 255', async () => {
	const [fits, over] = [longEmail(254), longEmail(255)];
	assert.deepEqual([fits.length, over.length], [254, 255]);
	assertStatus(await register(person({ email: fits })), 201);
	assertError(await register(person({ email: over })), 400, { field: 'email' });
});

/** An address of exactly `length` characters whose labels are all of a legal length (RFC 1035 §2.3.4). */
function longEmail(length) {
	const local = newEmail().split('@')[0];
	let domain = 'example';
	for (let room = length - local.length - 1 - domain.length; room > 0;) {
		const label = room > 62 ? 50 : room;
		domain = `${'d'.repeat(label - 1)}.${domain}`;
		room -= label;
	}
	return `${local}@${domain}`;
}

const bad = [
	['an empty e-mail', { email: '' }, 'email'],
	['an e-mail without @', { email: 'nobody.example' }, 'email'],
	['an e-mail with a space', { email: 'no body@test.example' }, 'email'],
	['an e-mail with a line break', { email: 'nobody@test.example\r\nBcc: all@test.example' }, 'email'],
	['an e-mail without a name', { email: '@test.example' }, 'email'],
	['an e-mail without a domain', { email: 'nobody@' }, 'email'],
	['an e-mail that is a list', { email: ['nobody@test.example'] }, 'email'],
	['a password of 7 bytes', { password: '1234567' }, 'password'],
	['a password of 1,025 bytes', { password: 'p'.repeat(1025) }, 'password'],
	['a password that is a number', { password: 12345678 }, 'password'],
	['an empty full name', { full_name: '' }, 'full_name'],
	['a full name of 151 characters', { full_name: 'n'.repeat(151) }, 'full_name'],
	['a full name that is true', { full_name: true }, 'full_name'],
];
for (const [what, changes, field] of bad)
	test(`registering with ${what} is 400 and makes no user`, async () => {
		const who = person(changes);
		assertError(await register(who), 400, { field });
		const reply = await tryLogin(inst, who.email, who.password);
		assert.ok([400, 401].includes(reply.status));
	});

for (const field of ['email', 'password', 'full_name'])
	test(`registering without ${field} names it`, async () => {
		const who = person();
		delete who[field];
		assertError(await register(who), 400, { field, message: `${field} is required` });
	});

test('the longest password and name that are allowed work', async () => {
	const who = person({ password: 'ü'.repeat(512), full_name: '名'.repeat(150) });
	const body = assertStatus(await register(who), 201);
	assert.equal(body.user.full_name, who.full_name);
	assertStatus(await tryLogin(inst, who.email, who.password), 200);
});

test('an Idempotency-Key has no effect on registration', async () => {
	const headers = { 'Idempotency-Key': 'register-once' };
	const who = person();
	const register = (json) => request(inst, 'POST', '/api/auth/register', { json, headers });
	assertStatus(await register(who), 201);
	assertError(await register(who), 409);
	assertStatus(await register(person()), 201);
});
