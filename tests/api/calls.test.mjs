// docs/PROTOCOL.md and the report: calls, under both names.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	as,
	assertError,
	assertStatus,
	newMeeting,
	newUser,
	request,
	timePattern,
	useInstance,
} from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';

const inst = await useInstance();

const person = ({ id, email, full_name }) => ({ id, email, full_name });
const starts = {
	report: (api, meeting) => api.post('/api/health/call/start', { meeting_id: meeting.id }),
	resource: (api, meeting) => api.post('/api/calls', { meeting_id: meeting.id }),
};
const ends = {
	report: (api, call) => api.post('/api/health/call/end', { call_id: call.id }),
	resource: (api, call) => api.post(`/api/calls/${call.id}/end`),
};
const names = Object.keys(starts);
/** Microseconds since 1970, exactly. */
const micros = (time) => BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1000n + BigInt(time.slice(20, 26));

async function hosted(participants = []) {
	const host = await newUser(inst);
	return { host, api: as(inst, host), meeting: await newMeeting(inst, host, { participants }) };
}

for (const name of names) {
	test(`a call started by the ${name} name is the report's object`, async () => {
		const { host, api, meeting } = await hosted();
		const call = assertStatus(await starts[name](api, meeting), 201);
		assert.ok(Number.isSafeInteger(call.id) && call.id > 0);
		assert.deepEqual(
			{ ...call, id: 0, started_at: '' },
			{
				id: 0,
				meeting: meeting.id,
				caller: person(host),
				status: 'active',
				started_at: '',
				ended_at: null,
				duration: null,
				ended_reason: null,
			},
		);
		assert.match(call.started_at, timePattern);
		const now = assertStatus(await api.get(`/api/meetings/${meeting.id}`), 200);
		assert.equal(now.active_call.id, call.id);
		assert.equal(now.active_call.started_at, call.started_at);
	});

	test(`a call ended by the ${name} name has its end, its duration and its reason`, async () => {
		const { api, meeting } = await hosted();
		const call = assertStatus(await starts[name](api, meeting), 201);
		const ended = assertStatus(await ends[name](api, call), 200);
		assert.match(ended.ended_at, timePattern);
		assert.deepEqual(
			{ ...ended, ended_at: '', duration: 0 },
			{ ...call, status: 'ended', ended_at: '', duration: 0, ended_reason: 'ended' },
		);
		assert.equal(ended.duration, Number((micros(ended.ended_at) - micros(ended.started_at)) / 1000000n));
	});

	test(`ending again by the ${name} name changes nothing and is 200`, async () => {
		const { api, meeting } = await hosted();
		const call = assertStatus(await starts[name](api, meeting), 201);
		const first = assertStatus(await ends[name](api, call), 200);
		assert.deepEqual(assertStatus(await ends[name](api, call), 200), first);
	});

	test(`a late retry of an end by the ${name} name does not end the next call`, async () => {
		const { api, meeting } = await hosted();
		const first = assertStatus(await starts[name](api, meeting), 201);
		assertStatus(await ends[name](api, first), 200);
		const second = assertStatus(await starts[name](api, meeting), 201);
		assert.equal(assertStatus(await ends[name](api, first), 200).status, 'ended');
		const now = assertStatus(await api.get(`/api/meetings/${meeting.id}`), 200);
		assert.equal(now.status, 'ongoing');
		assert.equal(now.active_call.id, second.id);
	});

	test(`starting an active call by the ${name} name is 200 and that call`, async () => {
		const guest = await newUser(inst);
		const { api, meeting } = await hosted([guest]);
		const call = assertStatus(await starts[name](api, meeting), 201);
		for (const who of [api, as(inst, guest)])
			assert.deepEqual(assertStatus(await starts[name](who, meeting), 200), call);
	});

	test(`an unknown meeting or call is 404 by the ${name} name`, async () => {
		const { api } = await hosted();
		assertError(await starts[name](api, { id: 99999999 }), 404);
		assertError(await ends[name](api, { id: 99999999 }), 404);
	});
}

test("a missing meeting_id and call_id are said in the report's words", async () => {
	const { api } = await hosted();
	const start = { field: 'meeting_id', message: 'meeting_id is required' };
	assertError(await api.post('/api/health/call/start', {}), 400, start);
	assertError(await api.post('/api/calls', {}), 400, start);
	assertError(await api.post('/api/health/call/end', {}), 400, {
		field: 'call_id',
		message: 'call_id is required',
	});
});

const badIds = [
	'"1"',
	'0',
	'-1',
	'1.5',
	'true',
	'null',
	'[1]',
	'{"id":1}',
	'9223372036854775808',
	'-9223372036854775809',
	'99999999999999999999999999',
	'1e30',
	'""',
];
for (const [path, field] of [
	['/api/health/call/start', 'meeting_id'],
	['/api/health/call/end', 'call_id'],
	['/api/calls', 'meeting_id'],
])
	for (const value of badIds)
		test(`POST ${path} with ${field} ${value} is 400 and names it`, async () => {
			const { api } = await hosted();
			const body = `{"${field}":${value}}`;
			assertError(await api.post(path, undefined, { body }), 400, { field });
		});

test('the largest id there can be is 404, not an error of ours', async () => {
	const { host } = await hosted();
	for (const body of ['{"meeting_id":9223372036854775807}', '{"meeting_id":9007199254740993}']) {
		const reply = await request(inst, 'POST', '/api/calls', { token: host.access, body });
		assert.ok([400, 404].includes(reply.status), `got ${reply.status}`);
		assertError(reply, reply.status);
	}
});

test('forty who press start at once share one call', async () => {
	const guest = await newUser(inst);
	const { host, meeting } = await hosted([guest]);
	const press = (i) => starts[names[i & 1]](as(inst, i & 2 ? host : guest), meeting);
	const replies = await Promise.all(Array.from({ length: 40 }, (_, i) => press(i)));
	const statuses = replies.map((reply) => reply.status).sort();
	assert.deepEqual(statuses, [...Array(39).fill(200), 201]);
	assert.equal(new Set(replies.map((reply) => reply.text)).size, 1, 'all see the same call');
	const { results } = assertStatus(await as(inst, host).get(`/api/calls?meeting_id=${meeting.id}`), 200);
	assert.equal(results.length, 1);
});

test('twenty who press end at once see one end', async () => {
	const guest = await newUser(inst);
	const { host, api, meeting } = await hosted([guest]);
	const call = assertStatus(await starts.report(api, meeting), 201);
	const press = (i) => ends[names[i & 1]](as(inst, i & 2 ? host : guest), call);
	const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => press(i)));
	assert.ok(replies.every((reply) => reply.status === 200));
	assert.equal(new Set(replies.map((reply) => reply.text)).size, 1);
});

test('starts and ends in wild order leave at most one active call and no other trouble', async () => {
	const { api, meeting } = await hosted();
	const one = async () => {
		const reply = await starts.resource(api, meeting);
		assert.ok([200, 201].includes(reply.status), reply.text);
		return assertStatus(await ends.resource(api, reply.json), 200);
	};
	await Promise.all(Array.from({ length: 25 }, one));
	const { results } = assertStatus(await api.get(`/api/calls?meeting_id=${meeting.id}&limit=100`), 200);
	assert.ok(results.every((call) => call.status === 'ended'));
	const now = assertStatus(await api.get(`/api/meetings/${meeting.id}`), 200);
	assert.equal(now.status, 'completed');
});

test('starting, ending, cancelling, changing and deleting all at once is answered properly by all', async () => {
	const guest = await newUser(inst);
	const { api, meeting } = await hosted([guest]);
	const others = as(inst, guest);
	const path = `/api/meetings/${meeting.id}`;
	const storm = [];
	for (let i = 0; i < 6; i++)
		storm.push(
			starts.report(api, meeting),
			starts.resource(others, meeting),
			api.patch(path, { status: 'cancelled' }),
			api.patch(path, { status: 'scheduled' }),
			api.patch(path, { title: `Title ${i}` }),
			others.get(path),
		);
	storm.push(api.del(path), api.del(path));
	const replies = await Promise.all(storm);
	const statuses = replies.map((reply) => reply.status);
	assert.ok(
		statuses.every((status) => [200, 201, 204, 403, 404, 409].includes(status)),
		statuses.join(' '),
	);
	assert.equal(statuses.filter((status) => status === 204).length, 1);
	assertError(await api.get(path), 404);
	assert.deepEqual(assertStatus(await api.get('/api/calls'), 200).results, []);
});

test('a duration is cut to whole seconds, not rounded', async () => {
	const { api, meeting } = await hosted();
	const call = assertStatus(await starts.report(api, meeting), 201);
	await until(async () => {
		const { timestamp } = assertStatus(await request(inst, 'GET', '/api/health/'), 200);
		return micros(timestamp) - micros(call.started_at) > 600_000n;
	}, 'more than half a second has passed');
	const ended = assertStatus(await ends.report(api, call), 200);
	assert.equal(ended.duration, Number((micros(ended.ended_at) - micros(ended.started_at)) / 1000000n));
});

test("a meeting whose call has ended can be deleted: 204, not the report's 500", async () => {
	const { api, meeting } = await hosted();
	const call = assertStatus(await starts.report(api, meeting), 201);
	assertStatus(await ends.report(api, call), 200);
	assertStatus(await api.del(`/api/meetings/${meeting.id}`), 204);
	assertError(await api.get(`/api/meetings/${meeting.id}`), 404);
	assertError(await api.get(`/api/calls/${call.id}`), 404);
	assertError(await ends.report(api, call), 404);
});

test('a meeting with an active call can be deleted, and takes its calls along', async () => {
	const { api, meeting } = await hosted();
	const call = assertStatus(await starts.report(api, meeting), 201);
	assertStatus(await api.del(`/api/meetings/${meeting.id}`), 204);
	assertError(await api.get(`/api/calls/${call.id}`), 404);
	assert.deepEqual(assertStatus(await api.get('/api/calls'), 200).results, []);
	assertError(await starts.report(api, meeting), 404);
});

test('the history of a call has an attendance, empty when nobody entered the room', async () => {
	const { api, meeting } = await hosted();
	const call = assertStatus(await starts.report(api, meeting), 201);
	const read = assertStatus(await api.get(`/api/calls/${call.id}`), 200);
	assert.deepEqual(read, { ...call, attendance: [] });
	const csv = await api.get(`/api/calls/${call.id}/attendance.csv`);
	assertStatus(csv, 200);
	assert.match(csv.headers['content-type'], /^text\/csv\b/);
});

test("the report's start answers 201 with its path written with a slash at the end, too", async () => {
	const { api, meeting } = await hosted();
	const call = assertStatus(await api.post('/api/health/call/start/', { meeting_id: meeting.id }), 201);
	assertStatus(await api.post('/api/health/call/end/', { call_id: call.id }), 200);
});
