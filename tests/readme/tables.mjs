// What the sources' tables can say or take, for the tests that compare descriptions with them. Each list is at least as
// long as it says: a pattern that finds nothing proves nothing.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../lib/instance.mjs';

export const source = (name) => readFileSync(join(root, name), 'utf8');
export const found = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match.slice(1).join(' ').trim()))];

const api = readdirSync(join(root, 'fcgi-api')).filter((name) => name.endsWith('.c')).map((name) => source(`fcgi-api/${name}`)).join('');
const say = source('ws-daemon/say.c');
const frame = source('ws-daemon/frame.c');

function atLeast(least, words) {
	assert.ok(words.length >= least, `only ${words.join(' ')}`);
	return words;
}

/** `GET /api/meetings` … */
export const routes = atLeast(28, found(source('fcgi-api/route.c'), /\{ "([A-Z]+)",\s+"(\/[^"]+)"/g));

/** `404 not_found` … */
export const restCodes = atLeast(30, [
	...found(api, /reply_error\([^;]*?(\d{3}), "(\w+)"/g),
	...found(api, /\] = \{ (\d{3}), "(\w+)",/g),
	...found(api, /reply_unauthorized\(\w+, "(\w+)"/g).map((code) => `401 ${code}`),
	...found(api, /reply_unavailable\(\w+, "(\w+)"/g).map((code) => `503 ${code}`),
]);

/** The types of frames, of either direction, and of events. */
export const frames = [
	...atLeast(8, found(frame, /\[FRAME_\w+\]\s*= \{ \{ WORD\("([\w-]+)"\)/g)),
	...atLeast(14, [...found(say, /begin\(hub, (?:joined \? )?"(\w+)"/g), ...found(say, /joined \? "\w+" : "(\w+_left)"/g),
		...found(say, /\{\\"type\\":\\"(\w+)\\"/g)]),
	...atLeast(7, found(source('shared/event.c'), /= \{ "(\w+)", true \}/g)),
];

/** [number, name, again|never|NULL] */
export const closings = (() => {
	const numbers = new Map(found(source('ws-daemon/closing.h'), /(CLOSING_\w+)\s*= (\d+)/g).map((pair) => pair.split(' ')));
	return atLeast(18, found(source('ws-daemon/closing.c'), /\{ (CLOSING_\w+),\s*"(\w+)",\s*(again|never|NULL)/g)
		.map((row) => row.split(' ')).map(([constant, ...rest]) => [numbers.get(constant), ...rest]));
})();

/** The codes of errors in a room, and the reasons of resume_failed. */
export const roomCodes = [
	...atLeast(7, found(frame, /\[FRAME_\w+\]\s*= "(\w+)"/g).filter((code) => code !== 'ok')),
	...atLeast(3, found(source('ws-daemon/rejoin.c'), /static const char\s+\w+\[\] = "(\w+)"/g)),
];
