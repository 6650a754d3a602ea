// Several daemons share the meetings (the key daemons): what the API and unioctl do reaches the one
// whose meeting it is, and what happens to one daemon is no matter of the others'. (daemons-front.test.mjs: how it is found.)
import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';

import { assertError, assertStatus, newUser, request, useInstance } from '../lib/api.mjs';
import { closeAll } from '../lib/ws.mjs';
import { ctl, DAEMONS, fullRooms, pidOf, replaceDaemon } from './daemons.mjs';
import { api, assertClosedWith, assertStillOpen, endCall, enter, eventually, newRoom, rename, startCall } from './support.mjs';

afterEach(closeAll);
// No poll comes to help: what arrives, wake-ups have brought.
const inst = await useInstance({ conf: { daemons: DAEMONS, event_poll_interval: '60s', call_grace: '0s', lease_interval: '200ms' } });

const wakesOf = async (daemon) => (await ctl(inst, 'stats'))[`signald_${daemon}`].wakes;

test('a change wakes the daemon of its meeting, and no other', async () => {
	const rooms = await fullRooms(inst);
	for (const { daemon, clients, ...room } of rooms) {
		const others = rooms.filter((other) => other.daemon !== daemon);
		const before = await Promise.all(others.map((other) => wakesOf(other.daemon)));
		await rename(inst, room, 'Another title');
		for (const client of clients)
			assert.equal((await client.next('meeting_updated')).meeting.title, 'Another title');
		assert.deepEqual(await Promise.all(others.map((other) => wakesOf(other.daemon))), before);
	}
});

test('a change is told within 100 ms', async () => {
	const times = [];
	for (const { clients: [client], ...room } of [...await fullRooms(inst), ...await fullRooms(inst)]) {
		const begin = performance.now();
		await rename(inst, room, 'Quick');
		await client.next('meeting_updated');
		times.push(performance.now() - begin);
	}
	times.sort((a, b) => a - b);
	assert.ok(times[2] < 100 || process.env.SANITIZE, `request and event took ${times.map(Math.round)} ms`);
});

test('who signs out is out of the meetings of all daemons', async () => {
	const rooms = await fullRooms(inst);
	const { id, ...person } = await newUser(inst);
	const clients = [];
	for (const room of rooms) {
		await api(inst, room.host, 'POST', `/api/meetings/${room.id}/participants`, { user_id: id });
		clients.push(await enter(inst, room.id, person));
	}
	assertStatus(await request(inst, 'POST', '/api/auth/logout', { token: person.access }), 204);
	for (const client of clients)
		await assertClosedWith(client, 4406);
	for (const { clients: [client] } of rooms)
		await assertStillOpen(client);
});

test('the end of one daemon is no matter of the others, and its own people come back', async () => {
	for (const signal of ['SIGKILL', 'SIGTERM']) {
		const rooms = await fullRooms(inst);
		const [first, gone, third] = rooms;
		await replaceDaemon(inst, gone.daemon, signal);
		for (const client of gone.clients)
			assert.equal((await client.closed).code, signal === 'SIGTERM' ? 1012 : 1006);
		for (const client of [...first.clients, ...third.clients])
			await assertStillOpen(client);
		const [one, two] = [await enter(inst, gone.id, gone.people[0]), await enter(inst, gone.id, gone.people[1])];
		one.send({ type: 'message', data: 'again' });
		await two.next('message');
	}
});

test('a daemon that starts again ends what was going on in its own meetings, and nothing in others', async () => {
	const rooms = await fullRooms(inst);
	const calls = [];
	for (const { clients, ...room } of rooms) {
		const call = await startCall(inst, room.host, room.id);
		calls.push(call);
		for (const client of clients)
			client.send({ type: 'join-call' });
		await eventually('both are in', () => inst.sql(`SELECT 1 FROM attendance WHERE call_id = ${call.id}`).length === 2);
	}
	await replaceDaemon(inst, 2);
	const read = (i) => api(inst, rooms[i].host, 'GET', `/api/calls/${calls[i].id}`);
	const ended = await eventually('the call of daemon 2 is ended', async () => {
		const call = await read(1);
		return call.status === 'ended' && call;
	});
	assert.equal(ended.ended_reason, 'server_restart');
	for (const i of [0, 2]) {
		const { status, attendance } = await read(i);
		assert.equal(status, 'active');
		assert.deepEqual(attendance.flatMap(({ intervals }) => intervals.map(({ left_at: left }) => left)), [null, null]);
		await endCall(inst, rooms[i].host, calls[i].id);
		await rooms[i].clients[0].next('call_ended');
	}
	assert.deepEqual(inst.sql('SELECT daemon FROM lease ORDER BY daemon'), ['1/3', '2/3', '3/3'].map((daemon) => ({ daemon })));
});

test('readiness says which daemon does not answer, and only its meetings are without presence', async () => {
	const rooms = await fullRooms(inst);
	const ready = async (status) => assertStatus(await request(inst, 'GET', '/api/health/ready'), status).checks;
	assert.deepEqual(await ready(200), { database: 'ok', signaling: 'ok', daemons: ['ok', 'ok', 'ok'] });
	process.kill(pidOf(inst, 2), 'SIGSTOP');
	try {
		assert.deepEqual(await ready(503), { database: 'ok', signaling: 'unavailable', daemons: ['ok', 'unavailable', 'ok'] });
		for (const { daemon, id, host } of rooms) {
			const reply = await request(inst, 'GET', `/api/meetings/${id}/presence`, { token: host.access });
			if (daemon === 2)
				assertError(reply, 503);
			else
				assert.equal(assertStatus(reply, 200).sessions.length, 2);
		}
	} finally {
		process.kill(pidOf(inst, 2), 'SIGCONT');
	}
	await inst.waitReady();
});

test('unioctl finds the rooms of all daemons, and each by its meeting', async () => {
	const rooms = await fullRooms(inst);
	const listed = await ctl(inst, 'room', 'list');
	for (const { id, people: [, person], clients: [one, two] } of rooms) {
		assert.equal(listed.find(({ meeting_id: meeting }) => meeting === id)?.sessions, 2);
		assert.equal((await ctl(inst, 'room', 'show', String(id))).length, 2);
		await ctl(inst, 'room', 'message', String(id), 'Hello');
		await one.next('notice');
		await ctl(inst, 'room', 'kick', String(id), person.email);
		assert.equal((await two.closed).code, 4405);
	}
	const stats = await ctl(inst, 'stats');
	assert.deepEqual([stats.signald.state, stats.signald.daemons, stats.signald.daemons_up], ['up', DAEMONS, DAEMONS]);
	const each = [1, 2, 3].map((daemon) => stats[`signald_${daemon}`]);
	assert.equal(stats.signald.sessions, each.reduce((sum, { sessions }) => sum + sessions, 0));
	assert.deepEqual(each.map(({ pid }) => pid), [1, 2, 3].map((daemon) => pidOf(inst, daemon)));
});

test('one daemon alone can be replaced at leisure', async () => {
	const rooms = await fullRooms(inst);
	const before = pidOf(inst, 2);
	const { sessions, replaced } = await ctl(inst, 'drain', '2', '--wait');
	assert.ok(sessions >= 2 && replaced);
	assert.notEqual(pidOf(inst, 2), before);
	for (const client of rooms[1].clients)
		await assertClosedWith(client, 4001);
	for (const client of [...rooms[0].clients, ...rooms[2].clients])
		await assertStillOpen(client);
	assert.equal((await inst.ctl(['drain', '4'])).code, 3);
});

test('all daemons read the configuration again', async () => {
	await ctl(inst, 'reload');
	for (const daemon of [1, 2, 3])
		await eventually(`daemon ${daemon} has`, () => inst.logs().split(/(?=ts=)/)
			.some((line) => line.includes(`pid=${pidOf(inst, daemon)} event=reload`)));
	await inst.waitReady();
});

