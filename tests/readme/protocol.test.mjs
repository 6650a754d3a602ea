// docs/PROTOCOL.md is complete: whatever the sources' tables can say or take stands in it, and no code that they do not know.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { closings, found, frames, restCodes, roomCodes, routes, source } from './tables.mjs';

const page = source('docs/PROTOCOL.md');
const [rest, socket] = page.split(/^## WebSocket$/m);

const missing = (words, text) => words.filter((word) => !text.includes(`\`${word}\``));

test('every route of fcgi-api/route.c stands there', () => {
	assert.deepEqual(missing(routes, rest), []);
});

test('no route stands there that fcgi-api/route.c does not have', () => {
	assert.deepEqual(found(rest, /`([A-Z]+) (\/api\/[^`]+)`/g).filter((route) => !routes.includes(route)), []);
});

test('every code of an error by REST stands there, with its status', () => {
	const table = new Map(rest.split('### Errors')[1].match(/^\| \d{3} .*$/gm).map((row) => [row.slice(2, 5), row]));
	assert.deepEqual(restCodes.filter((code) => !table.get(code.slice(0, 3))?.includes(`\`${code.slice(4)}\``)), []);
});

test('every type of a frame stands there, of either direction', () => {
	assert.deepEqual(missing(frames, socket), []);
});

test('every close code stands there with its name and its action', () => {
	for (const [number, code, action] of closings) {
		const words = { again: 'reconnect', never: 'disconnect', NULL: '' }[action];
		assert.ok(['1005', '1006'].includes(number) ? socket.includes(`${number} (\`${code}\``)
			: new RegExp(`^\\| ${number} \\| \`${code}\` \\| ${words}`, 'm').test(socket), `${number} ${code} ${words}`);
	}
});

test('every code of an error in a room, and every reason of resume_failed, stands there', () => {
	assert.deepEqual(missing(roomCodes, socket), []);
});

test('every link within the page leads somewhere', () => {
	const anchors = found(page, /^#+ (.*)$/gm).map((title) => title.toLowerCase().replaceAll(' ', '-'));
	for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g))
		assert.ok(anchors.includes(anchor.replace(/-1$/, '')), anchor);
});
