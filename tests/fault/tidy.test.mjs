// A daemon that has been away for long finds a great many old events: it deletes them all, a few at a time, while the
// API writes.
import assert from 'node:assert/strict';
import test from 'node:test';

import { until } from '../lib/instance.mjs';
import { newRoom, rename, wsInstance } from '../ws/support.mjs';
import { replace, SLOWER, within } from './support.mjs';

const OLD = 20_000;
const PROMPT_MS = 1_000 * SLOWER;

const inst = await wsInstance();
const oldOnes = () => inst.sql('SELECT count(*) AS n FROM event WHERE created_at < 1000000')[0].n;

test(`${OLD} old events are deleted soon after the start, and no change waits long for it`, async () => {
	const room = await newRoom(inst);
	inst.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${OLD})
		INSERT INTO event (type, body, created_at) SELECT 'meeting_updated', '{}', i FROM n`);
	assert.equal(oldOnes(), OLD);
	await replace(inst, 'signald');
	await until(async () => {
		await within(PROMPT_MS, 'a change', () => rename(inst, room, `At ${Date.now()}`));
		return oldOnes() === 0;
	}, 'all old events are deleted', 15_000 * SLOWER);
});
