// Frames made by hand (RFC 6455): whole ones in odd pieces are taken, broken ones end the connection with
// their code, and whatever comes, the daemon and the others live on.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';

import { OP, encodeFrame, rawConnect } from '../lib/ws.mjs';
import { enter, leaveOf, newRoom, welcomed, wsInstance } from './support.mjs';

const inst = await wsInstance();

/** A room with a well-behaved watcher and a raw client in it. */
async function rawRoom(options = {}) {
	const room = await newRoom(inst);
	const watcher = await enter(inst, room.id, room.host);
	const [, guest] = room.people;
	const raw = await welcomed(await rawConnect(inst, room.id, { token: guest.access, ...options }), guest);
	await watcher.next((frame) => frame.session_id === raw.session);
	return { ...room, watcher, raw };
}

const text = JSON.stringify({ type: 'message', data: 'gruß 😀 aus Stücken' });
const bytes = Buffer.from(text);
const part = (from, to, options) => encodeFrame(bytes.subarray(from, to), options);
const first = { fin: false };
const middle = { opcode: OP.continuation, fin: false };
const last = { opcode: OP.continuation };

const whole = {
	'in one frame': [encodeFrame(text)],
	'in three fragments': [part(0, 10, first), part(10, 20, middle), part(20, undefined, last)],
	'in fragments, some of them empty':
		[part(0, 0, first), part(0, 0, middle), part(0, bytes.length, middle), part(0, 0, last)],
	'in a fragment for each byte': [...bytes].map((_, i) =>
		part(i, i + 1, { opcode: i ? OP.continuation : OP.text, fin: i === bytes.length - 1 })),
	'in fragments with a ping between them':
		[part(0, 10, first), encodeFrame('p', { opcode: OP.ping }), part(10, undefined, last)],
	'in fragments with a pong between them':
		[part(0, 10, first), encodeFrame('', { opcode: OP.pong }), part(10, undefined, last)],
};

for (const [how, pieces] of Object.entries(whole))
	test(`a message ${how} is taken`, async () => {
		const { watcher, raw } = await rawRoom();
		for (const piece of pieces)
			raw.write(piece);
		assert.equal((await watcher.next('message')).data, JSON.parse(text).data);
	});

test('a message that comes byte by byte is taken', async () => {
	const { watcher, raw } = await rawRoom();
	for (const byte of encodeFrame(text)) {
		raw.write(Buffer.from([byte]));
		await new Promise(setImmediate);
	}
	assert.equal((await watcher.next('message')).data, JSON.parse(text).data);
});

test('many messages in one write are all taken, in order', async () => {
	const { watcher, raw } = await rawRoom();
	const frames = Array.from({ length: 100 }, (_, data) => encodeFrame(JSON.stringify({ type: 'message', data })));
	raw.write(Buffer.concat(frames));
	await watcher.next((frame) => frame.data === 99);
	assert.deepEqual(watcher.frames.filter(({ type }) => type === 'message').map(({ data }) => data),
		Array.from({ length: 100 }, (_, n) => n));
});

test('a ping is answered with its payload', async () => {
	const { raw } = await rawRoom();
	for (const payload of ['', 'p', 'x'.repeat(125)]) {
		raw.frame(payload, { opcode: OP.ping });
		assert.equal((await raw.controls.next('pong')).payload, payload);
	}
});

test('a pong that nobody asked for is ignored', async () => {
	const { raw } = await rawRoom();
	raw.frame('what?', { opcode: OP.pong });
	await raw.sync();
});

/** A valid offer of exactly `size` bytes. */
function offerOf(size) {
	const frame = '{"type":"offer","offer":{"s":""}}';
	return frame.replace('""', `"${'x'.repeat(size - frame.length)}"`);
}

test('a frame of exactly 64 KiB is passed on', async () => {
	const { watcher, raw } = await rawRoom();
	raw.frame(offerOf(65_536));
	assert.equal((await watcher.next('webrtc_offer')).offer.s.length, 65_536 - 33);
});

test('a message of exactly 64 KiB in fragments is passed on', async () => {
	const { watcher, raw } = await rawRoom();
	const all = offerOf(65_536);
	raw.frame(all.slice(0, 30_000), first);
	raw.frame(all.slice(30_000), last);
	await watcher.next('webrtc_offer');
});

function closing(reason, code) {
	return encodeFrame(Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]), { opcode: OP.close });
}

/** name → [bytes to send, close code; null where the library just ends the connection or may do so] */
const broken = {
	'a frame over 64 KiB': [encodeFrame(offerOf(65_537)), [1009]],
	'a message over 64 KiB in fragments':
		[Buffer.concat([encodeFrame(offerOf(40_000), first), encodeFrame('x'.repeat(40_000), last)]), [1009]],
	'a message over 64 KiB in many fragments that never end':
		[Buffer.concat(Array.from({ length: 200 }, (_, n) => encodeFrame('x'.repeat(1_000), n ? middle : first))), [1009]],
	'a header that promises 2^40 bytes':
		[encodeFrame('x'.repeat(70_000), { length: 2 ** 40 }), [1009]],
	'a binary frame': [encodeFrame(text, { opcode: OP.binary }), [1003]],
	'an empty binary frame': [encodeFrame('', { opcode: OP.binary }), [1003]],
	'bytes that are no UTF-8': [encodeFrame(Buffer.from([0x7b, 0xff, 0x7d])), [1007]],
	'an overlong NUL': [encodeFrame(Buffer.from([0x22, 0xc0, 0x80, 0x22])), [1007]],
	'a surrogate in UTF-8': [encodeFrame(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), [1007]],
	'a code point beyond Unicode': [encodeFrame(Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22])), [1007]],
	'a character cut off at the end': [encodeFrame(Buffer.from([0x22, 0xc3])), [1007]],
	'bad UTF-8 in a later fragment':
		[Buffer.concat([encodeFrame('"', first), encodeFrame(Buffer.from([0xff]), last)]), [1007]],
	'a continuation of nothing': [encodeFrame(text, last), [1002, null]],
	'a new message inside another': [Buffer.concat([part(0, 10, first), encodeFrame(text)]), [1002, null]],
	'an opcode that is reserved': [encodeFrame('x', { opcode: 3 }), [1002, null]],
	'a control opcode that is reserved': [encodeFrame('x', { opcode: 11 }), [1002, null]],
	'a reserved bit': [encodeFrame(text, { rsv: 4 }), [1002, null]],
	'a fragmented ping': [encodeFrame('x', { opcode: OP.ping, fin: false }), [1002, null]],
	'a ping of 126 bytes': [encodeFrame('x'.repeat(126), { opcode: OP.ping }), [1002, null]],
	'a close frame of one byte': [encodeFrame('x', { opcode: OP.close }), [1002]],
	'a close code that is not allowed': [closing('', 999), [1002]],
	'a close reason that is no UTF-8': [closing(Buffer.from([0xff, 0xfe]), 1000), [1007]],
};

for (const [what, [sent, codes]] of Object.entries(broken))
	test(`${what} ends the connection with ${codes.map((code) => code ?? 'no close frame').join(' or ')}`, async () => {
		const { watcher, raw } = await rawRoom();
		raw.write(sent);
		const { code } = await raw.closed;
		assert.ok(codes.includes(code), `close code ${code}`);
		assert.equal(raw.count('error'), 0, 'no frame before it');
		await watcher.next(leaveOf(raw));
		assert.equal(watcher.count('message') + watcher.count('webrtc_offer'), 0);
		await watcher.sync();
	});

test('a close frame is answered with its code', async () => {
	const { watcher, raw } = await rawRoom();
	raw.write(closing('bye', 1000));
	assert.equal((await raw.closed).code, 1000);
	await watcher.next(leaveOf(raw));
});

test('what comes after a close frame is not dealt with', async () => {
	const { watcher, raw } = await rawRoom();
	raw.write(Buffer.concat([closing('', 1000), encodeFrame(text)]));
	await raw.closed;
	await watcher.next(leaveOf(raw));
	assert.equal(watcher.count('message'), 0);
});

test('a character cut by a fragment is whole when the message is', async () => {
	const { watcher, raw } = await rawRoom();
	const cut = bytes.indexOf(0xf0) + 2;
	raw.write(Buffer.concat([part(0, cut, first), part(cut, undefined, last)]));
	assert.equal((await watcher.next('message')).data, JSON.parse(text).data);
});

test('frames that are not masked do no harm', async () => {
	const { watcher, raw } = await rawRoom();
	raw.frame(text, { mask: false });
	raw.frame('', { opcode: OP.close, mask: false });
	await raw.closed;
	await watcher.next(leaveOf(raw));
	await watcher.sync();
});

for (const [what, cut] of [['half a header', 1], ['a header without its mask', 3], ['half a frame', 12]])
	test(`${what} and then the end is told as user_left`, async () => {
		// At the daemon's own socket: lighttpd may miss an end that comes together with the last bytes.
		const { watcher, raw } = await rawRoom({ socketPath: path.join(inst.varDir, 'run', 'ws.sock') });
		raw.write(encodeFrame(text).subarray(0, cut));
		raw.socket.end();
		await watcher.next(leaveOf(raw));
		assert.equal(watcher.count('message'), 0);
		raw.terminate();
	});

test('half a frame holds nobody else up', async () => {
	const { watcher, raw } = await rawRoom();
	raw.write(encodeFrame(text).subarray(0, 12));
	watcher.send({ type: 'message', data: 'go on' });
	await raw.next('message');
});
