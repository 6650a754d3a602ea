// A real call between real browsers, with the client class of the original report exactly as it was printed.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { as, assertStatus, newMeeting, newUser } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { Caller, launch, servePage } from './page.mjs';

let inst;
let browser;
let pages;

before(async () => {
	inst = await startInstance();
	pages = await servePage();
	browser = await launch();
});
afterEach(() => inst.assertAlive());
after(async () => {
	await browser?.close();
	pages?.close();
	await inst?.stop();
});

/** A meeting of `n` new people, the first of them its host. */
async function people(n) {
	const users = [];
	for (const name of ['Ada', 'Ben', 'Cleo'].slice(0, n))
		users.push(await newUser(inst, { name }));
	const meeting = await newMeeting(inst, users[0], { title: 'A call', participants: users.slice(1) });
	return { meeting, host: as(inst, users[0]), callers: users.map((user) => new Caller(user)) };
}

async function startCall(host, meeting) {
	const call = assertStatus(await host.post('/api/health/call/start', { meeting_id: meeting.id }), 201);
	assert.equal(call.status, 'active');
	return call;
}

async function endCall(host, call) {
	const ended = assertStatus(await host.post('/api/health/call/end', { call_id: call.id }), 200);
	assert.equal(ended.status, 'ended');
	assert.ok(ended.duration >= 0);
}

test('two people with the report\'s client see and hear each other', async () => {
	const { meeting, host, callers: [ada, ben] } = await people(2);
	const call = await startCall(host, meeting);
	await ada.join(browser, pages, inst, meeting.id);
	await ben.join(browser, pages, inst, meeting.id);
	await Promise.all([ada.sees([ben]), ben.sees([ada])]);
	await ada.frame('call_joined', { user_id: ben.user.id });
	await endCall(host, call);
	await Promise.all([ada, ben].map((caller) => caller.frame('call_ended')));
	await ben.leave();
	await ada.frame('user_left', { user_id: ben.user.id });
});

test('a third joins, all see all, one leaves and the others are told, the call ends', async () => {
	const { meeting, host, callers: [ada, ben, cleo] } = await people(3);
	await ada.join(browser, pages, inst, meeting.id);
	await ben.join(browser, pages, inst, meeting.id);
	const call = await startCall(host, meeting);
	await Promise.all([ada, ben].map((caller) => caller.frame('call_started')));
	await Promise.all([ada.sees([ben]), ben.sees([ada])]);

	await cleo.join(browser, pages, inst, meeting.id);
	await Promise.all([ada.sees([ben, cleo]), ben.sees([ada, cleo]), cleo.sees([ada, ben])]);

	const { id, email, full_name } = ben.user;
	await ben.leave();
	for (const other of [ada, cleo]) {
		const left = await other.frame('call_left', { user_id: id });
		assert.deepEqual([left.email, left.full_name, left.message], [email, full_name, 'Ben left the call']);
		const gone = await other.frame('user_left', { user_id: id });
		assert.deepEqual([gone.email, gone.full_name, gone.message], [email, full_name, 'Ben left the meeting']);
		await until(async () => await other.peers() === 1, 'only one peer is left');
	}
	await Promise.all([ada.sees([cleo]), cleo.sees([ada])]);

	await endCall(host, call);
	for (const other of [ada, cleo])
		assert.equal((await other.frame('call_ended')).call.id, call.id);
});

