// docs/PROTOCOL.md, close codes: who is sent away because the server ends is told when to come back, room by room,
// and finds everything as it was. `unioctl drain` does it at leisure (4001), SIGTERM in a hurry (1012).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertDone } from '../lib/ctl.mjs';
import { until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';
import { assertClosedWith, enter, newFullRoom, newRoom, rename, startCall, wsInstance } from './support.mjs';

const DRAIN_S = 4;
const inst = await wsInstance({ drain_timeout: `${DRAIN_S}s` });

/** What the operator does; the daemon's death is then no surprise. */
async function drain() {
	const { code, stdout, stderr } = await inst.ctl(['drain', '--wait', '--json']);
	await inst.waitReady();
	return JSON.parse(assertDone({ code, stdout, stderr }));
}

/** Ends all that is in the rooms, and gives what each room's clients were told, in ms. */
async function waitsOf(rooms, code) {
	const errors = await Promise.all(rooms.map(({ clients }) =>
		Promise.all(clients.map((client) => assertClosedWith(client, code)))));
	return errors.map((room) => room.map((error) => error.retry_after_ms));
}

const rooms = async (n, size) => Promise.all(Array.from({ length: n }, () => newFullRoom(inst, size, { protocols: ['unio.v1'] })));

test('a drain tells all clients to come back, those of a room together, the rooms over drain_timeout', async () => {
	const full = await rooms(4, 3);
	const [waits, told] = await Promise.all([waitsOf(full, 4001), drain()]);
	assert.deepEqual(told, { sessions: 12, replaced: true });
	const starts = waits.map((room) => Math.min(...room)).sort((a, b) => a - b);
	for (const room of waits)
		assert.ok(Math.max(...room) - Math.min(...room) <= 100, `one room: ${room}`);
	for (const [i, start] of starts.entries())
		assert.ok(Math.abs(start - starts[0] - i * DRAIN_S * 1000 / 4) <= 10, `starts at ${starts}`);
	assert.ok(starts.at(-1) < DRAIN_S * 1000 + 500);
});

test('SIGTERM has all clients back at once, a millisecond apart', async () => {
	const full = await rooms(3, 3);
	inst.kill('signald', 'SIGTERM');
	const waits = (await waitsOf(full, 1012)).flat().sort((a, b) => a - b);
	assert.deepEqual(waits.map((wait) => wait - waits[0]), waits.map((_, i) => i));
	await inst.waitReady();
});

test('whoever comes while the daemon drains waits, and is let in by the next one', async () => {
	const room = await newFullRoom(inst, 1);
	// this one answers no close frame, so that the daemon stays for a while
	room.clients[0].ws.pause();
	const began = Date.now();
	const drained = drain();
	await until(() => /event=drain .*reason=draining\n(?![^]*event=ready)/.test(inst.logs()), 'it drains');
	const late = await enter(inst, room.id, room.host);
	assert.deepEqual(late.welcome.peers, []);
	await drained;
	await late.sync();
	assert.ok(Date.now() - began < (process.env.SANITIZE ? 20_000 : 6_000), `${Date.now() - began} ms`);
});

test('a connection in the middle of its handshake gets its answer', async () => {
	const room = await newRoom(inst, 1);
	const waiting = await connect(inst, room.id, { protocols: ['unio.v1'] });
	await Promise.all([assertClosedWith(waiting, 4001), drain()]);
});

test('a call goes on through a drain, and no event is missed', async () => {
	const room = await newFullRoom(inst, 2, { protocols: ['unio.v1'] });
	const call = await startCall(inst, room.host, room.id);
	const [ann, bob] = room.clients;
	for (const client of [ann, bob])
		await client.next('call_started');
	await ann.next('meeting_status');
	await Promise.all([waitsOf([room], 4001), drain(), rename(inst, room, 'renamed meanwhile')]);
	const { epoch } = ann.welcome;
	const { event_id: last } = ann.frames.findLast((frame) => frame.event_id !== undefined);
	const back = await enter(inst, room.id, room.host, { query: { last_event_id: last, epoch } });
	assert.equal(back.welcome.call.id, call.id);
	const seen = [...ann.frames, ...back.frames].filter(({ type }) => type === 'meeting_updated');
	if (seen.length === 0)
		seen.push(await back.next('meeting_updated'));
	assert.deepEqual(seen.map(({ meeting }) => meeting.title), ['renamed meanwhile']);
	await back.sync();
});
