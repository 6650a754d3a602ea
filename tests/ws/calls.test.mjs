// Calls that nobody is in, calls that last too long, and who attended (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { startInstance } from '../lib/instance.mjs';
import { api, assertTime, endCall, enter, eventually, newFullRoom, newRoom, startCall, wsInstance } from './support.mjs';

const EMPTY = 1_000 * (process.env.SANITIZE ? 3 : 1);
const LONGEST = 2_000 * (process.env.SANITIZE ? 3 : 1);

const inst = await wsInstance();
const quick = await startInstance({ conf: { call_empty_timeout: `${EMPTY}ms` } });
const brief = await startInstance({ conf: { call_max_duration: `${LONGEST}ms` } });
after(() => Promise.all([quick, brief].map((other) => other.stop())));

const callOf = (on, user, id) => api(on, user, 'GET', `/api/calls/${id}`);

/** The intervals of a user in a call, when they are as `ready` wants them; the writer may lag a little. */
async function intervalsOf(on, asker, callId, user, ready) {
	return eventually(`the attendance of ${user.full_name}`, async () => {
		const { attendance } = await callOf(on, asker, callId);
		const intervals = attendance.find((entry) => entry.user.id === user.id)?.intervals ?? [];
		return ready(intervals) && intervals;
	});
}

const isOpen = (interval) => interval.left_at === null;
const micros = (time) => BigInt(Date.parse(`${time.slice(0, 23)}Z`)) * 1000n + BigInt(time.slice(23, 26));

async function joinCall(client) {
	client.send({ type: 'join-call' });
	await client.next((frame) => frame.type === 'call_joined' && frame.session_id === client.session);
}

async function leaveCall(client) {
	client.send({ type: 'leave-call' });
	await client.next((frame) => frame.type === 'call_left' && frame.session_id === client.session);
}

test('a call that nobody joins ends as empty, and the room is told', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(quick, 1);
	const call = await startCall(quick, host, id);
	const ended = await ann.next('call_ended', 10 * EMPTY);
	assert.deepEqual([ended.call.id, ended.call.status, ended.call.ended_reason], [call.id, 'ended', 'empty']);
	await ann.next((frame) => frame.type === 'meeting_status' && frame.status === 'completed');
	const stored = await callOf(quick, host, call.id);
	assert.deepEqual([stored.status, stored.ended_reason, stored.ended_at], ['ended', 'empty', ended.call.ended_at]);
	assert.equal((await api(quick, host, 'GET', `/api/meetings/${id}`)).status, 'completed');
	assert.ok(micros(stored.ended_at) - micros(stored.started_at) >= BigInt(EMPTY) * 900n);
});

test('a call in a room that nobody has ever entered ends as empty', async () => {
	const { id, host } = await newRoom(quick);
	const call = await startCall(quick, host, id);
	await eventually('it has ended',
		async () => (await callOf(quick, host, call.id)).status === 'ended', { deadline: 10 * EMPTY });
	assert.equal((await callOf(quick, host, call.id)).ended_reason, 'empty');
});

test('a call that somebody is in goes on, and ends as empty when all have left it', async () => {
	const { id, host, clients: [ann, bob] } = await newFullRoom(quick);
	await joinCall(bob);
	const call = await startCall(quick, host, id);
	const other = await newRoom(quick);
	const measure = await startCall(quick, other.host, other.id);
	await eventually('an empty call of the same age has ended',
		async () => (await callOf(quick, other.host, measure.id)).status === 'ended', { deadline: 10 * EMPTY });
	assert.equal((await callOf(quick, host, call.id)).status, 'active');
	await leaveCall(bob);
	const ended = await ann.next('call_ended', 10 * EMPTY);
	assert.equal(ended.call.ended_reason, 'empty');
	assert.ok(ended.call.duration >= Math.floor(2 * EMPTY / 1000 - 0.5));
});

test('a call whose only member is disconnected ends as empty', async () => {
	const { id, host, clients: [ann, bob] } = await newFullRoom(quick);
	const call = await startCall(quick, host, id);
	await joinCall(bob);
	await bob.terminate();
	const ended = await ann.next('call_ended', 10 * EMPTY);
	assert.deepEqual([ended.call.id, ended.call.ended_reason], [call.id, 'empty']);
});

test('a call that outlasts the longest duration ends for that reason, whoever is in it', async () => {
	const { id, host, clients } = await newFullRoom(brief);
	const [ann] = clients;
	await joinCall(ann);
	const call = await startCall(brief, host, id);
	for (const client of clients) {
		const ended = await client.next('call_ended', 10 * LONGEST);
		assert.deepEqual([ended.call.id, ended.call.ended_reason], [call.id, 'max_duration']);
		assert.ok(ended.call.duration >= Math.floor(LONGEST / 1000));
		assert.equal(client.count('call_left'), 0);
	}
	const [interval] = await intervalsOf(brief, host, call.id, ann.user, (all) => all.length === 1 && !isOpen(all[0]));
	assert.equal(interval.left_at, (await callOf(brief, host, call.id)).ended_at);
});

test('after the longest duration another call may be started', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(brief, 1);
	const first = await startCall(brief, host, id);
	await ann.next('call_ended', 10 * LONGEST);
	const second = await startCall(brief, host, id);
	assert.notEqual(second.id, first.id);
	await ann.next((frame) => frame.type === 'call_started' && frame.call.id === second.id);
});

test('join-call, leave-call and join-call again are two intervals of attendance', async () => {
	const { id, host, clients: [ann, bob] } = await newFullRoom(inst);
	const call = await startCall(inst, host, id);
	await joinCall(bob);
	const [open] = await intervalsOf(inst, host, call.id, bob.user, (all) => all.length === 1);
	assertTime(open.joined_at);
	assert.equal(open.left_at, null);
	await leaveCall(bob);
	await intervalsOf(inst, host, call.id, bob.user, (all) => all.length === 1 && !isOpen(all[0]));
	await joinCall(bob);
	const both = await intervalsOf(inst, host, call.id, bob.user, (all) => all.length === 2);
	assert.equal(both[0].joined_at, open.joined_at);
	assertTime(both[0].left_at);
	const times = [both[0].joined_at, both[0].left_at, both[1].joined_at];
	assert.deepEqual([...times].sort(), times);
	assert.ok(isOpen(both[1]));
	const { attendance } = await callOf(inst, host, call.id);
	assert.equal(attendance.find((entry) => entry.user.id === ann.user.id)?.intervals.length ?? 0, 0);
});

test('who was in the call before it was started attends from its start', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst);
	await joinCall(ann);
	const call = await startCall(inst, host, id);
	const [interval] = await intervalsOf(inst, host, call.id, ann.user, (all) => all.length === 1);
	assert.equal(interval.joined_at, call.started_at);
});

test('the end of the call closes the attendance at that moment', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst);
	const { id: callId } = await startCall(inst, host, id);
	await joinCall(ann);
	await intervalsOf(inst, host, callId, ann.user, (all) => all.length === 1);
	const call = await endCall(inst, host, callId);
	const { attendance } = await callOf(inst, host, callId);
	assert.equal(attendance[0].intervals[0].left_at, call.ended_at);
	const [{ joined_at: joined }] = attendance[0].intervals;
	assert.equal(attendance[0].total_seconds, Number((micros(call.ended_at) - micros(joined)) / 1_000_000n));
});

test('a lost connection closes the attendance, coming back adds an interval', async () => {
	const { id, host, people: [, guest], clients: [, bob] } = await newFullRoom(inst);
	const call = await startCall(inst, host, id);
	await joinCall(bob);
	await intervalsOf(inst, host, call.id, guest, (all) => all.length === 1);
	await bob.terminate();
	await intervalsOf(inst, host, call.id, guest, (all) => all.length === 1 && !isOpen(all[0]));
	await joinCall(await enter(inst, id, guest));
	await intervalsOf(inst, host, call.id, guest, (all) => all.length === 2 && isOpen(all[1]));
});

test('join-call without a call attends nothing', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst);
	await joinCall(ann);
	await leaveCall(ann);
	const call = await startCall(inst, host, id);
	await ann.next('meeting_status');
	await ann.sync();
	const { attendance } = await callOf(inst, host, call.id);
	assert.deepEqual(attendance.flatMap(({ intervals }) => intervals), []);
});

test('a call that follows another has its own attendance', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst);
	const first = await startCall(inst, host, id);
	await joinCall(ann);
	await intervalsOf(inst, host, first.id, ann.user, (all) => all.length === 1);
	await endCall(inst, host, first.id);
	await ann.next('call_ended');
	const second = await startCall(inst, host, id);
	await ann.next((frame) => frame.call?.id === second.id);
	await joinCall(ann);
	await intervalsOf(inst, host, second.id, ann.user, (all) => all.length === 1 && isOpen(all[0]));
	assert.equal((await callOf(inst, host, first.id)).attendance[0].intervals.length, 1);
});

test('two devices of a user in the call: the attendance ends when both have left', async () => {
	const { id, host, people: [, guest], clients: [, bob] } = await newFullRoom(inst);
	const second = await enter(inst, id, guest);
	const call = await startCall(inst, host, id);
	await joinCall(bob);
	await joinCall(second);
	await intervalsOf(inst, host, call.id, guest, (all) => all.some(isOpen));
	await leaveCall(bob);
	await leaveCall(second);
	const intervals = await intervalsOf(inst, host, call.id, guest, (all) => all.length > 0 && !all.some(isOpen));
	assert.ok(intervals.every(({ joined_at: from, left_at: to }) => micros(from) <= micros(to)));
});
