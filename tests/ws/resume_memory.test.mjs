// What is kept for all lost sessions together is bounded (resume_memory): those that were lost first give way.
import assert from 'node:assert/strict';
import test from 'node:test';

import { assertFailed, assertUndisturbed, dataOf, detach, newSessions } from './resume.mjs';
import { leaveOf, wsInstance } from './support.mjs';

const inst = await wsInstance({ resume_memory: '64k' });
const LARGE = 'x'.repeat(12_000);

test('past it the session that was lost first ends, with a gap, and the other returns to all that it missed', async () => {
	const { sessions: [ann, bob, cleo], people } = await newSessions(inst, 3);
	await detach(bob);
	await detach(cleo);
	for (let n = 0; n < 2; n += 1)
		ann.send({ type: 'message', data: LARGE, target_id: people[2].id });
	await ann.sync();
	for (let n = 0; n < 4; n += 1)
		ann.send({ type: 'message', data: LARGE, target_id: people[1].id });
	await ann.next(leaveOf(bob));
	assertFailed(await bob.ask(), 'gap');
	await cleo.resume();
	await cleo.sync();
	assert.equal(dataOf(cleo.received).length, 2);
	assertUndisturbed(ann, cleo);
});
