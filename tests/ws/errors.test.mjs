// What a bad frame gets: an error with its code, and a connection that stays open (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test from 'node:test';

import { rawOf } from '../lib/ws_inbox.mjs';
import { assertKeys, assertNone, assertStillOpen, newFullRoom, wsInstance } from './support.mjs';

const inst = await wsInstance();

const nested = (levels) => '['.repeat(levels) + ']'.repeat(levels);

/** what → [frame, code, field and message where docs/PROTOCOL.md says them] */
const bad = {
	'a word': ['hello', 'invalid_json'],
	'an empty frame': ['', 'invalid_json'],
	'a space': [' ', 'invalid_json'],
	'an array': ['[]', 'invalid_json'],
	'a string': ['"ping"', 'invalid_json'],
	'a number': ['1', 'invalid_json'],
	'null': ['null', 'invalid_json'],
	'an object that does not end': ['{"type":"ping"', 'invalid_json'],
	'an object and more': ['{"type":"ping"} {}', 'invalid_json'],
	'an object and a letter': ['{"type":"ping"}x', 'invalid_json'],
	'a trailing comma': ['{"type":"ping",}', 'invalid_json'],
	'single quotes': ["{'type':'ping'}", 'invalid_json'],
	'a key without quotes': ['{type:"ping"}', 'invalid_json'],
	'a comment': ['{"type":"ping"/**/}', 'invalid_json'],
	'a number with a leading zero': ['{"type":"ping","x":01}', 'invalid_json'],
	'a number that ends in its point': ['{"type":"ping","x":1.}', 'invalid_json'],
	'a number that starts with plus': ['{"type":"ping","x":+1}', 'invalid_json'],
	'NaN': ['{"type":"ping","x":NaN}', 'invalid_json'],
	'a word in upper case': ['{"type":"ping","x":True}', 'invalid_json'],
	'a raw control character in a string': ['{"type":"ping","x":"a\nb"}', 'invalid_json'],
	'a raw NUL': ['{"type":"ping","x":"a\0b"}', 'invalid_json'],
	'a vertical tab for a space': ['{"type":"ping",\v"x":1}', 'invalid_json'],
	'a byte-order mark': ['\ufeff{"type":"ping"}', 'invalid_json'],
	'an escape that does not exist': ['{"type":"ping","x":"\\x41"}', 'invalid_json'],
	'a short unicode escape': ['{"type":"ping","x":"\\u12"}', 'invalid_json'],
	'33 levels': [`{"type":"message","data":${nested(32)}}`, 'invalid_json'],
	'7,000 levels': [`{"type":"message","data":${nested(7_000)}}`, 'invalid_json'],
	'33 levels in a field that nobody knows': [`{"type":"ping","x":${nested(32)}}`, 'invalid_json'],

	'no type': ['{}', 'missing_field', 'type', 'type is required'],
	'a type that is a number': ['{"type":1}', 'invalid_field', 'type'],
	'a type that is null': ['{"type":null}', 'invalid_field', 'type'],
	'a type that is an object': ['{"type":{"type":"ping"}}', 'invalid_field', 'type'],
	'a type that nobody knows': ['{"type":"nothing"}', 'unknown_type'],
	'an empty type': ['{"type":""}', 'unknown_type'],
	'a type in upper case': ['{"type":"PING"}', 'unknown_type'],
	'a type with a tail': ['{"type":"ping "}', 'unknown_type'],
	'a type with a NUL behind it': ['{"type":"ping\\u0000"}', 'unknown_type or invalid_field'],
	'a type of the server': ['{"type":"user_joined","user_id":1}', 'unknown_type'],
	'a very long type': [`{"type":"${'t'.repeat(5000)}"}`, 'unknown_type'],

	'type given twice': ['{"type":"ping","type":"ping"}', 'invalid_field', 'type'],
	'data given twice': ['{"type":"message","data":1,"data":2}', 'invalid_field', 'data'],
	'data given twice, once with an escape': ['{"type":"message","data":1,"d\\u0061ta":2}', 'invalid_field', 'data'],
	'an unknown key given twice': ['{"type":"ping","x":1,"x":1}', 'invalid_field'],
	'id given twice': ['{"type":"ping","id":1,"id":2}', 'invalid_field', 'id'],

	'offer without its offer': ['{"type":"offer"}', 'missing_field', 'offer', 'offer is required'],
	'answer without its answer': ['{"type":"answer","target_id":TARGET}', 'missing_field', 'answer', 'answer is required'],
	'answer without a target': ['{"type":"answer","answer":{}}', 'missing_field', 'target_id', 'target_id is required'],
	'answer with a null target':
		['{"type":"answer","answer":{},"target_id":null}', 'missing_field', 'target_id', 'target_id is required'],
	'ice-candidate without its candidate':
		['{"type":"ice-candidate"}', 'missing_field', 'candidate', 'candidate is required'],
	'message without data': ['{"type":"message"}', 'missing_field', 'data', 'data is required'],
	'state without its state': ['{"type":"state"}', 'missing_field', 'state', 'state is required'],

	'an offer that is a string': ['{"type":"offer","offer":"v=0"}', 'invalid_field', 'offer'],
	'an offer that is an array': ['{"type":"offer","offer":[]}', 'invalid_field', 'offer'],
	'an offer that is true': ['{"type":"offer","offer":true}', 'invalid_field', 'offer'],
	'an answer that is a number': ['{"type":"answer","answer":1,"target_id":TARGET}', 'invalid_field', 'answer'],
	'a candidate that is a string': ['{"type":"ice-candidate","candidate":"x"}', 'invalid_field', 'candidate'],
	'a candidate that is an array': ['{"type":"ice-candidate","candidate":[]}', 'invalid_field', 'candidate'],
	'a candidate that is false': ['{"type":"ice-candidate","candidate":false}', 'invalid_field', 'candidate'],
	'a state that is an array': ['{"type":"state","state":[]}', 'invalid_field', 'state'],
	'a state that is null': ['{"type":"state","state":null}', 'invalid_field', 'state'],
	'a target_id that is a string': ['{"type":"message","data":1,"target_id":"2"}', 'invalid_field', 'target_id'],
	'a target_id that is a fraction': ['{"type":"message","data":1,"target_id":1.5}', 'invalid_field', 'target_id'],
	'a target_id that is true': ['{"type":"message","data":1,"target_id":true}', 'invalid_field', 'target_id'],
	'a target_id that is an array': ['{"type":"message","data":1,"target_id":[TARGET]}', 'invalid_field', 'target_id'],
	'a target_session that is a number':
		['{"type":"message","data":1,"target_session":1}', 'invalid_field', 'target_session'],
	'a target_session that is an object':
		['{"type":"message","data":1,"target_session":{}}', 'invalid_field', 'target_session'],

	'data of 16 KiB and a byte': [`{"type":"message","data":"${'d'.repeat(16_383)}"}`, 'too_large', 'data'],
	'a state of 2 KiB and a byte': [`{"type":"state","state":{"s":"${'s'.repeat(2_041)}"}}`, 'too_large', 'state'],
	'a state of 2 KiB and a byte, most of it white space':
		[`{"type":"state","state":{${' '.repeat(2_047)}}}`, 'too_large', 'state'],
};

for (const [what, [frame, code, field, message]] of Object.entries(bad))
	test(`${what} is ${code} and changes nothing`, async () => {
		const { clients: [sender, other] } = await newFullRoom(inst);
		const before = other.frames.length;
		sender.sendRaw(frame.replace('TARGET', other.user.id));
		const error = await sender.next('error');
		assert.ok(code.split(' or ').includes(error.code), JSON.stringify(error));
		assert.equal(typeof error.message, 'string');
		if (field !== undefined)
			assert.equal(error.field, field);
		if (message !== undefined)
			assert.equal(error.message, message);
		const optional = ['id', 'request_type', 'field'].filter((key) => key in error);
		assertKeys(error, ['type', 'code', 'message', ...optional]);
		await assertStillOpen(sender);
		assert.equal(sender.count('error'), 1);
		assert.equal(other.frames.length, before);
	});

const good = {
	'white space around the object': ' \t\r\n{"type":"ping"}\n ',
	'an escape in the key': '{"t\\u0079pe":"ping"}',
	'an escape in the type': '{"type":"pin\\u0067"}',
	'32 levels': `{"type":"ping","x":${nested(31)}}`,
	'an exponent': '{"type":"ping","x":1E+400}',
	'a key that is empty': '{"":1,"type":"ping"}',
	'a key given twice inside a value': '{"type":"ping","x":{"a":1,"a":2}}',
};

for (const [what, frame] of Object.entries(good))
	test(`${what} is well-formed`, async () => {
		const { clients: [sender] } = await newFullRoom(inst, 1);
		sender.sendRaw(frame);
		await sender.next((got) => ['pong', 'error'].includes(got.type));
		assert.deepEqual(sender.types().slice(-1), ['pong'], JSON.stringify(sender.frames.at(-1)));
	});

const carried = {
	'32 levels of data': ['message', 'data', nested(31)],
	'data of exactly 16 KiB': ['message', 'data', `"${'d'.repeat(16_382)}"`],
	'a state of exactly 2 KiB': ['state', 'state', `{"s":"${'s'.repeat(2_040)}"}`],
};

for (const [what, [type, field, value]] of Object.entries(carried))
	test(`${what} is passed on`, async () => {
		const { clients: [sender, other] } = await newFullRoom(inst);
		sender.sendRaw(`{"type":"${type}","${field}":${value}}`);
		assert.ok(rawOf(await other.next(type)).includes(value));
		await sender.sync();
		assert.equal(sender.count('error'), 0);
	});

test('an error names the request that it is about', async () => {
	const { clients: [sender] } = await newFullRoom(inst, 1);
	sender.send({ type: 'answer', answer: {} });
	assert.equal((await sender.next('error')).request_type, 'answer');
	sender.send({ type: 'join-call', id: {} });
	assert.equal((await sender.next('error')).request_type, 'join-call');
});

test('many bad frames get an error each and the connection stays open', async () => {
	const { clients: [sender, other] } = await newFullRoom(inst);
	for (let n = 0; n < 100; n++)
		sender.sendRaw('{'.repeat(n));
	await sender.sync();
	assert.equal(sender.count('error'), 100);
	await assertNone('error', other, other);
});
