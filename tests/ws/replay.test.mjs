// A client that names the last event it saw gets the later ones right after its welcome (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test from 'node:test';

import { request } from '../lib/api.mjs';
import { connect } from '../lib/ws.mjs';
import { enter, newFullRoom, newRoom, rename, titlesOf, welcomed, wsInstance } from './support.mjs';

const inst = await wsInstance();


/** A room that has seen one event, which the client that is now gone knows. */
async function leftRoom() {
	const room = await newFullRoom(inst, 1);
	await rename(inst, room, 'Seen');
	const seen = await room.clients[0].next('meeting_updated');
	await room.clients[0].close();
	return { ...room, last: seen.event_id, epoch: room.clients[0].welcome.epoch };
}

async function renameMany(room, count) {
	for (let n = 0; n < count; n += 1)
		await rename(inst, room, `Title ${n}`);
	return Array.from({ length: count }, (_, n) => `Title ${n}`);
}

test('the later events come right after the welcome, in order, and then the new ones', async () => {
	const room = await leftRoom();
	const titles = await renameMany(room, 5);
	const client = await enter(inst, room.id, room.host, { query: { last_event_id: room.last, epoch: room.epoch } });
	assert.ok(!client.welcome.events_truncated);
	await client.next((frame) => frame.meeting?.title === 'Title 4');
	await rename(inst, room, 'Live');
	await client.next((frame) => frame.meeting?.title === 'Live');
	const updates = Array.from({ length: titles.length + 1 }, () => 'meeting_updated');
	assert.deepEqual(client.types(), ['user_joined', 'welcome', ...updates]);
	assert.deepEqual(titlesOf(client), [...titles, 'Live']);
	const ids = client.frames.slice(2).map((frame) => frame.event_id);
	assert.deepEqual([...ids].sort((a, b) => a - b), ids);
	assert.ok(ids[0] > room.last);
});

test('the auth frame may name the last event as well', async () => {
	const room = await leftRoom();
	const titles = await renameMany(room, 2);
	const first = [{ type: 'auth', token: room.host.access, last_event_id: room.last, epoch: room.epoch }];
	const client = await welcomed(await connect(inst, room.id, { protocols: ['unio.v1'], first }), room.host);
	await client.sync();
	assert.deepEqual(titlesOf(client), titles);
});

test('events of other meetings are not among them', async () => {
	const room = await leftRoom();
	const other = await newRoom(inst, 1);
	await rename(inst, other, 'Not yours');
	await rename(inst, room, 'Yours');
	const client = await enter(inst, room.id, room.host, { query: { last_event_id: room.last, epoch: room.epoch } });
	await client.sync();
	assert.deepEqual(titlesOf(client), ['Yours']);
});

test('who has seen all gets nothing more', async () => {
	const room = await leftRoom();
	const client = await enter(inst, room.id, room.host, { query: { last_event_id: room.last, epoch: room.epoch } });
	assert.ok(!client.welcome.events_truncated);
	await client.sync();
	assert.deepEqual(titlesOf(client), []);
});

test('the last event may be the one that a welcome named', async () => {
	const room = await newFullRoom(inst, 1);
	const { event_id: last, epoch } = room.clients[0].welcome;
	await room.clients[0].close();
	await rename(inst, room, 'Later');
	const client = await enter(inst, room.id, room.host, { query: { last_event_id: last, epoch } });
	await client.sync();
	assert.deepEqual(titlesOf(client), ['Later']);
});

test('who names none gets the picture alone', async () => {
	const room = await leftRoom();
	await rename(inst, room, 'Later');
	const client = await enter(inst, room.id, room.host);
	assert.equal(client.welcome.meeting.title, 'Later');
	assert.ok(!client.welcome.events_truncated);
	await client.sync();
	assert.deepEqual(titlesOf(client), []);
});

test('another epoch: nothing is replayed and the welcome says so', async () => {
	const room = await leftRoom();
	await rename(inst, room, 'Later');
	const client = await enter(inst, room.id, room.host, { query: { last_event_id: room.last, epoch: 'another' } });
	assert.equal(client.welcome.events_truncated, true);
	await rename(inst, room, 'Live');
	await client.next('meeting_updated');
	assert.deepEqual(titlesOf(client), ['Live']);
});

test('the others hear nothing of a replay', async () => {
	const room = await newFullRoom(inst, 2);
	const [ann, bob] = room.clients;
	await rename(inst, room, 'Seen');
	const { event_id: last } = await bob.next('meeting_updated');
	await bob.close();
	await rename(inst, room, 'Missed');
	const query = { last_event_id: last, epoch: bob.welcome.epoch };
	const back = await enter(inst, room.id, bob.user, { query });
	await back.next('meeting_updated');
	await ann.sync();
	assert.deepEqual(titlesOf(ann), ['Seen', 'Missed']);
});

test('exactly 500 later events are replayed, 501 are too many', async () => {
	const room = await leftRoom();
	const query = { last_event_id: room.last, epoch: room.epoch };
	const titles = await renameMany(room, 500);
	const whole = await enter(inst, room.id, room.host, { query });
	assert.ok(!whole.welcome.events_truncated);
	await whole.sync();
	assert.deepEqual(titlesOf(whole), titles);
	await rename(inst, room, 'One more');
	const cut = await enter(inst, room.id, room.host, { query });
	assert.equal(cut.welcome.events_truncated, true);
	await cut.sync();
	assert.deepEqual(titlesOf(cut), []);
});

for (const last of ['-1', 'abc', '', '1.5', '99999999999999999999', '9223372036854775807', '0'])
	test(`the last_event_id ${JSON.stringify(last)} does no harm`, async () => {
		const room = await leftRoom();
		const query = { last_event_id: last, epoch: room.epoch };
		const client = await connect(inst, room.id, { token: room.host.access, query });
		await Promise.race([client.closed, client.next('welcome').catch(() => {})]);
		const after = await enter(inst, room.id, room.host);
		await after.sync();
	});

test('later events that are too large for the way out are not replayed, and the welcome says so', async () => {
	const room = await leftRoom();
	for (let n = 0; n < 80; n += 1)
		await request(inst, 'PATCH', `/api/meetings/${room.id}`, { token: room.host.access, json: { description: `${n} ${'\u{1f600}'.repeat(3_900)}` } });
	const client = await enter(inst, room.id, room.host, { query: { last_event_id: room.last, epoch: room.epoch } });
	assert.equal(client.welcome.events_truncated, true);
	await client.sync();
});

test('large events that come all at once close nobody who reads', async () => {
	const room = await newFullRoom(inst, 2);
	inst.kill('signald', 'SIGSTOP');
	try {
		for (let n = 0; n < 80; n += 1)
			await request(inst, 'PATCH', `/api/meetings/${room.id}`, { token: room.host.access, json: { description: `${n} ${'\u{1f600}'.repeat(3_900)}` } });
	} finally {
		inst.kill('signald', 'SIGCONT');
	}
	for (const client of room.clients)
		await client.next((frame) => frame.meeting?.description.startsWith('79 '));
});
