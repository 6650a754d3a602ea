// docs/PROTOCOL.md: who is kept out of a meeting, and sent out of its room (tests/ws/revoked has the sockets).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, login, newMeeting, newUser, timePattern, useInstance } from '../lib/api.mjs';
import { closeAll, connect } from '../lib/ws.mjs';

const inst = await useInstance({ conf: { workers: 1 } });

const person = ({ id, email, full_name }) => ({ id, email, full_name });
const path = (meeting, user) => `/api/meetings/${meeting.id}/bans${user ? `/${user.id}` : ''}`;
const participants = (meeting) => `/api/meetings/${meeting.id}/participants`;

async function newRoom() {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	return { host, guest, meeting: await newMeeting(inst, host, { participants: [guest] }) };
}

for (const key of ['user_id', 'email'])
	test(`a participant who is banned by ${key} is none any more: 201, and 200 the second time`, async () => {
		const { host, guest, meeting } = await newRoom();
		const body = key === 'email' ? { email: guest.email } : { user_id: guest.id };
		assert.deepEqual(assertStatus(await as(inst, host).post(path(meeting), body), 201), person(guest));
		assert.deepEqual(assertStatus(await as(inst, host).post(path(meeting), body), 200), person(guest));
		const { participants: left } = assertStatus(await as(inst, host).get(`/api/meetings/${meeting.id}`), 200);
		assert.deepEqual(left, []);
	});

test('the list says who, since when and by whom', async () => {
	const { host, guest, meeting } = await newRoom();
	const other = await newUser(inst);
	assertStatus(await as(inst, host).post(path(meeting), { user_id: guest.id }), 201);
	assert.equal((await inst.ctl(['meeting', 'ban', `${meeting.id}`, other.email])).code, 0);
	const { results } = assertStatus(await as(inst, host).get(path(meeting)), 200);
	assert.deepEqual(results.map(({ user, banned_by: by }) => [user, by]), [[person(guest), host.id], [person(other), null]]);
	assert.ok(results.every(({ banned_at: at }) => timePattern.test(at)));
});

test('whoever is banned cannot be added, by nobody, until the ban is lifted', async () => {
	const { host, guest, meeting } = await newRoom();
	assertStatus(await as(inst, host).post(path(meeting), { user_id: guest.id }), 201);
	assertError(await as(inst, host).post(participants(meeting), { user_id: guest.id }), 409, { code: 'user_banned' });
	assertError(await as(inst, guest).post(participants(meeting), { user_id: guest.id }), 404);
	assert.equal((await inst.ctl(['participant', 'add', `${meeting.id}`, guest.email])).code, 4);
	assertStatus(await as(inst, host).del(path(meeting, guest)), 204);
	assertError(await as(inst, host).del(path(meeting, guest)), 404);
	assertStatus(await as(inst, host).post(participants(meeting), { user_id: guest.id }), 201);
});

test('whoever is banned is told so where they would enter, start or end; to look it is not there', async () => {
	const { host, guest, meeting } = await newRoom();
	const call = assertStatus(await as(inst, host).post('/api/calls', { meeting_id: meeting.id }), 201);
	assertStatus(await as(inst, host).post(path(meeting), { user_id: guest.id }), 201);
	const banned = { code: 'banned' };
	assertError(await as(inst, guest).get(`/api/meetings/${meeting.id}/access`), 403, banned);
	assertError(await as(inst, guest).post(`/api/meetings/${meeting.id}/ticket`, {}), 403, banned);
	assertError(await as(inst, guest).post('/api/calls', { meeting_id: meeting.id }), 403, banned);
	assertError(await as(inst, guest).post(`/api/calls/${call.id}/end`, {}), 403, banned);
	assertError(await as(inst, guest).get(`/api/meetings/${meeting.id}`), 404);
});

test('the host cannot be banned, by nobody', async () => {
	const { host, meeting } = await newRoom();
	const admin = await login(inst, 'admin');
	for (const user of [host, admin])
		assertError(await as(inst, user).post(path(meeting), { user_id: host.id }), 409, { code: 'host_stays' });
	assert.equal((await inst.ctl(['meeting', 'ban', `${meeting.id}`, host.email])).code, 4);
});

test('a participant bans and kicks nobody, an outsider sees nothing, an administrator may', async () => {
	const { guest, meeting, host } = await newRoom();
	const outsider = await newUser(inst);
	const admin = await login(inst, 'admin');
	const kick = `/api/meetings/${meeting.id}/kick`;
	for (const [user, status] of [[guest, 403], [outsider, 404]]) {
		assertError(await as(inst, user).post(path(meeting), { user_id: outsider.id }), status);
		assertError(await as(inst, user).get(path(meeting)), status);
		assertError(await as(inst, user).del(path(meeting, outsider)), status);
		assertError(await as(inst, user).post(kick, { user_id: host.id }), status);
	}
	assertStatus(await as(inst, admin).post(path(meeting), { user_id: outsider.id }), 201);
	assertStatus(await as(inst, admin).get(path(meeting)), 200);
	assertStatus(await as(inst, admin).post(kick, { user_id: guest.id }), 204);
	assertStatus(await as(inst, admin).del(path(meeting, outsider)), 204);
});

test('only members are kicked; nobody learns by it who else has an account', async () => {
	const { host, meeting } = await newRoom();
	const outsider = await newUser(inst);
	const kick = `/api/meetings/${meeting.id}/kick`;
	assertError(await as(inst, host).post(kick, { user_id: outsider.id }), 404);
	assertError(await as(inst, host).post(kick, {}), 400);
	assertStatus(await as(inst, host).post(kick, { user_id: host.id }), 204);
});

test('who is there is who has a session, whatever the states of others name', async () => {
	const { host, guest, meeting } = await newRoom();
	const other = await newUser(inst);
	assertStatus(await as(inst, host).post(participants(meeting), { user_id: other.id }), 201);
	const client = await connect(inst, meeting.id, { token: other.access });
	await client.next('welcome');
	const named = `"user_id":${guest.id},"user_id":${guest.id}`;
	const half = '{"a":"\\\\\\"\\ud800"}';
	for (const state of [`{${named},"x":{${named}}}`, `${'{"a":'.repeat(30)}{${named}}${'}'.repeat(30)}`, half]) {
		client.sendRaw(`{"type":"state","id":1,"state":${state}}`);
		await client.next('ack');
		const { sessions } = assertStatus(await as(inst, host).get(`/api/meetings/${meeting.id}/presence`), 200);
		assert.deepEqual(sessions.map((one) => one.user_id), [other.id]);
		assertStatus(await as(inst, host).post(`/api/meetings/${meeting.id}/kick`, { user_id: guest.id }), 204);
	}
	const kicks = () => inst.sql(`SELECT user_id FROM audit WHERE action = 'meeting.kick' AND meeting_id = ${meeting.id}`);
	assert.deepEqual(kicks(), []);
	assertStatus(await as(inst, host).post(`/api/meetings/${meeting.id}/kick`, { user_id: other.id }), 204);
	assert.equal((await client.closed).code, 4405);
	assert.deepEqual(kicks(), [{ user_id: other.id }]);
	await closeAll();
});

test('the daemon is not asked for whoever may not kick', async () => {
	const { host, guest, meeting } = await newRoom();
	const kick = `/api/meetings/${meeting.id}/kick`;
	inst.kill('signald', 'SIGSTOP');
	try {
		for (const [user, status] of [[guest, 403], [await newUser(inst), 404]])
			assertError(await as(inst, user).post(kick, { user_id: host.id }), status);
		assertError(await as(inst, host).post(kick, {}), 400);
		const began = performance.now();
		assertError(await as(inst, host).get(`/api/meetings/${meeting.id}/presence`), 503);
		const took = performance.now() - began; // a worker that has asked in vain would not ask again so soon
		assert.ok(took > 400, `${took} ms`);
	} finally {
		inst.kill('signald', 'SIGCONT');
	}
	await inst.waitReady();
});

test('whoever was erased is nobody to invite, to ban or to kick, by id or by the address that is left', async () => {
	const { host, guest, meeting } = await newRoom();
	assertStatus(await as(inst, host).post(path(meeting), { user_id: guest.id }), 201);
	assert.equal((await inst.ctl(['user', 'erase', guest.email])).code, 0);
	assert.deepEqual(assertStatus(await as(inst, host).get(path(meeting)), 200).results, []);
	const { email } = inst.sql(`SELECT email FROM account WHERE id = ${guest.id}`)[0];
	for (const body of [{ user_id: guest.id }, { email }]) {
		for (const where of [path(meeting), participants(meeting), `/api/meetings/${meeting.id}/kick`])
			assertError(await as(inst, host).post(where, body), 404);
		const [who] = Object.values(body);
		assertError(await as(inst, host).post('/api/meetings', { title: 'T', participants: [who] }), 400, { field: 'participants' });
	}
});

test('a ban stays when who spoke it is erased, and so does what the trail says', async () => {
	const { host, guest, meeting } = await newRoom();
	const other = await newUser(inst);
	assertStatus(await as(inst, host).post(participants(meeting), { user_id: other.id }), 201);
	assertStatus(await as(inst, host).post(path(meeting), { user_id: guest.id }), 201);
	const trail = () => inst.sql(`SELECT id, action, actor_id, user_id FROM audit WHERE meeting_id = ${meeting.id} ORDER BY id`);
	const before = trail();
	assert.equal((await inst.ctl(['user', 'erase', host.email])).code, 0);
	assert.deepEqual(trail().slice(0, before.length), before);
	const admin = await login(inst, 'admin');
	const { results } = assertStatus(await as(inst, admin).get(path(meeting)), 200);
	assert.deepEqual(results.map(({ user, banned_by: by }) => [user.id, by]), [[guest.id, host.id]]);
	assertError(await as(inst, guest).get(`/api/meetings/${meeting.id}/access`), 403, { code: 'banned' });
});

test('a deleted meeting takes its bans with it', async () => {
	const { host, guest, meeting } = await newRoom();
	assertStatus(await as(inst, host).post(path(meeting), { user_id: guest.id }), 201);
	assertStatus(await as(inst, host).del(`/api/meetings/${meeting.id}`), 204);
	assert.deepEqual(inst.sql(`SELECT * FROM ban WHERE meeting_id = ${meeting.id}`), []);
});

test('a thousand bans are the most', async () => {
	const { host, meeting } = await newRoom();
	const [one, two] = [await newUser(inst), await newUser(inst)];
	inst.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) INSERT INTO account
		(email, full_name, password_hash, created_at, updated_at) SELECT 'banned' || i || '@test.example', 'B', '', 1, 1 FROM n`);
	inst.sql(`INSERT INTO ban SELECT ${meeting.id}, id, NULL, 1 FROM account WHERE email LIKE 'banned%'`);
	assertStatus(await as(inst, host).post(path(meeting), { user_id: one.id }), 201);
	assertError(await as(inst, host).post(path(meeting), { user_id: two.id }), 409, { code: 'too_many_bans' });
	assert.equal(inst.sql(`SELECT count(*) AS n FROM ban WHERE meeting_id = ${meeting.id}`)[0].n, 1000);
});
