// The meeting page with real browsers and real media.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { demo, newMeeting, newUser } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { launch } from './page.mjs';
import { Visitor } from './visitor.mjs';

const EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

let inst;
let browser;
let visitors = [];

before(async () => {
	inst = await startInstance();
	browser = await launch();
});
afterEach(async () => {
	const complaints = visitors.flatMap((visitor) => visitor.complaints);
	await Promise.all(visitors.map((visitor) => visitor.close()));
	visitors = [];
	inst.assertAlive();
	assert.deepEqual(complaints, []);
});
after(async () => {
	await browser?.close();
	await inst?.stop();
});

const named = ({ full_name: name, ...rest }) => ({ name, ...rest });

async function open(who, options) {
	const visitor = await Visitor.open(browser, inst, named(who), options);
	visitors.push(visitor);
	return visitor;
}

async function inCall(who, title, options) {
	const visitor = await open(who, options);
	await visitor.signIn();
	await visitor.join(title);
	return visitor;
}

/** A call of `n` new people. */
async function callOf(n, { names = ['Ada', 'Ben', 'Cleo'], title = 'A call' } = {}) {
	const users = [];
	for (const name of names.slice(0, n))
		users.push(await newUser(inst, { name }));
	const meeting = await newMeeting(inst, users[0], { title, participants: users.slice(1) });
	const callers = [];
	for (const user of users)
		callers.push(await inCall(user, title));
	return { meeting, users, callers };
}

test('the two demo users sign in in two windows and are in a working call', async () => {
	const admin = await inCall(demo.admin, 'Demo meeting');
	const user = await inCall(demo.user, 'Demo meeting');
	await Promise.all([admin.sees(1), user.sees(1)]);
	await admin.tile('Regular User').waitFor();
	await user.tile('Admin User').waitFor();
	await admin.tile('Admin User (you)').waitFor();
	await until(() => user.page.locator('.tile.picture').count().then((n) => n === 2), 'both pictures are shown');
	await until(() => user.tile('Admin User').getByLabel('Good connection').count(), 'the quality is measured');
});

test('muting, camera off and a raised hand are seen by the other', async () => {
	const { callers: [ada, ben] } = await callOf(2);
	await ben.sees(1);
	await ada.button('Mute microphone').click();
	await ben.tile('Ada').getByLabel('Microphone off').waitFor();
	await ada.button('Unmute microphone').click();
	await ben.tile('Ada').getByLabel('Microphone off').waitFor({ state: 'detached' });
	await ada.button('Turn camera off').click();
	await until(() => ben.tile('Ada').evaluate((tile) => !tile.classList.contains('picture')), 'no picture of Ada');
	await ada.button('Turn camera on').click();
	await until(() => ben.tile('Ada').evaluate((tile) => tile.classList.contains('picture')), 'the picture is back');
	await ada.button('Raise hand').click();
	await ben.tile('Ada').getByLabel('Hand raised').waitFor();
	await ben.button('Who is here').click();
	await ben.page.getByRole('list', { name: 'Who is here' }).getByText('Ada').waitFor();
	await ben.sees(1);
});

test('chat reaches the others, and what looks like markup is text, in names and titles too', async () => {
	const { callers: [ada, ben] } = await callOf(2, { names: [EVIL.slice(0, 40), 'Ben'], title: EVIL });
	await ada.button('Chat').click();
	for (const text of ['Hello', EVIL, '<b>bold</b> & "quoted"']) {
		await ada.page.getByLabel('Message', { exact: true }).fill(text);
		await ada.page.keyboard.press('Enter');
	}
	await until(() => ben.button('Chat').getAttribute('data-count').then((n) => n === '3'), 'three unread');
	await ben.button('Chat').click();
	const texts = () => ben.page.locator('.log .text').allTextContents();
	await until(async () => (await texts()).length === 3, 'three messages');
	assert.deepEqual(await texts(), ['Hello', EVIL, '<b>bold</b> & "quoted"']);
	assert.equal(await ben.page.locator('.log img, .log b, h1 img, .tile img').count(), 0);
	for (const visitor of [ada, ben])
		assert.equal(await visitor.page.evaluate(() => window.hacked), undefined);
	assert.equal(await ben.page.locator('h1').textContent(), EVIL);
});

test('a third joins, one leaves, the host ends the call for everyone, in words', async () => {
	const { callers: [ada, ben, cleo] } = await callOf(3);
	await Promise.all([ada, ben, cleo].map((visitor) => visitor.sees(2)));
	await ben.button('Leave').click();
	await ben.page.getByRole('heading', { name: 'You left the call' }).waitFor();
	for (const other of [ada, cleo]) {
		await other.tile('Ben').waitFor({ state: 'detached' });
		await other.sees(1);
	}
	await ada.button('Leave').click();
	await ada.button('End for everyone').click();
	await cleo.page.getByRole('heading', { name: 'The host, Ada, ended the call' }).waitFor();
	await cleo.button('Join again').click();
	await cleo.button('Join').waitFor();
});

test('the signaling daemon dies and comes back: the page says so, the pictures never stop', async () => {
	const { callers: [ada, ben] } = await callOf(2);
	await Promise.all([ada.sees(1), ben.sees(1)]);
	const banners = Promise.all([ada, ben].map((visitor) =>
		visitor.page.getByText(/Reconnecting…/).waitFor()));
	inst.kill('signald', 'SIGKILL');
	await banners;
	await Promise.all([ada, ben].map((visitor) => visitor.page.getByText(/Reconnecting…/).waitFor({ state: 'hidden' })));
	await inst.waitReady();
	await Promise.all([ada.sees(1), ben.sees(1)]);
	assert.deepEqual(await Promise.all([ada, ben].map((visitor) => visitor.page.evaluate(() => window.connectionsMade.length))),
		[1, 1], 'the same connections as before');
	await ada.button('Raise hand').click();
	await ben.tile('Ada').getByLabel('Hand raised').waitFor();
});

test('a shared screen takes the large place, and the camera is back after it', async () => {
	const { callers: [ada, ben] } = await callOf(2);
	await ben.sees(1);
	await ada.page.evaluate(() => {
		navigator.mediaDevices.getDisplayMedia = async () => {
			const canvas = document.createElement('canvas');
			canvas.getContext('2d').fillRect(0, 0, 10, 10);
			return canvas.captureStream(5);
		};
	});
	await ada.button('Share screen').click();
	await ben.page.locator('.spot .tile.screen').getByText('Ada shares the screen').waitFor();
	await ada.button('Stop sharing').click();
	await ben.page.locator('.spot .tile').waitFor({ state: 'detached' });
	await ben.tile('Ada').waitFor();
	await ben.sees(1);
});

test('the camera is refused: one can join all the same, and is told why', async () => {
	const user = await newUser(inst, { name: 'Shy' });
	await newMeeting(inst, user, { title: 'Blind' });
	const shy = await open(user);
	await shy.page.evaluate(() => {
		navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };
	});
	await shy.signIn();
	await shy.page.getByRole('link', { name: 'Join: Blind' }).click();
	await shy.page.getByRole('alert').getByText(/does not let this page use your camera/).waitFor();
	await shy.button('Join').click();
	await shy.tile('Shy (you)').waitFor();
	await shy.button('Unmute microphone').waitFor();
});

test('a meeting is made, people are invited, a past call shows who was there and gives a file', async () => {
	const host = await newUser(inst, { name: 'Hana' });
	const guest = await newUser(inst, { name: 'Gus' });
	const page = await open(host);
	await page.signIn();
	await page.button('New meeting').click();
	await page.page.getByLabel('Title').fill('Plans');
	await page.page.getByLabel(/^Invite/).fill('nobody@nowhere.example');
	await page.button('Create meeting').click();
	await page.page.locator('dialog').getByRole('alert').getByText('Nobody here has the address nobody@nowhere.example.').waitFor();
	await page.page.getByLabel(/^Invite/).fill('');
	await page.button('Create meeting').click();
	await page.page.getByRole('heading', { name: 'Plans' }).waitFor();
	await page.page.getByLabel('Invite by e-mail address').fill(guest.email);
	await page.button('Invite').click();
	await page.text('Gus').waitFor();
	await page.text('There have been no calls yet.').waitFor();

	await page.page.getByRole('link', { name: 'Join', exact: true }).click();
	await page.button('Join').click();
	await page.tile('Hana (you)').waitFor();
	await page.text('You are the only one here').waitFor();
	await page.button('Leave').click();
	await page.button('End for everyone').click();
	await page.page.getByRole('link', { name: 'Details' }).click();
	await page.page.locator('summary').click();
	await page.page.getByRole('cell', { name: 'Hana' }).waitFor();
	const [file] = await Promise.all([page.page.waitForEvent('download'), page.button('Download CSV').click()]);
	assert.match(file.suggestedFilename(), /^call-\d+-attendance\.csv$/);
});

test('a wrong password is said, and the keyboard alone is enough to sign in and out', async () => {
	const user = await newUser(inst, { name: 'Kim' });
	const { page, ...visitor } = await open(user);
	await page.keyboard.type(user.email);
	await page.keyboard.press('Tab');
	await page.keyboard.type('wrong');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').getByText('The e-mail address or the password is not right.').waitFor();
	await page.getByLabel('Password').fill(user.password);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'Your meetings' }).waitFor();
	await page.getByText('No meetings yet.').waitFor();
	await page.getByRole('button', { name: 'Sign out' }).focus();
	await page.keyboard.press('Enter');
	await page.getByLabel('Password').waitFor();
	assert.equal(await page.evaluate(() => sessionStorage.length), 0);
	assert.ok(visitor.who);
});

test('a reload stays signed in; the page is served with a policy that allows nothing inline', async () => {
	const user = await newUser(inst, { name: 'Rae' });
	const rae = await open(user);
	await rae.signIn();
	const reply = await rae.page.reload();
	await rae.page.getByRole('heading', { name: 'Your meetings' }).waitFor();
	const policy = reply.headers()['content-security-policy'];
	assert.match(policy, /default-src 'none'/);
	assert.doesNotMatch(policy, /unsafe/);
});
