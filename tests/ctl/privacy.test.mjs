// unioctl user export and erase, and purge: what is kept about people, and for how long (docs/PRIVACY.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	as, assertError, assertStatus, loginWith, newEmail, newMeeting, newUser, tryLogin, useInstance,
} from '../lib/api.mjs';
import { assertDone, assertRefused, exitCode } from '../lib/ctl.mjs';
import { closeAll } from '../lib/ws.mjs';
import { enter, eventually } from '../ws/support.mjs';

const inst = await useInstance({ conf: { event_keep: '60s', call_keep: '1d', audit_keep: '2d', session_keep: '1d' } });

const ctl = (...args) => inst.ctl(args);
const person = ({ id, email, full_name }) => ({ id, email, full_name });

/** Somebody who has done something of everything. */
async function busyUser(name) {
	const [user, other] = [await newUser(inst, { name }), await newUser(inst)];
	const alone = await newMeeting(inst, user, { title: `Alone ${user.id}` });
	const shared = await newMeeting(inst, user, { title: `Shared ${user.id}`, participants: [other] });
	const guest = await newMeeting(inst, other, { title: `Guest ${user.id}`, participants: [user] });
	const call = assertStatus(await as(inst, user).post('/api/calls', { meeting_id: shared.id },
		{ headers: { 'Idempotency-Key': 'k' } }), 201);
	const client = await enter(inst, shared.id, user);
	client.send({ type: 'join-call' });
	await client.next('call_joined');
	await eventually('attendance', () => inst.sql(`SELECT 1 FROM attendance WHERE call_id = ${call.id}`).length > 0);
	await closeAll();
	assertStatus(await as(inst, user).post(`/api/calls/${call.id}/end`, {}), 200);
	await tryLogin(inst, user.email, 'nonsense');
	return { user, other, alone, shared, guest, call };
}

test('an export has everything about the user, and nothing that is secret', async () => {
	const { user, alone, shared, guest, call } = await busyUser('Exported Person');
	const text = assertDone(await ctl('user', 'export', user.email));
	const all = JSON.parse(text);
	assert.deepEqual(person(all.user), person(user));
	assert.deepEqual(all.meetings.map(({ id, role }) => [id, role]), [[alone.id, 'host'], [shared.id, 'host'], [guest.id, 'participant']]);
	assert.deepEqual(all.calls_started.map(({ id }) => id), [call.id]);
	assert.deepEqual(all.attendance.map(({ call_id: id }) => id), [call.id]);
	assert.equal(all.sessions.length, 1);
	assert.equal(all.sessions[0].address, '127.0.0.1');
	assert.deepEqual(all.kept_replies.map(({ key, status }) => [key, status]), [['k', 201]]);
	assert.deepEqual(all.failed_sign_ins.map(({ failures }) => failures), [1]);
	assert.ok(all.audit.some(({ action }) => action === 'call.start'));
	for (const key of ['bans', 'identities', 'events'])
		assert.deepEqual(all[key], []);
	for (const secret of [user.password, user.access, '$argon2', 'password_hash'])
		assert.ok(!text.includes(secret), secret);
	assertRefused(await ctl('user', 'export', newEmail()), exitCode.notFound);
});

test('an export has nothing of others: no name, no address, nor who the operator is', async () => {
	const { user, other, guest } = await busyUser('Lonely Export');
	assertStatus(await as(inst, other).post(`/api/meetings/${guest.id}/bans`, { user_id: user.id }), 201);
	assertDone(await ctl('session', 'revoke', user.email, '--all'));
	const text = assertDone(await ctl('user', 'export', user.email));
	const { audit, bans } = JSON.parse(text);
	assert.deepEqual(bans.map(({ meeting_id: id }) => id), [guest.id]);
	assert.ok(audit.some(({ action, origin }) => action === 'session.revoke' && origin === 'unioctl'));
	assert.ok(audit.some(({ action, actor_id: by, origin }) => action === 'meeting.ban' && by === other.id && origin === null));
	for (const foreign of [other.email, other.full_name, 'unioctl:'])
		assert.ok(!text.includes(foreign), foreign);
});

for (const [by, erase] of [
	['the operator', async ({ email }) => assertDone(await ctl('user', 'erase', email))],
	['the user', async (user) => assertStatus(await as(inst, user).del('/api/auth/me', { json: { password: user.password } }), 204)],
])
	test(`after an account is erased by ${by} its name and address stand nowhere but where they run out`, async () => {
		const { user, other, alone, shared, guest, call } = await busyUser(`Particular Person ${by}`);
		await erase(user);
		assert.equal((await tryLogin(inst, user.email, user.password)).status, 401);
		assertError(await as(inst, user).get('/api/auth/me'), 401);
		const nobody = assertStatus(await as(inst, other).get(`/api/meetings/${shared.id}`), 200).host;
		assert.equal(nobody.id, user.id);
		assert.equal(nobody.full_name, 'Deleted user');
		assert.match(nobody.email, /^deleted-\d+-[\w-]{12}@deleted\.invalid$/);
		assertError(await as(inst, other).get(`/api/meetings/${alone.id}`), 404);
		assert.deepEqual(assertStatus(await as(inst, other).get(`/api/meetings/${guest.id}`), 200).participants, []);
		const { caller, attendance } = assertStatus(await as(inst, other).get(`/api/calls/${call.id}`), 200);
		assert.deepEqual([caller, attendance[0].user], [nobody, nobody]);
		assert.equal(attendance[0].intervals.length, 1);
		const dump = inst.sql("SELECT name FROM sqlite_schema WHERE type = 'table'").map(({ name }) => name)
			.filter((name) => JSON.stringify(inst.sql(`SELECT * FROM "${name}"`)).includes(user.email));
		/* what others were told and answered within the last day: it runs out */
		assert.deepEqual(dump.filter((name) => !['event', 'idempotency', 'delivery', 'login_failure'].includes(name)), []);
		for (const table of ['login', 'idempotency', 'ban', 'identity', 'login_known', 'member'])
			assert.deepEqual(inst.sql(`SELECT * FROM ${table} WHERE user_id = ${user.id} AND ${table === 'member' ? "role <> 'host'" : '1'}`), [], table);
		const trail = JSON.parse(assertDone(await ctl('audit', '--json', '--user', `${user.id}`, '--limit', '1000')));
		assert.ok(trail.some(({ action }) => action === 'user.erase'));
		assert.ok(trail.filter(({ actor_id: actor }) => actor === user.id).every(({ origin }) => origin === 'erased'));
	});

test('who was erased is exported by id', async () => {
	const user = await newUser(inst);
	assertDone(await ctl('user', 'erase', user.email));
	assert.ok(JSON.parse(assertDone(await ctl('user', 'export', String(user.id)))));
	assertRefused(await ctl('user', 'export', '999999'), exitCode.notFound);
});

test('an erased account stays as it is: not enabled, no password, not erased twice', async () => {
	const user = await newUser(inst);
	assertDone(await ctl('user', 'erase', user.email));
	const { email } = JSON.parse(assertDone(await ctl('user', 'list', '--json'))).find(({ id }) => id === user.id);
	assertRefused(await ctl('user', 'erase', user.email), exitCode.notFound);
	assertRefused(await ctl('user', 'erase', email), exitCode.conflict);
	assertRefused(await ctl('user', 'enable', email), exitCode.conflict);
	assertRefused(await inst.ctl(['user', 'passwd', email], { input: 'long enough\n' }), exitCode.conflict);
	assert.equal((await tryLogin(inst, email, '')).status, 400);
	assert.equal((await tryLogin(inst, email, 'anything at all')).status, 401);
});

test('the address of an erased account can be taken by a new one, which inherits nothing', async () => {
	const user = await newUser(inst);
	await newMeeting(inst, user);
	assertDone(await ctl('user', 'erase', user.email));
	assertDone(await inst.ctl(['user', 'add', user.email, '--name', 'New'], { input: `${user.password}\n` }));
	const again = await loginWith(inst, user.email, user.password);
	assert.notEqual(again.user.id, user.id);
	assert.deepEqual(assertStatus(await as(inst, again).get('/api/meetings'), 200).results, []);
});

test('oneself is erased with the password alone, and a wrong one counts', async () => {
	const user = await newUser(inst);
	const erase = (json) => as(inst, user).del('/api/auth/me', { json });
	assertError(await erase({}), 400, { field: 'password' });
	for (let i = 0; i < 5; i += 1)
		assertError(await erase({ password: 'not this one' }), 403, { code: 'wrong_password', field: 'password' });
	assertError(await erase({ password: user.password }), 429, { code: 'too_many_failures' });
	assertStatus(await as(inst, user).get('/api/auth/me'), 200);
});

test('the last administrator cannot be erased, by nobody', async () => {
	const admin = await newUser(inst, { admin: true });
	inst.sql(`UPDATE account SET is_admin = 0 WHERE id <> ${admin.id}`);
	assertRefused(await ctl('user', 'erase', admin.email), exitCode.conflict);
	assertError(await as(inst, admin).del('/api/auth/me', { json: { password: admin.password } }), 409, { code: 'last_administrator' });
	await newUser(inst, { admin: true });
	assertDone(await ctl('user', 'erase', admin.email));
});

test('purge forgets what is older than the configuration keeps, says how much, and writes it down', async () => {
	const { user, call } = await busyUser('Purged Person');
	const day = 86_400_000_000;
	inst.sql(`UPDATE call SET started_at = started_at - ${2 * day}, ended_at = ended_at - ${2 * day}`);
	inst.sql("INSERT INTO audit (id, created_at, action, origin) VALUES (0, 1, 'call.start', 'x')");
	assertStatus(await as(inst, user).post('/api/auth/logout'), 204);
	inst.sql(`UPDATE login SET revoked_at = revoked_at - ${2 * day} WHERE user_id = ${user.id}`);
	const deleted = JSON.parse(assertDone(await ctl('purge', '--json')));
	assert.ok(deleted.calls >= 2 && deleted.sessions >= 1 && deleted.audit >= 1, JSON.stringify(deleted));
	assert.deepEqual(inst.sql(`SELECT id FROM call WHERE id = ${call.id}`), []);
	assert.deepEqual(inst.sql(`SELECT id FROM login WHERE user_id = ${user.id}`), []);
	assert.equal(inst.sql('SELECT count(*) AS n FROM audit WHERE created_at = 1')[0].n, 0);
	assert.equal(JSON.parse(assertDone(await ctl('audit', '--json', '--limit', '1')))[0].action, 'database.purge');
});

test('the daemon does it by itself', async () => {
	inst.sql("INSERT INTO audit (id, created_at, action, origin) VALUES (0, 1, 'call.start', 'x')");
	inst.kill('signald', 'SIGKILL');
	await eventually('the old row is gone', () => inst.sql('SELECT count(*) AS n FROM audit WHERE created_at = 1')[0].n === 0,
		{ interval: 100 });
	await inst.waitReady();
});
