// What the daemon reads at a time has nothing to do with what a client writes at a time: long frames, and control
// frames of the greatest length between their pieces, whose payload the library keeps in a small buffer of the
// connection (ws-daemon/wsmem.h), cut anywhere.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';

import { OP, encodeFrame, rawConnect } from '../lib/ws.mjs';
import { enter, newRoom, welcomed, wsInstance } from './support.mjs';

const inst = await wsInstance();
const socketPath = join(inst.varDir, 'run/ws.sock');
const pause = () => new Promise(setImmediate);
const pong = async (raw) => Buffer.from((await raw.controls.next('pong')).payload, 'latin1');

/** A raw client at the daemon's own socket, and somebody in the room who listens. */
async function rawRoom() {
	const room = await newRoom(inst);
	const watcher = await enter(inst, room.id, room.host);
	const guest = room.people[1];
	const raw = await welcomed(await rawConnect(inst, room.id, { token: guest.access, socketPath }), guest);
	return { room, watcher, raw };
}

async function trickle(raw, bytes, step) {
	for (let at = 0; at < bytes.length; at += step) {
		raw.write(bytes.subarray(at, at + step));
		await pause();
	}
}

const sdp = (n) => `v=0\r\n${randomBytes(n / 2).toString('hex')}`;
const offer = (n) => Buffer.from(JSON.stringify({ type: 'offer', offer: { type: 'offer', sdp: sdp(n) } }));

for (const step of [1, 2, 7, 126])
	test(`the longest control frames between the fragments of a message, ${step} bytes at a time, are answered`, async () => {
		const { watcher, raw } = await rawRoom();
		const message = offer(600);
		const pings = [randomBytes(125), randomBytes(125)];
		await trickle(raw, Buffer.concat([
			encodeFrame(message.subarray(0, 300), { fin: false }),
			encodeFrame(pings[0], { opcode: OP.ping }),
			encodeFrame(message.subarray(300, 301), { opcode: OP.continuation, fin: false }),
			encodeFrame(randomBytes(125), { opcode: OP.pong }),
			encodeFrame(message.subarray(301), { opcode: OP.continuation }),
		]), step);
		assert.deepEqual(await pong(raw), pings[0]);
		assert.deepEqual((await watcher.next('webrtc_offer')).offer, JSON.parse(message).offer);
		await trickle(raw, encodeFrame(pings[1], { opcode: OP.ping }), step);
		assert.deepEqual(await pong(raw), pings[1]);
	});

test('control frames that come in halves on many connections are each answered with their own bytes', async () => {
	const rooms = await Promise.all(Array.from({ length: 8 }, rawRoom));
	for (let round = 0; round < 5; round += 1) {
		const pings = rooms.map(() => randomBytes(125));
		const frames = pings.map((payload) => encodeFrame(payload, { opcode: OP.ping }));
		const cuts = frames.map((_, i) => 3 + (i * 29 + round * 7) % 120);
		rooms.forEach(({ raw }, i) => raw.write(frames[i].subarray(0, cuts[i])));
		await pause();
		rooms.forEach(({ raw }, i) => raw.write(frames[i].subarray(cuts[i])));
		for (const [i, { raw }] of rooms.entries())
			assert.deepEqual(await pong(raw), pings[i]);
	}
});

for (const step of [1000, 16383, 16384, 16385, 65536])
	test(`frames of up to 64 KiB, written ${step} bytes at a time, are passed on byte for byte`, async () => {
		const { watcher, raw } = await rawRoom();
		const messages = [offer(60_000), offer(100), offer(16_384), offer(30_000), offer(2)];
		await trickle(raw, Buffer.concat(messages.map((message) => encodeFrame(message))), step);
		for (const message of messages)
			assert.deepEqual((await watcher.next('webrtc_offer')).offer, JSON.parse(message).offer);
	});

test('the longest close frame, byte by byte, is answered with the same', async () => {
	const { raw } = await rawRoom();
	const reason = 'r'.repeat(123);
	await trickle(raw, encodeFrame(Buffer.concat([Buffer.from([0x0f, 0xa7]), Buffer.from(reason)]), { opcode: OP.close }), 1);
	assert.deepEqual(await raw.closed, { code: 4007, reason });
});

/** All that the daemon says, as text, once `what` is in it. */
function sayAllAtOnce(request, frames, what) {
	return new Promise((done, fail) => {
		let said = '';
		const socket = createConnection(socketPath, () => socket.write(Buffer.concat([Buffer.from(request), ...frames])));
		const late = setTimeout(() => socket.destroy(new Error(`only this was said: ${said}`)), 5000);
		socket.on('data', (data) => {
			said += data.toString('latin1');
			if (said.includes(what))
				socket.destroy();
		}).on('error', fail).on('close', () => {
			clearTimeout(late);
			done(said);
		});
	});
}

for (const filler of [10, 15_000])
	test(`what is sent in one piece with the request is answered when access has been checked, in its order, ${filler} bytes between`, async () => {
		const room = await newRoom(inst);
		const request = [`GET /ws/meeting/${room.id}/ HTTP/1.1`, 'Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
			`Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, `Authorization: Bearer ${room.people[1].access}`, '', ''].join('\r\n');
		const sent = [{ type: 'ping', id: 'one' }, { type: 'message', data: 'x'.repeat(filler), id: 'two' }, { type: 'ping', id: 'three' }];
		const said = await sayAllAtOnce(request, sent.map((frame) => encodeFrame(Buffer.from(JSON.stringify(frame)))), '"id":"three"');
		const places = ['101 ', 'user_joined', 'welcome', '"id":"one"', '"id":"two"', '"id":"three"'].map((what) => said.indexOf(what));
		assert.ok(places[0] !== -1);
		assert.deepEqual(places, [...places].sort((a, b) => a - b));
	});
