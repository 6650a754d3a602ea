// log_addresses: what is kept of client addresses in the log and in the database (docs/PRIVACY.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertStatus, newMeeting, newUser, tryLogin, useInstance } from '../lib/api.mjs';
import { closeAll } from '../lib/ws.mjs';
import { enter } from '../ws/support.mjs';

const FOUR = '198.51.100.77';
const SIX = '2001:db8:77:88:99::1';

const modes = [];
for (const [mode, four, six] of [
	['full', FOUR, SIX], ['truncated', '198.51.100.0/24', '2001:db8:77::/48'], ['none', 'hidden', 'hidden'],
])
	modes.push({ mode, four, six, inst: await useInstance({ conf: { log_addresses: mode } }) });

for (const { mode, four, six, inst } of modes)
	test(`with log_addresses = ${mode} an address is kept as ${four} and ${six}`, async () => {
		const user = await newUser(inst);
		const meeting = await newMeeting(inst, user);
		for (const [address, kept] of [[FOUR, four], [SIX, six]]) {
			const headers = { 'X-Forwarded-For': address };
			const session = assertStatus(await tryLogin(inst, user.email, user.password, { headers }), 200);
			const { results } = assertStatus(await as(inst, session).get('/api/auth/sessions'), 200);
			assert.equal(results.find(({ current }) => current).address, kept);
			await (await enter(inst, meeting.id, session, { headers })).sync();
			await closeAll();
			await as(inst, session).post('/api/auth/logout', undefined, { headers });
			const trail = inst.sql(`SELECT origin FROM audit WHERE actor_id = ${user.id} ORDER BY id DESC LIMIT 2`);
			assert.deepEqual(trail.map(({ origin }) => origin), [kept, kept]);
		}
		const everything = inst.logs();
		assert.equal(everything.includes(FOUR), mode === 'full');
		assert.equal(everything.includes('db8:77:88'), mode === 'full');
		assert.ok(everything.includes(`address=${four}`));
	});
