// The rate of messages and what exceeding it gets (docs/PROTOCOL.md), and order under load.
import assert from 'node:assert/strict';
import test from 'node:test';

import { assertClosedWith, enter, eventually, leaveOf, newFullRoom, wsInstance } from './support.mjs';

const RATE = 10;
const BURST = 20;

const inst = await wsInstance({ message_rate: RATE, message_burst: BURST });

/** Sends pings one after the other until one is answered: the rate allows this client again. */
async function untilAnswered(client) {
	let id = 0;
	await eventually('a ping is answered', async () => {
		id += 1;
		client.send({ type: 'ping', id: `again-${id}` });
		return client.frames.some((frame) => String(frame.id).startsWith('again-'));
	}, { interval: 150 });
}

test('a burst within the limit is answered whole', async () => {
	const { clients: [ann] } = await newFullRoom(inst, 1);
	for (let id = 0; id < BURST; id++)
		ann.send({ type: 'ping', id });
	await ann.next((frame) => frame.id === BURST - 1);
	assert.equal(ann.count('pong'), BURST);
	assert.equal(ann.count('error'), 0);
});

test('frames over the rate are dropped, one error a second says so, and the connection stays', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	const began = Date.now();
	for (let n = 0; n < 100; n++)
		ann.send({ type: 'message', data: n });
	await untilAnswered(ann);
	const seconds = (Date.now() - began) / 1000;
	await bob.sync();
	const passed = bob.frames.filter((frame) => frame.type === 'message').map((frame) => frame.data);
	assert.ok(passed.length >= BURST && passed.length <= BURST + RATE * seconds + 1, `${passed.length} came through`);
	assert.deepEqual(passed.slice(0, BURST), Array.from({ length: BURST }, (_, n) => n));
	const errors = ann.frames.filter((frame) => frame.type === 'error');
	assert.ok(errors.length >= 1 && errors.length <= seconds + 1, `${errors.length} errors in ${seconds} s`);
	for (const error of errors)
		assert.deepEqual([error.code, 'close' in error], ['rate_limited', false]);
	await eventually('messages pass again', () => {
		ann.send({ type: 'message', data: 'later' });
		return bob.frames.some((frame) => frame.data === 'later');
	}, { interval: 150 });
});

for (const [what, text] of Object.entries({ requests: '{"type":"ping"}', 'frames that are no JSON': 'x' }))
	test(`200 dropped ${what} within 10 s close with 4003, and the room goes on`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst);
		for (let n = 0; n < 400; n++)
			ann.sendRaw(text);
		await assertClosedWith(ann, 4003);
		await bob.next(leaveOf(ann));
		await bob.sync();
	});

test('joining or leaving the call weighs as much as ten other frames', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	const began = Date.now();
	for (let n = 0; n < BURST; n++)
		ann.send({ type: n % 2 === 0 ? 'join-call' : 'leave-call' });
	await untilAnswered(ann);
	await bob.sync();
	const seconds = (Date.now() - began) / 1000;
	const changes = bob.count('call_joined') + bob.count('call_left');
	assert.ok(changes >= BURST / 10 && changes <= (BURST + RATE * seconds) / 10 + 1, `${changes} in ${seconds} s`);
});

test('fewer than 200 dropped frames do not close', async () => {
	const { clients: [ann] } = await newFullRoom(inst, 1);
	for (let n = 0; n < BURST + 150; n++)
		ann.send({ type: 'ping' });
	await untilAnswered(ann);
});

test('the rate is counted for each session by itself', async () => {
	const { id, clients: [ann, bob] } = await newFullRoom(inst);
	const second = await enter(inst, id, ann.user);
	for (let n = 0; n < 100; n++)
		ann.send({ type: 'ping' });
	await second.sync();
	await bob.sync();
});

test('who was closed for its rate may come back', async () => {
	const { id, clients: [ann] } = await newFullRoom(inst, 1);
	for (let n = 0; n < 400; n++)
		ann.send({ type: 'ping' });
	await ann.closed;
	const back = await enter(inst, id, ann.user);
	await back.sync();
});
