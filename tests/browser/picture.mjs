// Takes the picture of the README: the page as it runs, in a call with people who are pretended (crowd.js) and whose
// cameras show portraits.js.
//
//	UNIO_BUILD=build node tests/browser/picture.mjs docs/images/call.webp

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newMeeting, newUser } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { launch } from './page.mjs';
import { Visitor } from './visitor.mjs';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const [file] = process.argv.slice(2);
const TITLE = 'Garden party: who brings what';
const SELF = 'Ada Norling';
const PEOPLE = [
	{ name: 'Samuel Adeyemi', portrait: 1, level: 0.3 },
	{ name: 'Rosa Brandt', portrait: 2, state: { hand: true } },
	{ name: 'Karim Haddad', portrait: 3, rttMs: 320 },
	{ name: 'Lotte de Vries', portrait: 4 },
	{ name: 'Grace Mwangi', portrait: 5, state: { muted: true } },
];
const CHAT = [['Samuel Adeyemi', 'I can bring the lemonade.'], ['Lotte de Vries', 'And I have two long tables.'],
	[SELF, 'Wonderful! Then we only need chairs.'], ['Karim Haddad', 'Rosa has a dozen of them.'], ['Rosa Brandt', 'Ten, to be precise :)']];

/** A camera that shows somebody, and a microphone that is silent. */
function camera() {
	MediaDevices.prototype.getUserMedia = async () => new MediaStream([
		new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0], ...window.portraitStream(0, 4).getTracks()]);
}

const inst = await startInstance();
const browser = await launch();
const context = await browser.newContext({ permissions: ['camera', 'microphone'], colorScheme: 'light', viewport: { width: 1280, height: 760 } });
for (const name of ['portraits.js', 'crowd.js'])
	await context.addInitScript(readFileSync(join(here, name), 'utf8'));
await context.addInitScript(camera);
const user = await newUser(inst, { name: SELF });
await newMeeting(inst, user, { title: TITLE });
const visitor = await Visitor.inCall(browser, inst, { name: SELF, ...user }, TITLE, { context });
const { page } = visitor;
await visitor.text('You are the only one here').waitFor();
await page.evaluate((people) => people.forEach((person) => window.crowd.add(person)), PEOPLE);
await visitor.button('Chat').click();
for (const [name, text] of CHAT) {
	if (name === SELF) {
		await page.getByLabel('Message', { exact: true }).fill(text);
		await page.keyboard.press('Enter');
	} else
		await page.evaluate((said) => window.crowd.say(...said), [name, text]);
	await page.locator('.log .text').getByText(text).waitFor();
}
await page.locator('.notice').waitFor({ state: 'hidden' });
await page.locator('h1').click();
await until(() => page.locator('.bars.good').count().then((n) => n === PEOPLE.length - 1), 'the connections are measured', 60_000);
await until(() => page.locator('.tile.speaking').count(), 'somebody speaks');
const devtools = await context.newCDPSession(page);
const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 88 });
writeFileSync(file, Buffer.from(data, 'base64'));
if (process.env.SHOTS)
	await page.screenshot({ path: join(process.env.SHOTS, 'picture.png') });
await browser.close();
await inst.stop();
