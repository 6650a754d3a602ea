// A pong says that all that came before its ping has been received: that much is no longer kept for a client that comes
// back (docs/PROTOCOL.md, Coming back). Who answers no ping is treated as if there were none.
import assert from 'node:assert/strict';
import test from 'node:test';

import { OP } from '../lib/ws.mjs';
import { assertFailed, assertUndisturbed, dataOf, detach, enterSession, newSessions, sendNumbers } from './resume.mjs';
import { eventually, wsInstance } from './support.mjs';

const inst = await wsInstance({ message_rate: 100_000, message_burst: 100_000, byte_rate: '100m', byte_burst: '100m' });

const LARGE = 'x'.repeat(3_000);
const MANY = 60;

/** A room of ann and a client that answers what it is told to; `count` large messages have come to it. */
async function newRaw(count) {
	const room = await newSessions(inst, 1);
	const [ann] = room.sessions;
	const bob = await enterSession(inst, room.id, room.host, { raw: true });
	for (let n = 0; n < count; n += 1)
		ann.send({ type: 'message', data: [n, LARGE] });
	await bob.next(({ data }) => data?.[0] === count - 1);
	return { ann, bob };
}

const nextPing = (bob) => bob.client.controls.next('ping');
const answer = (bob, { payload }) => bob.client.frame(Buffer.from(payload, 'latin1'), { opcode: OP.pong });
const numbersOf = (frames) => dataOf(frames).map(([n]) => n);

test('a client that answers a ping is not sent again what came long before it', async () => {
	const { bob } = await newRaw(MANY);
	const { seq } = bob;
	answer(bob, await nextPing(bob));
	await bob.sync();
	await bob.lose();
	assertFailed(await bob.ask({ seq: seq - MANY }), 'gap');
});

test('it gets what it missed, and the last few before', async () => {
	const { ann, bob } = await newRaw(MANY);
	answer(bob, await nextPing(bob));
	await bob.sync();
	await detach(bob);
	ann.send({ type: 'message', data: [MANY] });
	await ann.sync();
	bob.forget(2);	/* the pong to its own ping, and a message */
	assert.equal((await bob.resume()).replayed, 3);
	await bob.sync();
	assert.deepEqual(numbersOf(bob.received), [...Array(MANY + 1).keys()]);
	assertUndisturbed(ann, bob);
});

test('a client that answers no ping is sent again whatever is within the bounds', async () => {
	const { ann, bob } = await newRaw(MANY);
	await nextPing(bob);
	await detach(bob);
	bob.forget(MANY);
	assert.equal((await bob.resume()).replayed, MANY);
	await bob.sync();
	assert.deepEqual(numbersOf(bob.received), [...Array(MANY).keys()]);
	assertUndisturbed(ann, bob);
});

test('pongs that answer nothing change nothing: other numbers, none, another length', async () => {
	const { bob } = await newRaw(MANY);
	const { payload } = await nextPing(bob);
	const number = Buffer.from(payload, 'latin1');
	assert.equal(number.length, 8);
	const forged = [Buffer.alloc(8), Buffer.alloc(8, 255), Buffer.from(number).fill(number[0] + 1, 0, 1), Buffer.alloc(0), number.subarray(1),
		Buffer.concat([number, number]), Buffer.alloc(125, 1)];
	for (const bytes of forged)
		bob.client.frame(bytes, { opcode: OP.pong });
	await bob.sync();
	await detach(bob);
	bob.forget(MANY);
	assert.equal((await bob.resume()).replayed, MANY);
});

test('a pong on the next connection answers no ping of the one before', async () => {
	const { bob } = await newRaw(MANY);
	const ping = await nextPing(bob);
	await detach(bob);
	await bob.resume({ raw: true, by: 'protocol' });
	answer(bob, ping);
	await bob.sync();
	await detach(bob);
	bob.forget(MANY);
	assert.equal((await bob.resume()).replayed, MANY);
});

test('one ping is on its way at a time, and the next one follows its answer', async () => {
	const { ann, bob } = await newRaw(MANY);
	const pings = () => bob.client.controls.frames.filter(({ type }) => type === 'ping').length;
	const ping = await nextPing(bob);
	assert.equal(pings(), 1);
	answer(bob, ping);
	await bob.sync();
	await sendNumbers(ann, 0, 5);
	for (let n = 0; n < MANY; n += 1)
		ann.send({ type: 'message', data: LARGE });
	await eventually('the second ping', () => pings() === 2);
	await ann.sync();
});
