// Several daemons: each tells at an address of its own what happens in its meetings; unioctl adds them up.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { scrape } from '../lib/metrics.mjs';
import { closeAll } from '../lib/ws.mjs';
import { newFullRoom } from '../ws/support.mjs';
import { metricsInstance } from './support.mjs';

const inst = await metricsInstance({ daemons: 2 });
const addresses = [inst.metrics.signald_metrics, inst.metrics.signald_metrics.replace(/\.sock$/, '-2.sock')];
afterEach(closeAll);

const sessions = async () => {
	const told = [];
	for (const address of addresses)
		told.push((await scrape(address)).sum('unio_signald_sessions'));
	return told;
};

test('each daemon counts the sessions of its own meetings', async () => {
	assert.deepEqual(await sessions(), [0, 0]);
	const { id } = await newFullRoom(inst, 2);
	assert.deepEqual(await sessions(), id % 2 === 0 ? [2, 0] : [0, 2]);
	await newFullRoom(inst, 2);
	assert.deepEqual(await sessions(), [2, 2]);
});

test('unioctl top and stats have the sum', async () => {
	await newFullRoom(inst, 2);
	await newFullRoom(inst, 2);
	const top = JSON.parse((await inst.ctl(['top', '--json'])).stdout);
	assert.deepEqual([top.daemons_up, top.rooms, top.sessions], [2, 2, 4]);
	const { traffic } = JSON.parse((await inst.ctl(['stats', '--json'])).stdout);
	assert.equal(traffic.joins, top.counters.joins.total);
	assert.ok(traffic.joins >= 8);
});
