// A detached session counts in the limits, and is the first to go where its user wants another (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test from 'node:test';

import { connect } from '../lib/ws.mjs';
import { assertFailed, assertUndisturbed, detach, enterSession, presence, PROTOCOL } from './resume.mjs';
import { assertRefused, enter, leaveOf, newRoom, wsInstance } from './support.mjs';

const inst = await wsInstance({ max_sessions_per_room: 3, max_sessions_per_user: 2 });

const knock = (room, user) => connect(inst, room.id, { token: user.access, protocols: [PROTOCOL] });

test('a detached session keeps its place in a full room', async () => {
	const room = await newRoom(inst, 4);
	const [ann, bob, cleo, dora] = room.people;
	const sessions = [];
	for (const user of [ann, bob, cleo])
		sessions.push(await enterSession(inst, room.id, user));
	await detach(sessions[1]);
	await assertRefused(await knock(room, dora), 4413);
	await sessions[1].resume();
	assertUndisturbed(sessions[0], sessions[1]);
	await sessions[1].close();
	await sessions[0].next(leaveOf(sessions[1]));
	await enter(inst, room.id, dora);
});

test('two connected sessions of a user are enough: the third is refused with 4412', async () => {
	const room = await newRoom(inst, 2);
	for (let n = 0; n < 2; n += 1)
		await enterSession(inst, room.id, room.host);
	await assertRefused(await knock(room, room.host), 4412);
});

test('a detached session makes room for a new one of the same user', async () => {
	const room = await newRoom(inst, 2);
	const watcher = await enterSession(inst, room.id, room.people[1]);
	const first = await enterSession(inst, room.id, room.host);
	const second = await enterSession(inst, room.id, room.host);
	await detach(first);
	const third = await enterSession(inst, room.id, room.host);
	await watcher.next(leaveOf(first));
	assertFailed(await first.ask(), 'expired');
	await second.sync();
	await third.sync();
	assertUndisturbed(watcher, second);
});

test('of two detached sessions one makes room, and the other can still be resumed', async () => {
	const room = await newRoom(inst, 2);
	const watcher = await enterSession(inst, room.id, room.people[1]);
	const first = await enterSession(inst, room.id, room.host);
	const second = await enterSession(inst, room.id, room.host);
	await detach(first);
	await detach(second);
	await enterSession(inst, room.id, room.host);
	await watcher.next((frame) => frame.type === 'user_left');
	await watcher.sync();
	assert.equal(watcher.count('user_left'), 1);
	const left = (await presence(first)) === undefined ? second : first;
	await left.resume();
	await left.sync();
});

test('resuming takes no place: it works in a full room, again and again', async () => {
	const room = await newRoom(inst, 3);
	const sessions = [];
	for (const user of room.people)
		sessions.push(await enterSession(inst, room.id, user));
	for (let n = 0; n < 4; n += 1)
		for (const session of sessions)
			await session.bounce({ by: n % 2 ? 'frame' : 'protocol' });
	for (const session of sessions) {
		await session.sync();
		sessions.filter((other) => other !== session).forEach((other) => assertUndisturbed(other, session));
	}
});
