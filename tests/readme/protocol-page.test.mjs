// unio-protocol(7) has every name of the protocol that the sources' tables have, each in its section, and no other.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { closings, found, frames, restCodes, roomCodes, routes, source } from './tables.mjs';

const page = source('docs/unio-protocol.7');
const [rest, socket] = page.split(/^\.Sh THE WEBSOCKET$/m);
const marked = (macro, text) => found(text, new RegExp(`^\\.(?:It )?${macro} (.*)$`, 'gm'))
	.flatMap((line) => line.replace(/ Pq .*/, '').split(/ [,;.] ?/)).filter(Boolean).map((word) => word.trim());
const missing = (words, there) => words.filter((word) => !there.includes(word));

test('every request stands there, and no other', () => {
	assert.deepEqual(marked('Cm', rest).sort(), [...routes].sort());
});

test('every code of an error by REST stands there, with its status', () => {
	const statuses = new Map([...rest.split('.Ss Errors')[1].matchAll(/^\.It (\d{3})\n((?:(?!\.It).*\n)*)/gm)]
		.map(([, status, text]) => [status, text.match(/\w+/g)]));
	assert.deepEqual(restCodes.filter((code) => !statuses.get(code.slice(0, 3))?.includes(code.slice(4))), []);
});

test('every type of a frame stands there, of either direction', () => {
	assert.deepEqual(missing(frames, marked('Cm', socket)), []);
	assert.deepEqual(missing(marked('Cm', socket), [...frames, 'auth', 'resume']), []);
});

test('every close code stands there with its name, and no other', () => {
	const there = [...found(socket, /^\.It (\d{4}) Li (\w+)/gm), ...found(socket, /(\d{4})\n\.Pq Li (\w+) :/g)];
	assert.deepEqual(there.sort(), closings.map(([number, name]) => `${number} ${name}`).sort());
});

test('every code of an error in a room, and every reason of resume_failed, stands there', () => {
	assert.deepEqual(missing(roomCodes, marked('Li', socket).concat(found(socket, /^\.Li (\w+)/gm))), []);
});
