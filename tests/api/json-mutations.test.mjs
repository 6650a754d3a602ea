// docs/PROTOCOL.md: bodies that differ from a good one by a byte or two. What JavaScript's own strict readers of UTF-8
// and JSON refuse, the API must refuse as well; the row of mutations is the same in every run.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newUser, request, useInstance } from '../lib/api.mjs';

const inst = await useInstance();
const mutations = 600;
const good = Buffer.from(
	JSON.stringify({ title: 'Añ "b" \\ 🙂', x: [1, -2.5e3, true, null, { k: '\u0001' }], description: '' }),
);
const splices = [
	'"',
	'\\',
	'{',
	'}',
	'[',
	']',
	',',
	':',
	'0',
	'1e',
	'-',
	'.',
	'e9',
	'null',
	' ',
	'\n',
	'\0',
	'\\u',
	'\\ud800',
];

/** A small generator of numbers that are the same each time (a linear congruential one). */
function numbers(seed) {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

function mutate(next) {
	const at = next(good.length);
	const rest = good.subarray(at + next(3));
	const inserted =
		next(3) === 0 ? Buffer.from([next(256)]) : Buffer.from(splices[next(splices.length)], 'latin1');
	return Buffer.concat([good.subarray(0, at), next(4) === 0 ? Buffer.alloc(0) : inserted, rest]);
}

function isJsonObject(body) {
	try {
		const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
		const value = JSON.parse(text);
		return value !== null && typeof value === 'object' && !Array.isArray(value);
	} catch {
		return false;
	}
}

test(`of ${mutations} bodies with a wrong byte or two, no bad one takes effect and each is answered`, async () => {
	const user = await newUser(inst);
	const next = numbers(20240115);
	let made = 0;
	let bad = 0;
	for (let i = 0; i < mutations; i++) {
		const body = mutate(next);
		const reply = await request(inst, 'POST', '/api/meetings', { token: user.access, body });
		if (reply.status === 201) {
			assert.ok(isJsonObject(body), `taken for good: ${body.toString('latin1')}`);
			made += 1;
		} else {
			assertError(reply, 400);
			bad += 1;
		}
	}
	assert.ok(made > 20 && bad > 200, `${made} were good and ${bad} bad`);
	let listed = 0;
	for (let query = '?limit=100'; query !== null;) {
		const page = assertStatus(await as(inst, user).get(`/api/meetings${query}`), 200);
		listed += page.results.length;
		query = page.next_cursor && `?limit=100&cursor=${encodeURIComponent(page.next_cursor)}`;
	}
	assert.equal(listed, made);
});
