// The meeting page in three sizes and two themes: nothing sticks out, and axe-core finds no serious issue.
// SHOTS=DIR keeps the pictures.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { newMeeting, newUser } from '../lib/api.mjs';
import { startInstance } from '../lib/instance.mjs';
import { look } from './look.mjs';
import { launch } from './page.mjs';
import { Visitor } from './visitor.mjs';

let inst;
let browser;

before(async () => {
	inst = await startInstance();
	browser = await launch();
});
afterEach(() => inst.assertAlive());
after(async () => {
	await browser?.close();
	await inst?.stop();
});

for (const colorScheme of ['light', 'dark']) {
	test(`the page is whole and accessible in every view, ${colorScheme}`, async () => {
		const ada = await newUser(inst, { name: 'Ada with quite a long name and another one' });
		const ben = await newUser(inst, { name: 'Ben' });
		await newMeeting(inst, ada, { title: 'A title that is '.repeat(8), participants: [ben], description: 'What it is about' });
		const visitor = await Visitor.open(browser, inst, { name: 'Ada', ...ada }, { colorScheme, reducedMotion: 'reduce' });
		const see = (name) => look(visitor, `${name}-${colorScheme}`);
		const { page } = visitor;
		await page.getByLabel('Password').waitFor();
		await see('signin');
		await visitor.signIn();
		await page.locator('.meeting').waitFor();
		await see('home');
		await visitor.button('New meeting').click();
		await see('create');
		await visitor.button('Cancel').click();
		await page.locator('.meeting h2 a').click();
		await visitor.text('There have been no calls yet.').waitFor();
		await see('meeting');
		await page.getByRole('link', { name: 'Join', exact: true }).click();
		await page.locator('.mirror-box').waitFor();
		await see('prejoin');
		await visitor.button('Join').click();
		await visitor.tile('Ada with quite a long name and another one (you)').waitFor();
		await see('call');
		await visitor.button('Chat').click();
		await page.getByLabel('Message', { exact: true }).fill('A word');
		await page.keyboard.press('Enter');
		await see('chat');
		await page.keyboard.press('Escape');
		await visitor.button('Who is here').click();
		await see('people');
		await page.keyboard.press('Escape');
		await visitor.button('Leave').click();
		await see('leave');
		await page.locator('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
		await page.getByRole('heading', { name: 'You left the call' }).waitFor();
		await see('over');
		assert.deepEqual(visitor.complaints, []);
		await visitor.close();
	});
}
