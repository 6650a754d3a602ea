// The database can be read and not written (a file made immutable, as by an administrator or a broken mount).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';

import { as, assertStatus, newMeeting, newUser } from '../lib/api.mjs';
import { enter, eventually, newFullRoom, rename, wsInstance } from '../ws/support.mjs';
import { childrenOf, SLOWER, within } from './support.mjs';

const PROMPT_MS = 2_000 * SLOWER;
const inst = await wsInstance();

const chattr = (flag) => spawnSync('chattr', [flag, inst.dbPath, `${inst.dbPath}-wal`], { encoding: 'utf8' });

const tried = chattr('+i');
chattr('-i');
const skip = tried.status === 0 ? false : `no file can be made immutable here: ${tried.stderr ?? tried.error}`;

async function whileReadonly(work) {
	assert.equal(chattr('+i').status, 0);
	try {
		return await work();
	} finally {
		chattr('-i');
	}
}

/** Refused as our own failure, and nothing but that. */
function assertRefused({ status, text }) {
	assert.ok(status === 503 || status === 500, `${status} ${text}`);
}

test('changes are refused and the log says why; reading goes on; then all works again', { skip }, async () => {
	const user = await newUser(inst);
	const meeting = await newMeeting(inst, user);
	const me = as(inst, user);
	await whileReadonly(async () => {
		assertRefused(await me.patch(`/api/meetings/${meeting.id}`, { title: 'Not now' }));
		assertRefused(await me.post('/api/calls', { meeting_id: meeting.id }));
		assert.deepEqual(assertStatus(await me.get(`/api/meetings/${meeting.id}`), 200), meeting);
	});
	assert.match(inst.logs(), /disk I\/O error|readonly|read-only/i);
	assertStatus(await me.patch(`/api/meetings/${meeting.id}`, { title: 'Now' }), 200);
	assert.deepEqual(inst.sql('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
});

test('workers that start meanwhile write again as soon as it can be written', { skip }, async () => {
	const user = await newUser(inst);
	const me = as(inst, user);
	await whileReadonly(async () => {
		const old = childrenOf(inst.pid('api'));
		old.forEach((worker) => process.kill(worker, 'SIGKILL'));
		await eventually('others', () => childrenOf(inst.pid('api')).some((pid) => !old.includes(pid)));
		assertRefused(await eventually('an answer', () => me.post('/api/meetings', { title: 'Not now' }).catch(() => null)));
	});
	await eventually('a meeting can be made', async () => (await me.post('/api/meetings', { title: 'Now' })).status === 201);
	for (let n = 0; n < 20; n += 1)
		assertStatus(await me.post('/api/meetings', { title: 'By every worker' }), 201);
});

test('the relay and joins go on, and attendance is written later', { skip }, async () => {
	const room = await newFullRoom(inst);
	const [ann, bob] = room.clients;
	await whileReadonly(async () => {
		ann.send({ type: 'message', data: 'hello' });
		await within(PROMPT_MS, 'a message', () => bob.next('message'));
		const late = await within(PROMPT_MS, 'a join', () => enter(inst, room.id, room.host));
		late.send({ type: 'join-call' });
		await within(PROMPT_MS, 'join-call', () => late.next('call_joined'));
	});
	await rename(inst, room, 'Writable');
	await ann.next('meeting_updated');
});
