// The meeting page with real browsers and real media.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { demo, newMeeting, newUser } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';
import { launch } from './page.mjs';
import { Visitor } from './visitor.mjs';

const EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

let inst;
let browser;
let visitors = [];

before(async () => {
	inst = await startInstance();
	browser = await launch({ args: ['--use-fake-device-for-media-stream=device-count=3'] }); // the second is a depth camera
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
	const isSpeaking = (tile) => tile.evaluate((element) => element.classList.contains('speaking'));
	await until(() => isSpeaking(user.tile('Admin User')), 'the beep of the other\'s microphone is heard', 30_000);
	await until(() => isSpeaking(user.tile('Regular User (you)')), 'and the own one\'s', 30_000);
});

test('`make run` says where the page is, and that is all one has to know', async () => {
	const [, address] = /^ +page +(\S+)$/m.exec(inst.terminal);
	const [, email, password] = /^ +logins +(\S+) +(\S+)/m.exec(inst.terminal);
	const user = await open({ ...demo.user, email, password }, {});
	assert.equal(user.page.url(), address);
	await user.signIn({ email, password });
	await user.page.getByRole('link', { name: 'Join: Demo meeting' }).waitFor();
});

test('camera and microphone are chosen before the call, with a look in the mirror, and in it', async () => {
	const users = [await newUser(inst, { name: 'Ada' }), await newUser(inst, { name: 'Ben' })];
	await newMeeting(inst, users[0], { title: 'Devices', participants: [users[1]] });
	const ben = await inCall(users[1], 'Devices');
	const ada = await open(users[0]);
	await ada.signIn();
	await ada.page.getByRole('link', { name: 'Join: Devices' }).click();
	const label = (selector) => ada.page.locator(selector).evaluate((video) => video.srcObject?.getVideoTracks()[0]?.label ?? '');
	await until(() => ada.page.locator('.mirror').evaluate((video) => video.videoWidth > 0), 'the mirror shows something');
	const [first, , second] = await ada.page.getByLabel('Camera', { exact: true }).locator('option').allTextContents();
	assert.equal(await label('.mirror'), first);
	await until(() => ada.page.locator('.level-bar').evaluate((bar) => Number(bar.style.getPropertyValue('--level')) > 0.05), 'the microphone is heard');
	await ada.page.getByLabel('Camera', { exact: true }).selectOption(second);
	await until(async () => await label('.mirror') === second, 'the other camera');
	await ada.button('Join').click();
	await Promise.all([ada.sees(1), ben.sees(1)]);
	assert.equal(await label('.tile.self video'), second);
	await ada.button('Camera and microphone').click();
	await ada.page.locator('dialog').getByLabel('Camera', { exact: true }).selectOption(first);
	await ada.page.locator('dialog').getByRole('button', { name: 'Close' }).click();
	await until(async () => await label('.tile.self video') === first, 'back to the first');
	await ben.sees(1);
	await ada.page.reload();
	await until(async () => await label('.mirror') === first, 'remembered');
});

test('the keyboard alone is enough for a call, and what happens is said to who cannot see it', async () => {
	const users = [await newUser(inst, { name: 'Ada' }), await newUser(inst, { name: 'Ben' })];
	await newMeeting(inst, users[0], { title: 'Keys', participants: [users[1]] });
	const { page, ...ada } = await open(users[0]);
	/** Tab to what has this name, and press it. */
	const press = async (name, key = 'Enter') => {
		const isThere = () => page.evaluate((wanted) => [document.activeElement?.getAttribute('aria-label'), document.activeElement?.textContent.trim()]
			.includes(wanted), name);
		for (let n = 0; n < 40 && !await isThere(); n += 1)
			await page.keyboard.press('Tab');
		assert.ok(await isThere(), `no way to ${name} by Tab`);
		await page.keyboard.press(key);
	};
	await page.keyboard.type(users[0].email);
	await page.keyboard.press('Tab');
	await page.keyboard.type(users[0].password);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'Your meetings' }).waitFor();
	await press('Join: Keys');
	await page.locator('.mirror-box').waitFor();
	await press('Join');
	await page.getByRole('group', { name: 'Ada (you)' }).waitFor();
	await press('Mute microphone', 'Space');
	await page.getByRole('button', { name: 'Unmute microphone' }).waitFor();
	await press('Chat');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'chat-text');
	await page.keyboard.type('Typed');
	await page.keyboard.press('Enter');
	await page.locator('.log .own').getByText('Typed').waitFor();
	await page.keyboard.press('Escape');
	await page.locator('.panel').waitFor({ state: 'hidden' });
	const ben = await inCall(users[1], 'Keys');
	const said = (words) => page.locator('#announcer').getByText(words).waitFor({ state: 'attached' });
	await said('Ben joined');
	await ben.button('Raise hand').click();
	await said('Ben raised a hand');
	await ben.button('Leave').click();
	await said('Ben left');
	await press('Leave');
	await page.getByRole('dialog', { name: 'Leave the call?' }).waitFor();
	await press('End for everyone');
	await page.getByRole('heading', { name: /The call was ended|You left the call/ }).waitFor();
	assert.ok(ada.who);
});

test('what the operator says to the room is shown as the text that it is', async () => {
	const { meeting, callers: [ada, ben] } = await callOf(2);
	await Promise.all([ada.tile('Ben').waitFor(), ben.tile('Ada').waitFor()]); // both are in the room
	const { code, stderr } = await inst.ctl(['room', 'message', String(meeting.id), `In ten minutes: ${EVIL}`]);
	assert.equal(code, 0, stderr);
	for (const visitor of [ada, ben]) {
		await visitor.text(`From the operator of this server: In ten minutes: ${EVIL}`).first().waitFor();
		assert.equal(await visitor.page.evaluate(() => window.hacked), undefined);
	}
	await ben.page.locator('.news').getByRole('button', { name: 'Close' }).click();
	await ben.page.locator('.news').waitFor({ state: 'detached' });
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
	const row = (name) => ben.page.getByRole('list', { name: 'Who is here' }).getByRole('listitem').filter({ hasText: name });
	await row('Ada').getByText('Host').waitFor();
	await row('Ada').getByLabel('Hand raised').waitFor();
	await row('Ben').getByText('you').waitFor();
	await ben.sees(1);
	await ada.button('Leave').click();
	await ada.page.locator('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
	await row('Ada').getByText('Host · invited, not here').waitFor();
});

test('what others say of themselves is yes or no, whatever they send, and keeps nobody out', async () => {
	const [ada, ben] = [await newUser(inst, { name: 'Ada' }), await newUser(inst, { name: 'Ben' })];
	const meeting = await newMeeting(inst, ada, { title: 'Odd', participants: [ben] });
	const odd = await connect(inst, meeting.id, { token: ben.access });
	await odd.next('welcome');
	odd.send({ type: 'state', state: { hand: { toString: 1 }, muted: { toString: 1 }, camera: [], screen: {} } });
	odd.send({ type: 'join-call' });
	await odd.next('call_joined');
	const visitor = await inCall(ada, 'Odd');
	await visitor.tile('Ben').waitFor();
	odd.close();
	await visitor.tile('Ben').waitFor({ state: 'detached' });
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
	const [head, row] = readFileSync(await file.path(), 'utf8').split('\r\n');
	assert.equal(head, 'user_id,email,full_name,joined_at,left_at,seconds');
	assert.match(row, new RegExp(`^${host.id},${host.email},Hana,`));
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
