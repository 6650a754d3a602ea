// docs/PROTOCOL.md: scheduled -> ongoing -> completed -> ongoing again; scheduled <-> cancelled by PATCH.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, useInstance } from '../lib/api.mjs';

const inst = await useInstance();

async function hosted(options) {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host, options);
	const api = as(inst, host);
	return {
		meeting,
		start: () => api.post('/api/health/call/start', { meeting_id: meeting.id }),
		end: (call) => api.post('/api/health/call/end', { call_id: call.id }),
		setStatus: (status) => api.patch(`/api/meetings/${meeting.id}`, { status }),
		now: async () => assertStatus(await api.get(`/api/meetings/${meeting.id}`), 200),
	};
}

test('a call takes a meeting from scheduled to ongoing to completed, and a new call to ongoing again', async () => {
	const { meeting, start, end, now } = await hosted();
	assert.equal(meeting.status, 'scheduled');
	const first = assertStatus(await start(), 201);
	assert.equal((await now()).status, 'ongoing');
	assert.equal((await now()).active_call.id, first.id);
	assertStatus(await end(first), 200);
	assert.equal((await now()).status, 'completed');
	assert.equal((await now()).active_call, null);
	const second = assertStatus(await start(), 201);
	assert.notEqual(second.id, first.id);
	assert.equal((await now()).status, 'ongoing');
});

test('a cancelled meeting starts no call (409) until it is scheduled again', async () => {
	const { setStatus, start, now } = await hosted();
	assert.equal(assertStatus(await setStatus('cancelled'), 200).status, 'cancelled');
	assertError(await start(), 409);
	assert.equal((await now()).status, 'cancelled');
	assert.equal((await now()).active_call, null);
	assert.equal(assertStatus(await setStatus('scheduled'), 200).status, 'scheduled');
	assertStatus(await start(), 201);
});

for (const status of ['cancelled', 'scheduled'])
	test(`a meeting with an active call cannot be set to ${status}`, async () => {
		const { setStatus, start, now } = await hosted();
		const call = assertStatus(await start(), 201);
		assertError(await setStatus(status), 409);
		assert.equal((await now()).status, 'ongoing');
		assert.equal((await now()).active_call.id, call.id);
	});

for (const status of ['cancelled', 'scheduled'])
	test(`setting ${status} twice is no mistake`, async () => {
		const { setStatus } = await hosted();
		assertStatus(await setStatus(status), 200);
		assert.equal(assertStatus(await setStatus(status), 200).status, status);
	});

for (const status of ['ongoing', 'completed', 'deleted', '', 'Cancelled', null, 7, ['cancelled']])
	test(`a status of ${JSON.stringify(status)} cannot be set`, async () => {
		const { setStatus, now } = await hosted();
		const reply = await setStatus(status);
		assertError(reply, 400, { field: 'status' });
		assert.equal((await now()).status, 'scheduled');
	});

test('a new meeting is scheduled, whatever its maker asks for', async () => {
	for (const status of ['ongoing', 'completed']) {
		const { meeting } = await hosted({ status });
		assert.equal(meeting.status, 'scheduled');
	}
});

test('the list can be narrowed to a status', async () => {
	const host = await newUser(inst);
	const [a, b] = [await newMeeting(inst, host), await newMeeting(inst, host)];
	assertStatus(await as(inst, host).patch(`/api/meetings/${a.id}`, { status: 'cancelled' }), 200);
	for (const [status, id] of [
		['cancelled', a.id],
		['scheduled', b.id],
	]) {
		const { results } = assertStatus(await as(inst, host).get(`/api/meetings?status=${status}`), 200);
		assert.deepEqual(
			results.map((meeting) => meeting.id),
			[id],
		);
	}
	assert.deepEqual(assertStatus(await as(inst, host).get('/api/meetings?status=ongoing'), 200).results, []);
	assertError(await as(inst, host).get('/api/meetings?status=nonsense'), 400, { field: 'status' });
});
