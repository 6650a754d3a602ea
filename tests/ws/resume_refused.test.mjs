// Resumes that are refused, and what a client can do then: join afresh (docs/PROTOCOL.md, Resume).
import assert from 'node:assert/strict';
import test from 'node:test';

import { loginWith, request } from '../lib/api.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { connect } from '../lib/ws.mjs';
import {
	ask, assertFailed, assertUndisturbed, dataOf, detach, enterSession, newSessions, presence, PROTOCOL, sessionOf,
	STRANGE_TOKEN,
} from './resume.mjs';
import {
	api, assertClosedWith, assertStillOpen, enter, joinOf, leaveOf, newRoom, rename, titlesOf, wsInstance,
} from './support.mjs';

const HANDSHAKE_MS = 1_500;

const inst = await wsInstance({ handshake_timeout: `${HANDSHAKE_MS}ms` });

/** A room whose second person was away for too long: the session is gone, its token is known to be old. */
async function goneSession() {
	const room = await newSessions(inst, 2, { fresh: true });
	const [ann, bob] = room.sessions;
	await bob.close();
	await ann.next(leaveOf(bob));
	bob.settle();
	return { ...room, ann, bob };
}

const logout = async (user) => {
	const reply = await request(inst, 'POST', '/api/auth/logout', { token: user.access });
	assert.equal(reply.status, 204);
};

for (const by of ['frame', 'protocol'])
	test(`a token that nobody has is "expired" (by ${by})`, async () => {
		const room = await newRoom(inst);
		const client = await ask(inst, room.id, { by, seq: 2, token: STRANGE_TOKEN });
		assertFailed(await client.next(() => true), 'expired');
	});

for (const token of ['', 'A', 'A'.repeat(21), 'A'.repeat(23), 'A'.repeat(4000), 'ÄÖÜ', '\'; DROP TABLE call;--', '../../../etc'])
	test(`a token that is none is refused by frame: ${JSON.stringify(token.slice(0, 30))}`, async () => {
		const room = await newRoom(inst);
		const client = await ask(inst, room.id, { seq: 2, token });
		await assertNoResume(client);
	});

for (const [what, frame] of [
	['no token', { type: 'resume', seq: 2 }],
	['a token of another type', { type: 'resume', resume_token: 22, seq: 2 }],
	['a token of null', { type: 'resume', resume_token: null, seq: 2 }],
	['the token under a wrong name', { type: 'resume', token: STRANGE_TOKEN, seq: 2 }],
])
	test(`a resume frame with ${what} is refused`, async () => {
		const room = await newRoom(inst);
		await assertNoResume(await connect(inst, room.id, { protocols: [PROTOCOL], first: [frame] }));
	});

/** Refused in one of the ways the protocol has: by resume_failed, or as no credential at all. */
async function assertNoResume(client) {
	const reply = await client.next(() => true);
	if (reply.type === 'resume_failed')
		return assertFailed(reply, 'expired', 'gap', 'revoked');
	assert.equal(reply.type, 'error', JSON.stringify(reply));
	assert.equal(reply.close, 4401, JSON.stringify(reply));
	return client.closed;
}

for (const [what, seq] of [
	['missing', undefined], ['null', null], ['a string', '2'], ['negative', -1], ['a fraction', 2.5],
	['beyond all numbers', 2 ** 63], ['an object', {}],
])
	test(`a seq that is ${what} does not resume, and harms nobody`, async () => {
		const { sessions: [ann, bob] } = await newSessions(inst);
		await detach(bob);
		const client = await ask(inst, bob.meetingId, { token: bob.token, seq });
		const reply = await client.next(() => true);
		assert.notEqual(reply.type, 'resumed', JSON.stringify(reply));
		await ann.sync();
	});

for (const by of ['frame', 'protocol'])
	for (const ahead of [1, 1000, 2 ** 31, 2 ** 53 - 10_000])
		test(`a seq ${ahead} larger than what was sent is refused (by ${by})`, async () => {
			const { sessions: [ann, bob] } = await newSessions(inst);
			await detach(bob);
			await assertNoResume(await ask(inst, bob.meetingId, { by, token: bob.token, seq: bob.seq + ahead }));
			await ann.sync();
		});

test('a token is good for its own meeting alone', async () => {
	const { sessions: [ann, bob], people } = await newSessions(inst);
	const other = await newRoom(inst);
	assert.deepEqual(other.people, people, 'whom the other meeting would let in');
	await detach(bob);
	await assertNoResume(await ask(inst, other.id, { token: bob.token, seq: bob.seq }));
	ann.send({ type: 'message', data: 'still kept' });
	await ann.sync();
});

test('a token of another meeting that does not exist is refused', async () => {
	const { sessions: [, bob] } = await newSessions(inst);
	await detach(bob);
	const client = await ask(inst, 987654321, { token: bob.token, seq: bob.seq });
	const reply = await client.next(() => true);
	assert.notEqual(reply.type, 'resumed', JSON.stringify(reply));
});

test('the public session id is no token', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await detach(bob);
	await assertNoResume(await ask(inst, bob.meetingId, { token: bob.session, seq: bob.seq }));
	await bob.resume();
	assertUndisturbed(ann, bob);
});

test('a resume as a later frame is an error like any unknown type, and changes nothing', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	bob.send({ type: 'resume', resume_token: ann.token, seq: ann.seq });
	assert.equal((await bob.next('error')).code, 'unknown_type');
	await assertStillOpen(bob.client);
	await assertStillOpen(ann.client);
});

test('who was logged out while away is "revoked", and the room is told that they left', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst, 2, { fresh: true });
	await detach(bob);
	await logout(bob.user);
	await ann.next(leaveOf(bob));
	for (const by of ['frame', 'protocol'])
		assertFailed(await bob.ask({ by }), 'revoked');
});

test('who was removed from the meeting while away is "revoked", and the room is told', async () => {
	const room = await newSessions(inst, 2, { fresh: true });
	const [ann, bob] = room.sessions;
	await detach(bob);
	await api(inst, room.host, 'DELETE', `/api/meetings/${room.id}/participants/${bob.user.id}`);
	await ann.next(leaveOf(bob));
	for (const by of ['frame', 'protocol'])
		assertFailed(await bob.ask({ by }), 'revoked');
});

test('a removed participant whose token opens nothing is refused with 4403 when it joins afresh', async () => {
	const room = await newSessions(inst, 2, { fresh: true });
	const [ann, bob] = room.sessions;
	await detach(bob);
	await api(inst, room.host, 'DELETE', `/api/meetings/${room.id}/participants/${bob.user.id}`);
	await ann.next(leaveOf(bob));
	assertFailed(await bob.ask(), 'revoked');
	bob.send({ type: 'auth', token: bob.user.access });
	await assertClosedWith(bob.client, 4403);
});

test('a user who was disabled while away is "revoked"', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst, 2, { fresh: true });
	await detach(bob);
	const { code, stderr } = await inst.ctl(['user', 'disable', bob.user.email]);
	assert.equal(code, 0, stderr);
	await ann.next(leaveOf(bob));
	assertFailed(await bob.ask(), 'revoked');
});

test('a logout ends only the sessions of that login', async () => {
	const { sessions: [ann, bob], id } = await newSessions(inst, 2, { fresh: true });
	const again = await loginWith(inst, bob.user.email, bob.user.password);
	const other = await enterSession(inst, id, { ...bob.user, access: again.access });
	await detach(bob);
	await detach(other);
	await logout(bob.user);
	await ann.next(leaveOf(bob));
	await other.resume();
	assertFailed(await bob.ask(), 'revoked');
	assertUndisturbed(ann, other);
});

test('access is checked again although the connection was never lost for long', async () => {
	const room = await newSessions(inst, 2, { fresh: true });
	const [, bob] = room.sessions;
	await api(inst, room.host, 'DELETE', `/api/meetings/${room.id}/participants/${bob.user.id}`);
	const reply = await bob.ask();
	assert.notEqual(reply.type, 'resumed', JSON.stringify(reply));
});

for (const by of ['frame', 'protocol'])
	test(`after a refused resume (by ${by}) an auth frame joins afresh`, async () => {
		const { ann, bob, id } = await goneSession();
		assertFailed(await bob.ask({ by }), 'expired');
		bob.send({ type: 'auth', token: bob.user.access, client_id: 'the-same' });
		const again = await sessionOf(inst, id, bob.user, bob.client);
		assert.notEqual(again.session, bob.session);
		assert.notEqual(again.token, bob.token);
		assert.deepEqual(again.client.types(), ['resume_failed', 'user_joined', 'welcome']);
		assert.equal((await ann.next(joinOf(again))).client_id, 'the-same');
		await again.bounce({ by });
		await again.sync();
	});

test('a wrong token after a refused resume is 4401', async () => {
	const { bob } = await goneSession();
	await bob.ask();
	bob.send({ type: 'auth', token: `${bob.user.access}x` });
	await assertClosedWith(bob.client, 4401);
});

test('anything but auth after a refused resume is 4401', async () => {
	const { bob } = await goneSession();
	await bob.ask();
	bob.send({ type: 'join-call' });
	await assertClosedWith(bob.client, 4401);
});

test('nothing at all after a refused resume is 4401 when the time is over', async () => {
	const { bob } = await goneSession();
	const began = Date.now();
	await bob.ask();
	await assertClosedWith(bob.client, 4401);
	assert.ok(Date.now() - began >= HANDSHAKE_MS / 2, `${Date.now() - began} ms`);
});

for (const [what, options] of [
	['a token in the resume frame', (user) => ({ extra: { token: user.access } })],
	['a token in the query', (user) => ({ by: 'protocol', extra: { token: user.access } })],
	['a token in the header', (user) => ({ by: 'protocol', headers: { Authorization: `Bearer ${user.access}` } })],
])
	test(`with ${what} a refused resume is followed by a fresh join at once`, async () => {
		const { ann, bob, id } = await goneSession();
		noteSecret(bob.user.access);
		assertFailed(await bob.ask(options(bob.user)), 'expired');
		const again = await sessionOf(inst, id, bob.user, bob.client);
		await ann.next(joinOf(again));
		assert.notEqual(again.session, bob.session);
		await again.bounce();
	});

for (const [what, options] of [
	['in the resume frame', (ticket) => ({ extra: { ticket } })],
	['as a subprotocol', (ticket) => ({ by: 'protocol', protocols: [`unio.ticket.${ticket}`] })],
])
	test(`with a ticket ${what} a refused resume is followed by a fresh join at once`, async (t) => {
		const { bob, id } = await goneSession();
		const reply = await request(inst, 'POST', `/api/meetings/${id}/ticket`, { token: bob.user.access });
		if (reply.status === 404)
			return t.skip('the API makes no tickets yet');
		const { ticket } = reply.json;
		noteSecret(ticket);
		assertFailed(await bob.ask(options(ticket)), 'expired');
		const again = await sessionOf(inst, id, bob.user, bob.client);
		assert.notEqual(again.session, bob.session);
		return again.sync();
	});

test('a good resume is not disturbed by a token that comes along', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	noteSecret(bob.user.access);
	await bob.bounce({ by: 'protocol', headers: { Authorization: `Bearer ${bob.user.access}` } });
	ann.send({ type: 'message', data: 'the same session', target_session: bob.session });
	await bob.next('message');
	assertUndisturbed(ann, bob);
	assert.equal(bob.client.count('welcome'), 0);
});

test('with the last event named, the fresh join brings the later events after its welcome', async () => {
	const room = await newSessions(inst, 2, { fresh: true });
	const [ann, bob] = room.sessions;
	const { epoch } = bob.welcome;
	await rename(inst, room, 'Seen');
	const { event_id: last } = await bob.next('meeting_updated');
	await bob.close();
	await ann.next(leaveOf(bob));
	bob.settle();
	await rename(inst, room, 'Missed');
	noteSecret(bob.user.access);
	assertFailed(await bob.ask({ extra: { last_event_id: last, epoch, token: bob.user.access } }), 'expired');
	const again = await sessionOf(inst, room.id, bob.user, bob.client);
	await again.sync();
	assert.deepEqual(titlesOf(again.client), ['Missed']);
	assert.deepEqual(again.client.types().slice(0, 4), ['resume_failed', 'user_joined', 'welcome', 'meeting_updated']);
});

test('a resume that names the last event is replayed from its count, no event twice', async () => {
	const room = await newSessions(inst);
	const [, bob] = room.sessions;
	const { epoch, event_id: last } = bob.welcome;
	await rename(inst, room, 'One');
	await bob.next('meeting_updated');
	await detach(bob);
	await rename(inst, room, 'Two');
	await bob.resume({ extra: { last_event_id: last, epoch } });
	await bob.next((frame) => frame.meeting?.title === 'Two');
	await bob.sync();
	assert.deepEqual(titlesOf(bob), ['One', 'Two']);
});

test('a session that the server closed is over: its token brings nothing back', async () => {
	const room = await newSessions(inst, 2, { fresh: true });
	const [ann, bob] = room.sessions;
	await logout(bob.user);
	await assertClosedWith(bob.client, 4406);
	await ann.next(leaveOf(bob));
	bob.settle();
	assertFailed(await bob.ask(), 'expired', 'revoked');
});

test('after a restart of the daemon a token is unknown, and its client joins afresh', async () => {
	const room = await newSessions(inst);
	const [ann, bob] = room.sessions;
	await rename(inst, room, 'Seen');
	const { event_id: last } = await bob.next('meeting_updated');
	const { epoch } = bob.welcome;
	inst.kill('signald', 'SIGTERM');
	await assertClosedWith(bob.client, 1012);
	await rename(inst, room, 'Missed');
	await inst.waitReady();
	bob.settle();
	noteSecret(bob.user.access);
	assertFailed(await bob.ask({ extra: { last_event_id: last, epoch, token: bob.user.access } }), 'expired');
	const again = await sessionOf(inst, room.id, bob.user, bob.client);
	await again.sync();
	assert.deepEqual(titlesOf(again.client), ['Missed']);
	await ann.closed;
});

test('a thousand guesses bring nothing, and the daemon answers them all', async () => {
	const room = await newSessions(inst, 1);
	const [ann] = room.sessions;
	await detach(ann);
	for (let round = 0; round < 10; round += 1)
		await Promise.all(Array.from({ length: 100 }, async (_, n) => {
			const token = Buffer.from(`guess-${round}-${n}-`.padEnd(16, 'x')).toString('base64url').slice(0, 22).padEnd(22, 'A');
			const client = await ask(inst, room.id, { by: 'protocol', seq: 2, token });
			assertFailed(await client.next(() => true), 'expired');
			await client.terminate();
		}));
	assert.equal((await presence(ann)).connected, false);
	await ann.resume();
	const other = await enter(inst, room.id, room.host);
	other.send({ type: 'message', data: 'hello' });
	await ann.next('message');
	assert.deepEqual(dataOf(ann.received), ['hello']);
});
