// unioctl on a running system: the rooms as the daemon knows them, and changes that reach open connections at once.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { newMeeting, newUser, useInstance } from '../lib/api.mjs';
import { assertDone } from '../lib/ctl.mjs';
import { until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';

const inst = await useInstance();

const rooms = async () => JSON.parse(assertDone(await inst.ctl(['room', 'list', '--json'])));

async function enter(user, meeting) {
	const client = await connect(inst, meeting.id, { token: user.access });
	await client.next('welcome');
	return client;
}

test('room list has the rooms that somebody is in, and how many are in the call', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host, { participants: [guest] });
	const one = await enter(host, meeting);
	const two = await enter(guest, meeting);
	one.send({ type: 'join-call' });
	await two.next('call_joined');
	assert.deepEqual((await rooms()).find((room) => room.meeting_id === meeting.id),
		{ meeting_id: meeting.id, sessions: 2, in_call: 1 });
	assert.match(assertDone(await inst.ctl(['room', 'list'])), new RegExp(`^${meeting.id} +2 +1$`, 'm'));
	await Promise.all([one.close(), two.close()]);
	await until(async () => !(await rooms()).some((room) => room.meeting_id === meeting.id), 'the room is gone');
});

for (const [command, input] of [['disable', ''], ['passwd', 'another password\n']])
	test(`user ${command} closes that user's open connections with 4406, and nobody else's`, async () => {
		const [host, guest] = [await newUser(inst), await newUser(inst)];
		const meeting = await newMeeting(inst, host, { participants: [guest] });
		const stays = await enter(host, meeting);
		const goes = await enter(guest, meeting);
		assertDone(await inst.ctl(['user', command, guest.email], { input }));
		assert.equal((await goes.closed).code, 4406);
		await stays.next('user_left');
		await stays.close();
	});

test('backup of the running database is whole, and check finds nothing wrong', async () => {
	const copy = join(inst.dir, 'copy.db');
	assertDone(await inst.ctl(['backup', copy]));
	assert.ok(existsSync(copy));
	assertDone(await inst.ctl(['check']));
});
