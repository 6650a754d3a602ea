// What a WebSocket server must take and refuse (RFC 6455), case by case. The numbers are those of the list of cases that
// the Autobahn test suite made the common one; sizes are cut to Unio's limits. Unio is no echo server: where an echo
// would be asked for, a `ping` of its own protocol is, padded to the size, whose `pong` names its id; text that is no
// JSON gets the error invalid_json, binary messages are refused (1003).
//
// A case: send (buffers), chop (0: in one write, Infinity: buffer by buffer, n: in pieces of n bytes), control (the control
// frames that must come, in order), data (likewise: ids of pongs, or codes of errors), close (the code with which the
// server must end; none: it goes on, and the client ends with 1000), paced (each ping waits for its pong), endless (the last frame
// does not end, so that no close frame can follow it).
import { OP, encodeFrame } from '../lib/ws_raw.mjs';
import { textCases } from './cases_text.mjs';

export const LIMIT = 65536;

const frame = (opcode, payload = '', options = {}) => encodeFrame(payload, { opcode, ...options });
export const text = (payload, options) => frame(OP.text, payload, options);
export const more = (payload, options) => frame(OP.continuation, payload, options);
const binary = (payload, options) => frame(OP.binary, payload, options);
const ping = (payload, options) => frame(OP.ping, payload, options);
const pong = (payload, options) => frame(OP.pong, payload, options);
export const open = { fin: false };

/** A close frame. */
export function closing(code, reason = '') {
	return frame(OP.close, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));
}

/** A message of exactly `size` bytes that is answered with a pong of that id. */
export function echo(id, size = 0) {
	const short = JSON.stringify({ type: 'ping', id, x: '' });
	return short.replace('""', `"${'*'.repeat(Math.max(0, size - short.length))}"`);
}

/** In `count` fragments of nearly the same size. */
function fragments(message, count) {
	const bytes = Buffer.from(message);
	const size = Math.ceil(bytes.length / count);
	return Array.from({ length: count }, (_, i) => frame(i ? OP.continuation : OP.text,
		bytes.subarray(i * size, (i + 1) * size), { fin: i === count - 1 }));
}

const framing = [125, 126, 127, 128, 65535, LIMIT].flatMap((size, i) => [
	{ id: `1.1.${i + 2}`, what: `a text of ${size} bytes`, send: [text(echo('a', size))], data: ['a'] },
	{ id: `1.2.${i + 2}`, what: `a binary message of ${size} bytes`, send: [binary(Buffer.alloc(size, 0xfe))], close: 1003 },
]).concat([
	{ id: '1.1.1', what: 'an empty text', send: [text('')], data: ['invalid_json'] },
	{ id: '1.1.8', what: `a text of ${LIMIT} bytes in pieces of 997`, send: [text(echo('a', LIMIT))], chop: 997, data: ['a'] },
	{ id: '1.2.1', what: 'an empty binary message', send: [binary('')], close: 1003 },
	{ id: '1.2.8', what: 'a binary message in pieces of 997', send: [binary(Buffer.alloc(LIMIT, 0xfe))], chop: 997, close: 1003 },
]);

const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
const pings = [
	{ id: '2.1', what: 'a ping without payload', send: [ping()], control: ['pong '] },
	{ id: '2.2', what: 'a ping with a text', send: [ping('Hello, world!')], control: ['pong Hello, world!'] },
	{ id: '2.3', what: 'a ping with bytes that are no text', send: [ping(Buffer.from('00fffefdfcfb00ff', 'hex'))],
		control: ['pong \0\xff\xfe\xfd\xfc\xfb\0\xff'] },
	{ id: '2.4', what: 'a ping of 125 bytes', send: [ping(Buffer.alloc(125, 0xfe))], control: [`pong ${'\xfe'.repeat(125)}`] },
	{ id: '2.5', what: 'a ping of 126 bytes', send: [ping(Buffer.alloc(126, 0xfe))], close: 1002 },
	{ id: '2.6', what: 'a ping of 125 bytes byte by byte', send: [ping(Buffer.alloc(125, 0xfe))], chop: 1,
		control: [`pong ${'\xfe'.repeat(125)}`] },
	{ id: '2.7', what: 'a pong that nobody asked for, without payload', send: [pong()] },
	{ id: '2.8', what: 'a pong that nobody asked for', send: [pong('unsolicited')] },
	{ id: '2.9', what: 'such a pong and a ping', send: [pong('unsolicited'), ping('p')], control: ['pong p'] },
	{ id: '2.10', what: 'ten pings, one after the other', send: ten.map((payload) => ping(payload)), chop: Infinity, paced: true,
		control: ten.map((payload) => `pong ${payload}`) },
	{ id: '2.10b', what: 'ten pings in one write', send: ten.map((payload) => ping(payload)),
		control: ten.map((payload) => `pong ${payload}`) },
	{ id: '2.11', what: 'ten pings byte by byte', send: ten.map((payload) => ping(payload)), chop: 1,
		control: ten.map((payload) => `pong ${payload}`) },
];

const reserved = [
	{ id: '3.1', what: 'a text with RSV3', send: [text(echo('a'), { rsv: 1 })], close: 1002 },
	...[0, Infinity, 1].map((chop, i) => ({
		id: `3.${i + 2}`, what: `a text, one with RSV2 and a ping (pieces: ${chop})`, chop, data: ['a'], close: 1002,
		send: [text(echo('a')), text(echo('b'), { rsv: 2 }), ping()],
	})),
	{ id: '3.5', what: 'a binary message with RSV1 and RSV3', send: [binary('abc', { rsv: 5 })], close: 1002 },
	{ id: '3.6', what: 'a ping with RSV1 and RSV2', send: [ping('abc', { rsv: 6 })], close: 1002 },
	{ id: '3.7', what: 'a close frame with all of them', send: [frame(OP.close, '', { rsv: 7 })], close: 1002 },
];

const opcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode, i) => {
	const id = `4.${i < 5 ? 1 : 2}.${i % 5 + 1}`;
	const both = [text(echo('a')), frame(opcode, 'x'), ping()];
	return [
		{ id, what: `opcode ${opcode}`, send: [frame(opcode)], close: 1002 },
		{ id: `${id}b`, what: `opcode ${opcode} with a payload`, send: [frame(opcode, 'reserved')], close: 1002 },
		{ id: `${id}c`, what: `opcode ${opcode} between a text and a ping`, send: both, data: ['a'], close: 1002 },
		{ id: `${id}d`, what: `the same byte by byte`, send: both, chop: 1, data: ['a'], close: 1002 },
	];
});

/** The same in one write, frame by frame and byte by byte: the numbers count on. */
const thrice = (first, what, rest) => [0, Infinity, 1].map((chop, i) =>
	({ id: `5.${first + i}`, what: `${what} (pieces: ${chop})`, chop, ...rest }));

const pinged = ([one, ...others]) => [one, ping('between'), ...others];
const fragmentation = [
	{ id: '5.1', what: 'a ping in two fragments', send: [ping('a', open), more('b')], close: 1002 },
	{ id: '5.2', what: 'a pong in two fragments', send: [pong('a', open), more('b')], close: 1002 },
	...thrice(3, 'a text in two fragments', { send: fragments(echo('a'), 2), data: ['a'] }),
	...thrice(6, 'a text in two fragments with a ping between',
		{ send: pinged(fragments(echo('a'), 2)), data: ['a'], control: ['pong between'] }),
	...thrice(9, 'a continuation of nothing, then a text', { send: [more('x'), text(echo('a'))], close: 1002 }),
	...thrice(12, 'a continuation of nothing that goes on, then a text', { send: [more('x', open), text(echo('a'))], close: 1002 }),
	{ id: '5.15', what: 'a text in two fragments, a continuation, a text', close: 1002, data: ['a'],
		send: [...fragments(echo('a'), 2), more('x', open), text(echo('b'))] },
	{ id: '5.16', what: 'continuations that go on, and texts', close: 1002,
		send: [more('x', open), text(echo('a')), more('y', open), text(echo('b'))] },
	{ id: '5.17', what: 'continuations that end, and texts', close: 1002,
		send: [more('x'), text(echo('a')), more('y'), text(echo('b'))] },
	{ id: '5.18', what: 'a text inside of another', send: [text('x', open), text(echo('a'))], close: 1002 },
	{ id: '5.19', what: 'a text in five fragments with pings, and a pause', paced: true, chop: Infinity, data: ['a'],
		send: fragments(echo('a'), 5).flatMap((part, i) => (i === 2 || i === 4 ? [ping(`p${i}`), part] : [part])),
		control: ['pong p2', 'pong p4'] },
	{ id: '5.20', what: 'the same without the pause', chop: Infinity, data: ['a'],
		send: fragments(echo('a'), 5).flatMap((part, i) => (i === 2 || i === 4 ? [ping(`p${i}`), part] : [part])),
		control: ['pong p2', 'pong p4'] },
];

const closes = [
	{ id: '7.1.1', what: 'a text and a close frame', send: [text(echo('a')), closing(1000)], data: ['a'], close: 1000 },
	{ id: '7.1.2', what: 'two close frames', send: [closing(1000), closing(1000)], close: 1000 },
	{ id: '7.1.3', what: 'a ping after the close frame', send: [closing(1000), ping('late')], close: 1000 },
	{ id: '7.1.4', what: 'a text after the close frame', send: [closing(1000), text(echo('a'))], close: 1000 },
	{ id: '7.1.5', what: 'a close frame inside of a text', send: [text('x', open), closing(1000), more('y')], close: 1000 },
	{ id: '7.1.6', what: 'a text of the full size, a close frame, a ping', close: 1000, data: ['a'],
		send: [text(echo('a', LIMIT)), closing(1000), ping()] },
	{ id: '7.3.1', what: 'a close frame without payload', send: [frame(OP.close)], close: '' },
	{ id: '7.3.2', what: 'a close frame of one byte', send: [frame(OP.close, 'a')], close: 1002 },
	{ id: '7.3.3', what: 'a close frame with a code', send: [closing(1000)], close: 1000 },
	{ id: '7.3.4', what: 'a close frame with a reason', send: [closing(1000, 'Hello World!')], close: 1000 },
	{ id: '7.3.5', what: 'a reason of 123 bytes', send: [closing(1000, '*'.repeat(123))], close: 1000 },
	{ id: '7.3.6', what: 'a reason of 124 bytes', send: [closing(1000, '*'.repeat(124))], close: 1002 },
	{ id: '7.5.1', what: 'a reason that is no UTF-8', send: [closing(1000, Buffer.from('cebae1bdb9cf83edb080', 'hex'))], close: 1007 },
	...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map((code, i) =>
		({ id: `7.7.${i + 1}`, what: `close code ${code}`, send: [closing(code)], close: code })),
	...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535].map((code, i) =>
		({ id: `7.9.${i + 1}`, what: `close code ${code}, which nobody may send`, send: [closing(code)], close: 1002 })),
];

const limits = [
	...[64, 256, 1024, 4096, 16384].map((size, i) => ({
		id: `9.3.${i + 1}`, what: `a text of ${LIMIT} bytes in fragments of ${size}`, data: ['a'],
		send: fragments(echo('a', LIMIT), LIMIT / size),
	})),
	...[64, 512, 2048].map((chop, i) => ({
		id: `9.5.${i + 1}`, what: `a text of ${LIMIT} bytes in pieces of ${chop}`, chop, data: ['a'], send: [text(echo('a', LIMIT))],
	})),
	{ id: '9.1.2', what: 'a text over the limit', send: [text(echo('a', LIMIT + 1))], close: 1009 },
	{ id: '9.3.6', what: 'a text over the limit in fragments', send: fragments(echo('a', 4 * LIMIT), 64), close: 1009 },
	{ id: '9.1.6', what: 'a header that promises 2^40 bytes', send: [text('x'.repeat(70_000), { length: 2 ** 40 })], close: 1009, endless: true },
	{ id: '9.7.1', what: 'five hundred small texts', send: Array.from({ length: 500 }, (_, i) => text(echo(`n${i}`))),
		data: Array.from({ length: 500 }, (_, i) => `n${i}`) },
	{ id: '10.1.1', what: `a text of ${LIMIT} bytes in fragments of 1,300`, data: ['a'],
		send: fragments(echo('a', LIMIT), Math.ceil(LIMIT / 1300)) },
];

const masks = [
	{ id: '5.1 (RFC)', what: 'a text that is not masked', send: [text(echo('a'), { mask: false })], close: 1002 },
	{ id: '5.1 (RFC) b', what: 'a ping that is not masked', send: [ping('x', { mask: false })], close: 1002 },
	{ id: '5.2 (RFC)', what: 'a length of 64 bits whose highest is set', close: 1002,
		send: [Buffer.from('81ffffffffffffffffff00000000', 'hex'), Buffer.alloc(64)] },
];

export const cases = [...framing, ...pings, ...reserved, ...opcodes, ...fragmentation, ...textCases(text, more, open), ...closes,
	...limits, ...masks];
