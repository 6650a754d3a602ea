// docs/PROTOCOL.md: a refresh token used again later than 10 s after its first use is taken for stolen. The 10 s are
// a configuration key, so that this test need not wait so long; ctl/config has its default.
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { as, assertError, assertStatus, loginWith, newUser, request, useInstance } from '../lib/api.mjs';
import { SLOWER } from '../lib/instance.mjs';

const inst = await useInstance({ conf: { refresh_grace: `${SLOWER}s` } });
const afterGrace = 1500 * SLOWER;

const refresh = (token) => request(inst, 'POST', '/api/auth/refresh', { json: { refresh: token } });

test('a refresh token used again after its grace revokes its whole login session and no other', async () => {
	const user = await newUser(inst);
	const bystander = await loginWith(inst, user.email, user.password);
	const patient = await loginWith(inst, user.email, user.password);

	const first = assertStatus(await refresh(user.refresh), 200);
	const second = assertStatus(await refresh(first.refresh), 200);
	const kept = assertStatus(await refresh(patient.refresh), 200);
	await pause(afterGrace);

	assertStatus(await refresh(kept.refresh), 200);
	assertError(await refresh(user.refresh), 401);
	for (const pair of [user, first, second]) assertError(await as(inst, pair).get('/api/auth/me'), 401);
	assertError(await refresh(second.refresh), 401);
	assertStatus(await as(inst, bystander).get('/api/auth/me'), 200);
	assertStatus(await refresh(bystander.refresh), 200);
});
