// What passes between the sessions of a room (docs/PROTOCOL.md): the report's messages with the report's
// fields, what was added to them, and whom they reach.
import assert from 'node:assert/strict';
import test from 'node:test';

import { newMeeting, newUser } from '../lib/api.mjs';
import { rawOf } from '../lib/ws_inbox.mjs';
import { assertKeys, assertNone, assertTime, enter, newCandidate, newFullRoom, newRoom, newSdp, personOf, wsInstance }
	from './support.mjs';

const inst = await wsInstance();

test('an offer without a target goes to every other session, with the fields of the report', async () => {
	const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
	const offer = newSdp();
	ann.send({ type: 'offer', offer });
	for (const client of [bob, cyd])
		assert.deepEqual(await client.next('webrtc_offer'), {
			type: 'webrtc_offer', offer, from_user: ann.user.id, from_email: ann.user.email, from_session: ann.session,
		});
	await assertNone('webrtc_offer', ann, ann);
});

test('an answer goes to its target, with the fields of the report', async () => {
	const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
	const answer = newSdp('answer');
	bob.send({ type: 'answer', answer, target_id: ann.user.id });
	assert.deepEqual(await ann.next('webrtc_answer'), {
		type: 'webrtc_answer', answer, from_user: bob.user.id, from_email: bob.user.email, from_session: bob.session,
	});
	await assertNone('webrtc_answer', bob, bob, cyd);
});

test('a candidate without a target goes to every other session, with the fields of the report', async () => {
	const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
	const candidate = newCandidate();
	ann.send({ type: 'ice-candidate', candidate });
	for (const client of [bob, cyd])
		assert.deepEqual(await client.next('ice_candidate'),
			{ type: 'ice_candidate', candidate, from_user: ann.user.id, from_session: ann.session });
	await assertNone('ice_candidate', ann, ann);
});

test('a null candidate is passed on as null', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	ann.send({ type: 'ice-candidate', candidate: null });
	assert.deepEqual(await bob.next('ice_candidate'),
		{ type: 'ice_candidate', candidate: null, from_user: ann.user.id, from_session: ann.session });
});

test('a message goes to the others with its sender and a timestamp', async () => {
	const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
	ann.send({ type: 'message', data: { chat: 'hello' } });
	for (const client of [bob, cyd]) {
		const { timestamp, ...rest } = await client.next('message');
		assert.deepEqual(rest, {
			type: 'message', data: { chat: 'hello' }, from_user: ann.user.id, from_session: ann.session,
			full_name: ann.user.full_name,
		});
		assertTime(timestamp);
	}
	await assertNone('message', ann, ann);
});

for (const data of [null, true, false, 0, -1.5e3, '', 'text', [], [1, [2]], {}, { a: { b: null } }])
	test(`a message may carry ${JSON.stringify(data)}`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst);
		ann.send({ type: 'message', data });
		assert.deepEqual((await bob.next('message')).data, data);
	});

test('a state is told to the others', async () => {
	const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
	ann.send({ type: 'state', state: { muted: true } });
	for (const client of [bob, cyd])
		assert.deepEqual(await client.next('state'),
			{ type: 'state', state: { muted: true }, user_id: ann.user.id, session_id: ann.session });
	await assertNone('state', ann, ann);
});

test('who comes later finds the last state of each session in the welcome', async () => {
	const { id, clients: [ann, bob] } = await newFullRoom(inst);
	ann.send({ type: 'state', state: { muted: true } });
	ann.send({ type: 'state', state: { hand: 'raised' } });
	await ann.sync();
	const late = await enter(inst, id, bob.user);
	const stateOf = (client) => late.welcome.peers.find((peer) => peer.session_id === client.session).state;
	assert.deepEqual(stateOf(ann), { hand: 'raised' });
	assert.ok(stateOf(bob) === null || Object.keys(stateOf(bob)).length === 0);
});

test('a ping is answered with the time, to its sender alone', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	ann.send({ type: 'ping' });
	const pong = await ann.next('pong');
	assertKeys(pong, ['type', 'timestamp']);
	assertTime(pong.timestamp);
	assert.ok(Math.abs(Date.parse(pong.timestamp) - Date.now()) < 60_000);
	await ann.sync();
	assert.equal(bob.count('pong'), 0);
});

for (const [verb, event, words] of [['join-call', 'call_joined', 'joined'], ['leave-call', 'call_left', 'left']])
	test(`${verb} is told to all, the sender included, with the fields of the report`, async () => {
		const { clients } = await newFullRoom(inst, 3);
		const [ann] = clients;
		if (verb === 'leave-call')
			ann.send({ type: 'join-call' });
		ann.send({ type: verb });
		for (const client of clients)
			assert.deepEqual(await client.next(event), {
				type: event, ...personOf(ann.user), session_id: ann.session,
				message: `${ann.user.full_name} ${words} the call`,
			});
	});

test('a second join-call is acknowledged and told to nobody', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	ann.send({ type: 'join-call', id: 1 });
	ann.send({ type: 'join-call', id: 2 });
	assert.deepEqual(await ann.next((frame) => frame.id === 2), { type: 'ack', id: 2 });
	await bob.next('call_joined');
	await ann.sync();
	await bob.sync();
	assert.deepEqual([ann.count('call_joined'), bob.count('call_joined')], [1, 1]);
});

test('leave-call of who is not in the call is acknowledged and told to nobody', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	ann.send({ type: 'leave-call', id: 1 });
	assert.deepEqual(await ann.next((frame) => frame.id === 1), { type: 'ack', id: 1 });
	await assertNone('call_left', ann, ann, bob);
});

test('who left the call can join it again', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	for (const type of ['join-call', 'leave-call', 'join-call'])
		ann.send({ type });
	await bob.next('call_joined');
	await bob.next('call_left');
	await bob.next('call_joined');
});

const sent = {
	offer: { type: 'offer', offer: newSdp() },
	answer: { type: 'answer', answer: newSdp('answer') },
	'ice-candidate': { type: 'ice-candidate', candidate: newCandidate() },
	message: { type: 'message', data: 'x' },
};
const arrives = {
	offer: 'webrtc_offer', answer: 'webrtc_answer', 'ice-candidate': 'ice_candidate', message: 'message',
};

for (const [name, frame] of Object.entries(sent)) {
	test(`${name} with target_id reaches every session of that user and no other`, async () => {
		const { id, clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
		const second = await enter(inst, id, bob.user);
		ann.send({ ...frame, target_id: bob.user.id });
		await bob.next(arrives[name]);
		await second.next(arrives[name]);
		await assertNone(arrives[name], ann, ann, cyd);
	});

	test(`${name} with target_session reaches exactly that session`, async () => {
		const { id, clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
		const second = await enter(inst, id, bob.user);
		ann.send({ ...frame, target_session: second.session });
		await second.next(arrives[name]);
		await assertNone(arrives[name], ann, ann, bob, cyd);
	});

	test(`${name} with both targets goes by target_session`, async () => {
		const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
		ann.send({ ...frame, target_id: bob.user.id, target_session: cyd.session });
		await cyd.next(arrives[name]);
		await assertNone(arrives[name], ann, ann, bob);
	});

	test(`${name} with a null target_session goes by target_id`, async () => {
		const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
		ann.send({ ...frame, target_id: bob.user.id, target_session: null });
		await bob.next(arrives[name]);
		await assertNone(arrives[name], ann, ann, cyd);
	});

	test(`${name} with a null target_id goes by target_session`, async () => {
		const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
		ann.send({ ...frame, target_id: null, target_session: cyd.session });
		await cyd.next(arrives[name]);
		await assertNone(arrives[name], ann, ann, bob);
	});

	test(`${name} to one's own user reaches one's other sessions only`, async () => {
		const { id, clients: [ann, bob] } = await newFullRoom(inst);
		const second = await enter(inst, id, ann.user);
		ann.send({ ...frame, target_id: ann.user.id });
		await second.next(arrives[name]);
		await assertNone(arrives[name], ann, ann, bob);
	});

	test(`${name} with targets that nobody here answers to is target_not_found`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst);
		const away = await newFullRoom(inst, 1, { fresh: true });
		const absent = await newRoom(inst, 1, { fresh: true });
		const targets = [
			{ target_id: 999_999 }, { target_id: absent.host.id }, { target_id: away.host.id }, { target_id: ann.user.id },
			{ target_session: 'nobody' }, { target_session: away.clients[0].session }, { target_session: ann.session },
			{ target_id: bob.user.id, target_session: 'nobody' },
		];
		for (const [id, wanted] of targets.entries()) {
			ann.send({ ...frame, ...wanted, id });
			const error = await ann.next((got) => got.id === id);
			assert.deepEqual([error.type, error.code], ['error', 'target_not_found'], JSON.stringify(wanted));
		}
		await assertNone(arrives[name], ann, ann, bob);
		await assertNone(arrives[name], ann, away.clients[0]);
	});
}

for (const name of ['offer', 'ice-candidate', 'message'])
	test(`${name} whose targets are null goes to every other session`, async () => {
		const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
		ann.send({ ...sent[name], target_id: null, target_session: null });
		await bob.next(arrives[name]);
		await cyd.next(arrives[name]);
	});

test('a participant who left the room is no target any more', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	await bob.close();
	await ann.next('user_left');
	ann.send({ type: 'message', data: 1, target_id: bob.user.id });
	assert.equal((await ann.next('error')).code, 'target_not_found');
});

test('nothing crosses into another meeting, not even for the same user', async () => {
	const { host, clients: [ann, bob] } = await newFullRoom(inst);
	const other = await newMeeting(inst, host, { participants: [bob.user] });
	const elsewhere = [await enter(inst, other.id, host), await enter(inst, other.id, bob.user)];
	await elsewhere[0].next('user_joined');
	for (const frame of [sent.offer, sent['ice-candidate'], sent.message, { type: 'join-call' },
		{ type: 'state', state: {} }, { ...sent.offer, target_id: bob.user.id }])
		ann.send(frame);
	await bob.next('state');
	await bob.close();
	await ann.next('user_left');
	for (const client of elsewhere) {
		await client.sync();
		assert.deepEqual(client.types().filter((type) => !['user_joined', 'welcome'].includes(type)), ['pong']);
	}
});

const verbatim = [
	'{ "b" : 1,\t"a":[ 1 , 2 ]\r\n }',
	'{"n":12345678901234567890123456789,"f":1.10e+05,"z":-0,"e":0E-0}',
	'{"s":"\\u00e9\\/\\u0041\\ud83d\\ude00 é😀\\b\\f","":""}',
	'{"nul":"a\\u0000b"}',
	'{"a":1,"a":2}',
	'{"candidate":"","type":"x","sdp":"\\r\\n","offer":{"type":"ping"}}',
	'{}',
];
const carriers = [
	['offer', 'offer', 'webrtc_offer'], ['answer', 'answer', 'webrtc_answer'],
	['ice-candidate', 'candidate', 'ice_candidate'], ['message', 'data', 'message'], ['state', 'state', 'state'],
];

for (const [type, field, arriving] of carriers)
	test(`the ${field} of ${type} is passed on byte for byte`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst);
		const target = ['offer', 'answer'].includes(type) ? `"target_id":${bob.user.id},` : '';
		for (const value of verbatim) {
			ann.sendRaw(`{${target}"${field}":${value},"type":"${type}"}`);
			const text = rawOf(await bob.next(arriving));
			assert.ok(text.includes(`"${field}":${value}`) || text.includes(`"${field}": ${value}`), `${value} became ${text}`);
		}
	});

test('a state stands byte for byte in the welcome of who comes later', async () => {
	const { id, clients: [ann, bob] } = await newFullRoom(inst);
	ann.sendRaw(`{"type":"state","state":${verbatim[1]}}`);
	await ann.sync();
	const late = await enter(inst, id, bob.user);
	assert.ok(rawOf(late.welcome).includes(verbatim[1]), rawOf(late.welcome));
});

test('fields that nobody knows are ignored', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	ann.send({ type: 'message', data: 1, from_user: 999, from_session: 'forged', timestamp: 'never', extra: { a: [1] } });
	const message = await bob.next('message');
	assertKeys(message, ['type', 'data', 'from_user', 'from_session', 'full_name', 'timestamp']);
	assert.equal(message.from_session, ann.session);
});

test('names and addresses stand in frames as they were given, quotes and accents included', async () => {
	const odd = await newUser(inst, { name: 'Zoë "Z" \\ O’Hara <b>' });
	const meeting = await newMeeting(inst, odd, { title: 'A "title" \\ with \u2028 odd 字 signs' });
	const client = await enter(inst, meeting.id, odd);
	assert.equal(client.welcome.meeting.title, 'A "title" \\ with \u2028 odd 字 signs');
	assert.equal(client.frames[0].full_name, odd.full_name);
	assert.equal(client.frames[0].message, `${odd.full_name} joined the meeting`);
});
