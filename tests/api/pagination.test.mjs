// docs/PROTOCOL.md: lists are newest first, 20 at a time unless asked otherwise, at most 100, with a cursor.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, useInstance } from '../lib/api.mjs';

const inst = await useInstance();

const host = await newUser(inst);
const meetings = [];
for (let i = 0; i < 25; i++) meetings.push((await newMeeting(inst, host, { title: `Meeting ${i}` })).id);

const caller = await newUser(inst);
const room = await newMeeting(inst, caller);
const calls = [];
for (let i = 0; i < 23; i++) {
	const call = assertStatus(await as(inst, caller).post('/api/calls', { meeting_id: room.id }), 201);
	assertStatus(await as(inst, caller).post(`/api/calls/${call.id}/end`), 200);
	calls.push(call.id);
}

const lists = [
	['meetings', '/api/meetings', host, meetings],
	['calls', '/api/calls', caller, calls],
	['calls of a meeting', `/api/calls?meeting_id=${room.id}`, caller, calls],
];
const withQuery = (path, query) => `${path}${path.includes('?') ? '&' : '?'}${query}`;

async function walk(user, path) {
	const pages = [];
	for (let cursor = null; ;) {
		const query = cursor === null ? path : withQuery(path, `cursor=${encodeURIComponent(cursor)}`);
		const page = assertStatus(await as(inst, user).get(query), 200);
		pages.push(page.results.map((one) => one.id));
		assert.ok(page.next_cursor === null || typeof page.next_cursor === 'string');
		if (page.next_cursor === null) return pages;
		assert.ok(pages.length < 50, 'the cursor leads on and on');
		cursor = page.next_cursor;
	}
}

for (const [what, path, user, ids] of lists) {
	const newestFirst = ids.slice().reverse();

	test(`the list of ${what} gives the 20 newest first, and a cursor to the rest`, async () => {
		const page = assertStatus(await as(inst, user).get(path), 200);
		assert.deepEqual(Object.keys(page).sort(), ['next_cursor', 'results']);
		assert.deepEqual(
			page.results.map((one) => one.id),
			newestFirst.slice(0, 20),
		);
		assert.equal(typeof page.next_cursor, 'string');
	});

	for (const limit of [1, 7, 20, 100])
		test(`the cursor of ${what} with limit ${limit} leads through all, each once`, async () => {
			const pages = await walk(user, withQuery(path, `limit=${limit}`));
			assert.deepEqual(pages.flat(), newestFirst);
			assert.ok(pages.slice(0, -1).every((page) => page.length === limit));
		});

	test(`a limit of exactly the number of ${what} gives all`, async () => {
		const page = assertStatus(await as(inst, user).get(withQuery(path, `limit=${ids.length}`)), 200);
		assert.deepEqual(
			page.results.map((one) => one.id),
			newestFirst,
		);
		assert.equal(page.next_cursor, null);
	});

	for (const limit of ['0', '-1', '101', '99999999999999999999', 'ten', '1.5', '5x', '%20'])
		test(`a limit of ${limit} for ${what} is 400`, async () => {
			assertError(await as(inst, user).get(withQuery(path, `limit=${limit}`)), 400, { field: 'limit' });
		});

	const cursors = [
		'nonsense',
		'!!!',
		'-1',
		'99999999999999999999999',
		'%00',
		'AAAA',
		'%F0%9F%99%82',
		'x'.repeat(2000),
	];
	for (const cursor of cursors)
		test(`a made-up cursor (${cursor.slice(0, 24)}) for ${what} is 400`, async () => {
			const reply = await as(inst, user).get(withQuery(path, `cursor=${cursor}`));
			assert.equal(reply.status, 400, reply.text.slice(0, 300));
			// The front server may refuse %00 by itself, in its own words.
			if (cursor !== '%00') assertError(reply, 400, { field: 'cursor' });
		});
}

test('what is made while one reads on does not disturb the pages', async () => {
	const user = await newUser(inst);
	const old = [];
	for (let i = 0; i < 6; i++) old.unshift((await newMeeting(inst, user)).id);
	const first = assertStatus(await as(inst, user).get('/api/meetings?limit=3'), 200);
	await newMeeting(inst, user);
	assertStatus(await as(inst, user).del(`/api/meetings/${old[2]}`), 204);
	const rest = await as(inst, user).get(
		`/api/meetings?limit=3&cursor=${encodeURIComponent(first.next_cursor)}`,
	);
	const seen = [...first.results, ...assertStatus(rest, 200).results].map((one) => one.id);
	assert.deepEqual(seen, old);
});

test('the list of calls can be narrowed to a meeting and to a status', async () => {
	const user = await newUser(inst);
	const [a, b] = [await newMeeting(inst, user), await newMeeting(inst, user)];
	const start = async (meeting) =>
		assertStatus(await as(inst, user).post('/api/calls', { meeting_id: meeting.id }), 201);
	const ended = await start(a);
	assertStatus(await as(inst, user).post(`/api/calls/${ended.id}/end`), 200);
	const active = await start(a);
	const other = await start(b);
	const rows = [
		[`meeting_id=${a.id}`, [active.id, ended.id]],
		[`meeting_id=${b.id}`, [other.id]],
		['status=active', [other.id, active.id]],
		['status=ended', [ended.id]],
		[`meeting_id=${a.id}&status=ended`, [ended.id]],
		[`meeting_id=${b.id}&status=ended`, []],
	];
	for (const [query, expected] of rows) {
		const { results } = assertStatus(await as(inst, user).get(`/api/calls?${query}`), 200);
		assert.deepEqual(
			results.map((call) => call.id),
			expected,
			query,
		);
	}
});

const badFilters = [
	['status=nonsense', 'status'],
	['meeting_id=abc', 'meeting_id'],
	['meeting_id=0', 'meeting_id'],
	['meeting_id=-5', 'meeting_id'],
	['meeting_id=99999999999999999999', 'meeting_id'],
];
for (const [query, field] of badFilters)
	test(`a list of calls with ${query} is 400`, async () => {
		assertError(await as(inst, caller).get(`/api/calls?${query}`), 400, { field });
	});

test('unknown words in the query are ignored', async () => {
	const page = assertStatus(await as(inst, host).get('/api/meetings?colour=green&limit=2&&=&x'), 200);
	assert.equal(page.results.length, 2);
});
