// The cases about UTF-8 (RFC 3629): what is whole goes through, whatever the pieces; what is not ends with 1007, and at
// once, even before its frame or message has come to its end.
import { OP, encodeFrame } from '../lib/ws_raw.mjs';

const hex = (digits) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const KOSME = 'ce ba e1 bd b9 cf 83 ce bc ce b5';

/** Text that is none: what, and its bytes. */
const wrong = {
	'6.3.1': ['a surrogate between good characters', `${KOSME} ed a0 80 65 64 69 74 65 64`],
	'6.6.1': ['a first byte of two alone', 'ce'],
	'6.6.3': ['a first byte of three and one more', 'ce ba e1 bd'],
	'6.6.4': ['a first byte of three alone', 'ce ba e1'],
	'6.6.6': ['a second character cut', 'ce ba e1 bd b9 cf'],
	'6.8.1': ['the first of five bytes', 'f8 88 80 80 80'],
	'6.8.2': ['the first of six bytes', 'fc 84 80 80 80 80'],
	'6.10.1': ['U+1FFFFF', 'f7 bf bf bf'],
	'6.10.2': ['the last of five bytes', 'fb bf bf bf bf'],
	'6.10.3': ['the last of six bytes', 'fd bf bf bf bf bf'],
	'6.11.5': ['U+110000', 'f4 90 80 80'],
	'6.12.1': ['the first continuation byte', '80'],
	'6.12.2': ['the last continuation byte', 'bf'],
	'6.12.3': ['two continuation bytes', '80 bf'],
	'6.12.8': ['all continuation bytes', Array.from({ length: 64 }, (_, i) => (0x80 + i).toString(16)).join('')],
	'6.13.1': ['all first bytes of two, each with a space', firsts(0xc0, 32)],
	'6.13.2': ['all first bytes of three, each with a space', firsts(0xe0, 16)],
	'6.13.3': ['all first bytes of four, each with a space', firsts(0xf0, 8)],
	'6.13.4': ['all first bytes of five, each with a space', firsts(0xf8, 4)],
	'6.13.5': ['all first bytes of six, each with a space', firsts(0xfc, 2)],
	'6.14.1': ['two bytes without the last', 'c0'],
	'6.14.2': ['three bytes without the last', 'e0 80'],
	'6.14.3': ['four bytes without the last', 'f0 80 80'],
	'6.14.4': ['five bytes without the last', 'f8 80 80 80'],
	'6.14.6': ['the last of two bytes without its end', 'df'],
	'6.14.7': ['the last of three bytes without its end', 'ef bf'],
	'6.14.8': ['the last of four bytes without its end', 'f7 bf bf'],
	'6.15.1': ['incomplete characters, one after the other', 'c0 e0 80 f0 80 80 f8 80 80 80 df ef bf f7 bf bf'],
	'6.16.1': ['FE', 'fe'],
	'6.16.2': ['FF', 'ff'],
	'6.16.3': ['FE FE FF FF', 'fe fe ff ff'],
	'6.17.1': ['an overlong slash in two bytes', 'c0 af'],
	'6.17.2': ['an overlong slash in three bytes', 'e0 80 af'],
	'6.17.3': ['an overlong slash in four bytes', 'f0 80 80 af'],
	'6.18.1': ['the last overlong of two bytes', 'c1 bf'],
	'6.18.2': ['the last overlong of three bytes', 'e0 9f bf'],
	'6.18.3': ['the last overlong of four bytes', 'f0 8f bf bf'],
	'6.19.1': ['an overlong NUL in two bytes', 'c0 80'],
	'6.19.2': ['an overlong NUL in three bytes', 'e0 80 80'],
	'6.19.3': ['an overlong NUL in four bytes', 'f0 80 80 80'],
	'6.20.1': ['the first high surrogate', 'ed a0 80'],
	'6.20.2': ['the last private high surrogate', 'ed af bf'],
	'6.20.4': ['the first low surrogate', 'ed b0 80'],
	'6.20.7': ['the last low surrogate', 'ed bf bf'],
	'6.21.1': ['a pair of surrogates', 'ed a0 80 ed b0 80'],
	'6.21.8': ['the last pair of surrogates', 'ed af bf ed bf bf'],
};

/** Text that is one, inside of a string. */
const right = {
	'6.2.1': ['words of several scripts', Buffer.from('Hello-µ@ßöäüàá-UTF-8!!').toString('hex')],
	'6.5.1': ['words of several scripts and more', `${Buffer.from('Hello-µ@ßöäüàá-UTF-8!!').toString('hex')}${KOSME}`],
	'6.7.1': ['the first character of one byte that may stand in JSON', '20'],
	'6.7.2': ['the first character of two bytes', 'c2 80'],
	'6.7.3': ['the first character of three bytes', 'e0 a0 80'],
	'6.7.4': ['the first character of four bytes', 'f0 90 80 80'],
	'6.9.1': ['the last character of one byte', '7f'],
	'6.9.2': ['the last character of two bytes', 'df bf'],
	'6.9.3': ['the last character of three bytes', 'ef bf bf'],
	'6.9.4': ['the last character of four bytes', 'f4 8f bf bf'],
	'6.11.1': ['U+D7FF', 'ed 9f bf'],
	'6.11.2': ['U+E000', 'ee 80 80'],
	'6.11.3': ['U+FFFD', 'ef bf bd'],
	'6.22.1': ['U+FFFE, which is no character, and may be sent', 'ef bf be'],
	'6.22.33': ['U+FDD0, likewise', 'ef b7 90'],
	'6.22.34': ['U+10FFFE, likewise', 'f4 8f bf be'],
	'6.23.1': ['U+FFF9', 'ef bf b9'],
	'6.23.7': ['U+FFFF', 'ef bf bf'],
};

function firsts(from, count) {
	return Array.from({ length: count }, (_, i) => `${(from + i).toString(16)}20`).join('');
}

/** A message with these bytes in a string. */
const said = (bytes) => Buffer.concat([Buffer.from('{"type":"ping","id":"a","x":"'), bytes, Buffer.from('"}')]);

/** A fragment for each byte. */
function single(bytes) {
	return [...bytes].map((byte, i) => encodeFrame(Buffer.from([byte]),
		{ opcode: i ? OP.continuation : OP.text, fin: i === bytes.length - 1 }));
}

export function textCases(text, more, open) {
	return [
		{ id: '6.1.1', what: 'a text of nothing', send: [text('')], data: ['invalid_json'] },
		{ id: '6.1.2', what: 'three fragments of nothing', send: [text('', open), more('', open), more('')], data: ['invalid_json'] },
		{ id: '6.1.3', what: 'nothing, a message, nothing', data: ['a'],
			send: [text('', open), more(said(hex('20')), open), more('')] },
		...Object.entries(wrong).flatMap(([id, [what, digits]]) => [
			{ id, what, send: [text(hex(digits))], close: 1007 },
			{ id: `${id}b`, what: `${what}, in a string, a fragment for each byte`, send: single(said(hex(digits))), close: 1007 },
		]),
		...Object.entries(right).flatMap(([id, [what, digits]]) => [
			{ id, what, send: [text(said(hex(digits)))], data: ['a'] },
			{ id: `${id}b`, what: `${what}, a fragment for each byte`, send: single(said(hex(digits))), data: ['a'] },
			{ id: `${id}c`, what: `${what}, byte by byte`, send: [text(said(hex(digits)))], chop: 1, data: ['a'] },
		]),
		{ id: '6.4.1', what: 'a fragment that is no text, of a message that does not end', close: 1007,
			send: [text(hex(KOSME), open), more(hex('f4 90 80 80'), open)] },
		{ id: '6.4.2', what: 'the first byte of it that cannot be', close: 1007,
			send: [text(hex(KOSME), open), more(hex('f4'), open), more(hex('90'), open)] },
		{ id: '6.4.3', what: 'a frame that does not end, with bytes that are no text', close: 1007, endless: true,
			send: [text(hex(`${KOSME} f4 90 80 80`), { length: 60 })] },
		{ id: '6.4.4', what: 'the same, the first byte of it that cannot be', close: 1007, endless: true,
			send: [text(hex(`${KOSME} f4 90`), { length: 60 })] },
	];
}
