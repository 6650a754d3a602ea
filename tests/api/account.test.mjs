// docs/PROTOCOL.md: the user's own account and its login sessions.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	as,
	assertError,
	assertStatus,
	login,
	loginWith,
	newMeeting,
	newPassword,
	newUser,
	request,
	timePattern,
	tryLogin,
	useInstance,
} from '../lib/api.mjs';

const inst = await useInstance();

const sessionsOf = async (user) => assertStatus(await as(inst, user).get('/api/auth/sessions'), 200).results;

test('me is the user with is_admin and created_at', async () => {
	const user = await newUser(inst, { name: 'Ada L.' });
	const me = assertStatus(await as(inst, user).get('/api/auth/me'), 200);
	assert.equal(me.id, user.id);
	assert.equal(me.email, user.email);
	assert.equal(me.full_name, 'Ada L.');
	assert.equal(me.is_admin, false);
	assert.match(me.created_at, timePattern);
});

test('me says of an administrator that he is one', async () => {
	const me = assertStatus(await as(inst, await login(inst, 'admin')).get('/api/auth/me'), 200);
	assert.equal(me.is_admin, true);
});

test('nothing that me replies is a secret', async () => {
	const user = await newUser(inst);
	const reply = await as(inst, user).get('/api/auth/me');
	assert.deepEqual(
		Object.keys(assertStatus(reply, 200)).filter((name) => /pass|hash|secret|token/.test(name)),
		[],
	);
});

test('a new full name is kept and seen by others', async () => {
	const user = await newUser(inst);
	const changed = assertStatus(
		await as(inst, user).patch('/api/auth/me', { full_name: 'Grace "Amazing" Hopper' }),
		200,
	);
	assert.equal(changed.full_name, 'Grace "Amazing" Hopper');
	const meeting = await newMeeting(inst, user);
	assert.equal(meeting.host.full_name, 'Grace "Amazing" Hopper');
	const again = await loginWith(inst, user.email, user.password);
	assert.equal(again.user.full_name, 'Grace "Amazing" Hopper');
});

test('nobody makes himself an administrator or another user', async () => {
	const user = await newUser(inst);
	const body = { is_admin: true, id: 1, created_at: '2000-01-01T00:00:00.000000Z' };
	assertStatus(await as(inst, user).patch('/api/auth/me', body), 200);
	const me = assertStatus(await as(inst, user).get('/api/auth/me'), 200);
	assert.equal(me.is_admin, false);
	assert.equal(me.id, user.id);
	assert.notEqual(me.created_at, body.created_at);
});

const badNames = [
	['empty', ''],
	['a number', 7],
	['null', null],
	['an object', {}],
	['151 characters', 'x'.repeat(151)],
];
for (const [what, full_name] of badNames)
	test(`a full name that is ${what} is 400 and changes nothing`, async () => {
		const user = await newUser(inst);
		assertError(await as(inst, user).patch('/api/auth/me', { full_name }), 400, { field: 'full_name' });
		const me = assertStatus(await as(inst, user).get('/api/auth/me'), 200);
		assert.equal(me.full_name, user.full_name);
	});

test('a full name may have 150 characters, of several bytes too', async () => {
	const user = await newUser(inst);
	const full_name = 'ñ'.repeat(149) + '🙂';
	const me = assertStatus(await as(inst, user).patch('/api/auth/me', { full_name }), 200);
	assert.equal(me.full_name, full_name);
});

test('a new password replaces the old one and revokes the other login sessions', async () => {
	const user = await newUser(inst);
	const other = await loginWith(inst, user.email, user.password);
	const new_password = newPassword();
	const body = { current_password: user.password, new_password };
	const reply = await as(inst, user).post('/api/auth/password', body);
	assertStatus(reply, 204);
	assertStatus(await as(inst, user).get('/api/auth/me'), 200);
	assertStatus(await request(inst, 'POST', '/api/auth/refresh', { json: { refresh: user.refresh } }), 200);
	assertError(await as(inst, other).get('/api/auth/me'), 401);
	assertError(await request(inst, 'POST', '/api/auth/refresh', { json: { refresh: other.refresh } }), 401);
	assertError(await tryLogin(inst, user.email, user.password), 401);
	assertStatus(await tryLogin(inst, user.email, new_password), 200);
});

test('a wrong current password is 403 and changes nothing', async () => {
	const user = await newUser(inst);
	const other = await loginWith(inst, user.email, user.password);
	const body = { current_password: newPassword(), new_password: newPassword() };
	assertError(await as(inst, user).post('/api/auth/password', body), 403);
	assertStatus(await as(inst, other).get('/api/auth/me'), 200);
	assertStatus(await tryLogin(inst, user.email, user.password), 200);
});

for (const field of ['current_password', 'new_password'])
	test(`a change of password without ${field} names it`, async () => {
		const user = await newUser(inst);
		const body = { current_password: user.password, new_password: newPassword() };
		delete body[field];
		assertError(await as(inst, user).post('/api/auth/password', body), 400, { field });
	});

const newPasswords = [
	['7 bytes', 'a'.repeat(7), 400],
	['8 bytes', 'b'.repeat(8), 204],
	['1,024 bytes', 'c'.repeat(1024), 204],
	['1,025 bytes', 'd'.repeat(1025), 400],
	['4 characters of 2 bytes', 'é'.repeat(4), 204],
	['512 characters of 2 bytes', 'é'.repeat(512), 204],
	['513 characters of 2 bytes', 'é'.repeat(513), 400],
];
for (const [what, new_password, status] of newPasswords)
	test(`a new password of ${what} gets ${status}`, async () => {
		const user = await newUser(inst);
		const reply = await as(inst, user).post('/api/auth/password', {
			current_password: user.password,
			new_password,
		});
		if (status === 400) assertError(reply, 400, { field: 'new_password' });
		else assertStatus(reply, status);
		assertStatus(await tryLogin(inst, user.email, status === 400 ? user.password : new_password), 200);
	});

test('the sessions list shows each login with its address and program, and which one asks', async () => {
	const user = await newUser(inst);
	const phone = await loginWith(inst, user.email, user.password, {
		headers: { 'User-Agent': 'Phone/1.0 (test)' },
	});
	const sessions = await sessionsOf(phone);
	assert.equal(sessions.length, 2);
	for (const session of sessions) {
		assert.deepEqual(Object.keys(session).sort(), [
			'address',
			'created_at',
			'current',
			'id',
			'last_used_at',
			'user_agent',
		]);
		assert.match(session.created_at, timePattern);
		assert.match(session.last_used_at, timePattern);
		assert.equal(session.address, '127.0.0.1');
	}
	const current = sessions.filter((session) => session.current === true);
	assert.equal(current.length, 1);
	assert.equal(current[0].user_agent, 'Phone/1.0 (test)');
	assert.equal(sessions.find((session) => !session.current).current, false);
});

test('deleting another login session ends its tokens at once', async () => {
	const user = await newUser(inst);
	const other = await loginWith(inst, user.email, user.password);
	const { id } = (await sessionsOf(user)).find((session) => !session.current);
	const reply = await as(inst, user).del(`/api/auth/sessions/${id}`);
	assertStatus(reply, 204);
	assertError(await as(inst, other).get('/api/auth/me'), 401);
	assertError(await request(inst, 'POST', '/api/auth/refresh', { json: { refresh: other.refresh } }), 401);
	assert.equal((await sessionsOf(user)).length, 1);
	assertError(await as(inst, user).del(`/api/auth/sessions/${id}`), 404);
});

test('deleting the login session one uses is a logout', async () => {
	const user = await newUser(inst);
	const [{ id }] = await sessionsOf(user);
	assertStatus(await as(inst, user).del(`/api/auth/sessions/${id}`), 204);
	assertError(await as(inst, user).get('/api/auth/me'), 401);
});

test("nobody sees or deletes another user's login sessions, administrators included", async () => {
	const [user, stranger] = [await newUser(inst), await newUser(inst)];
	const [{ id }] = await sessionsOf(user);
	for (const other of [stranger, await login(inst, 'admin')]) {
		assert.ok((await sessionsOf(other)).every((session) => session.id !== id));
		assertError(await as(inst, other).del(`/api/auth/sessions/${id}`), 404);
	}
	assertStatus(await as(inst, user).get('/api/auth/me'), 200);
});

for (const id of ['0', '-1', 'abc', '99999999999999999999', '1.5'])
	test(`there is no login session ${id}`, async () => {
		assertError(await as(inst, await login(inst, 'user')).del(`/api/auth/sessions/${id}`), 404);
	});

test('registration is closed unless it is opened', async () => {
	const json = { email: 'someone@test.example', password: newPassword(), full_name: 'Some One' };
	assertError(await request(inst, 'POST', '/api/auth/register', { json }), 403);
	assertError(await tryLogin(inst, json.email, json.password), 401);
});

test('wrong current passwords are failed logins: after five even the right one is 429, there and at the login', async () => {
	const user = await newUser(inst);
	const change = (current_password) =>
		as(inst, user).post('/api/auth/password', { current_password, new_password: newPassword() });
	for (let i = 0; i < 5; i++) assertError(await change(newPassword()), 403, { code: 'wrong_password' });
	assertError(await change(user.password), 429, { code: 'too_many_failures' });
	assertError(await tryLogin(inst, user.email, user.password), 429, { code: 'too_many_failures' });
	assertStatus(await as(inst, user).get('/api/auth/me'), 200);
});

test('a hundred login sessions are live at most: one more ends the oldest', async () => {
	const user = await newUser(inst);
	const logins = [user];
	for (let i = 1; i < 100; i++) logins.push(await loginWith(inst, user.email, user.password));
	assertStatus(await as(inst, user).get('/api/auth/me'), 200);
	const last = await loginWith(inst, user.email, user.password);
	assertError(await as(inst, user).get('/api/auth/me'), 401);
	assertStatus(await as(inst, logins[1]).get('/api/auth/me'), 200);
	assert.equal((await sessionsOf(last)).length, 100);
	const events = inst.sql(`SELECT login_id FROM event WHERE type = 'login_revoked' AND user_id = ${user.id}`);
	assert.equal(events.length, 1);
});
