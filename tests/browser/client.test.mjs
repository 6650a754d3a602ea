// The client library in real browsers, and together with the report's own client.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { newMeeting, newUser } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { Caller, launch, servePage } from './page.mjs';
import { Visitor } from './visitor.mjs';

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

/** A page of this origin that only has the library. */
async function withLibrary(user, meetingId) {
	const visitor = await Visitor.open(browser, inst, { name: user.full_name, ...user });
	await visitor.page.evaluate(async ([id, token]) => {
		const { UnioMeeting } = await import('./unio-client.js');
		window.meeting = new UnioMeeting({ meetingId: id, getToken: () => token });
		window.told = [];
		for (const type of ['joined', 'peer', 'peer-left', 'reconnecting', 'reconnected', 'closed', 'message'])
			window.meeting.on(type, (detail) => window.told.push([type, detail?.name ?? detail?.code ?? '', detail?.data]));
		await window.meeting.join(await navigator.mediaDevices.getUserMedia({ audio: true, video: true }));
	}, [meetingId, user.access]);
	return visitor;
}

const told = (visitor, type) => visitor.page.evaluate((wanted) => window.told.filter(([kind]) => kind === wanted), type);

async function people(...names) {
	const users = [];
	for (const name of names)
		users.push(await newUser(inst, { name }));
	return { users, meeting: await newMeeting(inst, users[0], { participants: users.slice(1) }) };
}

test('twenty lines make a call; it goes on when the signaling is cut, and ends with a word', async () => {
	const { users: [ann, bob], meeting } = await people('Ann', 'Bob');
	const one = await withLibrary(ann, meeting.id);
	const two = await withLibrary(bob, meeting.id);
	await Promise.all([one.sees(1), two.sees(1)]);
	inst.kill('signald', 'SIGKILL');
	await until(async () => (await told(one, 'reconnected')).length + (await told(two, 'reconnected')).length === 2,
		'both are back', 30_000);
	await inst.waitReady();
	assert.equal(await one.page.evaluate(() => window.connectionsMade.length), 1);
	await one.page.evaluate(() => window.meeting.send({ hello: 'again' }));
	await until(async () => (await told(two, 'message')).some(([, , data]) => data.hello === 'again'), 'the message comes');
	await two.page.evaluate(() => window.meeting.leave());
	assert.deepEqual((await told(two, 'closed')).map(([, code]) => code), ['left']);
	await until(async () => (await told(one, 'peer-left')).length === 1, 'one is told', 30_000);
});

test('a front server that dies cuts both; both resume, and neither has left for the other', async () => {
	const { users: [ann, bob], meeting } = await people('Ann', 'Bob');
	const one = await withLibrary(ann, meeting.id);
	const two = await withLibrary(bob, meeting.id);
	await Promise.all([one.sees(1), two.sees(1)]);
	inst.kill('web', 'SIGKILL');
	for (const visitor of [one, two])
		await until(async () => (await told(visitor, 'reconnected')).length > 0, 'back', 30_000);
	await inst.waitReady();
	await one.page.evaluate(() => window.meeting.send('still here'));
	await until(async () => (await told(two, 'message')).some(([, , data]) => data === 'still here'), 'the message comes');
	for (const visitor of [one, two]) {
		assert.equal((await told(visitor, 'joined')).length, 1, 'resumed, not joined again');
		assert.deepEqual(await told(visitor, 'peer-left'), []);
		assert.deepEqual(await visitor.page.evaluate(() => window.connectionsMade.length), 1);
	}
	await Promise.all([one.sees(1), two.sees(1)]);
});

test('the library and the report\'s client see and hear each other, whoever came first', async () => {
	for (const reportFirst of [true, false]) {
		const { users: [ann, bob], meeting } = await people('Ann', 'Bob');
		const old = new Caller(bob);
		if (reportFirst)
			await old.join(browser, pages, inst, meeting.id);
		const fresh = await withLibrary(ann, meeting.id);
		if (!reportFirst)
			await old.join(browser, pages, inst, meeting.id);
		await Promise.all([fresh.sees(1), old.sees([new Caller(ann)])]);
		await old.leave();
		await until(async () => (await told(fresh, 'peer-left')).length === 1, 'told of the leaving', 30_000);
		await fresh.close();
	}
});

test('a closed window has left at once', async () => {
	const { users: [ann, bob], meeting } = await people('Ann', 'Bob');
	const one = await withLibrary(ann, meeting.id);
	const two = await withLibrary(bob, meeting.id);
	await one.sees(1);
	await two.page.close({ runBeforeUnload: true });
	await until(async () => (await told(one, 'peer-left')).length === 1, 'one is told', 5000);
});
