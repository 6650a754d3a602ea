// Another process holds the database's lock for longer than anybody waits: changes are refused and say so, reading,
// relaying and joining go on, and afterwards all is well by itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { as, assertStatus, newMeeting, newUser, request } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';
import { api, enter, newFullRoom, rename, startCall, titlesOf, wsInstance } from '../ws/support.mjs';
import { assertUnavailable, LONG, SLOWER, whileLocked, within } from './support.mjs';

const LOCKED_MS = LONG ? 10_000 : 3_000;
const PROMPT_MS = 1_000 * SLOWER;

const inst = await wsInstance(LONG ? {} : { database_busy_timeout: '1s' });

test(`changes are 503 with Retry-After while it is locked for ${LOCKED_MS / 1000} s, and change nothing`, async () => {
	const user = await newUser(inst);
	const meeting = await newMeeting(inst, user);
	const me = as(inst, user);
	await whileLocked(inst, async () => {
		const began = Date.now();
		do {
			const replies = await Promise.all([
				me.post('/api/meetings', { title: 'Not now' }),
				me.patch(`/api/meetings/${meeting.id}`, { title: 'Not now' }),
				me.post('/api/health/call/start', { meeting_id: meeting.id }),
				me.del(`/api/meetings/${meeting.id}`),
			]);
			replies.forEach(assertUnavailable);
		} while (Date.now() - began < LOCKED_MS);
	});
	assert.deepEqual(assertStatus(await me.get('/api/meetings'), 200).results, [meeting]);
	assertStatus(await me.patch(`/api/meetings/${meeting.id}`, { title: 'Now' }), 200);
});

test('reading, health and readiness go on', async () => {
	const user = await newUser(inst);
	const meeting = await newMeeting(inst, user);
	await whileLocked(inst, async () => {
		for (const path of [`/api/meetings/${meeting.id}`, '/api/auth/me', '/api/health/', '/api/health/ready'])
			assertStatus(await within(PROMPT_MS, path, () => request(inst, 'GET', path, { token: user.access })), 200);
	});
});

test('the relay goes on without a halt', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	await whileLocked(inst, async () => {
		const began = Date.now();
		for (let n = 0; Date.now() - began < LOCKED_MS; n += 1) {
			ann.send({ type: 'message', data: n });
			assert.equal((await within(PROMPT_MS, 'a message', () => bob.next('message'))).data, n);
			await pause(50);
		}
	});
	await ann.sync();
	await bob.sync();
});

test('people come in and join the call meanwhile, and their attendance has the time when they did', async () => {
	const room = await newFullRoom(inst, 1);
	const call = await startCall(inst, room.host, room.id);
	await room.clients[0].next('call_started');
	const times = {};
	const late = await whileLocked(inst, async () => {
		const client = await within(2 * PROMPT_MS, 'a join', () => enter(inst, room.id, room.host));
		times.from = new Date().toISOString();
		client.send({ type: 'join-call' });
		await within(PROMPT_MS, 'join-call', () => client.next('call_joined'));
		times.to = new Date().toISOString();
		await pause(LOCKED_MS / 2);
		return client;
	});
	const read = () => api(inst, room.host, 'GET', `/api/calls/${call.id}`);
	const [{ intervals: [interval] }] = await until(async () => {
		const { attendance } = await read();
		return attendance.length > 0 && attendance;
	}, 'the attendance is written');
	assert.ok(interval.joined_at >= times.from.slice(0, -1) && interval.joined_at <= times.to,
		`${interval.joined_at} is of ${times.from} to ${times.to}`);
	await late.close();
	await until(async () => (await read()).attendance[0].intervals[0].left_at !== null, 'it is closed');
});

test('who joins and leaves the call while it is locked has an interval of that length', async () => {
	const room = await newFullRoom(inst, 1);
	const call = await startCall(inst, room.host, room.id);
	const [ann] = room.clients;
	await ann.next('call_started');
	await whileLocked(inst, async () => {
		ann.send({ type: 'join-call' });
		await ann.next('call_joined');
		await pause(1_000);
		ann.send({ type: 'leave-call' });
		await ann.next('call_left');
		await pause(LOCKED_MS / 2);
	});
	const interval = await until(async () => {
		const { attendance } = await api(inst, room.host, 'GET', `/api/calls/${call.id}`);
		return attendance[0]?.intervals[0]?.left_at && attendance[0].intervals[0];
	}, 'the attendance is written and closed');
	const length = new Date(interval.left_at) - new Date(interval.joined_at);
	assert.ok(length >= 950 && length < 1_000 + PROMPT_MS, `${length} ms`);
});

test('the first change afterwards is told to the room', async () => {
	const room = await newFullRoom(inst);
	await whileLocked(inst, async () => {
		const reply = await request(inst, 'PATCH', `/api/meetings/${room.id}`,
			{ token: room.host.access, json: { title: 'Not now' } });
		assertUnavailable(reply);
	});
	await rename(inst, room, 'Now');
	for (const client of room.clients) {
		await client.next('meeting_updated');
		assert.deepEqual(titlesOf(client), ['Now']);
	}
});
