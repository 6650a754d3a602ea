// Meeting events: what the API changes is told to the room, in commit order, once (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test from 'node:test';

import { loginWith, newMeeting, newPassword, newUser, request } from '../lib/api.mjs';
import { connect } from '../lib/ws.mjs';
import {
	api, assertClosedWith, assertKeys, assertRefused, assertTime, endCall, enter,
	leaveOf, newFullRoom, newRoom, startCall, wsInstance,
} from './support.mjs';

const inst = await wsInstance();

const isEvent = (frame) => 'event_id' in frame && frame.type !== 'welcome';
const eventsOf = (client) => client.frames.filter(isEvent);

/** An event carries its id and time; the rest of it is returned. */
function checked({ event_id: id, timestamp, ...rest }) {
	assert.ok(Number.isInteger(id) && id > 0);
	assertTime(timestamp);
	return rest;
}

function assertRising(client) {
	const ids = eventsOf(client).map((frame) => frame.event_id);
	assert.ok(client.welcome.event_id < (ids[0] ?? Infinity), `${client.welcome.event_id} is older than ${ids}`);
	for (let i = 1; i < ids.length; i++)
		assert.ok(ids[i] > ids[i - 1], String(ids));
}

test('the start of a call is told as call_started, then meeting_status', async () => {
	const { id, host, clients } = await newFullRoom(inst);
	const call = await startCall(inst, host, id);
	for (const client of clients) {
		await client.next('meeting_status');
		const [started, status] = eventsOf(client).map(checked);
		assert.deepEqual(started, { type: 'call_started', call });
		assert.deepEqual(status, { type: 'meeting_status', meeting_id: id, status: 'ongoing', previous_status: 'scheduled' });
		assertRising(client);
	}
});

test('the end of a call is told as call_ended and meeting_status', async () => {
	const { id, host, clients } = await newFullRoom(inst);
	const { id: callId } = await startCall(inst, host, id);
	const call = await endCall(inst, host, callId);
	for (const client of clients) {
		assert.deepEqual(checked(await client.next('call_ended')), { type: 'call_ended', call });
		assert.deepEqual([call.status, call.ended_reason], ['ended', 'ended']);
		await client.next('meeting_status');
		assert.deepEqual(checked(await client.next('meeting_status')),
			{ type: 'meeting_status', meeting_id: id, status: 'completed', previous_status: 'ongoing' });
		assert.equal(eventsOf(client).length, 4);
		assertRising(client);
	}
});

test('a second call of a meeting is told from completed to ongoing', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst);
	await endCall(inst, host, (await startCall(inst, host, id)).id);
	await startCall(inst, host, id);
	await ann.next((frame) => frame.type === 'meeting_status' && frame.previous_status === 'completed');
	assert.deepEqual(eventsOf(ann).slice(-2).map((frame) => frame.type), ['call_started', 'meeting_status']);
});

test('a start that finds the call running, an end that finds it ended: told to nobody', async () => {
	const { id, host, people: [, guest], clients: [ann] } = await newFullRoom(inst);
	const call = await startCall(inst, host, id);
	await startCall(inst, guest, id);
	await endCall(inst, host, call.id);
	await endCall(inst, guest, call.id);
	await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: 'After' });
	await ann.next('meeting_updated');
	assert.deepEqual([ann.count('call_started'), ann.count('call_ended'), ann.count('meeting_status')], [1, 1, 2]);
});

test('a change of the meeting is told as meeting_updated with the meeting as it is now', async () => {
	const { id, host, clients } = await newFullRoom(inst);
	const change = { title: 'New title', description: 'And "why"' };
	const meeting = await api(inst, host, 'PATCH', `/api/meetings/${id}`, change);
	for (const client of clients)
		assert.deepEqual(checked(await client.next('meeting_updated')), { type: 'meeting_updated', meeting });
});

test('cancelling and reopening a meeting is told as meeting_status', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst);
	for (const [status, previous] of [['cancelled', 'scheduled'], ['scheduled', 'cancelled']]) {
		await api(inst, host, 'PATCH', `/api/meetings/${id}`, { status });
		assert.deepEqual(checked(await ann.next('meeting_status')),
			{ type: 'meeting_status', meeting_id: id, status, previous_status: previous });
	}
});

test('a refused change is told to nobody', async () => {
	const { id, host, people: [, guest], clients: [ann] } = await newFullRoom(inst);
	const changes = [[host, { title: '' }], [host, { title: 7 }], [guest, { title: 'Mine' }], [host, { status: 'no' }]];
	for (const [user, json] of changes)
		assert.ok((await request(inst, 'PATCH', `/api/meetings/${id}`, { token: user.access, json })).status >= 400);
	await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: 'Good' });
	await ann.next('meeting_updated');
	assert.equal(eventsOf(ann).length, 1);
});

test('a new participant is told as participant_added, and may enter', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst, 1);
	const late = await newUser(inst);
	await api(inst, host, 'POST', `/api/meetings/${id}/participants`, { user_id: late.id });
	const { type, user } = checked(await ann.next('participant_added'));
	assert.deepEqual([type, user.id, user.email, user.full_name],
		['participant_added', late.id, late.email, late.full_name]);
	await enter(inst, id, late);
});

test('a participant added twice is told once', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst, 1);
	const late = await newUser(inst);
	for (let n = 0; n < 2; n++)
		await api(inst, host, 'POST', `/api/meetings/${id}/participants`, { user_id: late.id });
	await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: 'After' });
	await ann.next('meeting_updated');
	assert.equal(ann.count('participant_added'), 1);
});

for (const who of ['the host', 'oneself'])
	test(`a participant taken out by ${who} is told so, closed with 4403, and may not come back`, async () => {
		const { id, people, clients: [ann, bob] } = await newFullRoom(inst);
		const second = await enter(inst, id, bob.user);
		const by = who === 'the host' ? people[0] : bob.user;
		await api(inst, by, 'DELETE', `/api/meetings/${id}/participants/${bob.user.id}`);
		for (const client of [bob, second]) {
			const { type, user } = checked(await client.next('participant_removed'));
			assert.deepEqual([type, user.id], ['participant_removed', bob.user.id]);
			await assertClosedWith(client, 4403);
		}
		assert.equal(checked(await ann.next('participant_removed')).user.email, bob.user.email);
		await ann.next('user_left');
		await ann.sync();
		await assertRefused(await connect(inst, id, { token: bob.user.access }), 4403);
	});

test('a participant taken out of one meeting stays in the others', async () => {
	const { id, host, people: [, guest], clients: [, bob] } = await newFullRoom(inst);
	const other = await newMeeting(inst, host, { participants: [guest] });
	const there = await enter(inst, other.id, guest);
	await api(inst, host, 'DELETE', `/api/meetings/${id}/participants/${guest.id}`);
	await bob.closed;
	await there.sync();
	assert.deepEqual(eventsOf(there), []);
});

test('a participant who comes back after being added again is let in', async () => {
	const { id, host, people: [, guest], clients: [, bob] } = await newFullRoom(inst);
	await api(inst, host, 'DELETE', `/api/meetings/${id}/participants/${guest.id}`);
	await bob.closed;
	await api(inst, host, 'POST', `/api/meetings/${id}/participants`, { user_id: guest.id });
	const back = await enter(inst, id, guest);
	await back.sync();
});

test('a deleted meeting is told as meeting_deleted, then the room is closed with 4410', async () => {
	const { id, host, clients } = await newFullRoom(inst);
	await api(inst, host, 'DELETE', `/api/meetings/${id}`);
	for (const client of clients) {
		await assertClosedWith(client, 4410);
		assert.deepEqual(eventsOf(client).map((frame) => checked(frame).type), ['meeting_deleted']);
		assertRising(client);
	}
});

test('a meeting deleted with its call running: call_ended, then meeting_deleted, then 4410', async () => {
	const { id, host, clients } = await newFullRoom(inst);
	clients[1].send({ type: 'join-call' });
	await clients[1].next('call_joined');
	const call = await startCall(inst, host, id);
	await api(inst, host, 'DELETE', `/api/meetings/${id}`);
	for (const client of clients) {
		const ended = checked(await client.next('call_ended'));
		assert.deepEqual([ended.call.id, ended.call.status, ended.call.ended_reason], [call.id, 'ended', 'meeting_deleted']);
		await assertClosedWith(client, 4410);
		assert.equal(eventsOf(client).at(-1).type, 'meeting_deleted', 'always the last');
		assert.equal(client.count('call_left'), 0);
	}
});

test('all sessions of a room see the same events in the same order', async () => {
	const { id, host, clients } = await newFullRoom(inst, 3);
	const titles = Array.from({ length: 40 }, (_, n) => `Title ${n}`);
	await Promise.all(titles.map((title) => api(inst, host, 'PATCH', `/api/meetings/${id}`, { title })));
	await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: 'Last' });
	for (const client of clients) {
		await client.next((frame) => frame.meeting?.title === 'Last');
		assertRising(client);
		assert.deepEqual(eventsOf(client), eventsOf(clients[0]));
	}
	const told = eventsOf(clients[0]).map((frame) => frame.meeting.title);
	assert.deepEqual([...told].sort(), [...titles, 'Last'].sort());
	assert.equal((await api(inst, host, 'GET', `/api/meetings/${id}`)).title, told.at(-1));
});

test('two meetings changed at once: each room sees its own events, all of them', async () => {
	const one = await newFullRoom(inst);
	const two = await newFullRoom(inst);
	const titles = Array.from({ length: 20 }, (_, n) => n);
	await Promise.all(titles.flatMap((n) => [one, two].map(({ id, host }) =>
		api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: `${id} ${n}` }))));
	for (const { id, clients } of [one, two])
		for (const client of clients) {
			await Promise.all(titles.map(() => client.next('meeting_updated')));
			assert.ok(eventsOf(client).every((frame) => frame.meeting.id === id));
		}
});

test('an event reaches the room soon after the reply', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst, 1);
	const waits = [];
	for (let n = 0; n < 15; n++) {
		await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: `Title ${n}` });
		const began = Date.now();
		await ann.next('meeting_updated');
		waits.push(Date.now() - began);
	}
	waits.sort((a, b) => a - b);
	assert.ok(waits[7] < (process.env.SANITIZE ? 1000 : 100), `milliseconds: ${waits}`);
});

test('a session that joins while events are made misses none and sees none twice', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const watcher = await enter(inst, id, host);
	let busy = true;
	const changing = (async () => {
		for (let n = 0; busy; n++)
			await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: `Title ${n}` });
		await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: 'Last' });
	})();
	const joiners = [];
	for (let n = 0; n < 4; n++) {
		await watcher.next('meeting_updated');
		joiners.push(await enter(inst, id, guest));
	}
	busy = false;
	await changing;
	const isLast = (frame) => frame.meeting?.title === 'Last';
	await watcher.next(isLast);
	for (const client of joiners) {
		await client.next(isLast);
		assertRising(client);
		const later = eventsOf(watcher).filter((frame) => frame.event_id > client.welcome.event_id);
		assert.deepEqual(eventsOf(client), later);
	}
});

test('logout closes the sockets of that login with 4406, in every room, and no others', async () => {
	const { id, host, people: [ann], clients: [client] } = await newFullRoom(inst, 1, { fresh: true });
	const other = await newMeeting(inst, host);
	const elsewhere = await enter(inst, other.id, ann);
	const login = await loginWith(inst, ann.email, ann.password);
	const stays = await enter(inst, id, { ...ann, access: login.access });
	await api(inst, ann, 'POST', '/api/auth/logout');
	await assertClosedWith(client, 4406);
	await assertClosedWith(elsewhere, 4406);
	await stays.sync();
});

test('a change of password closes the sockets of the other logins with 4406 and keeps its own', async () => {
	const { id, people: [ann], clients: [own] } = await newFullRoom(inst, 1, { fresh: true });
	const login = await loginWith(inst, ann.email, ann.password);
	const other = await enter(inst, id, { ...ann, access: login.access });
	const passwords = { current_password: ann.password, new_password: newPassword() };
	await api(inst, ann, 'POST', '/api/auth/password', passwords);
	await assertClosedWith(other, 4406);
	await own.sync();
});

test('a login session taken away from another one is closed with 4406', async () => {
	const { id, people: [ann], clients: [own] } = await newFullRoom(inst, 1, { fresh: true });
	const login = await loginWith(inst, ann.email, ann.password);
	const other = await enter(inst, id, { ...ann, access: login.access });
	const { results } = await api(inst, ann, 'GET', '/api/auth/sessions');
	const [target] = results.filter((session) => !session.current);
	await api(inst, ann, 'DELETE', `/api/auth/sessions/${target.id}`);
	await assertClosedWith(other, 4406);
	await own.sync();
});

test('a user who is disabled is closed with 4406', async () => {
	const { host, clients: [client] } = await newFullRoom(inst, 1, { fresh: true });
	assert.equal((await inst.ctl(['user', 'disable', host.email])).code, 0);
	await assertClosedWith(client, 4406);
});

test('the others hear of a revoked session as user_left', async () => {
	const { people: [, guest], clients: [ann, bob] } = await newFullRoom(inst, 2, { fresh: true });
	await api(inst, guest, 'POST', '/api/auth/logout');
	await ann.next(leaveOf(bob));
});

test('frames of events have the fields of docs/PROTOCOL.md and no others', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst, 1);
	const late = await newUser(inst);
	const call = await startCall(inst, host, id);
	await endCall(inst, host, call.id);
	await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: 'x' });
	await api(inst, host, 'POST', `/api/meetings/${id}/participants`, { user_id: late.id });
	await api(inst, host, 'DELETE', `/api/meetings/${id}/participants/${late.id}`);
	await ann.next('participant_removed');
	const fields = {
		call_started: ['call'], call_ended: ['call'], meeting_status: ['meeting_id', 'status', 'previous_status'],
		meeting_updated: ['meeting'], participant_added: ['user'], participant_removed: ['user'],
	};
	for (const frame of eventsOf(ann))
		assertKeys(frame, ['type', 'event_id', 'timestamp', ...fields[frame.type]]);
	assert.equal(new Set(eventsOf(ann).map((frame) => frame.type)).size, Object.keys(fields).length);
});
