// The API's workers have no file descriptor left (EMFILE): nothing spins or floods the log, and all is well again
// as soon as they have.
import assert from 'node:assert/strict';
import test from 'node:test';

import { as, assertStatus, newUser } from '../lib/api.mjs';
import { eventually, wsInstance } from '../ws/support.mjs';
import { calm, childrenOf, confine, within } from './support.mjs';

const inst = await wsInstance({ workers: 2 });

for (const spare of [0, 1])
	test(`API workers with ${spare} descriptors to spare answer, or others do, and nothing spins`, async () => {
		const user = await newUser(inst);
		const me = as(inst, user);
		const master = inst.pid('api');
		const releases = childrenOf(master).map((worker) => confine(worker, spare));
		try {
			await calm(inst, master, 'unio-api.log', async () => {
				const replies = await Promise.all(Array.from({ length: 10 }, () =>
					within(20_000, 'a request', () => me.post('/api/meetings', { title: 'Narrow' })).catch(() => null)));
				for (const reply of replies)
					assert.ok(reply === null || [201, 500, 503].includes(reply.status), reply?.text);
			});
		} finally {
			releases.forEach((release) => release());
		}
		await eventually('all is well', async () => (await me.get('/api/auth/me')).status === 200);
		for (let n = 0; n < 10; n += 1)
			assertStatus(await me.post('/api/meetings', { title: 'Wide' }), 201);
		assert.equal(inst.pid('api'), master);
	});
