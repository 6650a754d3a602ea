// A session of unio.v1 outlives its connection: the ways back to it, and what others see (docs/PROTOCOL.md, Resume).
import assert from 'node:assert/strict';
import test from 'node:test';

import { connect, OP } from '../lib/ws.mjs';
import {
	ask, assertFailed, assertUndisturbed, dataOf, detach, enterSession, newCall, newSessions, presence, PROTOCOL,
	sessionOf,
} from './resume.mjs';
import {
	api, assertClosedWith, enter, eventually, leaveOf, newFullRoom, newRoom, REFUSALS, wsInstance,
} from './support.mjs';

const inst = await wsInstance();

REFUSALS[4409] = ['resumed_elsewhere', 'disconnect'];

test('the welcome of unio.v1 has the resume token, how long it is good for and its own number', async () => {
	const { sessions: [ann] } = await newSessions(inst, 1);
	assert.match(ann.welcome.resume_token, /^[A-Za-z0-9_-]{22}$/);
	assert.equal(ann.welcome.resume_ttl, 30);
	assert.equal(ann.welcome.seq, ann.client.frames.indexOf(ann.welcome) + 1);
});

test('the welcome without unio.v1 has none of that', async () => {
	const { clients: [ann] } = await newFullRoom(inst, 1);
	for (const key of ['resume_token', 'resume_ttl', 'seq'])
		assert.ok(!(key in ann.welcome), key);
});

test('every session has a token of its own, which is not its public name', async () => {
	const { sessions } = await newSessions(inst, 3);
	const tokens = sessions.map(({ token }) => token);
	assert.equal(new Set(tokens).size, 3);
	for (const { welcome, token, client } of sessions) {
		assert.notEqual(welcome.session_id, token);
		const others = tokens.filter((other) => other !== token);
		assert.ok(others.every((other) => !JSON.stringify(client.frames).includes(other)), 'nobody is told another\'s');
	}
});

for (const by of ['frame', 'protocol']) {
	test(`a session is resumed by ${by}: what was missed comes, in order, after "resumed"`, async () => {
		const { sessions: [ann, bob] } = await newSessions(inst);
		await detach(bob);
		for (const data of ['one', 'two', 'three'])
			ann.send({ type: 'message', data });
		await ann.sync();
		const reply = await bob.resume({ by });
		assert.deepEqual(reply, { type: 'resumed', replayed: 3, received: 0 });
		await bob.sync();
		assert.deepEqual(dataOf(bob.received), ['one', 'two', 'three']);
		assert.deepEqual(bob.client.types().slice(0, 4), ['resumed', 'message', 'message', 'message']);
	});

	test(`a session to which nothing came after its welcome is resumed by ${by}`, async () => {
		const { sessions: [ann] } = await newSessions(inst, 1);
		assert.equal(ann.seq, ann.welcome.seq);
		await detach(ann);
		const reply = await ann.resume({ by });
		assert.deepEqual(reply, { type: 'resumed', replayed: 0, received: 0 });
		await ann.sync();
		assert.deepEqual(ann.client.types(), ['resumed', 'pong']);
	});

	test(`a session is resumed by ${by} again and again`, async () => {
		const { sessions: [ann, bob] } = await newSessions(inst);
		const sent = [];
		for (let n = 0; n < 5; n += 1) {
			await bob.lose();
			ann.send({ type: 'message', data: n });
			sent.push(n);
			await ann.sync();
			await bob.resume({ by });
			await bob.next('message');
		}
		assert.deepEqual(dataOf(bob.received), sent);
		assertUndisturbed(ann, bob);
	});

	test(`twice running by ${by}, with nothing between`, async () => {
		const { sessions: [ann, bob] } = await newSessions(inst);
		ann.send({ type: 'message', data: 'before' });
		await bob.next('message');
		await bob.bounce({ by });
		assert.equal((await bob.bounce({ by })).replayed, 0);
		ann.send({ type: 'message', data: 'after' });
		await bob.next('message');
		assert.deepEqual(dataOf(bob.received), ['before', 'after']);
	});

	test(`a resume by ${by} while the old connection looks alive closes that one with 4409`, async () => {
		const { sessions: [ann, bob] } = await newSessions(inst);
		const { client: old } = bob;
		const seq = bob.seq;
		assert.equal((await bob.ask({ by, seq })).type, 'resumed');
		await assertClosedWith(old, 4409);
		ann.send({ type: 'message', data: 'here' });
		await bob.next('message');
		await old.closed;
		assertUndisturbed(ann, bob);
		bob.send({ type: 'message', data: 'and back' });
		assert.equal((await ann.next('message')).from_session, bob.session);
	});
}

test('the server answers a resume by protocol with unio.v1', async () => {
	const { sessions: [ann] } = await newSessions(inst, 1);
	await ann.bounce({ by: 'protocol' });
	assert.equal(ann.client.protocol, PROTOCOL);
});

test('of many connections that ask at once one has the session in the end, and every other is closed', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await bob.lose();
	const { seq, token, meetingId } = bob;
	const clients = await Promise.all(Array.from({ length: 6 }, () => ask(inst, meetingId, { seq, token })));
	const open = new Set(clients);
	const codes = [];
	for (const client of clients)
		client.closed.then(({ code }) => { codes.push(code); open.delete(client); });
	await eventually('one is left', () => open.size === 1);
	const [last] = open;
	assert.deepEqual(codes, [4409, 4409, 4409, 4409, 4409]);
	ann.send({ type: 'message', data: 'to whom it concerns' });
	assert.equal((await last.next('message')).data, 'to whom it concerns');
	await last.sync();
	assert.equal(last.frames[0].type, 'resumed');
	assert.equal(open.size, 1);
	assertUndisturbed(ann, bob);
});

test('the others see nothing of a loss and a return', async () => {
	const { sessions: [ann, bob, cleo] } = await newSessions(inst, 3);
	const before = ann.received.length;
	await detach(bob);
	await ann.sync();
	await bob.resume();
	await bob.sync();
	await ann.sync();
	await cleo.sync();
	assert.deepEqual(ann.received.slice(before).map(({ type }) => type), ['pong', 'pong']);
	for (const other of [ann, cleo])
		assertUndisturbed(other, bob);
});

test('a session keeps its name, its state and its place in the call', async () => {
	const { sessions: [ann, bob], id, call, host } = await newCall(inst);
	bob.send({ type: 'state', state: { muted: true } });
	await ann.next('state');
	await detach(bob);
	await bob.resume();
	const late = await enter(inst, id, host);
	const peer = late.welcome.peers.find(({ session_id: session }) => session === bob.session);
	assert.deepEqual([peer.in_call, peer.state], [true, { muted: true }]);
	ann.send({ type: 'message', data: 'you', target_session: bob.session });
	assert.equal((await bob.next('message')).data, 'you');
	bob.send({ type: 'message', data: 'me' });
	assert.equal((await ann.next('message')).from_session, bob.session);
	const intervals = await eventually('the attendance is written', async () => {
		const { attendance } = await api(inst, host, 'GET', `/api/calls/${call.id}`);
		return attendance.find((one) => one.user.id === bob.user.id)?.intervals;
	});
	assert.deepEqual(intervals.map(({ left_at: left }) => left), [null], 'one interval, still open');
	assertUndisturbed(ann, bob);
});

test('presence says that a detached session is not connected, and that a resumed one is', async () => {
	const { sessions: [, bob] } = await newSessions(inst);
	assert.equal((await presence(bob)).connected, true);
	await detach(bob);
	assert.equal((await presence(bob)).connected, false);
	await bob.resume();
	assert.equal((await presence(bob)).connected, true);
});

test('who arrives while a session is detached finds it among the peers', async () => {
	const { sessions: [ann, bob], id } = await newSessions(inst);
	await detach(bob);
	const late = await enter(inst, id, ann.user);
	assert.ok(late.welcome.peers.some(({ session_id: session }) => session === bob.session));
	await bob.resume();
	const { session_id: told } = await bob.next((frame) => frame.type === 'user_joined');
	assert.equal(told, late.session);
});

test('a session that entered by the auth frame can be resumed as well', async () => {
	const room = await newRoom(inst);
	const first = [{ type: 'auth', token: room.host.access, client_id: 'my-own-id' }];
	const client = await connect(inst, room.id, { protocols: [PROTOCOL], first });
	const ann = await sessionOf(inst, room.id, room.host, client);
	const watcher = await enter(inst, room.id, room.people[1]);
	await ann.bounce();
	watcher.send({ type: 'message', data: 'hello' });
	await ann.next('message');
	assertUndisturbed(watcher, ann);
});

for (const [what, code] of [['normally', 1000], ['because its page goes away', 1001], ['with a code of its own', 4999]])
	test(`a client that closes ${what} leaves at once`, async () => {
		const { sessions: [ann, bob] } = await newSessions(inst);
		await bob.close(code);
		await ann.next(leaveOf(bob));
		bob.settle();
		assertFailed(await bob.ask(), 'expired');
	});

test('a close frame without a code is one as well', async () => {
	const room = await newSessions(inst, 1);
	const bob = await enterSession(inst, room.id, room.host, { raw: true });
	bob.client.frame('', { opcode: OP.close });
	await room.sessions[0].next(leaveOf(bob));
});

test('a session that left the call before its connection broke is resumed outside of it', async () => {
	const { sessions: [ann, bob] } = await newCall(inst);
	bob.send({ type: 'leave-call' });
	await bob.next('call_left');
	await bob.bounce();
	bob.send({ type: 'join-call' });
	const joined = (frame) => frame.type === 'call_joined' && frame.session_id === bob.session;
	await Promise.all([bob.next(joined), ann.next(joined)]);
});

test('a resumed session works like any other: requests, limits of size, errors', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await bob.bounce();
	bob.send({ type: 'message', data: 'x'.repeat(17_000), id: 1 });
	assert.equal((await bob.next((frame) => frame.id === 1)).code, 'too_large');
	bob.send({ type: 'nonsense', id: 2 });
	assert.equal((await bob.next((frame) => frame.id === 2)).code, 'unknown_type');
	bob.send({ type: 'message', data: 'fine', id: 3 });
	assert.equal((await bob.next((frame) => frame.id === 3)).type, 'ack');
	await ann.next('message');
	await bob.close();
	await ann.next(leaveOf(bob));
});

test('a client without unio.v1 leaves when its connection ends', async () => {
	const room = await newRoom(inst);
	const ann = await enter(inst, room.id, room.host);
	const bob = await enter(inst, room.id, room.people[1]);
	await bob.terminate();
	await ann.next(leaveOf(bob));
});

test('a session with another subprotocol beside unio.v1 is one of unio.v1', async () => {
	const room = await newRoom(inst);
	const ann = await enterSession(inst, room.id, room.host, { protocols: ['other', PROTOCOL] });
	assert.equal(ann.client.protocol, PROTOCOL);
	assert.match(ann.token, /^.{22}$/);
	await ann.bounce();
	await ann.sync();
});
