// Real media over a bad path, on any machine: everything goes through the TURN server, and what goes to that loses 5 %
// and takes 100 ms, each way on each person's side; it is cut for ten seconds, together with the signaling; and the server
// sees both people come from elsewhere. (net/bad-network has the same between network namespaces, where those may be made.)

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { as, assertStatus, newMeeting, newUser } from '../lib/api.mjs';
import { startCoturn } from '../lib/coturn.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { startProxy, through } from '../lib/proxy.mjs';
import { startUdpPath } from '../lib/udp_path.mjs';
import { launch } from './page.mjs';
import { Visitor } from './visitor.mjs';

const LOSS = 0.05;
const DELAY_MS = 100;
const CUT_MS = 10_000;
const PATIENCE_MS = 60_000;

let coturn;
let path;
let inst;
let proxy;
let browser;
let visitors;

before(async () => {
	coturn = await startCoturn();
	path = await startUdpPath(coturn);
	inst = await startInstance({ conf: { ice_urls: `turn:${coturn.host}:${path.port}?transport=udp`, turn_secret_file: coturn.secretFile } });
	proxy = await startProxy(inst);
	browser = await launch();
	const users = [await newUser(inst, { name: 'Ann' }), await newUser(inst, { name: 'Bob' })];
	const meeting = await newMeeting(inst, users[0], { title: 'Far', participants: [users[1]] });
	assertStatus(await as(inst, users[0]).patch(`/api/meetings/${meeting.id}`, { ice_policy: 'relay' }), 200);
	Object.assign(path, { loss: LOSS, delayMs: DELAY_MS });
	visitors = [];
	for (const user of users)
		visitors.push(await Visitor.inCall(browser, through(proxy, inst), { name: user.full_name, ...user }, 'Far'));
});
afterEach(() => inst.assertAlive());
after(async () => {
	await browser?.close();
	proxy?.close();
	await inst?.stop();
	path?.close();
	await coturn?.stop();
});

/** The call is whole: pictures and sound come and go on coming, and a word goes both ways. */
async function assertWhole() {
	await Promise.all(visitors.map((visitor) => visitor.sees(1, PATIENCE_MS)));
	const [ann, bob] = visitors;
	for (const [from, to, name] of [[ann, bob, 'Ann'], [bob, ann, 'Bob']]) {
		await from.button('Raise hand').click();
		await to.tile(name).getByLabel('Hand raised').waitFor({ timeout: PATIENCE_MS });
		await from.button('Lower hand').click();
	}
	for (const visitor of visitors) {
		await visitor.page.getByText(/Reconnecting…/).waitFor({ state: 'hidden', timeout: PATIENCE_MS });
		assert.equal(await visitor.page.evaluate(() => window.connectionsMade.length), 1, 'the same connection as before');
		assert.deepEqual(visitor.complaints, []);
	}
}

const areInterrupted = () => Promise.all([visitors[0].tile('Bob'), visitors[1].tile('Ann')]
	.map((tile) => tile.getByText('Connection interrupted…').waitFor({ timeout: PATIENCE_MS })));

test('a call begins and goes on with 5 % of the packets lost and 200 ms from one to the other', assertWhole);

test('media and signaling are cut for 10 s: the page says so, and the call recovers by itself', async () => {
	path.isCut = true;
	proxy.down();
	await Promise.all([pause(CUT_MS), areInterrupted(),
		...visitors.map(({ page }) => page.getByText('Connection lost. Reconnecting…').waitFor())]);
	path.isCut = false;
	proxy.up();
	await assertWhole();
});

test('the way to the relay changes in the middle of the call: it recovers by itself', async () => {
	const allocations = () => coturn.log().match(/ALLOCATE processed, success/g).length;
	const before = allocations();
	path.change();
	await until(() => allocations() > before, 'another place at the relay', PATIENCE_MS);
	await assertWhole();
});
