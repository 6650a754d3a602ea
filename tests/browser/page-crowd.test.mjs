// The call with two to eight people, in three sizes and two themes: every picture is whole, as large as the others,
// and over no other. The people but one are pretended (crowd.js). SHOTS=DIR keeps the pictures.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { newMeeting, newUser } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { look, SIZES } from './look.mjs';
import { launch } from './page.mjs';
import { Visitor } from './visitor.mjs';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const NAMES = ['Ben Okafor', 'Cleo', 'Dmitri Ivanovich Mendeleyev-Kowalski', 'Eva', 'Fatima', 'Grace', 'Hugo'];
/** What the pictures cover of the space for them, at least. */
const COVERED = { phone: 0.55, laptop: 0.6, wide: 0.6 };

let inst;
let browser;
let ada;

before(async () => {
	inst = await startInstance();
	browser = await launch();
});
afterEach(async () => {
	await ada?.close();
	inst.assertAlive();
});
after(async () => {
	await browser?.close();
	await inst?.stop();
});

async function enter(options = {}) {
	const user = await newUser(inst, { name: 'Ada Lovelace' });
	await newMeeting(inst, user, { title: 'Tuesday' });
	const context = await browser.newContext({ permissions: ['camera', 'microphone'], reducedMotion: 'reduce', ...options });
	for (const name of ['portraits.js', 'crowd.js'])
		await context.addInitScript(readFileSync(join(here, name), 'utf8'));
	await context.addInitScript(() => {
		const { getUserMedia } = MediaDevices.prototype;
		MediaDevices.prototype.getUserMedia = async function (constraints) {
			const stream = await getUserMedia.call(this, constraints);
			return new MediaStream([...stream.getAudioTracks(), ...window.portraitStream(0, 2).getTracks()]);
		};
	});
	ada = await Visitor.open(browser, inst, { name: user.full_name, ...user }, { context });
	await ada.signIn();
	await ada.join('Tuesday');
	await ada.text('You are the only one here').waitFor();
	await ada.page.waitForFunction(() => window.crowd.isIn);
	return ada;
}

const add = (...people) => ada.page.evaluate((list) => list.forEach((person) => window.crowd.add(person)), people);

/** The boxes of the pictures, and of the space that they have. */
const boxes = () => ada.page.evaluate(async () => {
	await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); // all is where it belongs
	const box = (element) => {
		const { left, top, right, bottom } = element.getBoundingClientRect();
		return { left, top, right, bottom };
	};
	return { stage: box(document.querySelector('.grid')), tiles: [...document.querySelectorAll('.grid .tile')].map(box),
		spot: [...document.querySelectorAll('.spot .tile')].map(box) };
});

const area = ({ left, top, right, bottom }) => (right - left) * (bottom - top);

const areApart = (one, other) => one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;

function assertLaidOut({ stage, tiles }, count, what) {
	assert.equal(tiles.length, count, what);
	for (const [i, tile] of tiles.entries()) {
		assert.ok(tile.left >= stage.left - 1 && tile.right <= stage.right + 1 && tile.top >= stage.top - 1 && tile.bottom <= stage.bottom + 1,
			`${what}: picture ${i} sticks out: ${JSON.stringify({ tile, stage })}`);
		assert.ok(Math.abs(area(tile) - area(tiles[0])) < 2000, `${what}: picture ${i} is of another size`);
		for (const other of tiles.slice(i + 1))
			assert.ok(areApart(tile, other), `${what}: one over another`);
	}
}

for (const colorScheme of ['light', 'dark'])
	test(`two to eight people are laid out in every size, ${colorScheme}`, async () => {
		await enter({ colorScheme });
		for (let count = 2; count <= 8; count += 1) {
			await add({ name: NAMES[count - 2], portrait: count - 1, state: { muted: count % 3 === 0, hand: count === 4, camera: count !== 6 } });
			await ada.tile(NAMES[count - 2]).waitFor();
			const check = async (what) => {
				const now = await boxes();
				assertLaidOut(now, count, what);
				const covered = now.tiles.reduce((sum, tile) => sum + area(tile), 0) / area(now.stage);
				assert.ok(covered >= COVERED[what.split(' ').at(-1)], `${what}: the pictures cover ${covered.toFixed(2)}`);
			};
			await look(ada, `crowd-${count}-${colorScheme}`, { hasAxe: count === 8, check });
		}
		await ada.button('Chat').click();
		await look(ada, `crowd-chat-${colorScheme}`, { sizes: { laptop: SIZES.laptop }, hasAxe: false,
			check: async (what) => assertLaidOut(await boxes(), 8, what) });
		await ada.button('Chat').click();
		await ada.page.evaluate(() => window.crowd.state('Cleo', { screen: true }));
		await ada.page.locator('.spot .tile.screen').waitFor();
		await look(ada, `crowd-screen-${colorScheme}`, { hasAxe: false, check: async (what) => {
			const now = await boxes();
			assertLaidOut(now, 7, what);
			assert.ok(area(now.spot[0]) > 4 * area(now.tiles[0]), `${what}: the screen is large`);
		} });
		assert.deepEqual(ada.complaints, []);
	});

test('each connection\'s quality is said as it is measured, speaking is shown, and an interruption is said in words', async () => {
	await enter();
	await add({ name: 'Good', portrait: 1, rttMs: 30 }, { name: 'Fair', portrait: 2, rttMs: 300 }, { name: 'Poor', portrait: 3, loss: 0.2 },
		{ name: 'Lost', portrait: 4, connection: 'disconnected' }, { name: 'Loud', portrait: 5, level: 0.3 });
	for (const [name, words] of [['Good', 'Good connection'], ['Fair', 'Fair connection'], ['Poor', 'Poor connection'], ['Lost', 'No connection']])
		await ada.tile(name).getByLabel(words).waitFor();
	await ada.tile('Lost').getByText('Connection interrupted…').waitFor();
	const speaks = (name) => ada.tile(name).evaluate((tile) => tile.classList.contains('speaking'));
	await until(() => speaks('Loud'), 'Loud speaks');
	assert.equal(await speaks('Good'), false);
	await ada.page.evaluate(() => { window.crowd.people.get('Loud').level = 0; });
	await until(async () => !await speaks('Loud'), 'Loud is silent');
	await ada.page.evaluate(() => window.crowd.people.get('Lost').pc.become('connected'));
	await ada.tile('Lost').getByText('Connection interrupted…').waitFor({ state: 'detached' });
	await look(ada, 'crowd-states', { hasAxe: false });
});
