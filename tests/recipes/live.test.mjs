// The recipes of admin/recipes that work on a running server: long calls, the retention, the report, a room, an upgrade.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { as, newMeeting, newUser } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { closeAll, connect } from '../lib/ws.mjs';
import { failing, outputOf, runRecipe, startRecipe } from './support.mjs';

const HOUR_US = 3600e6;
const DAY_US = 24 * HOUR_US;
let inst;
let host;

before(async () => {
	inst = await startInstance();
	host = await newUser(inst, { name: 'Kim Doe' });
});
afterEach(() => { closeAll(); inst.assertAlive(); });
after(() => inst?.stop());

/** A call that began `age` µs ago, in a new meeting that was made `made` µs ago; `over`: it ended an hour after it began. */
async function newCall({ title = 'A meeting', age = 0, made = age, over = false } = {}) {
	const meeting = await newMeeting(inst, host, { title });
	const { json: call } = await as(inst, host).post('/api/calls', { meeting_id: meeting.id });
	if (over)
		await as(inst, host).post(`/api/calls/${call.id}/end`, {});
	inst.sql(`UPDATE call SET started_at = started_at - ${age}${over ? `, ended_at = started_at - ${age - HOUR_US}` : ''} WHERE id = ${call.id}`);
	inst.sql(`UPDATE meeting SET created_at = created_at - ${made} WHERE id = ${meeting.id}`);
	return { ...call, meeting: meeting.id };
}

/** A PATH on which nobody waits. */
function withoutSleep() {
	const dir = join(inst.dir, 'bin');
	mkdirSync(dir);
	writeFileSync(join(dir, 'sleep'), '#!/bin/sh\n', { mode: 0o755 });
	return dir + delimiter + process.env.PATH;
}

const statusOf = (call) => inst.sql(`SELECT status FROM call WHERE id = ${call.id}`)[0]?.status;

test('end-calls ends the calls that have lasted too long, and no other', async () => {
	const long = await newCall({ age: 3 * HOUR_US, title: 'A "long"; \\033[7mone' });
	const short = await newCall({ age: HOUR_US });
	assert.match(await outputOf(inst, 'end-calls', ['-n', '2h']), /really/);
	assert.equal(statusOf(long), 'active');
	assert.match(await outputOf(inst, 'end-calls', ['2h']), new RegExp(`^end-calls: call ${long.id} in "A "long"; \\\\033\\[7mone", since \\S+: ended\n$`));
	assert.equal(statusOf(long), 'ended');
	assert.equal(statusOf(short), 'active');
	assert.equal(await outputOf(inst, 'end-calls', ['2h']), '');
});

test('purge removes old calls, and with -m the meetings that are over and have none', async () => {
	const old = await newCall({ age: 40 * DAY_US, over: true });
	const young = await newCall({ age: 20 * DAY_US, over: true });
	const used = await newCall({ age: 20 * DAY_US, made: 50 * DAY_US, over: true });
	const meetings = () => inst.sql(`SELECT id FROM meeting WHERE id IN (${old.meeting}, ${young.meeting}, ${used.meeting}) ORDER BY id`).map(({ id }) => id);
	await outputOf(inst, 'purge', ['-n', '-m', '30d']);
	assert.equal(statusOf(old), 'ended');
	assert.match(await outputOf(inst, 'purge', ['30d']), /^purge: 1 calls removed$/m);
	assert.equal(statusOf(old), undefined);
	assert.equal(statusOf(young), 'ended');
	assert.deepEqual(meetings(), [old.meeting, young.meeting, used.meeting]);
	assert.match(await outputOf(inst, 'purge', ['-m', '30d']), /^purge: 0 calls removed\npurge: 1 meetings removed$/m);
	assert.deepEqual(meetings(), [young.meeting, used.meeting]);
});

test('purge takes no meeting whose calls it could not look for', async () => {
	const used = await newCall({ age: 20 * DAY_US, made: 50 * DAY_US, over: true });
	const { code, stdout } = await runRecipe(inst, 'purge', ['-m', '30d'], { env: failing(inst, 'call list --meeting') });
	assert.equal(code, 5);
	assert.doesNotMatch(stdout, /meetings removed/);
	assert.equal(statusOf(used), 'ended');
});

test('attendance says who was in a meeting of the last days, and for how long', async () => {
	const call = await newCall({ title: 'Weekly', age: 2 * DAY_US, over: true });
	const older = await newCall({ title: 'Long ago', age: 9 * DAY_US, over: true });
	const [{ id }] = inst.sql(`SELECT id FROM account WHERE email = '${host.email}'`);
	for (const [number, seconds] of [[1, 600], [2, 3065]])
		inst.sql(`INSERT INTO attendance (call_id, user_id, session_id, joined_at, left_at)
			SELECT id, ${id}, 'session${number}', started_at, started_at + ${seconds * 1e6} FROM call WHERE id IN (${call.id}, ${older.id})`);
	const report = await outputOf(inst, 'attendance');
	assert.match(report, new RegExp(`^Weekly \\(meeting ${call.meeting}\\): 1 call\n +1:01:05  in 1  Kim Doe <${host.email}>$`, 'm'));
	assert.doesNotMatch(report, /Long ago/);
	assert.match(await outputOf(inst, 'attendance', ['10']), /^Long ago /m);
});

test('watch-room says who comes, joins the call and goes', async () => {
	const meeting = await newMeeting(inst, host);
	const watch = startRecipe(inst, 'watch-room', [String(meeting.id), '0.1']);
	let said = '';
	watch.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
	try {
		const client = await connect(inst, meeting.id, { token: host.access });
		await until(() => said.includes(`Kim Doe <${host.email}> is here\n`), 'the arrival');
		client.send({ type: 'join-call' });
		await until(() => said.includes('joined the call\n'), 'the call');
		client.close();
		await until(() => said.includes('is gone\n'), 'the end');
	} finally {
		watch.kill('SIGTERM');
	}
});

test('upgrade replaces both programs, with a copy of the database before', { timeout: 60_000 }, async () => {
	const copies = join(inst.dir, 'copies');
	mkdirSync(copies, { mode: 0o700 });
	const meeting = await newMeeting(inst, host);
	const client = await connect(inst, meeting.id, { token: host.access });
	await client.next('welcome');
	const [api, signald] = ['api', 'signald'].map((name) => inst.pid(name));
	const env = { RUN_AS: process.env.USER ?? 'root', RESTART_API: `kill ${api}`, RESTART_HOOKS: `kill ${inst.pid('hookd')}` };

	const failed = await runRecipe(inst, 'upgrade', [copies, 'false'], { env });
	assert.equal(failed.code, 1);
	assert.match(failed.stderr, /the old programs are running/);
	assert.deepEqual(['api', 'signald'].map((name) => inst.pid(name)), [api, signald]);

	const blind = await runRecipe(inst, 'upgrade', [copies, 'true'], { env: { ...env, ...failing(inst, 'stats'), PATH: withoutSleep(), RESTART_API: 'true', RESTART_HOOKS: 'true', RESTART_DAEMON: 'true' } });
	assert.equal(blind.code, 1);
	assert.match(blind.stderr, /both programs are up failed/);

	assert.doesNotMatch(blind.stdout, /RESTART_HOOKS/);

	const old = { ...env, RESTART_API: 'true', RESTART_DAEMON: 'true' };
	delete old.RESTART_HOOKS;
	const [first] = (await outputOf(inst, 'upgrade', [copies, 'true'], { env: old })).split('\n');
	if (!existsSync('/run/systemd/system'))
		assert.match(first, /unio-hookd is not restarted, since RESTART_HOOKS does not say how/);

	const said = await outputOf(inst, 'upgrade', [copies, 'true'], { env });
	assert.match(said, /^upgrade: done: unioctl \S+, now unioctl /m);
	assert.equal((await client.closed).code, 4001);
	await inst.waitReady();
	assert.notEqual(inst.pid('api'), api);
	assert.notEqual(inst.pid('signald'), signald);
	assert.ok(readdirSync(copies).length >= 1);
});
