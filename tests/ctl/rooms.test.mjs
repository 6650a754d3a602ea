// unioctl(8): what the operator sees and does while people are in rooms: room, session revoke, event, stats.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { as, assertStatus, newMeeting, newUser, timePattern, useInstance } from '../lib/api.mjs';
import { assertDone, assertRefused, exitCode } from '../lib/ctl.mjs';
import { buildDir, SLOWER, until } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';
import { connect } from '../lib/ws.mjs';

const inst = await useInstance();

const run = async (...args) => assertDone(await inst.ctl(args));
const json = async (...args) => JSON.parse(await run(...args, '--json'));
const refused = async (code, ...args) => assertRefused(await inst.ctl(args), code);

async function enter(user, meeting, options = {}) {
	const client = await connect(inst, meeting.id, { token: user.access, ...options });
	client.welcome = await client.next('welcome');
	return client;
}

/** Two users in one room: [meeting, host, guest, host's client, guest's client]. */
async function twoInARoom(options) {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host, { participants: [guest] });
	return [meeting, host, guest, await enter(host, meeting), await enter(guest, meeting, options)];
}

test('room show has the sessions of a room, also one that is away', async () => {
	const [meeting, host, guest, one, two] = await twoInARoom({ protocols: ['unio.v1'] });
	two.send({ type: 'state', state: { odd: '\u0000' } });
	one.send({ type: 'join-call' });
	await two.next('call_joined');
	await two.terminate();
	const shown = await until(async () => {
		const list = await json('room', 'show', String(meeting.id));
		return list.some(({ connected }) => !connected) && list;
	}, 'the other is away');
	assert.deepEqual(shown.map(({ user_id, email, in_call, connected }) => ({ user_id, email, in_call, connected })), [
		{ user_id: host.id, email: host.email, in_call: true, connected: true },
		{ user_id: guest.id, email: guest.email, in_call: false, connected: false }]);
	assert.equal(shown[0].session_id, one.welcome.session_id);
	assert.equal(shown[0].address, '127.0.0.1');
	assert.equal(shown[1].address, null);
	const [line] = (await run('room', 'show', String(meeting.id), '--tsv')).split('\n');
	assert.deepEqual(line.split('\t'), [one.welcome.session_id, String(host.id), host.email, host.full_name, 'yes', 'yes',
		shown[0].joined_at, '127.0.0.1']);
	assert.equal(await run('room', 'show', '999999', '--tsv'), '');
	await one.close();
});

test('room kick ends the sessions of a user with 4405, nobody else\'s, and does not keep them out', async () => {
	const [meeting, , guest, stays, goes] = await twoInARoom();
	const second = await enter(guest, meeting);
	assert.match(await run('room', 'kick', String(meeting.id), guest.email.toUpperCase()), /ended: 2$/m);
	for (const client of [goes, second]) {
		const { close, code, action } = await client.next('error');
		assert.deepEqual({ close, code, action }, { close: 4405, code: 'kicked', action: 'disconnect' });
		assert.deepEqual(await client.closed, { code: 4405, reason: 'kicked' });
	}
	await stays.next('user_left');
	await (await enter(guest, meeting)).close();
	await refused(exitCode.notFound, 'room', 'kick', '999999', guest.email);
	await stays.close();
});

test('room kick ends one session by its id, and its resume token answers revoked', async () => {
	const [meeting, , guest, stays, goes] = await twoInARoom({ protocols: ['unio.v1'] });
	const second = await enter(guest, meeting);
	assert.deepEqual(await json('room', 'kick', String(meeting.id), goes.welcome.session_id),
		{ meeting_id: meeting.id, sessions: 1 });
	assert.equal((await goes.closed).code, 4405);
	await second.sync();
	const back = await connect(inst, meeting.id, { protocols: ['unio.v1'],
		first: [{ type: 'resume', resume_token: goes.welcome.resume_token, seq: goes.welcome.seq }] });
	assert.equal((await back.next('resume_failed')).reason, 'revoked');
	await Promise.all([back, stays, second].map((client) => client.close()));
	await refused(exitCode.notFound, 'room', 'kick', String(meeting.id), goes.welcome.session_id);
});

test('room message reaches everybody in the room as it is, and nobody in another', async () => {
	const text = 'At 5 "sharp" <b>we</b> restart \\ – be quick 👋';
	const [meeting, , , one, two] = await twoInARoom({ protocols: ['unio.v1'] });
	const other = await newUser(inst);
	const elsewhere = await enter(other, await newMeeting(inst, other));
	assert.match(await run('room', 'message', String(meeting.id), text), /told: 2$/m);
	for (const client of [one, two]) {
		const { message, timestamp } = await client.next('notice');
		assert.equal(message, text);
		assert.match(timestamp, timePattern);
	}
	await elsewhere.sync();
	assert.ok(!elsewhere.frames.some(({ type }) => type === 'notice'));
	await refused(exitCode.notFound, 'room', 'message', '999999', text);
	for (const bad of ['', 'two\nlines', 'x'.repeat(501)])
		await refused(exitCode.usage, 'room', 'message', String(meeting.id), bad);
	await run('room', 'message', String(meeting.id), '"\\'.repeat(250));
	await Promise.all([one, two, elsewhere].map((client) => client.close()));
});

test('session list and revoke: the sockets of that login are closed with 4406 within a second, and it stays so', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const [login] = await json('session', 'list', host.email);
	assert.equal(login.address, '127.0.0.1');
	const token = (await run('token', host.email)).trim();
	const [one, two] = [await enter(host, meeting), await enter({ access: token }, meeting)];
	assert.deepEqual((await json('session', 'list', host.email)).map(({ user_agent }) => user_agent === 'unioctl'), [true, false]);
	assert.match(await run('session', 'revoke', host.email, String(login.id)), /ended: 1$/m);
	const begun = Date.now();
	assert.equal((await one.closed).code, 4406);
	assert.ok(Date.now() - begun < 1000 * SLOWER, `${Date.now() - begun} ms`);
	await two.sync();
	assert.equal((await (await connect(inst, meeting.id, { token: host.access })).closed).code, 4401);
	assert.equal((await as(inst, host).get('/api/auth/me')).status, 401);
	await refused(exitCode.notFound, 'session', 'revoke', host.email, String(login.id));
	assert.match(await run('session', 'revoke', host.email, '--all'), /ended: 1$/m);
	assert.equal((await two.closed).code, 4406);
	assert.deepEqual(await json('session', 'list', host.email), []);
});

test('session revoke without a wake-up closes the sockets all the same within a second', async () => {
	const host = await newUser(inst);
	const client = await enter(host, await newMeeting(inst, host));
	assertDone(await runProgram('unioctl', ['-c', inst.confPath, 'session', 'revoke', host.email, '--all'],
		{ env: { ...inst.env, UNIO_WAKE_ENDPOINT: `ipc://${inst.dir}/nobody.wake` } }));
	const begun = Date.now();
	assert.equal((await client.closed).code, 4406);
	assert.ok(Date.now() - begun < 1000 * SLOWER, `${Date.now() - begun} ms`);
});

test('session revoke: one of several that is not this account\'s changes nothing; none at all is a mistake', async () => {
	const [host, other] = [await newUser(inst), await newUser(inst)];
	const [mine] = await json('session', 'list', host.email);
	const [theirs] = await json('session', 'list', other.email);
	await refused(exitCode.notFound, 'session', 'revoke', host.email, String(mine.id), String(theirs.id));
	assert.equal((await json('session', 'list', host.email)).length, 1);
	await refused(exitCode.usage, 'session', 'revoke', host.email);
	await refused(exitCode.usage, 'session', 'revoke', host.email, String(mine.id), '--all');
	await refused(exitCode.notFound, 'session', 'list', 'nobody@test.example');
});

test('event has the newest ones, those after one, those of a meeting', async () => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const call = assertStatus(await as(inst, host).post('/api/calls', { meeting_id: meeting.id }), 201);
	assertStatus(await as(inst, host).post(`/api/calls/${call.id}/end`), 200);
	await run('meeting', 'delete', String((await newMeeting(inst, host)).id));
	const mine = await json('event', '--meeting', String(meeting.id));
	assert.deepEqual(mine.map(({ type }) => type), ['call_started', 'meeting_status', 'call_ended', 'meeting_status']);
	assert.equal(mine[0].body.call.id, call.id);
	assert.match(mine[0].created_at, timePattern);
	assert.deepEqual(await json('event', '--meeting', String(meeting.id), '--limit', '1'), mine.slice(3));
	assert.deepEqual(await json('event', '--after', String(mine[0].id), '--limit', '2'), mine.slice(1, 3));
	assert.deepEqual((await json('event', '--limit', '2')).map(({ type }) => type), ['meeting_status', 'meeting_deleted']);
	const [line] = (await run('event', '--tsv', '--after', String(mine[0].id - 1))).split('\n');
	assert.deepEqual(line.split('\t'), [String(mine[0].id), mine[0].created_at, 'call_started', String(meeting.id),
		JSON.stringify(mine[0].body)]);
	assert.match(await run('event'), /^ID {8}TIME .*\n(\d+ .*\n)+$/);
});

test('event --follow shows what comes, as it comes', async (t) => {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const child = spawn(join(buildDir, 'unioctl'), ['-c', inst.confPath, 'event', '--follow', '--limit', '0', '--json'],
		{ env: inst.env, stdio: ['ignore', 'pipe', 'inherit'] });
	t.after(() => child.kill());
	const seen = [];
	let changes = 0;
	createInterface({ input: child.stdout }).on('line', (line) => seen.push(JSON.parse(line)));
	// It may begin after the first of them, never in the middle of them.
	await until(async () => {
		assertStatus(await as(inst, host).patch(`/api/meetings/${meeting.id}`, { title: `T${++changes}` }), 200);
		return seen.length > 3;
	}, 'events');
	assert.ok(seen.every(({ type, body }) => type === 'meeting_updated' && body.meeting.id === meeting.id));
	assert.deepEqual(seen.map(({ id }) => id), seen.map((_, i) => seen[0].id + i));
});

test('stats counts what there is; without a daemon it says the rest and that it is down', async () => {
	const before = (await json('stats')).signald;
	const [, , , one, two] = await twoInARoom();
	const { signald, api, database } = await json('stats');
	assert.equal(signald.state, 'up');
	assert.equal(signald.pid, inst.pid('signald'));
	assert.equal(signald.rooms, before.rooms + 1);
	assert.equal(signald.sessions, before.sessions + 2);
	assert.equal(signald.connections, before.connections + 2);
	assert.ok(signald.descriptors > 10 && signald.descriptors_max >= signald.max_connections && signald.memory > 100_000);
	assert.ok(api.pid > 0 && api.descriptors > 0, JSON.stringify(api));
	assert.equal(database.users, inst.sql('SELECT count(*) AS n FROM account')[0].n);
	assert.ok(database.event_id >= database.events && database.bytes > 0);
	assert.match(await run('stats', '--tsv'), /^signald\tstate\tup$/m);
	const down = await runProgram('unioctl', ['-c', inst.confPath, 'stats', '--json'],
		{ env: { ...inst.env, UNIO_CONTROL_SOCKET: join(inst.dir, 'nobody.sock') } });
	const without = JSON.parse(down.stdout);
	assert.equal(down.code, exitCode.busy);
	assert.deepEqual(without.signald, { state: 'down' });
	assert.ok(without.database.users > 0);
	await Promise.all([one.close(), two.close()]);
});
