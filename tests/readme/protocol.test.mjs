// docs/PROTOCOL.md is complete: whatever the sources' tables can say or take stands in it, and no code that they do not know.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../lib/instance.mjs';

const source = (name) => readFileSync(join(root, name), 'utf8');
const found = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match.slice(1).join(' ').trim()))];
const page = source('docs/PROTOCOL.md');
const api = readdirSync(join(root, 'fcgi-api')).filter((name) => name.endsWith('.c')).map((name) => source(`fcgi-api/${name}`)).join('');
const [rest, socket] = page.split(/^## WebSocket$/m);

/** All of them, and at least so many: a pattern that finds nothing proves nothing. */
function stand(words, least, text, form = (word) => `\`${word}\``) {
	assert.ok(words.length >= least, `only ${words.join(' ')}`);
	assert.deepEqual(words.filter((word) => !text.includes(form(word))), []);
}

test('every route of fcgi-api/route.c stands there', () => {
	stand(found(source('fcgi-api/route.c'), /\{ "([A-Z]+)",\s+"(\/[^"]+)"/g), 28, rest);
});

test('no route stands there that fcgi-api/route.c does not have', () => {
	const routes = found(source('fcgi-api/route.c'), /\{ "([A-Z]+)",\s+"(\/[^"]+)"/g);
	assert.deepEqual(found(rest, /`([A-Z]+) (\/api\/[^`]+)`/g).filter((route) => !routes.includes(route)), []);
});

test('every code of an error by REST stands there, with its status', () => {
	const codes = [
		...found(api, /reply_error\([^;]*?(\d{3}), "(\w+)"/g),
		...found(api, /\] = \{ (\d{3}), "(\w+)",/g),
		...found(api, /reply_unauthorized\(\w+, "(\w+)"/g).map((code) => `401 ${code}`),
		...found(api, /reply_unavailable\(\w+, "(\w+)"/g).map((code) => `503 ${code}`),
	];
	const table = new Map(rest.split('### Errors')[1].match(/^\| \d{3} .*$/gm).map((row) => [row.slice(2, 5), row]));
	assert.ok(codes.length >= 30, codes.join());
	assert.deepEqual(codes.filter((code) => !table.get(code.slice(0, 3))?.includes(`\`${code.slice(4)}\``)), []);
});

test('every type of a frame stands there, of either direction', () => {
	stand(found(source('ws-daemon/frame.c'), /\[FRAME_\w+\]\s*= \{ "([\w-]+)"/g), 8, socket);
	const say = source('ws-daemon/say.c');
	stand([...found(say, /begin\(hub, (?:joined \? )?"(\w+)"/g), ...found(say, /joined \? "\w+" : "(\w+_left)"/g),
		...found(say, /\{\\"type\\":\\"(\w+)\\"/g)], 14, socket);
	stand(found(source('shared/event.c'), /= \{ "(\w+)", true \}/g), 7, socket);
});

test('every close code stands there with its name and its action', () => {
	const numbers = new Map(found(source('ws-daemon/closing.h'), /(CLOSING_\w+)\s*= (\d+)/g).map((pair) => pair.split(' ')));
	const rows = found(source('ws-daemon/closing.c'), /\{ (CLOSING_\w+),\s*"(\w+)",\s*(again|never|NULL)/g);
	assert.ok(rows.length >= 18);
	for (const [constant, code, action] of rows.map((row) => row.split(' '))) {
		const number = numbers.get(constant);
		const words = { again: 'reconnect', never: 'disconnect', NULL: '' }[action];
		assert.ok(['1005', '1006'].includes(number) ? socket.includes(`${number} (\`${code}\``)
			: new RegExp(`^\\| ${number} \\| \`${code}\` \\| ${words}`, 'm').test(socket), `${number} ${code} ${words}`);
	}
});

test('every code of an error in a room, and every reason of resume_failed, stands there', () => {
	stand(found(source('ws-daemon/frame.c'), /\[FRAME_\w+\]\s*= "(\w+)"/g).filter((code) => code !== 'ok'), 7, socket);
	stand(found(source('ws-daemon/rejoin.c'), /static const char\s+\w+\[\] = "(\w+)"/g), 3, socket);
});

test('every link within the page leads somewhere', () => {
	const anchors = found(page, /^#+ (.*)$/gm).map((title) => title.toLowerCase().replaceAll(' ', '-'));
	for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g))
		assert.ok(anchors.includes(anchor.replace(/-1$/, '')), anchor);
});
