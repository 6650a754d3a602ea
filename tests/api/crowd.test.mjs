// docs/PROTOCOL.md: a meeting has at most 1,000 participants.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newEmail, request, useInstance } from '../lib/api.mjs';

const inst = await useInstance({ conf: { registration: 'open' } });
const most = 1000;

/** Registers `count` users, some at a time; their password matters to nobody. */
async function crowd(count) {
	const users = [];
	const register = async () => {
		const json = { email: newEmail(), password: 'nobody logs in', full_name: 'One of many' };
		users.push(assertStatus(await request(inst, 'POST', '/api/auth/register', { json }), 201));
	};
	while (users.length < count)
		await Promise.all(Array.from({ length: Math.min(20, count - users.length) }, register));
	return users;
}

test('a meeting takes 1,000 participants and not one more', async () => {
	const [host, last, ...others] = await crowd(most + 2);
	const api = as(inst, host);
	const participants = others.map(({ user }) => user.id);
	const tooMany = { title: 'Too full', participants: [...participants, last.user.id] };
	assertError(await api.post('/api/meetings', tooMany), 400, { field: 'participants' });

	const full = assertStatus(await api.post('/api/meetings', { title: 'Full', participants }), 201);
	assert.equal(full.participants.length, most);
	const path = `/api/meetings/${full.id}/participants`;
	const refused = await api.post(path, { user_id: last.user.id });
	assert.ok([400, 409].includes(refused.status), `got ${refused.status}`);
	assertError(refused, refused.status);
	assertStatus(await api.post(path, { user_id: participants[0] }), 200);

	assertStatus(await api.del(`${path}/${participants[0]}`), 204);
	assertStatus(await api.post(path, { user_id: last.user.id }), 201);
	const { results } = assertStatus(await api.get('/api/meetings'), 200);
	assert.deepEqual(
		results.map((meeting) => meeting.title),
		['Full'],
	);
});
