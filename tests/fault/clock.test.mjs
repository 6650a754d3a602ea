// The clock is set forward and back while all run (libfaketime moves the time of day; the monotonic clock goes on).
// Nobody is dropped, no event is lost, and no duration is negative.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, afterEach } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { loginWith, request } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { closeAll } from '../lib/ws.mjs';
import { api, endCall, enter, newFullRoom, rename, startCall, titlesOf } from '../ws/support.mjs';
import { replace } from './support.mjs';

const HOUR = 3600;

const library = readdirSync('/usr/lib', { withFileTypes: true }).filter((entry) => entry.isDirectory())
	.map(({ name }) => join('/usr/lib', name, 'faketime', 'libfaketimeMT.so.1')).find(existsSync);
const skip = process.env.SANITIZE ? 'a sanitizer does not go with libfaketime'
	: library === undefined && 'libfaketime is not installed';

const dir = mkdtempSync(join(tmpdir(), 'unio-clock-'));
const file = join(dir, 'offset');

/** Sets the clock of all programs of the instance `seconds` beside the true one. */
function set(seconds) {
	writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
	renameSync(`${file}.new`, file);
}
set(0);

// The front server is not ours to test, and it reads a coarse monotonic clock that libfaketime moves as well.
writeFileSync(join(dir, 'lighttpd'), '#!/bin/sh\nunset LD_PRELOAD\nPATH=${PATH#*:}:/usr/sbin\nexec lighttpd "$@"\n', { mode: 0o755 });

const inst = skip ? null : await startInstance({
	// Tokens that outlive every jump of this file: their end is another matter.
	conf: { token_ttl: '30d', ping_interval: '500ms', idle_timeout: '3s', lease_interval: '500ms' },
	env: {
		LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1',
		DONT_FAKE_MONOTONIC: '1', PATH: `${dir}:${process.env.PATH}`,
	},
});

afterEach(async () => {
	closeAll();
	set(0);
	inst?.assertAlive();
});
after(async () => {
	await inst?.stop();
	rmSync(dir, { recursive: true });
});

/** The server's own idea of the time, in seconds beside ours. */
async function offset() {
	const reply = await request(inst, 'GET', '/api/health/');
	return (new Date(reply.json.timestamp) - Date.now()) / 1000;
}

test('the tests can set the clock at all', { skip }, async () => {
	for (const seconds of [HOUR, -HOUR, 0]) {
		set(seconds);
		assert.ok(Math.abs(await offset() - seconds) < 5, `${await offset()} is ${seconds}`);
	}
});

for (const [what, seconds] of [['an hour forward', HOUR], ['an hour back', -HOUR], ['ten days forward', 240 * HOUR]])
	test(`the clock is set ${what}: everybody stays, is heard, and is told what happens`, { skip }, async () => {
		const room = await newFullRoom(inst);
		const [ann, bob] = room.clients;
		await rename(inst, room, 'Before');
		set(seconds);
		await rename(inst, room, 'After');
		for (let n = 0; n < 8; n += 1) { // longer than the silence that is allowed
			ann.send({ type: 'message', data: n });
			await bob.next('message');
			await pause(500);
		}
		set(0);
		await rename(inst, room, 'Again');
		for (const client of room.clients) {
			await client.next((frame) => frame.meeting?.title === 'Again');
			await client.sync();
			assert.deepEqual(titlesOf(client), ['Before', 'After', 'Again']);
		}
		assert.equal(ann.count('user_left'), 0);
	});

test('a call over which the clock is set back has no negative duration', { skip }, async () => {
	const room = await newFullRoom(inst, 1);
	const [ann] = room.clients;
	const call = await startCall(inst, room.host, room.id);
	ann.send({ type: 'join-call' });
	await ann.next('call_joined');
	set(-HOUR);
	ann.send({ type: 'leave-call' });
	await ann.next('call_left');
	ann.send({ type: 'join-call' });
	await ann.next('call_joined');
	await until(() => inst.sql(`SELECT 1 FROM attendance WHERE call_id = ${call.id}`).length === 2, 'it is written down');
	const ended = await endCall(inst, room.host, call.id);
	assert.ok(ended.duration >= 0, `${ended.duration}`);
	assert.ok(ended.ended_at >= ended.started_at);
	const read = await until(async () => {
		const one = await api(inst, room.host, 'GET', `/api/calls/${call.id}`);
		return one.attendance[0]?.intervals.every(({ left_at: left }) => left !== null) && one;
	}, 'the attendance is closed');
	for (const { intervals, total_seconds: total } of read.attendance) {
		assert.ok(total >= 0);
		for (const { joined_at: joined, left_at: left } of intervals)
			assert.ok(left >= joined, `${joined} to ${left}`);
	}
	assert.deepEqual(inst.sql('SELECT * FROM attendance WHERE left_at < joined_at'), []);
});

test('a call does not end by itself because the clock is set forward by less than it may last', { skip }, async () => {
	const room = await newFullRoom(inst, 1);
	const [ann] = room.clients;
	const call = await startCall(inst, room.host, room.id);
	ann.send({ type: 'join-call' });
	await ann.next('call_joined');
	set(HOUR);
	await pause(2_000);
	assert.equal((await api(inst, room.host, 'GET', `/api/calls/${call.id}`)).status, 'active');
	assert.equal(ann.count('call_ended'), 0);
});

test('events keep their order by number, whatever the clock says, also for who comes back', { skip }, async () => {
	const room = await newFullRoom(inst, 1);
	const [ann] = room.clients;
	const { event_id: last, epoch } = ann.welcome;
	await ann.close();
	const titles = [];
	for (const seconds of [0, HOUR, -HOUR, 0]) {
		set(seconds);
		titles.push(`At ${seconds} (${titles.length})`);
		await rename(inst, room, titles.at(-1));
	}
	const back = await enter(inst, room.id, room.host, { query: { last_event_id: last, epoch } });
	await back.sync();
	assert.deepEqual(titlesOf(back), titles);
});

test('a daemon that starts with the clock set back works, and one that starts with it set forward too', { skip }, async () => {
	for (const seconds of [-HOUR, HOUR]) {
		set(seconds);
		await replace(inst, 'signald');
		const room = await newFullRoom(inst, 1);
		await rename(inst, room, 'Here');
		await room.clients[0].next('meeting_updated');
	}
});

test('one can sign in with the clock set anywhere', { skip }, async () => {
	for (const seconds of [HOUR, -HOUR]) {
		set(seconds);
		const { access } = await loginWith(inst, 'admin@unio.app', 'admin123');
		assert.equal((await request(inst, 'GET', '/api/auth/me', { token: access })).status, 200);
	}
});
