// docs/PROTOCOL.md: callers with a token of an external identity provider: who they are here, and how that ends.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import {
	as, assertError, assertStatus, newEmail, newMeeting, newUser, request, tryLogin, useInstance,
} from '../lib/api.mjs';
import { exitCode } from '../lib/ctl.mjs';
import { KeyFile, makeKey, person, sign } from '../lib/idp.mjs';
import { until } from '../lib/instance.mjs';
import { closeAll, connect } from '../lib/ws.mjs';

const [rsa, ec] = [await makeKey('RS256', 'rsa-1'), await makeKey('ES256', 'ec-1')];
const file = new KeyFile(rsa, ec);
// one worker: each reads the file by itself, at its own moment
const inst = await useInstance({ conf: { ...file.conf, jwks_provision: 'yes', workers: 1 } });

const me = (token) => request(inst, 'GET', '/api/auth/me', { token });
/** Somebody who has come once: {claims, access, id, …}. */
async function visitor(changes = {}, key = rsa) {
	const claims = person(changes);
	const access = await sign(key, claims);
	return { claims, access, ...assertStatus(await me(access), 200) };
}
/** Another token of the same session, a second later. */
const again = (user, changes = {}) =>
	sign(rsa, { ...user.claims, iat: user.claims.iat + 1, exp: user.claims.exp + 1, ...changes });

for (const key of [rsa, ec])
	test(`a token signed with ${key.alg} makes an account at first sight, and is its user from then on`, async () => {
		const user = await visitor({ name: 'Zoë Provided' }, key);
		assert.equal(user.full_name, 'Zoë Provided');
		assert.equal(user.email, user.claims.email);
		assert.equal(user.is_admin, false);
		const other = await sign(key, { ...user.claims, sid: 'another session', email: newEmail(), name: 'New Name' });
		const same = assertStatus(await me(other), 200);
		assert.deepEqual([same.id, same.email, same.full_name], [user.id, user.email, user.full_name]);
	});

test('a name that no account may have is as none: the address gives one', async () => {
	const user = await visitor({ name: 'x'.repeat(151), preferred_username: undefined });
	assert.equal(user.full_name, user.claims.email.split('@')[0]);
	assert.equal((await visitor({ name: undefined, preferred_username: 'pat' })).full_name, 'pat');
});

test('the name that a long address gives ends with a whole character', async () => {
	const user = await visitor({ name: undefined, email: `a${'é'.repeat(100)}@x.example` });
	assert.equal(user.full_name, `a${'é'.repeat(74)}`);
});

test('two tokens at once of somebody new make one account and one login session', async () => {
	const token = await sign(rsa, person());
	const replies = await Promise.all(Array.from({ length: 8 }, () => me(token)));
	assert.deepEqual([...new Set(replies.map((reply) => assertStatus(reply, 200).id))].length, 1);
	const sessions = assertStatus(await as(inst, { access: token }).get('/api/auth/sessions'), 200).results;
	assert.equal(sessions.length, 1);
	assert.equal(sessions[0].current, true);
});

test('a local account is not taken over by its e-mail address, whatever the case', async () => {
	const local = await newUser(inst);
	for (const email of [local.email, local.email.toUpperCase()])
		assertError(await me(await sign(rsa, person({ email }))), 401, { message: "the token's e-mail address belongs to an account of its own" });
	assertStatus(await as(inst, local).get('/api/auth/me'), 200);
});

test('who has no verified e-mail address gets no account', async () => {
	for (const claims of [
		{ email: undefined }, { email_verified: undefined }, { email_verified: false }, { email_verified: 'true' },
		{ email: 'no address' }, { email: 7 }, { email: '' },
	])
		assertError(await me(await sign(rsa, person(claims))), 401, { message: 'the token names no e-mail address that its provider has verified' });
});

test('an account made for a provider has no password', async () => {
	const user = await visitor();
	assertError(await tryLogin(inst, user.email, '!'), 401, { code: 'invalid_credentials' });
	assertError(await as(inst, user).post('/api/auth/password', {
		current_password: '!', new_password: 'a new password',
	}), 403);
});

test('such a user makes a meeting, enters it by token and by ticket, and calls', async () => {
	const user = await visitor();
	const meeting = await newMeeting(inst, user);
	const ways = [
		{ token: user.access },
		{ headers: { Authorization: `Bearer ${user.access}` } },
		{ protocols: ['unio.v1'], first: [{ type: 'auth', token: user.access }] },
		{ protocols: ['unio.v1', `unio.ticket.${assertStatus(
			await as(inst, user).post(`/api/meetings/${meeting.id}/ticket`), 201).ticket}`] },
	];
	for (const way of ways) {
		const client = await connect(inst, meeting.id, way);
		assert.equal((await client.next('welcome')).self.user_id, user.id);
	}
	assertStatus(await as(inst, user).post('/api/calls', { meeting_id: meeting.id }), 201);
	closeAll();
});

test('who comes to the WebSocket first gets the account there, and may be invited already', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const claims = person();
	const token = await sign(ec, claims);
	const stranger = await connect(inst, meeting.id, { token });
	assert.equal((await stranger.closed).code, 4403);
	assertStatus(await as(inst, host).post(`/api/meetings/${meeting.id}/participants`, { email: claims.email }), 201);
	const guest = await connect(inst, meeting.id, { token });
	assert.equal((await guest.next('welcome')).self.role, 'participant');
	closeAll();
});

test('a token without an account is told 4401 at the WebSocket', async () => {
	const meeting = await newMeeting(inst, await newUser(inst));
	const client = await connect(inst, meeting.id, { token: await sign(rsa, person({ email: undefined })) });
	assert.equal((await client.closed).code, 4401);
});

const ends = {
	'logout': (user) => as(inst, user).post('/api/auth/logout'),
	'the deletion of its session': async (user) => {
		const [{ id }] = assertStatus(await as(inst, user).get('/api/auth/sessions'), 200).results;
		return as(inst, user).del(`/api/auth/sessions/${id}`);
	},
	'unioctl session revoke': (user) => inst.ctl(['session', 'revoke', user.email, '--all']),
	'unioctl user disable': (user) => inst.ctl(['user', 'disable', user.email]),
};
for (const [what, end] of Object.entries(ends))
	test(`${what} closes the sockets and ends the session's tokens, later ones included`, async () => {
		const user = await visitor();
		const meeting = await newMeeting(inst, user);
		const client = await connect(inst, meeting.id, { token: user.access });
		await client.next('welcome');
		const done = await end(user);
		assert.ok(done.status === 204 || done.code === 0, JSON.stringify(done));
		assert.equal((await client.closed).code, 4406);
		for (const token of [user.access, await again(user)]) {
			assertError(await me(token), 401);
			const back = await connect(inst, meeting.id, { token });
			assert.equal((await back.closed).code, 4401);
		}
	});

test('a session that was never seen is not opened by a token from before the last revocation', async () => {
	const user = await visitor();
	assertStatus(await as(inst, user).post('/api/auth/logout'), 204);
	const now = Math.floor(Date.now() / 1000);
	assertError(await me(await again(user, { sid: 'older', iat: now - 60 })), 401);
	assertStatus(await me(await again(user, { sid: 'newer', iat: now + 1 })), 200);
});

test('tokens without sid share a login session; after its end, one that was issued later opens another', async () => {
	const user = await visitor({ sid: undefined });
	const second = await again(user);
	assertStatus(await me(second), 200);
	const count = async (token) =>
		assertStatus(await as(inst, { access: token }).get('/api/auth/sessions'), 200).results.length;
	assert.equal(await count(second), 1);
	const older = await again(user, { iat: user.claims.iat - 10 });
	assertStatus(await me(older), 200);
	assertStatus(await as(inst, user).post('/api/auth/logout'), 204);
	assertError(await me(older), 401);
	const later = await again(user, { iat: Math.floor(Date.now() / 1000) + 1 });
	assertStatus(await me(later), 200);
	assert.equal(await count(later), 1);
	assertError(await me(older), 401);
});

test('a token without sid that is ended in the very second in which it was issued stays ended', async () => {
	await until(() => Date.now() % 1000 < 200, 'a second begins', 2000);
	const user = await visitor({ sid: undefined });
	assertStatus(await as(inst, user).post('/api/auth/logout'), 204);
	assertError(await me(user.access), 401);
});

test('who was disabled stays out by any session, and comes back when enabled', async () => {
	const user = await visitor();
	assert.equal((await inst.ctl(['user', 'disable', user.email])).code, 0);
	const later = { sid: 'later', iat: Math.floor(Date.now() / 1000) + 1 };
	assertError(await me(await again(user, later)), 401);
	assert.equal((await inst.ctl(['user', 'enable', user.email])).code, 0);
	assertStatus(await me(await again(user, later)), 200);
});

test('one session too many ends the oldest, and the audit trail says so', async () => {
	const user = await visitor();
	const [{ id }] = assertStatus(await as(inst, user).get('/api/auth/sessions'), 200).results;
	for (let i = 0; i < 100; i++)
		assertStatus(await me(await again(user, { sid: `one of many ${i}` })), 200);
	assertError(await me(user.access), 401);
	assert.deepEqual(await inst.sql(`SELECT action, user_id, object_id FROM audit WHERE action = 'session.revoke' AND user_id = ${user.id}`),
		[{ action: 'session.revoke', user_id: user.id, object_id: id }]);
});

test('who is erased stays out, by any token, until an operator lets them back in: as somebody new', async () => {
	const user = await visitor();
	const meeting = await newMeeting(inst, await newUser(inst));
	assert.equal((await inst.ctl(['user', 'erase', user.email])).code, 0);
	const later = await again(user, { sid: 'later', email: newEmail(), iat: Math.floor(Date.now() / 1000) + 1 });
	const erased = { message: 'the account of this token was erased here' };
	for (const token of [user.access, later]) {
		assertError(await me(token), 401, erased);
		assert.equal((await (await connect(inst, meeting.id, { token })).closed).code, 4401);
	}
	assert.deepEqual(inst.sql(`SELECT id FROM account WHERE email = '${user.email}'`), []);
	const readmit = (subject) => inst.ctl(['user', 'readmit', subject]);
	assert.equal((await readmit(`${user.claims.sub}x`)).code, exitCode.notFound);
	assertError(await me(later), 401, erased);
	assert.equal((await readmit(user.claims.sub)).code, 0);
	assert.equal((await readmit(user.claims.sub)).code, exitCode.notFound);
	assert.notEqual(assertStatus(await me(later), 200).id, user.id);
	assert.equal(inst.sql("SELECT count(*) AS n FROM audit WHERE action = 'user.readmit'")[0].n, 1);
});

test('what is kept of an erased subject is a digest, which leads to no account', async () => {
	const user = await visitor();
	const before = inst.sql('SELECT digest FROM identity_erased').map(({ digest }) => digest);
	assert.equal((await inst.ctl(['user', 'erase', user.email])).code, 0);
	const rows = inst.sql('SELECT * FROM identity_erased').filter(({ digest }) => !before.includes(digest));
	const digest = createHash('sha256').update(`${user.claims.iss}\n${user.claims.sub}`).digest('hex');
	assert.deepEqual(rows, [{ digest }]);
	for (const { name } of inst.sql("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'identity_erased'")) {
		const dump = JSON.stringify(inst.sql(`SELECT * FROM "${name}"`));
		assert.ok(!dump.includes(user.claims.sub) && !dump.includes(digest), name);
	}
});

test('a key that is taken out of the file ends its tokens within a second or two; one that is added is believed', async () => {
	const user = await visitor();
	const added = await makeKey('ES256', 'ec-2');
	const token = await sign(added, { ...user.claims, sid: 'by another key' });
	assertError(await me(token), 401);
	file.write(ec, added);
	await until(async () => (await me(token)).status === 200, 'the new key is believed');
	await until(async () => (await me(user.access)).status === 401, 'the old key is not');
	const meeting = await newMeeting(inst, { access: token });
	assert.equal((await (await connect(inst, meeting.id, { token: user.access })).closed).code, 4401);
	file.writeText('{"keys":[');
	await until(async () => {
		assertStatus(await me(token), 200);
		return /event=jwks.*error=/.test(inst.logs());
	}, 'the damage is logged, and changes nothing');
	file.write(rsa, ec);
	await until(async () => (await me(user.access)).status === 200, 'it is mended');
});

test("our own tokens are not the provider's affair", async () => {
	const user = await newUser(inst);
	assertStatus(await as(inst, user).get('/api/auth/me'), 200);
});

test('a session is remembered for as long as its newest token needs it', async () => {
	const user = await visitor();
	const expiry = async () => (await inst.sql(`SELECT expires_at FROM login WHERE user_id = ${user.id}`))[0].expires_at;
	const first = await expiry();
	assert.ok(first > 1e6 * user.claims.exp);
	await inst.sql(`UPDATE login SET expires_at = ${1e6 * (user.claims.exp - 100)} WHERE user_id = ${user.id}`);
	assertStatus(await me(await again(user)), 200);
	assert.equal(await expiry(), first + 1e6);
});
