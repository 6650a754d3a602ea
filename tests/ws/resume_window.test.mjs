// For how long a lost session is kept, and what counts meanwhile (docs/PROTOCOL.md, Resume and Liveness).
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import {
	ask, assertFailed, assertUndisturbed, dataOf, detach, enterSession, newCall, newSessions, presence,
} from './resume.mjs';
import { api, enter, eventually, leaveOf, newFullRoom, newRoom, startCall, wsInstance } from './support.mjs';

const SLOWER = process.env.SANITIZE ? 3 : 1;
const TTL = 1_000 * SLOWER;
/** How far the clocks of a test and of a sweep may be apart on a busy machine. */
const SLACK = 1_500 * SLOWER;
const EMPTY = 400 * SLOWER;
const IDLE = 600 * SLOWER;

const inst = await wsInstance({
	resume_ttl: `${TTL}ms`, call_empty_timeout: `${EMPTY}ms`, ping_interval: `${IDLE / 4}ms`, idle_timeout: `${IDLE}ms`,
	message_rate: 100_000, message_burst: 100_000,
});

test('the others are told after the time is over, and not before', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	const began = Date.now();
	await bob.lose();
	const left = await ann.next(leaveOf(bob), TTL + SLACK);
	const after = Date.now() - began;
	assert.ok(after >= 0.9 * TTL, `${after} ms`);
	assert.deepEqual([left.user_id, left.devices], [bob.user.id, 0]);
	assertFailed(await bob.ask(), 'expired');
});

test('a session that was in the call leaves the call first, then the room', async () => {
	const { sessions: [ann, bob], host, call } = await newCall(inst);
	await bob.lose();
	await ann.next(leaveOf(bob), TTL + SLACK);
	assert.deepEqual(ann.received.slice(-2).map(({ type }) => type), ['call_left', 'user_left']);
	await eventually('the attendance is closed', async () => {
		const { attendance } = await api(inst, host, 'GET', `/api/calls/${call.id}`);
		return attendance.find(({ user }) => user.id === bob.user.id).intervals.every(({ left_at: left }) => left !== null);
	});
});

test('within the time a session comes back as often as it likes: each loss has its own', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	for (let round = 0; round < 4; round += 1) {
		await bob.lose();
		await pause(0.6 * TTL);
		await bob.resume();
	}
	await ann.sync();
	assertUndisturbed(ann, bob);
});

test('a session that was resumed does not end when its first loss would have ended it', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await bob.bounce();
	await pause(TTL + SLACK / 2);
	ann.send({ type: 'message', data: 'still here' });
	await bob.next('message');
	assertUndisturbed(ann, bob);
});

test('at the edge of the window it is one or the other: resumed and unnoticed, or expired and told once', async () => {
	const room = await newSessions(inst, 1);
	const [ann] = room.sessions;
	const lost = [];
	for (let n = 0; n < 20; n += 1) {
		const bob = await enterSession(inst, room.id, room.host);
		bob.edge = TTL - 60 + 6 * n;
		lost.push(bob);
		if (lost.length % 4 === 0)
			await Promise.all(lost.splice(0).map((session) => throughTheEdge(ann, session)));
	}
});

/** Loses a session, comes back at the edge and checks that all agree on what happened. */
async function throughTheEdge(ann, bob) {
	await bob.lose();
	const began = Date.now();
	ann.send({ type: 'message', data: bob.edge, target_session: bob.session });
	await pause(bob.edge - (Date.now() - began));
	const reply = await bob.ask();
	if (reply.type === 'resumed') {
		await bob.next('message');
		assert.deepEqual(dataOf(bob.received), [bob.edge]);
		await ann.sync();
		assertUndisturbed(ann, bob);
		await bob.close();
	} else {
		assertFailed(reply, 'expired');
	}
	await ann.next(leaveOf(bob), SLACK);
	await ann.sync();
	assert.equal(ann.received.filter(leaveOf(bob)).length, 1);
}

test('after its time a gap is forgotten: the token is then merely expired', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await detach(bob);
	for (let n = 0; n < 300; n += 1)
		ann.send({ type: 'message', data: n });
	await ann.next(leaveOf(bob), TTL / 2 + SLACK / 2);
	const deadline = Date.now() + 4 * TTL + SLACK;
	for (;;) {
		const reply = await (await ask(inst, bob.meetingId, { token: bob.token, seq: bob.seq })).next(() => true);
		assertFailed(reply, 'gap', 'expired');
		if (reply.reason === 'expired')
			break;
		assert.ok(Date.now() < deadline, 'it stays a gap');
		await pause(TTL / 5);
	}
});

test('a connection that is silent is dropped, and its session can be resumed', async () => {
	const room = await newSessions(inst, 1);
	const [ann] = room.sessions;
	const bob = await enterSession(inst, room.id, room.host, { raw: true });
	await bob.closed;
	bob.settle();
	assert.equal((await presence(bob))?.connected, false);
	ann.send({ type: 'message', data: 'are you there' });
	await ann.sync();
	await bob.resume();
	assert.deepEqual(dataOf([await bob.next('message')]), ['are you there']);
	assertUndisturbed(ann, bob);
});

test('without unio.v1 a silent connection is a session that is gone', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst, 2);
	const began = Date.now();
	await bob.terminate();
	await ann.next(leaveOf(bob));
	assert.ok(Date.now() - began < TTL);
});

test('a call whose only person is detached is not empty; it is, once their time is over', async () => {
	const room = await newSessions(inst, 1);
	const [bob] = room.sessions;
	const call = await startCall(inst, room.host, room.id);
	bob.send({ type: 'join-call' });
	await bob.next('call_joined');
	const began = Date.now();
	await bob.lose();
	const statusOf = async () => (await api(inst, room.host, 'GET', `/api/calls/${call.id}`));
	while (Date.now() - began < 0.85 * TTL) {
		assert.equal((await statusOf()).status, 'active');
		await pause(EMPTY / 8);
	}
	await eventually('the call is ended', async () => (await statusOf()).status === 'ended');
	assert.equal((await statusOf()).ended_reason, 'empty');
});

test('who comes back to a call before it is empty keeps it going', async () => {
	const room = await newSessions(inst, 1);
	const [bob] = room.sessions;
	const call = await startCall(inst, room.host, room.id);
	bob.send({ type: 'join-call' });
	await bob.next('call_joined');
	await bob.lose();
	await pause(0.7 * TTL);
	await bob.resume();
	await pause(2 * EMPTY);
	assert.equal((await api(inst, room.host, 'GET', `/api/calls/${call.id}`)).status, 'active');
	assert.equal(bob.count('call_ended'), 0);
});

test('a room of detached sessions alone is left clean when their time is over', async () => {
	const room = await newSessions(inst, 2);
	for (const session of room.sessions)
		await session.lose();
	await pause(TTL + SLACK);
	const late = await enter(inst, room.id, room.host);
	assert.deepEqual(late.welcome.peers, []);
});

test('the user_left of a lost session counts the devices that are left', async () => {
	const room = await newRoom(inst, 2);
	const [annUser, bobUser] = room.people;
	const ann = await enterSession(inst, room.id, annUser);
	const first = await enterSession(inst, room.id, bobUser);
	const second = await enterSession(inst, room.id, bobUser);
	await first.lose();
	assert.equal((await ann.next(leaveOf(first), TTL + SLACK)).devices, 1);
	await second.lose();
	assert.equal((await ann.next(leaveOf(second), TTL + SLACK)).devices, 0);
});
