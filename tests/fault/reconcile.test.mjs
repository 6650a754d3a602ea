// The daemon dies in the middle of a call: who comes back in time goes on with it; a call that nobody comes back to
// ends with `server_restart` at the time it was last known to go on, and attendance with it (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { enter, eventually, newFullRoom, newRoom, api, endCall, startCall, wsInstance } from '../ws/support.mjs';
import { replace, SLOWER } from './support.mjs';

const GRACE_MS = 1_500 * SLOWER;
const LEASE_MS = 200;
/** How much earlier than the crash, and later than the grace, a busy machine may be. */
const SLACK_MS = 2_000 * SLOWER;

const inst = await wsInstance({ call_grace: `${GRACE_MS}ms`, lease_interval: `${LEASE_MS}ms` });

const read = (room, call) => api(inst, room.host, 'GET', `/api/calls/${call.id}`);
const ms = (time) => new Date(time).getTime();

/** A call with everybody of the room in it, whose attendance is written and lease renewed since. */
async function runningCall(size = 2) {
	const room = await newFullRoom(inst, size);
	const call = await startCall(inst, room.host, room.id);
	for (const client of room.clients)
		client.send({ type: 'join-call' });
	await eventually('all are in', async () => (await read(room, call)).attendance.length === size);
	const since = Date.now();
	await pause(3 * LEASE_MS);
	return { ...room, call, since };
}

/** The daemon dies; the time when it did. */
async function crash(clients, signal = 'SIGKILL') {
	const at = Date.now();
	await replace(inst, 'signald', signal);
	await Promise.all(clients.map(({ closed }) => closed));
	return at;
}

const ended = (room, call) => eventually('the call is ended', async () => {
	const now = await read(room, call);
	return now.status === 'ended' && now;
}, { deadline: GRACE_MS + 5 * SLACK_MS });

for (const signal of ['SIGKILL', 'SIGTERM'])
	test(`a call that nobody comes back to after ${signal} ends with server_restart when it was last known to go on`, async () => {
		const { call, clients, since, ...room } = await runningCall();
		const died = await crash(clients, signal);
		const now = await ended(room, call);
		assert.equal(now.ended_reason, 'server_restart');
		assert.ok(ms(now.ended_at) >= since - 1 && ms(now.ended_at) <= died + SLACK_MS / 2,
			`it ended at ${now.ended_at}; all were in at ${since}, the daemon died at ${new Date(died).toISOString()}`);
		for (const { intervals } of now.attendance)
			for (const { left_at: left } of intervals)
				assert.ok(left <= now.ended_at && ms(left) >= since - 1, `${left} is of ${since} to ${now.ended_at}`);
		assert.equal((await api(inst, room.host, 'GET', `/api/meetings/${room.id}`)).status, 'completed');
	});

test('a call that somebody comes back to goes on, with an interval closed at the crash and a new one', async () => {
	const { call, clients, since, ...room } = await runningCall();
	const died = await crash(clients);
	const back = await enter(inst, room.id, room.host);
	assert.equal(back.welcome.call?.id, call.id);
	back.send({ type: 'join-call' });
	await back.next('call_joined');
	await pause(GRACE_MS + SLACK_MS);
	const now = await read(room, call);
	assert.deepEqual([now.status, now.ended_reason], ['active', null]);
	assert.equal(back.count('call_ended'), 0);
	const mine = now.attendance.find(({ user }) => user.id === room.host.id).intervals;
	assert.equal(mine.length, 2);
	assert.ok(ms(mine[0].left_at) >= since - 1 && ms(mine[0].left_at) <= died + SLACK_MS / 2);
	assert.ok(ms(mine[1].joined_at) >= died);
	assert.equal(mine[1].left_at, null);
	const [gone] = now.attendance.find(({ user }) => user.id !== room.host.id).intervals;
	assert.ok(ms(gone.left_at) <= died + SLACK_MS / 2, 'who did not come back left at the crash');
	assert.equal((await endCall(inst, room.host, call.id)).ended_reason, 'ended');
});

test('the end of a call by a restart is told to who came to the room but not to the call', async () => {
	const { call, clients, ...room } = await runningCall(1);
	await crash(clients);
	const watcher = await enter(inst, room.id, room.host);
	const { call: told } = await watcher.next('call_ended', GRACE_MS + 5 * SLACK_MS).catch(() => ({ call: null }));
	if (told === null) { // being in the room may be enough for a call to go on
		assert.equal((await read(room, call)).status, 'active');
		return;
	}
	assert.deepEqual([told.id, told.ended_reason], [call.id, 'server_restart']);
});

test('a call started while the daemon was down is not a call of before its death', async () => {
	const room = await newRoom(inst, 1);
	const back = replace(inst, 'signald');
	const call = await startCall(inst, room.host, room.id);
	await back;
	const client = await enter(inst, room.id, room.host);
	client.send({ type: 'join-call' });
	await client.next('call_joined');
	await pause(GRACE_MS + SLACK_MS);
	assert.equal((await read(room, call)).status, 'active');
});

test('a daemon that dies again before the grace is over leaves no call behind', async () => {
	const { call, clients, since, ...room } = await runningCall();
	const died = await crash(clients);
	await crash([]);
	await crash([]);
	const now = await ended(room, call);
	assert.equal(now.ended_reason, 'server_restart');
	assert.ok(ms(now.ended_at) >= since - 1 && ms(now.ended_at) <= died + SLACK_MS / 2 + 2_000, now.ended_at);
	assert.deepEqual(inst.sql(`SELECT * FROM attendance WHERE call_id = ${call.id} AND left_at IS NULL`), []);
});

test('the crash of the API ends no call', async () => {
	const { call, clients: [ann], ...room } = await runningCall();
	await replace(inst, 'api');
	await pause(GRACE_MS);
	assert.equal((await read(room, call)).status, 'active');
	assert.equal(ann.count('call_ended'), 0);
});
