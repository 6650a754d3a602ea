// docs/PROTOCOL.md: base_path comes before /api, and nothing is left where it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertStatus, newMeeting, newUser, request, useInstance } from '../lib/api.mjs';

const inst = await useInstance({ conf: { base_path: '/unio' } });

test('the API answers below the base path, with and without the slash at the end', async () => {
	for (const path of ['/unio/api/health/', '/unio/api/health', '/unio/api/health/ready'])
		assertStatus(await request(inst, 'GET', path), 200);
});

for (const path of [
	'/api/health/',
	'/unio/unio/api/health/',
	'/uniox/api/health/',
	'/unio/health/',
	'/unio%2Fapi/health/',
])
	test(`${path} is not found`, async () => {
		const { status } = await request(inst, 'GET', path);
		assert.ok([400, 404].includes(status), `got ${status}`);
	});

test('the whole way of a call works below the base path, and Location has it', async () => {
	const host = await newUser(inst);
	const options = { token: host.access };
	const made = await request(inst, 'POST', '/unio/api/meetings', { ...options, json: { title: 'Below' } });
	const meeting = assertStatus(made, 201);
	const { pathname } = new URL(made.headers.location, inst.origin);
	assert.ok(pathname.startsWith(`/unio/api/meetings/${meeting.id}`), pathname);
	assertStatus(await request(inst, 'GET', pathname, options), 200);
	const started = await request(inst, 'POST', '/unio/api/health/call/start', {
		...options,
		json: { meeting_id: meeting.id },
	});
	const call = assertStatus(started, 201);
	assertStatus(await request(inst, 'POST', `/unio/api/calls/${call.id}/end`, options), 200);
	assertStatus(await request(inst, 'DELETE', pathname, options), 204);
	assert.ok((await newMeeting(inst, host)).id > meeting.id);
});
