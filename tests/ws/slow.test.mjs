// Who does not read is closed, and who floods gains nothing: memory stays bounded, the others notice nothing.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';

import { OP, encodeFrame, rawConnect } from '../lib/ws.mjs';
import { enter, MEMORY_GROWTH, memoryOf, newRoom, newSdp, welcomed, wsInstance } from './support.mjs';

const inst = await wsInstance({ message_rate: 1_000_000, message_burst: 1_000_000 });
const pid = inst.pid('signald');

const WINDOW = 8;
const MOST = 2_000;

/** Sends numbered messages until `done` says so; the number sent and the most memory the daemon took. */
async function flood(sender, make, done) {
	let peak = 0;
	for (let n = 0; n < MOST; n++) {
		sender.send(make(n));
		if (n % WINDOW !== WINDOW - 1)
			continue;
		await sender.sync();
		peak = Math.max(peak, memoryOf(pid));
		if (done())
			return { sent: n + 1, peak };
	}
	return assert.fail(`${MOST} messages and the slow reader is still there`);
}

const ways = { 'behind the front server': undefined, 'at the daemon itself': path.join(inst.varDir, 'run', 'ws.sock') };

for (const [where, socketPath] of Object.entries(ways))
	test(`a reader that stops reading ${where} is closed, the others get all, memory stays bounded`, async () => {
		const { id, people: [host, guest, third] } = await newRoom(inst, 3);
		const ann = await enter(inst, id, host);
		const bob = await enter(inst, id, guest);
		const slow = await welcomed(await rawConnect(inst, id, { token: third.access, socketPath }), third);
		slow.pause();
		const before = memoryOf(pid);
		const { sdp } = newSdp();
		const offer = (n) => ({ type: 'offer', offer: { n, sdp: sdp + 'a=x\r\n'.repeat(8_000) } });
		const { sent, peak } = await flood(ann, offer, () => ann.count('user_left') > 0);
		assert.ok(peak - before < MEMORY_GROWTH, `${peak - before} bytes more`);
		assert.equal((await ann.next('user_left')).session_id, slow.session);
		await bob.sync();
		assert.deepEqual(bob.frames.filter(({ type }) => type === 'webrtc_offer').map((frame) => frame.offer.n),
			Array.from({ length: sent }, (_, n) => n));
		slow.resume();
		const { code } = await slow.closed;
		assert.ok(code === 4002 || code === null, `close code ${code}`);
		if (code === 4002) {
			const error = slow.frames.at(-1);
			assert.deepEqual([error.code, error.close, error.action], ['slow_consumer', 4002, 'reconnect']);
		}
		const got = slow.frames.filter(({ type }) => type === 'webrtc_offer').map((frame) => frame.offer.n);
		assert.deepEqual(got, got.map((_, n) => n), 'what it got is the beginning, without a gap');
	});

test('a slow reader of many small messages is closed as well', async () => {
	const { id, people: [host, guest] } = await newRoom(inst);
	const ann = await enter(inst, id, host);
	const socketPath = ways['at the daemon itself'];
	const slow = await welcomed(await rawConnect(inst, id, { token: guest.access, socketPath }), guest);
	slow.pause();
	const before = memoryOf(pid);
	for (let n = 0; n < 30_000 && ann.count('user_left') === 0; n++) {
		ann.send({ type: 'message', data: n });
		if (n % 200 === 199)
			await ann.sync();
	}
	await ann.next('user_left');
	assert.ok(memoryOf(pid) - before < MEMORY_GROWTH);
	slow.resume();
	await slow.closed;
});

test('a slow reader that comes back in time gets everything', async () => {
	const { id, people: [host, guest] } = await newRoom(inst);
	const ann = await enter(inst, id, host);
	const slow = await welcomed(await rawConnect(inst, id, { token: guest.access }), guest);
	slow.pause();
	const { sdp } = newSdp();
	for (let n = 0; n < 10; n++)
		ann.send({ type: 'offer', offer: { n, sdp: sdp + 'a=x\r\n'.repeat(8_000) } });
	await ann.sync();
	slow.resume();
	for (let n = 0; n < 10; n++)
		assert.equal((await slow.next('webrtc_offer')).offer.n, n);
});

test('a flood of pings whose answers nobody reads takes no memory and disturbs nobody', async () => {
	const { id, people: [host, guest] } = await newRoom(inst);
	const ann = await enter(inst, id, host);
	const raw = await welcomed(await rawConnect(inst, id, { token: guest.access }), guest);
	raw.pause();
	const before = memoryOf(pid);
	const pings = Buffer.concat(Array.from({ length: 1_000 }, () => encodeFrame('x'.repeat(125), { opcode: OP.ping })));
	for (let n = 0; n < 150; n++) {
		raw.write(pings);
		await ann.sync();
		assert.ok(memoryOf(pid) - before < MEMORY_GROWTH, `${memoryOf(pid) - before} bytes more`);
	}
	raw.terminate();
	await ann.next('user_left');
});

test('fragments without end from many clients take no more memory than a message each', async () => {
	const { id, people: [host, guest] } = await newRoom(inst);
	const ann = await enter(inst, id, host);
	const before = memoryOf(pid);
	const raws = [];
	for (let n = 0; n < 5; n++)
		raws.push(await welcomed(await rawConnect(inst, id, { token: guest.access }), guest));
	for (const raw of raws) {
		raw.frame('"', { fin: false });
		for (let n = 0; n < 1_000; n++)
			raw.frame('x'.repeat(1_000), { opcode: OP.continuation, fin: false });
	}
	for (const raw of raws)
		assert.ok([1009, null].includes((await raw.closed).code));
	await ann.sync();
	assert.ok(memoryOf(pid) - before < MEMORY_GROWTH);
});

test('hundreds of comings and goings leave no memory behind', async () => {
	const { id, host } = await newRoom(inst);
	const round = async (count) => {
		for (let n = 0; n < count; n++)
			await (await enter(inst, id, host)).terminate();
	};
	await round(100);
	const before = memoryOf(pid);
	await round(400);
	assert.ok(memoryOf(pid) - before < MEMORY_GROWTH / 4, `${memoryOf(pid) - before} bytes more`);
});
