// What a session that says nothing takes of the daemon's own memory: its state and what it may have to be sent again,
// and no buffers (docs/bench). The bound is half as much again as was measured; a buffer of 16 KiB for each would be
// well past it.
import assert from 'node:assert/strict';
import test from 'node:test';

import { enter, memoryOf, newMeetingOf, wsInstance } from './support.mjs';

const ROOMS = 40;
const DEVICES = 5;
const MOST = 4_500;

const inst = await wsInstance({ max_sessions_per_user: DEVICES });
const memory = () => memoryOf(inst.pid('signald'));

test('an idle session takes a few kilobytes', { skip: process.env.SANITIZE ? 'a sanitizer needs memory of its own' : false }, async () => {
	const rooms = [];
	while (rooms.length < ROOMS + 1)
		rooms.push(await newMeetingOf(inst));
	const { id: warm, host: first } = rooms.pop();
	await enter(inst, warm, first, { protocols: ['unio.v1'] });
	const before = memory();
	for (const { id, host } of rooms)
		await Promise.all(Array.from({ length: DEVICES }, () => enter(inst, id, host, { protocols: ['unio.v1'] })));
	const each = (memory() - before) / (ROOMS * DEVICES);
	assert.ok(each < MOST, `${Math.round(each)} bytes for each session`);
});
