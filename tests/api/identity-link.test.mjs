// unio.conf(5): who comes with an identity provider's token while no accounts are made for it, or while accounts that are
// there may be taken by their e-mail address.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	assertError, assertStatus, newEmail, newPassword, newUser, request, tryLogin, useInstance,
} from '../lib/api.mjs';
import { KeyFile, makeKey, person, sign } from '../lib/idp.mjs';

const key = await makeKey('ES256', 'ec-1');
const file = new KeyFile(key);
const [none, link, both] = [
	await useInstance({ conf: file.conf }),
	await useInstance({ conf: { ...file.conf, jwks_link_email: 'yes' } }),
	await useInstance({ conf: { ...file.conf, jwks_link_email: 'yes', jwks_provision: 'yes' } }),
];
const me = async (inst, claims) => request(inst, 'GET', '/api/auth/me', { token: await sign(key, claims) });

test('by default a good token of somebody new opens nothing, and makes nothing', async () => {
	const local = await newUser(none);
	const count = async () => (await none.sql('SELECT count(*) AS n FROM account'))[0].n;
	const before = await count();
	for (const claims of [person(), person({ email: local.email }), person({ email: undefined })])
		assertError(await me(none, claims), 401, { message: 'nobody has an account here by this token' });
	assert.equal(await count(), before);
});

test('with jwks_link_email who is new gets the account of the address, and keeps it when the address changes', async () => {
	for (const inst of [link, both]) {
		const local = await newUser(inst);
		const claims = person({ email: local.email.toUpperCase() });
		assert.equal(assertStatus(await me(inst, claims), 200).id, local.id);
		const renamed = await me(inst, { ...claims, sid: 'later', email: 'other@test.example' });
		assert.equal(assertStatus(renamed, 200).id, local.id);
		assertStatus(await tryLogin(inst, local.email, local.password), 200);
	}
});

test('not by an address that is not verified, nor by one of nobody', async () => {
	const local = await newUser(link);
	assertError(await me(link, person({ email: local.email, email_verified: false })), 401);
	assertError(await me(link, person({ email: local.email, email_verified: undefined })), 401);
	assertError(await me(link, person()), 401, { message: 'nobody has an account here by this token' });
});

test("never an administrator's account", async () => {
	const admin = await newUser(both, { admin: true });
	assertError(await me(both, person({ email: admin.email })), 401);
});

test('an account is one subject\'s: the next one with its address is refused', async () => {
	const local = await newUser(both);
	assertStatus(await me(both, person({ email: local.email })), 200);
	assertError(await me(both, person({ email: local.email })), 401);
	const made = person();
	assertStatus(await me(both, made), 200);
	assertError(await me(both, person({ email: made.email })), 401);
});

test('a disabled account stays closed to whoever has its address', async () => {
	const local = await newUser(both);
	assert.equal((await both.ctl(['user', 'disable', local.email])).code, 0);
	const claims = person({ email: local.email });
	assertError(await me(both, claims), 401, { message: 'the login session has ended' });
	assert.deepEqual(await both.sql(`SELECT * FROM identity WHERE user_id = ${local.id}`), []);
});

test('a new password ends the other sessions, those of the provider as well', async () => {
	const local = await newUser(link);
	const claims = person({ email: local.email });
	assertStatus(await me(link, claims), 200);
	assertStatus(await request(link, 'POST', '/api/auth/password', {
		token: local.access, json: { current_password: local.password, new_password: 'another good password' },
	}), 204);
	assertError(await me(link, claims), 401);
	assertError(await me(link, { ...claims, sid: 'unseen', iat: claims.iat - 5 }), 401);
});

/** As by POST /api/auth/register, while that was open: `unproven` is what it leaves. */
const anybody = async (inst) => {
	const local = await newUser(inst);
	inst.sql(`UPDATE account SET unproven = 1 WHERE id = ${local.id}`);
	return local;
};

test('an account that anybody may have made is nobody\'s by its address, until the operator has set its password', async () => {
	for (const inst of [link, both]) {
		const local = await anybody(inst);
		const claims = person({ email: local.email });
		for (let i = 0; i < 2; i++)
			assertError(await me(inst, claims), 401, { message: "the token's e-mail address belongs to an account of its own" });
		assert.deepEqual(inst.sql(`SELECT * FROM identity WHERE user_id = ${local.id}`), []);
		assertStatus(await tryLogin(inst, local.email, local.password), 200);
		assert.equal((await inst.ctl(['user', 'passwd', local.email], { input: 'a word of the operator\n' })).code, 0);
		assertError(await tryLogin(inst, local.email, local.password), 401);
		assertError(await request(inst, 'GET', '/api/auth/me', { token: local.access }), 401);
		assert.equal(assertStatus(await me(inst, { ...claims, iat: claims.iat + 2 }), 200).id, local.id);
	}
});

test('a password that its maker sets anew, or a name, changes nothing of that', async () => {
	const local = await anybody(link);
	assertStatus(await request(link, 'POST', '/api/auth/password', {
		token: local.access, json: { current_password: local.password, new_password: 'another good password' },
	}), 204);
	assertStatus(await request(link, 'PATCH', '/api/auth/me', { token: local.access, json: { full_name: 'Somebody' } }), 200);
	assertError(await me(link, person({ email: local.email })), 401);
});

test('who was registered while that was open is known as such', async () => {
	const open = await useInstance({ conf: { registration: 'open' } });
	const [email, password] = [newEmail(), newPassword()];
	assertStatus(await request(open, 'POST', '/api/auth/register', { json: { email, password, full_name: 'R' } }), 201);
	const added = await newUser(open);
	const unproven = (address) => open.sql(`SELECT unproven FROM account WHERE email = '${address}'`)[0].unproven;
	assert.deepEqual([unproven(email), unproven(added.email)], [1, 0]);
});

test('who is erased is nobody at the provider any more', async () => {
	const local = await newUser(link);
	const claims = person({ email: local.email });
	assertStatus(await me(link, claims), 200);
	assertStatus(await request(link, 'DELETE', '/api/auth/me', { token: local.access, json: { password: local.password } }), 204);
	assertError(await me(link, claims), 401);
	assert.deepEqual(await link.sql(`SELECT * FROM identity WHERE user_id = ${local.id}`), []);
});
