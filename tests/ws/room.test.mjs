// Coming and going: user_joined, welcome, user_left and what they say (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test from 'node:test';

import { newMeeting, newUser } from '../lib/api.mjs';
import { connect } from '../lib/ws.mjs';
import {
	api, assertKeys, assertRefused, assertTime, endCall, enter, eventually, joinOf, leaveOf, newFullRoom,
	newRoom, personOf, startCall, welcomed, wsInstance,
} from './support.mjs';

const inst = await wsInstance();

const WELCOME = ['type', 'session_id', 'self', 'meeting', 'call', 'peers', 'iceServers',
	'joined_seq', 'event_id', 'epoch'];
const RESUME = ['resume_token', 'resume_ttl', 'seq'];

test('user_joined has the fields of the report and the session, to the joiner and to the others', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const ann = await enter(inst, id, host);
	const bob = await enter(inst, id, guest, { query: { client_id: 'tab-1_A' } });
	const expected = {
		type: 'user_joined', ...personOf(guest), session_id: bob.session, client_id: 'tab-1_A',
		message: `${guest.full_name} joined the meeting`, devices: 1,
	};
	assert.deepEqual(bob.frames[0], expected);
	assert.deepEqual(await ann.next(joinOf(bob)), expected);
});

test('user_left has the same fields, and goes to the rest', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	await bob.close();
	const left = await ann.next('user_left');
	assert.deepEqual(left, {
		type: 'user_left', ...personOf(bob.user), session_id: bob.session, client_id: null,
		message: `${bob.user.full_name} left the meeting`, devices: 0,
	});
});

for (const [how, leave] of Object.entries({
	'a close frame': (client) => client.close(),
	'a close frame with a code of its own': (client) => client.close(4999, 'bye'),
	'a broken connection': (client) => client.terminate(),
}))
	test(`${how} of a client without unio.v1 is told as user_left at once`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst);
		await leave(bob);
		await ann.next(leaveOf(bob));
	});

test('a close frame of a unio.v1 client is told as user_left at once', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst, 2, { protocols: ['unio.v1'] });
	await bob.close();
	await ann.next(leaveOf(bob));
});

test('the welcome comes right after the own user_joined, with exactly the fields of docs/PROTOCOL.md', async () => {
	const { id, meeting, host } = await newRoom(inst);
	const client = await enter(inst, id, host);
	assert.deepEqual(client.types(), ['user_joined', 'welcome']);
	const { welcome } = client;
	assertKeys(welcome, WELCOME);
	assert.equal(welcome.session_id, client.frames[0].session_id);
	assert.deepEqual(welcome.self, { user_id: host.id, role: 'host' });
	assert.deepEqual(welcome.meeting, { id, title: meeting.title, status: 'scheduled', ice_policy: 'all' });
	assert.deepEqual([welcome.call, welcome.peers, welcome.iceServers], [null, [], []]);
	assert.ok(Number.isInteger(welcome.joined_seq));
	assert.ok(Number.isInteger(welcome.event_id));
	assert.ok(welcome.epoch);
});

test('the welcome of a unio.v1 client has the same fields, those of resumption apart', async () => {
	const { id, host } = await newRoom(inst);
	const { welcome } = await enter(inst, id, host, { protocols: ['unio.v1'] });
	assertKeys(Object.fromEntries(Object.entries(welcome).filter(([key]) => !RESUME.includes(key))), WELCOME);
});

test('a participant is welcomed as participant', async () => {
	const { id, people: [, guest] } = await newRoom(inst);
	assert.deepEqual((await enter(inst, id, guest)).welcome.self, { user_id: guest.id, role: 'participant' });
});

test('the welcome names every other session with its place in the call', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const ann = await enter(inst, id, host, { query: { client_id: 'ann' } });
	const second = await enter(inst, id, host);
	second.send({ type: 'join-call' });
	await second.next('call_joined');
	const { welcome } = await enter(inst, id, guest);
	const peers = new Map(welcome.peers.map((peer) => [peer.session_id, peer]));
	assert.deepEqual(new Set(peers.keys()), new Set([ann.session, second.session]));
	for (const [client, inCall, clientId] of [[ann, false, 'ann'], [second, true, null]]) {
		const { state, ...peer } = peers.get(client.session);
		assert.deepEqual(peer, {
			...personOf(host), session_id: client.session, client_id: clientId,
			joined_seq: client.welcome.joined_seq, in_call: inCall,
		});
		assert.ok(state === null || Object.keys(state).length === 0);
	}
});

test('joined_seq rises from session to session', async () => {
	const { clients } = await newFullRoom(inst, 3);
	const order = clients.map((client) => client.welcome.joined_seq);
	assert.ok(order[0] < order[1] && order[1] < order[2], String(order));
});

test('no two sessions of a room have one session_id', async () => {
	const { id, host } = await newRoom(inst);
	const seen = new Set();
	for (let i = 0; i < 8; i++) {
		const client = await enter(inst, id, host);
		seen.add(client.session);
		await client.close();
	}
	assert.equal(seen.size, 8);
});

test('the welcome shows the running call and the status of the meeting', async () => {
	const { id, host } = await newRoom(inst);
	const call = await startCall(inst, host, id);
	const during = await enter(inst, id, host);
	assert.deepEqual(during.welcome.call, { id: call.id, started_at: call.started_at });
	assert.equal(during.welcome.meeting.status, 'ongoing');
	await endCall(inst, host, call.id);
	const after = await enter(inst, id, host);
	assert.deepEqual([after.welcome.call, after.welcome.meeting.status], [null, 'completed']);
});

test('the welcome shows the title as it is now', async () => {
	const { id, host } = await newRoom(inst);
	await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: 'Renamed' });
	assert.equal((await enter(inst, id, host)).welcome.meeting.title, 'Renamed');
});

test('event_id of the welcome is at least that of the events before, and the epoch is the same for all', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const ann = await enter(inst, id, host);
	await api(inst, host, 'PATCH', `/api/meetings/${id}`, { title: 'One' });
	const event = await ann.next('meeting_updated');
	const bob = await enter(inst, id, guest);
	assert.ok(bob.welcome.event_id >= event.event_id);
	assert.equal(bob.welcome.epoch, ann.welcome.epoch);
	await bob.sync();
	assert.equal(bob.count('meeting_updated'), 0, 'what the welcome contains is not told again');
});

test('devices counts the sessions that the user has in the room', async () => {
	const { id, host } = await newRoom(inst);
	const first = await enter(inst, id, host, { protocols: ['unio.v1'] });
	const second = await enter(inst, id, host, { protocols: ['unio.v1'] });
	assert.equal(second.frames[0].devices, 2);
	assert.equal((await first.next(joinOf(second))).devices, 2);
	const third = await enter(inst, id, host);
	assert.equal((await first.next(joinOf(third))).devices, 3);
	await third.close();
	assert.equal((await first.next(leaveOf(third))).devices, 2);
	await second.close();
	assert.equal((await first.next(leaveOf(second))).devices, 1);
});

test('a client without unio.v1 is told user_left for the last session of a user only, others for each', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const plain = await enter(inst, id, host);
	const knowing = await enter(inst, id, host, { protocols: ['unio.v1'] });
	const devices = [await enter(inst, id, guest), await enter(inst, id, guest)];
	await devices[0].close();
	assert.equal((await knowing.next(leaveOf(devices[0]))).devices, 1);
	await plain.sync();
	assert.equal(plain.count('user_left'), 0);
	await devices[1].close();
	assert.equal((await knowing.next(leaveOf(devices[1]))).devices, 0);
	assert.equal((await plain.next('user_left')).session_id, devices[1].session);
	await plain.sync();
	assert.equal(plain.count('user_left'), 1);
});

test('who leaves while in the call is told as call_left, then user_left', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	bob.send({ type: 'join-call' });
	await ann.next('call_joined');
	await bob.terminate();
	await ann.next('user_left');
	assert.deepEqual(ann.types().slice(-3), ['call_joined', 'call_left', 'user_left']);
	assert.deepEqual(await ann.next('call_left'), {
		type: 'call_left', ...personOf(bob.user), session_id: bob.session, message: `${bob.user.full_name} left the call`,
	});
});

test('who leaves without having been in the call sends no call_left', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	await bob.close();
	await ann.next('user_left');
	assert.equal(ann.count('call_left'), 0);
});

test('at the end of the call everyone is out of it, without call_left', async () => {
	const { id, host, people: [, guest], clients: [ann, bob] } = await newFullRoom(inst);
	const call = await startCall(inst, host, id);
	for (const client of [ann, bob]) {
		client.send({ type: 'join-call' });
		await client.next((frame) => frame.type === 'call_joined' && frame.session_id === client.session);
	}
	await endCall(inst, guest, call.id);
	await ann.next('call_ended');
	await bob.next('call_ended');
	const late = await enter(inst, id, guest);
	assert.deepEqual(late.welcome.peers.map((peer) => peer.in_call), [false, false]);
	ann.send({ type: 'join-call' });
	await ann.next((frame) => frame.type === 'call_joined' && frame.session_id === ann.session);
	await bob.sync();
	assert.deepEqual([ann.count('call_left'), bob.count('call_left')], [0, 0]);
});

test('a user in two rooms is a session of each', async () => {
	const { id, host } = await newRoom(inst);
	const other = await newMeeting(inst, host);
	const here = await enter(inst, id, host);
	const there = await enter(inst, other.id, host);
	assert.deepEqual([here.welcome.peers, there.welcome.peers], [[], []]);
	assert.equal(there.frames[0].devices, 1);
	assert.notEqual(here.session, there.session);
});

for (const clientId of ['a', 'A-Z_09', 'x'.repeat(64)]) {
	test(`the client_id ${clientId} in the query is shown to the peers`, async () => {
		const { id, host } = await newRoom(inst);
		const client = await enter(inst, id, host, { query: { client_id: clientId } });
		assert.equal(client.frames[0].client_id, clientId);
	});

	test(`the client_id ${clientId} in the auth frame is shown to the peers`, async () => {
		const { id, host, people: [, guest] } = await newRoom(inst);
		const first = [{ type: 'auth', token: guest.access, client_id: clientId }];
		const client = await welcomed(await connect(inst, id, { protocols: ['unio.v1'], first }), guest);
		assert.equal(client.frames[0].client_id, clientId);
		const late = await enter(inst, id, host);
		assert.equal(late.welcome.peers[0].client_id, clientId);
	});
}

for (const clientId of ['', 'x'.repeat(65), 'with space', 'semi;colon', '<b>', 'é', 'a"b', 'a%b'])
	test(`the client_id ${JSON.stringify(clientId)} is never shown to anyone`, async () => {
		const { id, host, people: [, guest] } = await newRoom(inst);
		const watcher = await enter(inst, id, host);
		const client = await connect(inst, id, { token: guest.access, query: { client_id: clientId } });
		await Promise.race([client.closed, client.next('user_joined').catch(() => {})]);
		await watcher.sync();
		for (const frame of [...client.frames, ...watcher.frames])
			assert.ok(!('client_id' in frame) || frame.client_id === null, JSON.stringify(frame));
	});

test('a cancelled meeting still has its room', async () => {
	const { id, host } = await newRoom(inst);
	await api(inst, host, 'PATCH', `/api/meetings/${id}`, { status: 'cancelled' });
	const { welcome } = await enter(inst, id, host);
	assert.equal(welcome.meeting.status, 'cancelled');
});

test('a guest who was taken out while offline is refused with 4403', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	await api(inst, host, 'DELETE', `/api/meetings/${id}/participants/${guest.id}`);
	await assertRefused(await connect(inst, id, { token: guest.access }), 4403);
});

test('times in frames are RFC 3339 with microseconds', async () => {
	const { id, host, clients: [ann] } = await newFullRoom(inst);
	await startCall(inst, host, id);
	const started = await ann.next('call_started');
	assertTime(started.timestamp);
	assertTime(started.call.started_at);
});

test('the log has a line for each step of a session, and for a refusal', async () => {
	const { id, host } = await newRoom(inst);
	const stranger = await newUser(inst);
	const client = await enter(inst, id, host);
	await client.close();
	await assertRefused(await connect(inst, id, { token: stranger.access }), 4403);
	await eventually('the lines are there', () => {
		const lines = inst.logs().split('\n');
		const own = lines.filter((line) => line.includes(client.session));
		return own.some((line) => /join/.test(line)) && own.some((line) => /leave|left/.test(line))
			&& own.some((line) => /clos/.test(line) && /1000/.test(line)) && lines.some((line) => /4403/.test(line));
	});
});

test('a close code of ours that a client sends is not taken for our own', async () => {
	const { id, host } = await newRoom(inst);
	const client = await enter(inst, id, host);
	client.close(4403);
	await client.closed;
	await eventually('the line is there', () => inst.logs().split('\n')
		.some((line) => line.includes(client.session) && /event=close .*code=1005 reason=client/.test(line)));
});
