// Several daemons share the meetings: every front server sends each meeting to its own (unioctl front).
import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';

import { useInstance } from '../lib/api.mjs';
import { closeAll } from '../lib/ws.mjs';
import { ctl, DAEMONS, fullRooms } from './daemons.mjs';
import { enter, newRoom } from './support.mjs';

afterEach(closeAll);
const inst = await useInstance({ conf: { daemons: DAEMONS } });

test('two who enter a meeting meet, in the daemon whose meeting it is', async () => {
	const before = await ctl(inst, 'daemon', 'list');
	const rooms = await fullRooms(inst);
	for (const { daemon, clients: [one, two] } of rooms) {
		one.send({ type: 'message', data: { daemon } });
		assert.deepEqual((await two.next('message')).data, { daemon });
	}
	const after = await ctl(inst, 'daemon', 'list');
	for (const { daemon } of rooms)
		assert.ok(after[daemon - 1].sessions >= before[daemon - 1].sessions + 2, `daemon ${daemon} has its two`);
	assert.equal((await ctl(inst, 'stats')).signald.misdirected, 0);
});

test('meetings of every last two digits reach a daemon that serves them, with and without the last slash', async () => {
	const room = await newRoom(inst, 1);
	inst.sql(`WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
		INSERT INTO meeting (id, title, host_id, created_at, updated_at) SELECT 7000 + i, 'x', ${room.host.id}, 1, 1 FROM n`);
	inst.sql(`INSERT INTO member (meeting_id, user_id, role, added_at)
		SELECT id, host_id, 'host', 1 FROM meeting WHERE id BETWEEN 7100 AND 7199`);
	await Promise.all(Array.from({ length: 100 }, async (_, i) => {
		const id = 7100 + i;
		const client = await enter(inst, id, room.host, { path: `/ws/meeting/${id}${i % 2 ? '/' : ''}` });
		assert.equal(client.welcome.meeting.id, id);
		await client.close();
	}));
});
