// Events that are too large for a client's queue keep nobody out: who comes back gets the picture alone, and is told so
// (docs/PROTOCOL.md, events_truncated).
import assert from 'node:assert/strict';
import test from 'node:test';

import { assertClosedWith, assertStillOpen, enter, newRoom, rename, titlesOf, wsInstance } from './support.mjs';

const QUEUE = 64 << 10;

const inst = await wsInstance({ outbound_queue_bytes: QUEUE });

/** Events of the room; those of a meeting with many participants are large. */
function addEvents(room, count, size) {
	inst.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
		INSERT INTO event (type, meeting_id, body, created_at)
		SELECT 'meeting_updated', ${room.id}, json_object('meeting', json_object('title', 'Large',
			'participants', hex(zeroblob(${size} / 2)))), unixepoch() * 1000000 FROM n`);
}

/** A room in which something has happened, and what somebody who saw that names when returning. */
async function leftRoom() {
	const room = await newRoom(inst, 1);
	const client = await enter(inst, room.id, room.host);
	await rename(inst, room, 'Seen');
	const { event_id: last } = await client.next('meeting_updated');
	return { room, client, query: { last_event_id: last, epoch: client.welcome.epoch } };
}

async function assertPictureAlone(room, query) {
	const back = await enter(inst, room.id, room.host, { query });
	assert.equal(back.welcome.events_truncated, true);
	await assertStillOpen(back);
	assert.deepEqual(titlesOf(back), []);
}

test('who missed more than fits into the queue together gets the picture alone', async () => {
	const { room, client, query } = await leftRoom();
	await client.close();
	addEvents(room, 2, 0.7 * QUEUE);
	await assertPictureAlone(room, query);
});

test('who missed many small ones that do not fit either', async () => {
	const { room, client, query } = await leftRoom();
	await client.close();
	addEvents(room, 450, 10);
	await assertPictureAlone(room, query);
});

test('one that does not fit by itself closes a connection, and the way back is open', async () => {
	const { room, client, query } = await leftRoom();
	addEvents(room, 1, 2 * QUEUE);
	await assertClosedWith(client, 4002);
	await assertPictureAlone(room, query);
});
