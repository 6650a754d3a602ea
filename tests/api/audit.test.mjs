// The trail of who did what: each change leaves its row, in the transaction of the change, and rows stay.
import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';

import {
	as, assertStatus, login, loginWith, newEmail, newMeeting, newPassword, newUser, request, timePattern, tryLogin, useInstance,
} from '../lib/api.mjs';
import { assertDone } from '../lib/ctl.mjs';
import { until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';

const inst = await useInstance({ conf: { registration: 'open' } });

/** Where a call that nobody is in ends soon. */
const short = await useInstance({ conf: { call_empty_timeout: '100ms' } });

/** The rows of one user, as `unioctl audit` has them, in their order. */
async function trailOf(user, ...more) {
	return JSON.parse(assertDone(await inst.ctl(['audit', '--json', '--user', `${user.id}`, '--limit', '1000', ...more])));
}

const lastOf = async (user) => (await trailOf(user)).at(-1);
const operator = `unioctl:${userInfo().username}(${process.getuid()})`;

/** What a row says beside its id, its time and the request. */
function rest({ id, created_at: at, request_id: request, ...row }) {
	assert.ok(id > 0);
	assert.match(at, timePattern);
	return row;
}

const byUser = (user, row) => ({ times: 1, actor_id: user.id, origin: '127.0.0.1', ...row });
const byOperator = (row) => ({ times: 1, actor_id: null, origin: operator, ...row });

test('registration, signing in, out, a new password and a new name are written down, with the request', async () => {
	const [email, password] = [newEmail(), newPassword()];
	const made = assertStatus(await request(inst, 'POST', '/api/auth/register',
		{ json: { email, password, full_name: 'Somebody' } }), 201);
	const user = { ...made.user, ...made };
	const [first, second] = await trailOf(user);
	const sid = first.object_id;
	assert.deepEqual(rest(first), byUser(user, { action: 'session.begin', object_id: sid }));
	assert.deepEqual(rest(second), byUser(user, { action: 'user.register' }));
	const renamed = await as(inst, user).patch('/api/auth/me', { full_name: 'Somebody Else' });
	assertStatus(renamed, 200);
	const change = await lastOf(user);
	assert.deepEqual(rest(change), byUser(user, { action: 'user.change' }));
	assert.equal(change.request_id, renamed.headers['x-request-id']);
	assertStatus(await as(inst, user).patch('/api/auth/me', { full_name: 'Somebody Else' }), 200);	/* no change */
	assert.equal((await lastOf(user)).id, change.id);
	const other = assertStatus(await tryLogin(inst, email, password), 200);
	assert.equal((await lastOf(user)).action, 'session.begin');
	assertStatus(await as(inst, other).post('/api/auth/password',
		{ current_password: password, new_password: newPassword() }), 204);
	assert.deepEqual((await trailOf(user)).slice(-2).map(rest), [
		byUser(user, { action: 'session.revoke', object_id: sid }), byUser(user, { action: 'user.password' })]);
	assertStatus(await as(inst, other).post('/api/auth/logout'), 204);
	assert.equal((await lastOf(user)).action, 'session.end');
});

test('what is done to meetings, participants and calls is written down', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const { id } = await newMeeting(inst, host);
	const at = (path = '') => `/api/meetings/${id}${path}`;
	const api = as(inst, host);
	assertStatus(await api.patch(at(), { title: 'Other', ice_policy: 'relay' }), 200);
	assertStatus(await api.patch(at(), { title: 'Other' }), 200);	/* no change */
	assertStatus(await api.post(at('/participants'), { user_id: guest.id }), 201);
	assertStatus(await api.post(at('/participants'), { user_id: guest.id }), 200);
	assertStatus(await api.post(at('/kick'), { user_id: guest.id }), 204);	/* who is not there: nothing is done */
	const client = await connect(inst, id, { token: guest.access });
	await client.next('welcome');
	assertStatus(await api.post(at('/kick'), { user_id: host.id }), 204);
	assertStatus(await api.post(at('/kick'), { user_id: guest.id }), 204);
	assert.equal((await client.closed).code, 4405);
	const call = assertStatus(await api.post('/api/calls', { meeting_id: id }), 201);
	assertStatus(await api.post('/api/calls', { meeting_id: id }), 200);
	assertStatus(await api.post(`/api/calls/${call.id}/end`, {}), 200);
	assertStatus(await api.post(`/api/calls/${call.id}/end`, {}), 200);
	assertStatus(await api.del(at(`/participants/${guest.id}`)), 204);
	assertStatus(await api.post(at('/bans'), { user_id: guest.id }), 201);
	assertStatus(await api.del(at(`/bans/${guest.id}`)), 204);
	assertStatus(await api.del(at()), 204);
	const rows = (await trailOf(host, '--meeting', `${id}`)).map(rest);
	const of = (action, row = {}) => byUser(host, { action, meeting_id: id, ...row });
	assert.deepEqual(rows, [
		of('meeting.add'), of('meeting.change', { detail: { changed: 'title ice_policy' } }),
		of('participant.add', { user_id: guest.id }), of('meeting.kick', { user_id: guest.id }),
		of('call.start', { object_id: call.id }), of('call.end', { object_id: call.id }),
		of('participant.remove', { user_id: guest.id }), of('meeting.ban', { user_id: guest.id }),
		of('meeting.unban', { user_id: guest.id }), of('meeting.delete'),
	]);
	assert.deepEqual((await trailOf(guest)).filter((row) => row.meeting_id).map((row) => row.action),
		['participant.add', 'meeting.kick', 'participant.remove', 'meeting.ban', 'meeting.unban']);
});

test('what is refused leaves no row, and a replayed reply none either', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const { id } = await newMeeting(inst, host);
	const headers = { 'Idempotency-Key': 'the same' };
	for (let i = 0; i < 2; i += 1)
		assertStatus(await as(inst, host).post(`/api/meetings/${id}/participants`, { user_id: guest.id }, { headers }), 201);
	const before = await trailOf(host);
	assert.equal(before.at(-1).action, 'participant.add');
	assert.equal(before.filter(({ action }) => action === 'participant.add').length, 1);
	assert.equal((await as(inst, guest).patch(`/api/meetings/${id}`, { title: 'Mine' })).status, 403);
	assert.equal((await as(inst, host).patch(`/api/meetings/${id}`, { title: 7 })).status, 400);
	assert.deepEqual(await trailOf(host), before);
});

test('a session that is ended because of a stolen token is written down as that', async () => {
	const user = await newUser(inst);
	const { refresh } = await loginWith(inst, user.email, user.password);
	const use = () => request(inst, 'POST', '/api/auth/refresh', { json: { refresh } });
	assertStatus(await use(), 200);
	inst.sql('UPDATE refresh_token SET used_at = used_at - 20000000 WHERE used_at IS NOT NULL');
	assert.equal((await use()).status, 401);
	assert.equal((await lastOf(user)).action, 'session.stolen');
});

test('failed sign-ins of a minute are one row that counts them, and the one that locks another', async () => {
	const user = await newUser(inst);
	for (let i = 0; i < 5; i += 1)
		assert.equal((await tryLogin(inst, user.email, newPassword())).status, 401);
	assert.equal((await tryLogin(inst, user.email, user.password)).status, 429);
	const rows = (await trailOf(user)).filter(({ action }) => /refused|locked/.test(action));
	/* two rows if a minute has ended meanwhile */
	const refused = rows.filter(({ action }) => action === 'session.refused');
	assert.equal(refused.reduce((sum, { times }) => sum + times, 0), 4);
	assert.ok(refused.length <= 2, JSON.stringify(rows));
	assert.deepEqual(rest(rows.at(-1)), { action: 'session.locked', times: 1, actor_id: null, origin: '127.0.0.1', user_id: user.id });
});

test('a flood of strangers has a size: a few rows a minute, whatever they try and from wherever', async () => {
	const count = () => inst.sql("SELECT count(*) AS n, sum(times) AS times FROM audit WHERE action LIKE 'session.refused%'")[0];
	const before = count();
	const tries = 60;
	for (let i = 0; i < tries; i += 1)
		await tryLogin(inst, newEmail(), 'nonsense', { headers: { 'X-Forwarded-For': `198.51.100.${i}` } });
	const after = count();
	assert.equal(after.times - before.times, tries);
	assert.ok(after.n - before.n <= 22, `${after.n - before.n} rows`);
	assert.ok(inst.sql("SELECT 1 FROM audit WHERE origin = 'many'").length > 0);
});

test('what the operator does is written down, with the name of the shell\'s user', async () => {
	const ctl = async (...args) => assertDone(await inst.ctl(args));
	const [email, password] = [newEmail(), newPassword()];
	assertDone(await inst.ctl(['user', 'add', email, '--name', 'Some Body'], { input: `${password}\n` }));
	const session = assertStatus(await tryLogin(inst, email, password), 200);
	const { user } = session;
	const sid = (await lastOf(user)).object_id;
	await ctl('session', 'revoke', email, `${sid}`);
	await ctl('user', 'disable', email);
	await ctl('user', 'enable', email);
	assertDone(await inst.ctl(['user', 'passwd', email], { input: `${newPassword()}\n` }));
	await ctl('token', email);
	await ctl('user', 'export', email);
	const rows = (await trailOf(user)).filter(({ actor_id: actor }) => actor === null).map(rest);
	const of = (action, row = {}) => byOperator({ action, user_id: user.id, ...row });
	assert.deepEqual(rows, [of('user.add'), of('session.revoke', { object_id: sid }), of('user.disable'), of('user.enable'),
		of('user.password'), of('token.issue', { object_id: rows.at(-2).object_id }), of('user.export')]);
});

test('an account that was made an administrator\'s says so', async () => {
	const { id } = await newUser(inst, { admin: true });
	assert.deepEqual(rest((await trailOf({ id })).find(({ action }) => action === 'user.add')),
		byOperator({ action: 'user.add', user_id: id, detail: { role: 'administrator' } }));
});

test('administration of meetings, calls and keys is written down, a backup too', async () => {
	const host = await newUser(inst);
	const guest = await newUser(inst);
	const ctl = async (...args) => assertDone(await inst.ctl(args));
	const { id } = JSON.parse(await ctl('meeting', 'add', '--json', '--host', host.email, '--title', 'T'));
	await ctl('participant', 'add', `${id}`, guest.email);
	await ctl('participant', 'remove', `${id}`, guest.email);
	await ctl('meeting', 'ban', `${id}`, guest.email);
	await ctl('meeting', 'unban', `${id}`, guest.email);
	const call = assertStatus(await as(inst, host).post('/api/calls', { meeting_id: id }), 201);
	await ctl('call', 'end', `${call.id}`);
	await ctl('call', 'delete', `${call.id}`);
	await ctl('meeting', 'delete', `${id}`);
	const actions = JSON.parse(await ctl('audit', '--json', '--meeting', `${id}`)).map(({ action }) => action);
	assert.deepEqual(actions, ['meeting.add', 'participant.add', 'participant.remove', 'meeting.ban', 'meeting.unban',
		'call.start', 'call.end', 'call.delete', 'meeting.delete']);
	await ctl('key', 'rotate');
	const [{ kid }] = JSON.parse(await ctl('key', 'list', '--json')).filter(({ state }) => state === 'signs' || state === 'active');
	await ctl('backup', `${inst.varDir}/audit-copy.db`);
	const [rotated, saved] = JSON.parse(await ctl('audit', '--json', '--limit', '2')).map(rest);
	assert.deepEqual(rotated, byOperator({ action: 'key.rotate', detail: { kid } }));
	assert.deepEqual(saved, byOperator({ action: 'database.backup' }));
});

test('the daemon signs its own ends of calls', async () => {
	const host = await login(short, 'admin');
	const call = assertStatus(await as(short, host).post('/api/calls', { meeting_id: 1 }), 201);
	const find = () => short.sql(`SELECT * FROM audit WHERE action = 'call.end' AND object_id = ${call.id}`);
	await until(() => find().length > 0, 'its row');
	const rows = find();
	assert.deepEqual([rows[0].origin, rows[0].actor_id, rows[0].detail], ['daemon', null, '{"reason":"empty"}']);
});

test('rows cannot be changed or deleted, but for a count that grows and a place that is erased', () => {
	const refused = (query) => assert.throws(() => inst.sql(query), /append-only/);
	for (const change of ["action = 'x'", 'actor_id = 1', "origin = 'elsewhere'", 'created_at = 1', 'meeting_id = 1',
		'user_id = 1', 'object_id = 77', "detail = '{}'", "request_id = 'x'", 'times = 0', 'id = id + 1000000'])
		refused(`UPDATE audit SET ${change} WHERE id = (SELECT max(id) FROM audit WHERE action = 'key.rotate')`);
	refused('DELETE FROM audit');
	refused('DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)');
	inst.sql("UPDATE audit SET times = times + 1, origin = 'erased' WHERE id = (SELECT min(id) FROM audit)");
});

test('no secret, no name and no e-mail address stands in it', async () => {
	const user = await newUser(inst, { name: 'Very Particular Name' });
	await newMeeting(inst, user, { title: 'Very Particular Title' });
	const all = JSON.stringify(inst.sql('SELECT * FROM audit'));
	for (const word of [user.email, user.password, user.access, 'Very Particular', '@'])
		assert.ok(!all.includes(word), word);
});
