// docs/PROTOCOL.md, "Idempotency": a POST with an Idempotency-Key takes effect once for each user.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, tryLogin, useInstance } from '../lib/api.mjs';

const inst = await useInstance();

const withKey = (key = randomUUID()) => ({ headers: { 'Idempotency-Key': key } });
const titles = async (user) =>
	assertStatus(await as(inst, user).get('/api/meetings?limit=100'), 200).results.map(
		(meeting) => meeting.title,
	);

test('the same key and body replay the first reply, its Location too, and make one meeting', async () => {
	const user = await newUser(inst);
	const key = withKey();
	const post = () => as(inst, user).post('/api/meetings', { title: 'Once' }, key);
	const first = await post();
	assertStatus(first, 201);
	for (let i = 0; i < 3; i++) {
		const again = await post();
		assertStatus(again, 201);
		assert.equal(again.text, first.text);
		assert.equal(again.headers.location, first.headers.location);
	}
	assert.deepEqual(await titles(user), ['Once']);
});

test('the replay is the first reply even when the meeting has changed or gone', async () => {
	const user = await newUser(inst);
	const key = withKey();
	const first = await as(inst, user).post('/api/meetings', { title: 'Gone' }, key);
	const { id } = assertStatus(first, 201);
	assertStatus(await as(inst, user).del(`/api/meetings/${id}`), 204);
	const again = await as(inst, user).post('/api/meetings', { title: 'Gone' }, key);
	assertStatus(again, 201);
	assert.equal(again.text, first.text);
	assert.deepEqual(await titles(user), []);
});

test('without a key, or with another, each POST counts', async () => {
	const user = await newUser(inst);
	const post = (options) => as(inst, user).post('/api/meetings', { title: 'Again' }, options);
	for (const options of [{}, {}, withKey(), withKey()]) assertStatus(await post(options), 201);
	assert.equal((await titles(user)).length, 4);
});

test('the same key with another body is 409 and makes nothing', async () => {
	const user = await newUser(inst);
	const key = withKey();
	assertStatus(await as(inst, user).post('/api/meetings', { title: 'One' }, key), 201);
	assertError(await as(inst, user).post('/api/meetings', { title: 'Two' }, key), 409);
	assert.deepEqual(await titles(user), ['One']);
});

test('a key belongs to its user', async () => {
	const [a, b] = [await newUser(inst), await newUser(inst)];
	const key = withKey();
	const first = assertStatus(await as(inst, a).post('/api/meetings', { title: 'Mine' }, key), 201);
	const second = assertStatus(await as(inst, b).post('/api/meetings', { title: 'Mine' }, key), 201);
	assert.notEqual(first.id, second.id);
	assert.equal(second.host.id, b.id);
	assertStatus(await as(inst, b).post('/api/meetings', { title: 'Mine' }, key), 201);
	assert.equal((await titles(b)).length, 1);
});

test('twenty duplicates at once wait for the first and get its reply', async () => {
	const user = await newUser(inst);
	const key = withKey();
	const post = () => as(inst, user).post('/api/meetings', { title: 'At once' }, key);
	const replies = await Promise.all(Array.from({ length: 20 }, post));
	assert.deepEqual([...new Set(replies.map((reply) => reply.status))], [201]);
	assert.equal(new Set(replies.map((reply) => reply.text)).size, 1);
	assert.deepEqual(await titles(user), ['At once']);
});

test('of twenty bodies under one key at once, one takes effect', async () => {
	const user = await newUser(inst);
	const key = withKey();
	const post = (_, i) => as(inst, user).post('/api/meetings', { title: `Body ${i}` }, key);
	const replies = await Promise.all(Array.from({ length: 20 }, post));
	const statuses = replies.map((reply) => reply.status).sort();
	assert.deepEqual(statuses, [201, ...Array(19).fill(409)]);
	assert.equal((await titles(user)).length, 1);
});

test('a started call is replayed as 201, as it was', async () => {
	const user = await newUser(inst);
	const meeting = await newMeeting(inst, user);
	const key = withKey();
	const start = () => as(inst, user).post('/api/calls', { meeting_id: meeting.id }, key);
	const first = await start();
	const call = assertStatus(first, 201);
	assertStatus(await as(inst, user).post(`/api/calls/${call.id}/end`), 200);
	const again = await start();
	assertStatus(again, 201);
	assert.equal(again.text, first.text);
	const now = assertStatus(await as(inst, user).get(`/api/meetings/${meeting.id}`), 200);
	assert.equal(now.active_call, null, 'the replay starts nothing');
});

test('an added participant is replayed as 201, and not added again', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host);
	const key = withKey();
	const path = `/api/meetings/${meeting.id}/participants`;
	assertStatus(await as(inst, host).post(path, { user_id: guest.id }, key), 201);
	assertStatus(await as(inst, host).del(`${path}/${guest.id}`), 204);
	assertStatus(await as(inst, host).post(path, { user_id: guest.id }, key), 201);
	const now = assertStatus(await as(inst, host).get(`/api/meetings/${meeting.id}`), 200);
	assert.deepEqual(now.participants, []);
});

test('a reply is not replayed for another address with the same body', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const [a, b] = [await newMeeting(inst, host), await newMeeting(inst, host)];
	const key = withKey();
	const add = (meeting) =>
		as(inst, host).post(`/api/meetings/${meeting.id}/participants`, { user_id: guest.id }, key);
	assertStatus(await add(a), 201);
	const other = await add(b);
	const { participants } = assertStatus(await as(inst, host).get(`/api/meetings/${b.id}`), 200);
	const added = participants.length === 1;
	assert.equal(other.status, added ? 201 : 409, 'it is done, or refused, but never only said to be done');
});

test('login keeps no reply under a key', async () => {
	const user = await newUser(inst);
	const key = withKey();
	const first = assertStatus(await tryLogin(inst, user.email, user.password, key), 200);
	const second = assertStatus(await tryLogin(inst, user.email, user.password, key), 200);
	assert.notEqual(first.access, second.access);
	assert.notEqual(first.refresh, second.refresh);
	assertError(await tryLogin(inst, user.email, `${user.password}!`, key), 401);
});

test("another request's key does not open what needs a token", async () => {
	const user = await newUser(inst);
	const key = withKey();
	assertStatus(await as(inst, user).post('/api/meetings', { title: 'Mine' }, key), 201);
	assertError(await as(inst, null).post('/api/meetings', { title: 'Mine' }, key), 401);
});

test('a key on a GET has no effect', async () => {
	const user = await newUser(inst);
	const key = withKey();
	assert.deepEqual(assertStatus(await as(inst, user).get('/api/meetings', key), 200).results, []);
	await newMeeting(inst, user);
	assert.equal(assertStatus(await as(inst, user).get('/api/meetings', key), 200).results.length, 1);
});

for (const [what, key] of [
	['of 5,000 characters', 'k'.repeat(5000)],
	['of quotes', '";\'--'],
	['of Latin-1', '\u00e9\u00ff'],
])
	test(`a key ${what} is taken or refused, never a fault of ours`, async () => {
		const user = await newUser(inst);
		const reply = await as(inst, user).post('/api/meetings', { title: 'Odd' }, withKey(key));
		assert.ok([201, 400].includes(reply.status), `got ${reply.status}: ${reply.text}`);
		assert.equal((await titles(user)).length, reply.status === 201 ? 1 : 0);
	});

test('of one user the newest thousand replies are kept', async () => {
	const user = await newUser(inst);
	inst.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
		INSERT INTO idempotency (user_id, key, request_hash, status, body, created_at)
		SELECT ${user.id}, 'k' || i, 'h', 201, '{}', ${Date.now() - 5000} * 1000 + i FROM n`);
	const first = await as(inst, user).post('/api/meetings', { title: 'One more' }, withKey('new'));
	assertStatus(first, 201);
	const [{ rows, oldest }] = inst.sql(
		`SELECT count(*) AS rows, sum(key = 'k1') AS oldest FROM idempotency WHERE user_id = ${user.id}`,
	);
	assert.deepEqual([rows, oldest], [1000, 0]);
	const again = await as(inst, user).post('/api/meetings', { title: 'One more' }, withKey('new'));
	assert.equal(assertStatus(again, 201).id, first.json.id);
});

test('a reply of more than 64 KiB is not kept', async () => {
	const user = await newUser(inst);
	inst.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
		INSERT INTO account (email, full_name, password_hash, created_at, updated_at)
		SELECT 'crowd' || i || '@test.example', 'A full name that is rather long ' || i, 'x', 1, 1 FROM n`);
	const participants = Array.from({ length: 900 }, (_, i) => `crowd${i + 1}@test.example`);
	const reply = await as(inst, user).post('/api/meetings', { title: 'Crowd', participants }, withKey('crowd'));
	assertStatus(reply, 201);
	assert.ok(reply.text.length > 65536);
	assert.deepEqual(inst.sql(`SELECT key FROM idempotency WHERE user_id = ${user.id}`), []);
});
