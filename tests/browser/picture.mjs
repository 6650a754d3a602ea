// Takes the picture of the README: a real call on the real page, of people whose cameras show portraits.js.
//
//	make picture		(or: UNIO_BUILD=build node tests/browser/picture.mjs docs/images/call.webp)

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newMeeting, newUser } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { launch } from './page.mjs';
import { Visitor } from './visitor.mjs';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const [file] = process.argv.slice(2);
const PATIENCE_MS = 90_000;
const TITLE = 'Garden party, who brings what';
const PEOPLE = ['Ada Norling', 'Samuel Adeyemi', 'Rosa Brandt', 'Karim Haddad', 'Lotte de Vries', 'Grace Mwangi'];
const CHAT = [[1, 'I can bring the lemonade.'], [4, 'And I have two long tables.'], [0, 'Wonderful! Then we only need chairs.'],
	[3, 'Chairs: ask Rosa, she has a dozen.'], [2, 'Ten, to be precise :)']];

/** The camera shows a portrait; of all the microphones only one is heard. */
function camera([portrait, isHeard]) {
	const { getUserMedia } = MediaDevices.prototype;
	MediaDevices.prototype.getUserMedia = async function (constraints) {
		const sound = (await getUserMedia.call(this, constraints)).getAudioTracks();
		if (!isHeard)
			sound.forEach((track) => { track.enabled = false; Object.defineProperty(track, 'enabled', { value: false, writable: true }); });
		return new MediaStream([...sound, ...window.portraitStream(portrait, 2).getTracks()]);
	};
}

const inst = await startInstance();
const browser = await launch();
const users = [];
for (const name of PEOPLE)
	users.push(await newUser(inst, { name }));
await newMeeting(inst, users[0], { title: TITLE, participants: users.slice(1) });
const visitors = [];
for (const [n, user] of users.entries()) {
	const context = await browser.newContext({ permissions: ['camera', 'microphone'], colorScheme: 'light', viewport: { width: 1280, height: 800 } });
	await context.addInitScript(readFileSync(join(here, 'portraits.js'), 'utf8'));
	await context.addInitScript(camera, [n, n === 1]);
	context.setDefaultTimeout(PATIENCE_MS);
	visitors.push(await Visitor.inCall(browser, inst, { name: user.full_name, ...user }, TITLE, { context }));
}
await Promise.all(visitors.map((visitor) => visitor.sees(PEOPLE.length - 1, 60_000)));
const [{ page }] = visitors;
await visitors[0].button('Chat').click();
await visitors[5].button('Mute microphone').click();
await visitors[2].button('Raise hand').click();
for (const [n, text] of CHAT) {
	if (n > 0)
		await visitors[n].button('Chat').click();
	await visitors[n].page.getByLabel('Message', { exact: true }).fill(text);
	await visitors[n].page.keyboard.press('Enter');
	await page.locator('.log .text').getByText(text).waitFor();
	if (n > 0)
		await visitors[n].button('Chat').click();
}
await page.locator('.notice').waitFor({ state: 'hidden' });
await page.locator('h1').click();
await until(() => page.locator('.bars.good').count().then((n) => n >= PEOPLE.length - 2), 'connections are measured', 60_000).catch(() => {});
await until(() => page.locator('.tile:not(.self).speaking').count(), 'somebody speaks', 60_000);
const devtools = await page.context().newCDPSession(page);
const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 88 });
writeFileSync(file, Buffer.from(data, 'base64'));
await browser.close();
await inst.stop();
