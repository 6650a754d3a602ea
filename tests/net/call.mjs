// Two people in a call over a link that loses 5 % of the packets and takes 200 ms, each way; that is cut for ten
// seconds; and on which one of them gets another address. Server and host are on the near side, the guest with
// signaling and media on the far one. ROUNDS (1) times; what was measured is said after each test.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { newMeeting, newUser } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { startProxy, through } from '../lib/proxy.mjs';
import { chromiumPath, launch } from '../browser/page.mjs';
import { Visitor } from '../browser/visitor.mjs';
import { openLink } from './link.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 1);
const LOSS = 5;
const DELAY_MS = 200;
const CUT_MS = 10_000;
/** How long each may take; what it does take is in the figures. */
const BEGIN_MS = 60_000;
const RECOVER_MS = 60_000;
const TICK_MS = 50;

let link;
let inst;
let door;
let browsers;
let users;
let ann;
let bob;

before(async () => {
	link = await openLink();
	inst = await startInstance();
	door = await startProxy(inst, link.here);
	browsers = await Promise.all([launch(),
		launch({ executablePath: link.script('chromium', chromiumPath), args: [`--unsafely-treat-insecure-origin-as-secure=${door.origin}`] })]);
	users = [await newUser(inst, { name: 'Ann' }), await newUser(inst, { name: 'Bob' })];
	await newMeeting(inst, users[0], { title: 'Far', participants: [users[1]] });
	ann = await Visitor.inCall(browsers[0], inst, { name: 'Ann', ...users[0] }, 'Far');
	bob = await Visitor.open(browsers[1], through(door, inst), { name: 'Bob', ...users[1] });
	await bob.signIn();
});
afterEach(() => inst.assertAlive());
after(async () => {
	await Promise.all((browsers ?? []).map((browser) => browser.close()));
	door?.close();
	await inst?.stop();
	await link?.close();
});

const frames = async () => (await Promise.all([ann, bob].map((visitor) => visitor.media())))
	.map((connections) => connections.reduce((sum, { video }) => sum + video, 0));

/** Resolves with the ms until both have got new pictures; those that are on their way now are old. */
async function untilBothSee(ms, what) {
	const started = performance.now();
	await pause(2 * DELAY_MS);
	let last = await frames(); // the browser counts from 0 again where it has begun anew to receive
	const at = [0, 0];
	const deadline = Date.now() + ms;
	while (at.includes(0)) {
		assert.ok(Date.now() < deadline, `${what}: not within ${ms} ms; ${ann.complaints} ${bob.complaints}`);
		await pause(TICK_MS);
		const now = await frames();
		now.forEach((count, i) => {
			if (at[i] === 0 && count > last[i])
				at[i] = performance.now() - started;
		});
		last = now;
	}
	return Math.max(...at);
}

/** A word goes both ways: the signaling lives. */
async function untilBothHear(ms) {
	const started = performance.now();
	for (const [from, to] of [[ann, bob], [bob, ann]]) {
		const hand = from === ann ? 'Ann' : 'Bob';
		await from.button('Raise hand').click();
		await to.tile(hand).getByLabel('Hand raised').waitFor({ timeout: ms });
		await from.button('Lower hand').click();
	}
	for (const visitor of [ann, bob])
		await visitor.page.getByText(/Reconnecting…/).waitFor({ state: 'hidden', timeout: ms });
	return performance.now() - started;
}

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** One connection for all of a round, nobody has left, and the page has not complained. */
async function assertSameCall(round) {
	for (const visitor of [ann, bob]) {
		assert.equal(await visitor.page.evaluate(() => window.connectionsMade.length), round, 'the same connection as before');
		assert.deepEqual(visitor.complaints, []);
	}
}

for (let round = 1; round <= ROUNDS; round += 1) {
	const again = ROUNDS > 1 ? ` (${round})` : '';

	test(`a call begins with ${LOSS} % of the packets lost and ${DELAY_MS} ms each way${again}`, async (t) => {
		link.set(`loss ${LOSS}`, `delay ${DELAY_MS}`);
		const joined = bob.join('Far');
		const first = await untilBothSee(BEGIN_MS, 'pictures both ways');
		await joined;
		t.diagnostic(`figure: first frames both ways ${seconds(first)} after "Join" was pressed in the list`);
		t.diagnostic(`figure: a word there and back ${seconds(await untilBothHear(RECOVER_MS))}`);
		await assertSameCall(round);
	});

	test(`the link is cut for ${CUT_MS / 1000} s: the call recovers by itself${again}`, async (t) => {
		link.set('cut');
		await pause(CUT_MS);
		const before = await frames();
		await pause(1000);
		assert.deepEqual(await frames(), before, 'the cut is one');
		link.set('mend');
		t.diagnostic(`figure: pictures both ways ${seconds(await untilBothSee(RECOVER_MS, 'pictures'))} after the end of the cut`);
		t.diagnostic(`figure: signaling whole ${seconds(await untilBothHear(RECOVER_MS))} after that`);
		await assertSameCall(round);
	});

	test(`one gets another address in the middle of the call: it recovers by itself${again}`, async (t) => {
		link.move();
		t.diagnostic(`figure: pictures both ways ${seconds(await untilBothSee(RECOVER_MS, 'pictures'))} after the change`);
		t.diagnostic(`figure: signaling whole ${seconds(await untilBothHear(RECOVER_MS))} after that`);
		await assertSameCall(round);
	});

	test(`the guest leaves, over the same link${again}`, async () => {
		await bob.button('Leave').click();
		await ann.tile('Bob').waitFor({ state: 'detached' });
		await bob.page.getByRole('link', { name: 'All meetings' }).click();
		await until(() => bob.page.getByRole('link', { name: 'Join: Far' }).count(), 'the list');
	});
}
