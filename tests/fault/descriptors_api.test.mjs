// The API's workers have no file descriptor left (EMFILE): nothing spins or floods the log, and all is well again
// as soon as they have.
import assert from 'node:assert/strict';
import test from 'node:test';

import { as, assertStatus, newUser } from '../lib/api.mjs';
import { eventually, wsInstance } from '../ws/support.mjs';
import { calm, childrenOf, confine, SLOWER, within } from './support.mjs';

const inst = await wsInstance({ workers: 2 });

for (const spare of [0, 1])
	test(`API workers with ${spare} descriptors to spare keep those waiting who ask, spin at nothing, and answer them afterwards`, async () => {
		const user = await newUser(inst);
		const me = as(inst, user);
		const master = inst.pid('api');
		const workers = childrenOf(master);
		const releases = workers.map((worker) => confine(worker, spare));
		let waiting;
		try {
			await calm(inst, [master, ...workers], 'unio-api.log', () => {
				waiting = Array.from({ length: 10 }, () => me.post('/api/meetings', { title: 'Narrow' }));
			});
		} finally {
			releases.forEach((release) => release());
		}
		for (const { status, text } of await within(10_000 * SLOWER, 'what waited', () => Promise.all(waiting)))
			assert.ok([201, 503].includes(status), `${status} ${text}`);
		if (spare === 0)
			assert.match(inst.logs(), /event=accept .*(code=24\b|Too many open files)/);
		await eventually('all is well', async () => (await me.get('/api/auth/me')).status === 200);
		for (let n = 0; n < 10; n += 1)
			assertStatus(await me.post('/api/meetings', { title: 'Wide' }), 201);
		assert.equal(inst.pid('api'), master);
	});
