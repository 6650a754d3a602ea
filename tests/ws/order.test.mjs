// Order under load: what one session sends another arrives in that order, whole and once.
import assert from 'node:assert/strict';
import test from 'node:test';

import { assertKeys, enter, eventually, newFullRoom, newRoom, newSdp, wsInstance } from './support.mjs';

const inst = await wsInstance({ message_rate: 1_000_000, message_burst: 1_000_000 });

const numbersFrom = (client, sender) => client.frames
	.filter((frame) => frame.from_session === sender.session)
	.map((frame) => frame.data ?? frame.offer?.n ?? frame.candidate?.n);

const upTo = (count) => Array.from({ length: count }, (_, n) => n);

/** Sends `count` frames made by `make`, in windows, so that no queue on the way is ever full. */
async function stream(sender, count, make, window = 100) {
	for (let n = 0; n < count; n++) {
		sender.send(make(n));
		if (n % window === window - 1)
			await sender.sync();
	}
	await sender.sync();
}

test('three senders at once: each receiver has all of each sender, in order', async () => {
	const COUNT = 2_000;
	const { clients } = await newFullRoom(inst, 3);
	await Promise.all(clients.map((client) => stream(client, COUNT, (data) => ({ type: 'message', data }))));
	for (const client of clients) {
		await client.sync();
		for (const sender of clients)
			assert.deepEqual(numbersFrom(client, sender), sender === client ? [] : upTo(COUNT));
	}
});

test('messages of different types and targets keep their order', async () => {
	const COUNT = 600;
	const { clients: [ann, bob, cyd] } = await newFullRoom(inst, 3);
	await stream(ann, COUNT, (n) => [
		{ type: 'message', data: n, target_id: bob.user.id },
		{ type: 'offer', offer: { n, pad: 'x'.repeat(3_000) }, target_session: bob.session },
		{ type: 'ice-candidate', candidate: { n } },
	][n % 3], 30);
	await bob.sync();
	await cyd.sync();
	assert.deepEqual(numbersFrom(bob, ann), upTo(COUNT));
	assert.deepEqual(numbersFrom(cyd, ann), upTo(COUNT).filter((n) => n % 3 === 2));
});

test('large offers arrive whole, to many receivers', async () => {
	const { id, clients: [ann, bob] } = await newFullRoom(inst);
	const more = [await enter(inst, id, bob.user), await enter(inst, id, bob.user)];
	const { sdp } = newSdp();
	await stream(ann, 60, (n) => ({ type: 'offer', offer: { n, sdp: sdp + 'a=x\r\n'.repeat(8_000) } }), 5);
	for (const client of [bob, ...more]) {
		await client.sync();
		assert.deepEqual(numbersFrom(client, ann), upTo(60));
		for (const frame of client.frames.filter(({ type }) => type === 'webrtc_offer')) {
			assertKeys(frame, ['type', 'offer', 'from_user', 'from_email', 'from_session']);
			assert.equal(frame.offer.sdp.length, sdp.length + 40_000);
		}
	}
});

test('an ack comes after the messages that were sent before its request', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	for (let n = 0; n < 50; n++)
		ann.send({ type: 'message', data: n, id: n });
	await ann.next((frame) => frame.id === 49);
	assert.deepEqual(ann.frames.filter((frame) => frame.type === 'ack').map((frame) => frame.id), upTo(50));
	await bob.sync();
	assert.deepEqual(numbersFrom(bob, ann), upTo(50));
});

test('comings and goings under load leave the room as it is', async () => {
	const { id, people: [host, guest] } = await newRoom(inst);
	const ann = await enter(inst, id, host);
	let busy = true;
	const streaming = (async () => {
		for (let data = 0; busy; data++)
			await stream(ann, 1, () => ({ type: 'message', data }));
	})();
	for (let n = 0; n < 16; n++) {
		const client = await enter(inst, id, guest);
		await client.next('message');
		await (n % 2 ? client.close() : client.terminate());
	}
	busy = false;
	await streaming;
	await eventually('all have left', () => ann.count('user_left') === 16);
	const last = await enter(inst, id, guest);
	assert.deepEqual(last.welcome.peers.map((peer) => peer.session_id), [ann.session]);
});
