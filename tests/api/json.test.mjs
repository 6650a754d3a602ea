// docs/PROTOCOL.md: what is not strictly JSON, or no object, is 400 and changes nothing; by POST and by PATCH.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, request, useInstance } from '../lib/api.mjs';

const inst = await useInstance();
const user = await newUser(inst);
const api = as(inst, user);
const target = await newMeeting(inst, user, { title: 'Untouched' });

const bytes = (...parts) =>
	Buffer.concat(parts.map((one) => Buffer.from(one, typeof one === 'string' ? 'latin1' : undefined)));
const inTitle = (...raw) =>
	bytes('{"title":"', ...raw.map((one) => (typeof one === 'number' ? [one] : one)), '"}');
const nested = (levels, open = '[', close = ']') =>
	`{"title":"Nested","x":${open.repeat(levels - 1)}${open === '[' ? '' : '1'}${close.repeat(levels - 1)}}`;

const refused = [
	['nothing at all', ''],
	['white space alone', ' \n\t '],
	['an array', '[{"title":"a"}]'],
	['a string', '"title"'],
	['a number', '1'],
	['null', 'null'],
	['true', 'true'],
	['an object that is not closed', '{"title":"a"'],
	['half a string', '{"title":"a'],
	['half a key', '{"ti'],
	['an opening brace alone', '{'],
	['a closing brace alone', '}'],
	['a comma at the end', '{"title":"a",}'],
	['two commas', '{"title":"a",,"x":1}'],
	['a comma at the start', '{,"title":"a"}'],
	['no comma', '{"title":"a" "x":1}'],
	['no colon', '{"title" "a"}'],
	['two colons', '{"title"::"a"}'],
	['a key without value', '{"title":"a","x":}'],
	['a key without quotes', '{title:"a"}'],
	['single quotes', "{'title':'a'}"],
	['a number as key', '{"title":"a",1:2}'],
	['a comma at the end of an array', '{"title":"a","x":[1,]}'],
	['an array that is not closed', '{"title":"a","x":[1}'],
	['text after the object', '{"title":"a"} x'],
	['a second object', '{"title":"a"}{"title":"b"}'],
	['a second object on a second line', '{"title":"a"}\n{"title":"b"}'],
	['a comma after the object', '{"title":"a"},'],
	['a NUL after the object', bytes('{"title":"a"}', [0])],
	['a NUL before the object', bytes([0], '{"title":"a"}')],
	['a byte-order mark', bytes([0xef, 0xbb, 0xbf], '{"title":"a"}')],
	['UTF-16', Buffer.from('{"title":"a"}', 'utf16le')],
	['a comment', '{"title":"a"/* b */}'],
	['a line comment', '{"title":"a"}// b'],
	['a form', 'title=a'],
	['XML', '<title>a</title>'],
	['a vertical tab between', '{"title":\v"a"}'],
	['a form feed between', '{"title":\f"a"}'],
	['a no-break space between', bytes('{"title":', [0xc2, 0xa0], '"a"}')],
	['the same key twice', '{"title":"a","title":"b"}'],
	['the same key twice with one value', '{"title":"a","title":"a"}'],
	['the same key twice, once escaped', '{"title":"a","\\u0074itle":"b"}'],
	['an unknown key twice', '{"title":"a","x":1,"x":1}'],
	['a key twice deep inside', '{"title":"a","x":[{"k":1,"k":2}]}'],
	['an escaped NUL', '{"title":"a\\u0000b"}'],
	['an escaped NUL in an unknown field', '{"title":"a","x":"\\u0000"}'],
	['an escaped NUL in a key', '{"title":"a","x\\u0000":1}'],
	['a raw NUL in a string', inTitle('a', 0, 'b')],
	['a raw line break in a string', inTitle('a\nb')],
	['a raw tab in a string', inTitle('a\tb')],
	['a raw 0x1f in a string', inTitle(0x1f)],
	['a lone high surrogate', '{"title":"a\\ud83d"}'],
	['a lone high surrogate before text', '{"title":"\\ud83dabc"}'],
	['a lone low surrogate', '{"title":"\\ude00"}'],
	['surrogates in the wrong order', '{"title":"\\ude00\\ud83d"}'],
	['two high surrogates', '{"title":"\\ud83d\\ud83d"}'],
	['a lone surrogate in a key', '{"title":"a","\\ud800":1}'],
	['a lone surrogate in an unknown field', '{"title":"a","x":"\\udfff"}'],
	['the byte 0xff', inTitle(0xff)],
	['a continuation byte alone', inTitle(0x80)],
	['Latin-1', inTitle('caf', 0xe9)],
	['half a character', inTitle(0xc3)],
	['half of three bytes', inTitle(0xe2, 0x82)],
	['half of four bytes', inTitle(0xf0, 0x9f, 0x99)],
	['an overlong NUL', inTitle(0xc0, 0x80)],
	['an overlong slash', inTitle(0xc0, 0xaf)],
	['an overlong slash in three', inTitle(0xe0, 0x80, 0xaf)],
	['an overlong in four', inTitle(0xf0, 0x82, 0x82, 0xac)],
	['a surrogate in UTF-8', inTitle(0xed, 0xa0, 0x80)],
	['a character beyond U+10FFFF', inTitle(0xf4, 0x90, 0x80, 0x80)],
	['the lead byte 0xf8', inTitle(0xf8, 0x88, 0x80, 0x80, 0x80)],
	['bad UTF-8 in a key', bytes('{"title":"a","', [0xff], '":1}')],
	['bad UTF-8 outside strings', bytes('{"title":"a"}', [0xff])],
	['an unknown escape', '{"title":"\\x41"}'],
	['an escaped single quote', '{"title":"\\\'"}'],
	['an upper-case \\U', '{"title":"\\U0041"}'],
	['three digits of \\u', '{"title":"\\u004"}'],
	['no digits of \\u', '{"title":"\\uzzzz"}'],
	['a backslash at the end', '{"title":"\\"}'],
	['nesting of 33 levels', nested(33)],
	['nesting of 33 objects', nested(33, '{"k":', '}')],
	['nesting of 10,000 levels', nested(10_000)],
	['10,000 opening brackets', `{"title":"a","x":${'['.repeat(10_000)}`],
	...[
		'01',
		'-01',
		'00',
		'1.',
		'.5',
		'+1',
		'-',
		'1e',
		'1e+',
		'0x10',
		'1_000',
		'NaN',
		'Infinity',
		'-Infinity',
		'1e999',
		'-1e999',
		'--1',
		'1.2.3',
		'tru',
		'True',
		'nul',
		'undefined',
		'falsey',
		"'a'",
		'1 2',
		'0b1',
		'１',
	].map((value) => [`the value ${value}`, `{"title":"a","x":${value}}`]),
];

for (const [what, text] of refused)
	test(`${what} is refused by POST and PATCH`, async () => {
		const body = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
		const headers = { 'Content-Type': 'application/json' };
		const before = assertStatus(await api.get('/api/meetings'), 200);
		for (const [method, path] of [
			['POST', '/api/meetings'],
			['PATCH', `/api/meetings/${target.id}`],
		])
			assertError(await request(inst, method, path, { token: user.access, body, headers }), 400);
		assert.deepEqual(assertStatus(await api.get('/api/meetings'), 200), before);
	});

const accepted = [
	['an escaped surrogate pair', '{"title":"\\ud83d\\ude00"}', '😀'],
	['the same character raw', '{"title":"😀"}', '😀'],
	['every short escape', '{"title":"\\"\\\\\\/","x":"\\b\\f\\n\\r\\t"}', '"\\/'],
	['upper and lower hexadecimal', '{"title":"\\u00E9\\u00e9"}', 'éé'],
	['escaped control characters', '{"title":"a","x":"a\\u0001b\\u001f"}', 'a'],
	['the last code point', '{"title":"\\udbff\\udfff"}', '\u{10ffff}'],
	['DEL as it is', '{"title":"a","x":"\u007f!"}', 'a'],
	['U+2028 as it is', '{"title":"\u2028"}', '\u2028'],
	['white space everywhere', ' \t\r\n{ "title" :\r"a"\n,"x": [ ] } \n', 'a'],
	['an escaped key', '{"\\u0074itle":"a"}', 'a'],
	['an empty key', '{"title":"a","":1}', 'a'],
	['keys that differ in case', '{"title":"a","Title":"b","TITLE":"c"}', 'a'],
	['the same key in two objects', '{"title":"a","x":{"k":1},"y":{"k":2}}', 'a'],
	[
		'numbers of all kinds',
		'{"title":"a","x":[0,-0,1.5,1e2,1E+2,-1e-2,123456789012345678901234567890]}',
		'a',
	],
	['true, false and null', '{"title":"a","x":[true,false,null]}', 'a'],
	['nesting of 32 levels', nested(32), 'Nested'],
	['nesting of 32 objects', nested(32, '{"k":', '}'), 'Nested'],
	[
		'a thousand unknown fields',
		`{"title":"a",${Array.from({ length: 1000 }, (_, i) => `"k${i}":${i}`).join()}}`,
		'a',
	],
];
for (const [what, body, title] of accepted)
	test(`${what} is accepted`, async () => {
		const owner = await newUser(inst);
		const reply = await request(inst, 'POST', '/api/meetings', {
			token: owner.access,
			body: Buffer.from(body, 'utf8'),
		});
		const { id } = assertStatus(reply, 201);
		assert.equal(assertStatus(await as(inst, owner).get(`/api/meetings/${id}`), 200).title, title);
	});

for (const body of ['[1]', '{', '"end it"', '{"a":1,"a":2}'])
	test(`${body} is refused where no field is read, too`, async () => {
		const owner = await newUser(inst);
		const meeting = await newMeeting(inst, owner);
		const call = assertStatus(await as(inst, owner).post('/api/calls', { meeting_id: meeting.id }), 201);
		const options = { token: owner.access, body };
		assertError(await request(inst, 'POST', `/api/calls/${call.id}/end`, options), 400);
		assertError(await request(inst, 'POST', '/api/auth/logout', options), 400);
		assert.equal(assertStatus(await as(inst, owner).get(`/api/calls/${call.id}`), 200).status, 'active');
	});
