// What a session missed comes when it is resumed: all of it, in order, once, byte for byte (docs/PROTOCOL.md, Resume).
import assert from 'node:assert/strict';
import test from 'node:test';

import { newUser, request } from '../lib/api.mjs';
import {
	assertFailed, assertUndisturbed, dataOf, detach, enterSession, newSessions, sendNumbers, textsOf,
} from './resume.mjs';
import {
	api, endCall, enter, eventually, leaveOf, newCandidate, newSdp, rename, startCall, titlesOf, wsInstance,
} from './support.mjs';

const inst = await wsInstance({ message_rate: 100_000, message_burst: 100_000 });

const KEPT_FRAMES = 256;
const KEPT_BYTES = 256 << 10;

/** The types of what came after the reply to the resume, up to a pong. */
async function replayedTypes(session) {
	await session.sync();
	assert.equal(session.client.types()[0], 'resumed');
	assert.equal(session.client.types().at(-1), 'pong');
	return session.client.types().slice(1, -1);
}

test('every kind of addressed frame is kept: by user, by session, and to all', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await detach(bob);
	const target_id = bob.user.id;
	const target_session = bob.session;
	const offer = newSdp();
	const answer = newSdp('answer');
	const candidate = newCandidate();
	ann.send({ type: 'offer', offer, target_id });
	ann.send({ type: 'offer', offer });
	ann.send({ type: 'answer', answer, target_session });
	ann.send({ type: 'ice-candidate', candidate, target_session });
	ann.send({ type: 'ice-candidate', candidate: null });
	ann.send({ type: 'message', data: ['to', 'you'], target_id });
	ann.send({ type: 'message', data: 'to all' });
	ann.send({ type: 'state', state: { muted: true } });
	await ann.sync();
	assert.equal(ann.count('error'), 0, 'a detached session is a target like any other');
	assert.equal((await bob.resume()).replayed, 8);
	assert.deepEqual(await replayedTypes(bob), ['webrtc_offer', 'webrtc_offer', 'webrtc_answer', 'ice_candidate',
		'ice_candidate', 'message', 'message', 'state']);
	const frames = bob.client.frames.slice(1);
	assert.deepEqual([frames[0].offer, frames[2].answer, frames[3].candidate, frames[4].candidate],
		[offer, answer, candidate, null]);
	assert.ok(frames.slice(0, 7).every(({ from_session: from }) => from === ann.session));
});

test('what happened to the meeting is kept, in commit order', async () => {
	const room = await newSessions(inst);
	const [ann, bob] = room.sessions;
	const newcomer = await newUser(inst);
	await detach(bob);
	await rename(inst, room, 'While away');
	await api(inst, room.host, 'POST', `/api/meetings/${room.id}/participants`, { user_id: newcomer.id });
	const call = await startCall(inst, room.host, room.id);
	await endCall(inst, room.host, call.id);
	await ann.next('call_ended');
	await ann.next((frame) => frame.type === 'meeting_status' && frame.status === 'completed');
	await bob.resume();
	await replayedTypes(bob);
	const events = (session) => textsOf(session.received.filter((frame) => 'event_id' in frame));
	assert.deepEqual(events(bob), events(ann));
	const ids = bob.received.filter((frame) => 'event_id' in frame).map(({ event_id: id }) => id);
	assert.equal(ids.length, 6);
	assert.deepEqual([...new Set(ids)].sort((a, b) => a - b), ids);
});

test('who came, joined the call, left it and went is kept', async () => {
	const room = await newSessions(inst);
	const [ann, bob] = room.sessions;
	await startCall(inst, room.host, room.id);
	await bob.next('call_started');
	await bob.next('meeting_status');
	await detach(bob);
	const cleo = await enterSession(inst, room.id, ann.user);
	for (const type of ['join-call', 'leave-call']) {
		cleo.send({ type });
		await cleo.sync();
	}
	await cleo.close();
	await ann.next(leaveOf(cleo));
	await bob.resume();
	assert.deepEqual(await replayedTypes(bob), ['user_joined', 'call_joined', 'call_left', 'user_left']);
});

test('frames and events that came in turn are replayed in that turn', async () => {
	const room = await newSessions(inst);
	const [ann, bob] = room.sessions;
	await detach(bob);
	for (let n = 0; n < 10; n += 1) {
		ann.send({ type: 'message', data: n });
		await ann.sync();
		await rename(inst, room, `Title ${n}`);
		await ann.next('meeting_updated');
	}
	await bob.resume();
	assert.deepEqual(await replayedTypes(bob), Array.from({ length: 10 }, () => ['message', 'meeting_updated']).flat());
	assert.deepEqual(dataOf(bob.received), [...Array(10).keys()]);
	assert.deepEqual(titlesOf(bob), [...Array(10).keys()].map((n) => `Title ${n}`));
});

for (const by of ['frame', 'protocol'])
	test(`frames that were written and never arrived are sent again, the same bytes (by ${by})`, async () => {
		const { sessions: [ann, bob] } = await newSessions(inst);
		await sendNumbers(ann, 0, 20);
		ann.sendRaw('{"type":"message","data":  {"spaces" : [1, 2.50, "\\u00e9"]}}');
		await ann.sync();
		await bob.next((frame) => frame.data?.spaces);
		await bob.lose();
		const lost = bob.forget(7);
		assert.equal((await bob.resume({ by })).replayed, 7);
		await bob.sync();
		assert.deepEqual(textsOf(bob.client.frames.slice(1, 8)), textsOf(lost));
		assert.deepEqual(dataOf(bob.received).slice(0, 20), [...Array(20).keys()]);
		assert.equal(bob.client.types().at(8), 'pong');
	});

test('written and kept frames follow one another without a seam', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await sendNumbers(ann, 0, 10);
	await bob.next(({ data }) => data === 9);
	await detach(bob);
	await sendNumbers(ann, 10, 20);
	bob.forget(4);
	assert.equal((await bob.resume()).replayed, 14);
	await bob.sync();
	assert.deepEqual(dataOf(bob.received), [...Array(20).keys()]);
});

test('replayed frames may be lost again, and come again', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await detach(bob);
	await sendNumbers(ann, 0, 10);
	for (let round = 0; round < 3; round += 1) {
		assert.equal((await bob.resume()).replayed, 10);
		await bob.next(({ data }) => data === 9);
		await bob.lose();
		bob.forget(10);
	}
	assert.equal((await bob.resume()).replayed, 10);
	await bob.sync();
	assert.deepEqual(dataOf(bob.received), [...Array(10).keys()]);
});

test('replies to requests are counted and kept like all else', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	bob.send({ type: 'message', data: 'x', id: 'mine' });
	bob.send({ type: 'ping', id: 'p' });
	bob.send({ type: 'nonsense', id: 'n' });
	await bob.next(({ id }) => id === 'n');
	await bob.lose();
	const lost = bob.forget(3);
	assert.equal((await bob.resume()).replayed, 3);
	await bob.sync();
	assert.deepEqual(textsOf(bob.client.frames.slice(1, 4)), textsOf(lost));
	assert.deepEqual(lost.map(({ id }) => id), ['mine', 'p', 'n']);
	await ann.next('message');
	await ann.sync();
	assert.equal(ann.count('message'), 1, 'and nothing is done twice');
});

test('the count goes on over a resume: the reply to it is none of the counted', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await bob.bounce();
	await sendNumbers(ann, 0, 3);
	await bob.next(({ data }) => data === 2);
	await bob.bounce();
	await sendNumbers(ann, 3, 6);
	await bob.next(({ data }) => data === 5);
	await bob.lose();
	bob.forget(6);
	assert.equal((await bob.resume()).replayed, 6);
	await bob.sync();
	assert.deepEqual(dataOf(bob.received), [0, 1, 2, 3, 4, 5]);
});

test('"received" says how many of the client\'s own frames the server has taken', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	bob.send({ type: 'ping' });
	bob.send({ type: 'message', data: 1 });
	bob.send({ type: 'nonsense' });
	await bob.next('error');
	assert.equal((await bob.bounce({ by: 'protocol' })).received, 3);
	bob.send({ type: 'message', data: 2 });
	await ann.next(({ data }) => data === 2);
	assert.equal((await bob.bounce({ by: 'protocol' })).received, 4);
	assert.equal((await bob.bounce({ by: 'protocol' })).received, 4);
});

test('the frames of the handshake are not among the client\'s own that are counted', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	assert.equal((await bob.bounce({ by: 'frame' })).received, 0);
	bob.send({ type: 'message', data: 1 });
	await ann.next('message');
	assert.equal((await bob.bounce({ by: 'frame' })).received, 1);
});

test('a client that sends again what was not received is heard exactly once', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	let sent = 0;
	for (let round = 0; round < 8; round += 1) {
		for (let n = 0; n < 5; n += 1)
			bob.send({ type: 'message', data: sent++ });
		await bob.lose(); // at once: any number of them is on its way
		const { received } = await bob.resume({ by: 'protocol' });
		assert.ok(received <= sent && received >= sent - 5, `${received} of ${sent}`);
		for (let n = received; n < sent; n += 1)
			bob.send({ type: 'message', data: n });
		await bob.sync();
		sent += 1; // the ping
		bob.send({ type: 'message', data: sent++ });
	}
	await bob.sync();
	await ann.sync();
	const heard = dataOf(ann.received);
	assert.deepEqual(heard, [...new Set(heard)].sort((a, b) => a - b));
	assert.equal(heard.length, 8 * 6);
});

test(`${KEPT_FRAMES} frames are kept for a detached session`, async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await detach(bob);
	const numbers = await sendNumbers(ann, 0, KEPT_FRAMES);
	assert.equal((await bob.resume()).replayed, KEPT_FRAMES);
	await bob.sync();
	assert.deepEqual(dataOf(bob.received), numbers);
	assertUndisturbed(ann, bob);
});

test('more than that ends the session at once, and its token answers "gap"', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await detach(bob);
	await sendNumbers(ann, 0, KEPT_FRAMES + 1);
	await ann.next(leaveOf(bob), 2_000);
	assertFailed(await bob.ask(), 'gap');
	await bob.client.terminate();
	assertFailed(await bob.ask({ by: 'protocol' }), 'gap');
	ann.send({ type: 'message', data: 1, target_session: bob.session, id: 'gone' });
	assert.equal((await ann.next(({ id }) => id === 'gone')).code, 'target_not_found');
});

test(`${KEPT_BYTES >> 10} KiB are kept, and more ends the session`, async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	const data = 'x'.repeat(15_000);
	const fitting = Math.floor(KEPT_BYTES / 16_000);
	await detach(bob);
	for (let n = 0; n < fitting; n += 1)
		ann.send({ type: 'message', data });
	await ann.sync();
	assert.equal((await bob.resume()).replayed, fitting);
	await bob.sync();
	await detach(bob);
	for (let n = 0; n < 2 * fitting; n += 1)
		ann.send({ type: 'message', data });
	await ann.next(leaveOf(bob), 2_000);
	assertFailed(await bob.ask(), 'gap');
});

test('a client that says it missed more than is kept is told of the gap', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	const { seq } = bob;
	await sendNumbers(ann, 0, KEPT_FRAMES + 50);
	await bob.next(({ data }) => data === KEPT_FRAMES + 49);
	await bob.lose();
	assertFailed(await bob.ask({ seq }), 'gap');
});

test('a client that received a great many frames is resumed from its last', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await sendNumbers(ann, 0, 2 * KEPT_FRAMES);
	await bob.next(({ data }) => data === 2 * KEPT_FRAMES - 1);
	await detach(bob);
	await sendNumbers(ann, 0, 3);
	assert.equal((await bob.resume()).replayed, 3);
	await bob.lose();
	bob.forget(3);
	assert.equal((await bob.resume()).replayed, 3);
});

test('the removal of another, and of the meeting, reach who was away', async () => {
	const room = await newSessions(inst, 3);
	const [ann, bob, cleo] = room.sessions;
	await detach(bob);
	await api(inst, room.host, 'DELETE', `/api/meetings/${room.id}/participants/${cleo.user.id}`);
	await ann.next(leaveOf(cleo));
	await bob.resume();
	assert.deepEqual(await replayedTypes(bob), ['participant_removed', 'user_left']);
	await bob.lose();
	const reply = await request(inst, 'DELETE', `/api/meetings/${room.id}`, { token: room.host.access });
	assert.equal(reply.status, 204);
	await ann.closed;
	assertFailed(await bob.ask(), 'expired', 'revoked');
});

test('many sessions of one room, detached together, miss the same and get the same', async () => {
	const room = await newSessions(inst, 5);
	const [ann, ...others] = room.sessions;
	await Promise.all(others.map(detach));
	await sendNumbers(ann, 0, 30);
	await rename(inst, room, 'Together');
	await ann.next('meeting_updated');
	await Promise.all(others.map((session) => session.resume()));
	await Promise.all(others.map((session) => session.sync()));
	for (const { client } of others)
		assert.deepEqual(textsOf(client.frames.slice(1, 32)), textsOf(others[0].client.frames.slice(1, 32)));
	const watcher = await enter(inst, room.id, ann.user);
	assert.equal(watcher.welcome.peers.length, 5);
	await eventually('nobody is left over', async () => ann.count('user_left') === 0);
});
