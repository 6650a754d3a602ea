// USR1 makes a running program one level more talkative: what it logs at info appears without a restart.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { newMeeting, newUser, request, useInstance } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';
import { closeAll, connect } from '../lib/ws.mjs';

afterEach(closeAll);
const inst = await useInstance({ conf: { log_level: 'warn' } });
const said = (pattern) => pattern.test(inst.logs());

test('unio-api and its workers log requests after USR1, and did not before', async () => {
	const pid = inst.pid('api');
	await request(inst, 'GET', '/api/before-the-signal');
	inst.kill('api', 'SIGUSR1');
	await until(async () => {
		await request(inst, 'GET', '/api/after-the-signal');
		return said(/after-the-signal.*prog=unio-api|prog=unio-api.*after-the-signal/);
	}, 'a request is logged');
	assert.ok(!said(/prog=unio-api.*before-the-signal/));
	assert.equal(inst.pid('api'), pid);
});

test('unio-signald logs who joins after USR1, and did not before', async () => {
	const user = await newUser(inst);
	const { id } = await newMeeting(inst, user);
	await (await connect(inst, id, { token: user.access })).next('welcome');
	assert.ok(!said(/prog=unio-signald.*event=join/));
	inst.kill('signald', 'SIGUSR1');
	await until(async () => {
		const client = await connect(inst, id, { token: user.access });
		await client.next('welcome');
		client.close();
		await client.closed;
		return said(/prog=unio-signald.*event=join/);
	}, 'a join is logged');
});
