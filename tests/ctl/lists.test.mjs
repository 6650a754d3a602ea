// unioctl(8): lists: as a table, as tab-separated values, as JSON; parts of them; and what the lists are of.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

import { as, assertStatus, newMeeting, newUser, request, timePattern, useInstance } from '../lib/api.mjs';
import { assertDone, assertRefused, exitCode } from '../lib/ctl.mjs';
import { buildDir } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';

const inst = await useInstance();

const run = async (...args) => assertDone(await inst.ctl(args));
const json = async (...args) => JSON.parse(await run(...args, '--json'));
const rows = (text) => text.split('\n').slice(0, -1).map((line) => line.split('\t'));
const tsv = async (...args) => rows(await run(...args, '--tsv'));
const refused = async (code, ...args) => assertRefused(await inst.ctl(args), code);

/** A meeting of `host` in which a call of at least some milliseconds has taken place. */
async function meetingWithCall(host, { end = true } = {}) {
	const meeting = await newMeeting(inst, host, { title: 'With a call' });
	const call = assertStatus(await as(inst, host).post('/api/calls', { meeting_id: meeting.id }), 201);
	if (end)
		assertStatus(await as(inst, host).post(`/api/calls/${call.id}/end`), 200);
	return { meeting, call };
}

test('--limit and --offset cut the same list, in every form', async () => {
	for (let i = 0; i < 3; i++)
		await newMeeting(inst, await newUser(inst));
	for (const list of [['user', 'list'], ['meeting', 'list']]) {
		const all = await json(...list);
		assert.ok(all.length >= 4);
		assert.deepEqual(await json(...list, '--offset', '1', '--limit', '2'), all.slice(1, 3));
		assert.deepEqual((await tsv(...list, '--offset', '1', '--limit', '2')).map(([id]) => Number(id)),
			all.slice(1, 3).map(({ id }) => id));
		assert.deepEqual(await json(...list, '--offset', String(all.length)), []);
		assert.equal((await run(...list, '--limit', '1')).split('\n').length, 3);
	}
});

test('a list that is longer than a page is whole', async () => {
	inst.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 230) INSERT INTO account
		(email, full_name, password_hash, created_at, updated_at) SELECT 'many' || i || '@test.example', 'N', '', 1, 1 FROM n`);
	const all = await json('user', 'list');
	assert.equal(all.filter(({ email }) => email.startsWith('many')).length, 230);
	assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
	assert.deepEqual(await json('user', 'list', '--offset', '99', '--limit', '102'), all.slice(99, 201));
});

test('a bad number, status or time is a mistake of usage', async () => {
	for (const args of [['user', 'list', '--limit', '0'], ['user', 'list', '--limit', 'x'], ['meeting', 'list', '--offset', '-1'],
		['meeting', 'list', '--status', 'active'], ['call', 'list', '--status', 'ongoing'], ['call', 'list', '--older-than', '5y'],
		['call', 'show', 'x'], ['call', 'list', '--meeting', '0'], ['token', 'a@b.c', '--tsv'], ['participant', 'add', '1']])
		assert.match(await refused(exitCode.usage, ...args), /^unioctl: /);
});

test('--tsv has no heading, whole times, "-" for none, and no value breaks its line or its column', async () => {
	const host = await newUser(inst, { name: 'Plain' });
	inst.sql(`UPDATE account SET full_name = 'a' || char(9) || 'b' || char(10) || 'c' || char(27) || char(0x9b) WHERE id = ${host.id}`);
	const line = (await tsv('user', 'list')).find(([id]) => Number(id) === host.id);
	assert.deepEqual(line.slice(0, 5), [String(host.id), host.email, 'a?b?c???', '-', '-']);
	assert.match(line[5], timePattern);
	assert.equal(line.length, 6);
});

test('meeting list --status has those alone', async () => {
	const host = await newUser(inst);
	const scheduled = await newMeeting(inst, host);
	const { meeting: completed } = await meetingWithCall(host);
	const ids = async (status) => (await json('meeting', 'list', '--status', status)).map(({ id }) => id);
	assert.ok((await ids('scheduled')).includes(scheduled.id) && !(await ids('scheduled')).includes(completed.id));
	assert.ok((await ids('completed')).includes(completed.id) && !(await ids('completed')).includes(scheduled.id));
});

test('participant list, add and remove; the room is told, and who is removed is closed with 4403', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst, { name: 'Guest' })];
	const meeting = await newMeeting(inst, host);
	const id = String(meeting.id);
	const client = await connect(inst, meeting.id, { token: host.access });
	await client.next('welcome');
	assert.match(await run('participant', 'add', id, guest.email.toUpperCase()), /added to meeting/);
	assert.equal((await client.next('participant_added')).user.id, guest.id);
	assert.match(await run('participant', 'add', id, guest.email), /was already in/);
	assert.deepEqual((await tsv('participant', 'list', id)).map(([user, , , role]) => [Number(user), role]),
		[[host.id, 'host'], [guest.id, 'participant']]);
	assert.deepEqual((await json('participant', 'list', id))[1],
		{ id: guest.id, email: guest.email, full_name: 'Guest', role: 'participant' });
	const removed = await connect(inst, meeting.id, { token: guest.access });
	await removed.next('welcome');
	await run('participant', 'remove', id, guest.email);
	assert.equal((await removed.closed).code, 4403);
	assert.equal((await json('participant', 'list', id)).length, 1);
	await refused(exitCode.notFound, 'participant', 'remove', id, guest.email);
	await refused(exitCode.conflict, 'participant', 'remove', id, host.email);
	await refused(exitCode.notFound, 'participant', 'add', id, 'nobody@test.example');
	await refused(exitCode.notFound, 'participant', 'list', '999999');
	await client.close();
});

test('call list: by status, meeting and age', async () => {
	const host = await newUser(inst);
	const { meeting, call } = await meetingWithCall(host);
	const { meeting: other, call: active } = await meetingWithCall(host, { end: false });
	const ids = async (...args) => (await json('call', 'list', ...args)).map(({ id }) => id);
	assert.deepEqual(await ids('--meeting', String(meeting.id)), [call.id]);
	assert.ok((await ids('--status', 'active')).includes(active.id));
	assert.ok(!(await ids('--status', 'active')).includes(call.id));
	assert.ok(!(await ids('--status', 'ended')).includes(active.id));
	assert.deepEqual(await ids('--meeting', String(other.id), '--older-than', '1h'), []);
	inst.sql(`UPDATE call SET started_at = started_at - 7200 * 1000000 WHERE id = ${active.id}`);
	assert.deepEqual(await ids('--meeting', String(other.id), '--older-than', '1h'), [active.id]);
	const [line] = await tsv('call', 'list', '--meeting', String(meeting.id));
	assert.deepEqual([line[0], line[1], line[2], line[3], line[4], line[7], line[8]],
		[String(call.id), String(meeting.id), 'With a call', host.email, 'ended', '0', 'ended']);
	await run('call', 'end', String(active.id));
});

test('call end ends it, tells the room, and does so once; call delete takes what has ended', async () => {
	const host = await newUser(inst);
	const { meeting, call } = await meetingWithCall(host, { end: false });
	const client = await connect(inst, meeting.id, { token: host.access });
	await client.next('welcome');
	await refused(exitCode.conflict, 'call', 'delete', String(call.id));
	assert.match(await run('call', 'end', String(call.id)), /ended after \d+ s/);
	assert.equal((await client.next('call_ended')).call.ended_reason, 'ended');
	assert.match(await run('call', 'end', String(call.id)), /had ended already/);
	await client.close();
	await run('call', 'delete', String(call.id));
	await refused(exitCode.notFound, 'call', 'show', String(call.id));
	await refused(exitCode.notFound, 'call', 'end', '999999');
	await refused(exitCode.notFound, 'call', 'delete', String(call.id));
});

test('call show has every interval', async () => {
	const host = await newUser(inst, { name: 'Comes Twice' });
	const { meeting, call } = await meetingWithCall(host, { end: false });
	const client = await connect(inst, meeting.id, { token: host.access });
	await client.next('welcome');
	for (const type of ['join-call', 'leave-call', 'join-call']) {
		client.send({ type });
		await client.next(type === 'leave-call' ? 'call_left' : 'call_joined');
	}
	await run('call', 'end', String(call.id));
	await client.next('call_ended');
	const { intervals, ...shown } = await json('call', 'show', String(call.id));
	assert.equal(shown.status, 'ended');
	assert.equal(intervals.length, 2);
	const lines = await tsv('call', 'show', String(call.id));
	assert.deepEqual(lines.map((line) => line.slice(0, 5)), [1, 2].map(() =>
		[String(call.id), String(meeting.id), String(host.id), host.email, 'Comes Twice']));
	assert.deepEqual(lines.map((line) => line.slice(5)), intervals.map(({ joined_at, left_at, seconds }) =>
		[joined_at, left_at, String(seconds)]));
	assert.match(await run('call', 'show', String(call.id)), new RegExp(`^call ${call.id} of meeting ${meeting.id}, .*ended: ended\nCALL `));
	await client.close();
});

test('meeting delete closes the room and takes all with it', async () => {
	const host = await newUser(inst);
	const { meeting, call } = await meetingWithCall(host, { end: false });
	const client = await connect(inst, meeting.id, { token: host.access });
	await client.next('welcome');
	await run('meeting', 'delete', String(meeting.id));
	assert.equal((await client.next('call_ended')).call.ended_reason, 'meeting_deleted');
	assert.equal((await client.closed).code, 4410);
	await refused(exitCode.notFound, 'call', 'show', String(call.id));
	await refused(exitCode.notFound, 'meeting', 'delete', String(meeting.id));
});

test('colours on a terminal alone, and not where nobody wants them', async () => {
	const onTerminal = (env) => spawnSync('script', ['-qec', `${join(buildDir, 'unioctl')} -c ${inst.confPath} user list --limit 1`, '/dev/null'],
		{ env: { ...inst.env, TERM: 'xterm', ...env }, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }).stdout;
	assert.match(onTerminal({}), /^\x1b\[1mID .*CREATED\x1b\[0m\r\n1 /);
	for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
		assert.doesNotMatch(onTerminal(env), /\x1b/);
	assert.doesNotMatch(await run('user', 'list'), /\x1b/);
});

test('no name plays tricks on the terminal, in a sentence neither', async () => {
	const [email, user] = ['kim\u009b7m@example.org', await newUser(inst)];
	const refused = await inst.ctl(['user', 'add', email, '--name', 'Kim'], { input: 'long enough\n' });
	assert.equal(refused.code, 2);
	assert.match(refused.stderr, /\bkim\?\?7m@example\.org is no e-mail address$/m);
	inst.sql(`UPDATE account SET email = '${email}' WHERE id = ${user.id}`);	/* as an older version took it */
	assert.match(await run('user', 'list'), /kim\?\?7m@/);
	assert.ok((await json('user', 'list')).some((other) => other.email === email));
});

test('a list is empty without a word', async () => {
	const { id } = await newMeeting(inst, await newUser(inst));
	assert.equal(await run('call', 'list', '--tsv', '--meeting', String(id)), '');
	assert.deepEqual(await json('call', 'list', '--meeting', String(id)), []);
	assert.equal((await request(inst, 'GET', '/api/health')).status, 200);
});
