// Two browsers in a call keep their media, over the same RTCPeerConnection objects, whatever part of Unio is
// stopped, killed or cut off meanwhile, and neither misses an event nor gets one twice.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { as, assertStatus, newMeeting, newUser } from '../lib/api.mjs';
import { watchPage } from '../lib/contract_page.mjs';
import { defaults, startInstance, until } from '../lib/instance.mjs';
import { startProxy } from '../lib/proxy.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { launch } from './page.mjs';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;

/** For how long pictures are watched after each fault, and how long they may stand still on a busy machine. */
const WATCH_MS = 3_000;
const STILL_MS = 2_500;
const SAMPLE_MS = 250;
const CUT_MS = 10_000;
const BACK_MS = 15_000;

let inst;
let proxy;
let pages;
let browser;
let meeting;
let host;
let callers;
let titles = 0;

before(async () => {
	inst = await startInstance();
	proxy = await startProxy(inst);
	pages = await servePage();
	browser = await launch();
	const users = [await newUser(inst, { name: 'Ada' }), await newUser(inst, { name: 'Ben' })];
	meeting = await newMeeting(inst, users[0], { title: 'To be continued', participants: [users[1]] });
	host = as(inst, users[0]);
	callers = [];
	for (const user of users)
		callers.push(await open(user));
	await until(async () => (await pictures()).every(({ peers }) => peers[0]?.frames > 0), 'both see each other', 30_000);
});
afterEach(async () => {
	await inst.waitReady();
	inst.assertAlive();
});
after(async () => {
	await browser?.close();
	pages?.close();
	proxy?.close();
	await inst?.stop();
});

/** The page of the test's own client; by a server, or the browser would not let it talk to this machine. */
async function servePage() {
	const body = '<!doctype html><meta charset="utf-8"><title>A client that keeps its media</title><body>'
		+ `<script>${readFileSync(join(here, 'keeper.js'), 'utf8')}</script>`;
	const server = createServer((_, reply) => reply.setHeader('Content-Type', 'text/html').end(body));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** Opens a page that enters the meeting through the proxy. */
async function open(user) {
	noteSecret(user.access);
	const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
	const page = await context.newPage();
	watchPage(page, inst);
	const errors = [];
	page.on('pageerror', (error) => errors.push(error.message));
	await page.goto(pages.address);
	await page.evaluate(([address, token, id]) => {
		window.keeper = new Keeper(address, token, id);
		return window.keeper.start();
	}, [`${proxy.wsOrigin}/ws/meeting/${meeting.id}/`, user.access, `client-${user.id}`]);
	await until(() => page.evaluate(() => window.keeper.live), `${user.full_name} is in`);
	return { user, page, errors };
}

const pictures = () => Promise.all(callers.map(({ page }) => page.evaluate(() => picture())));

/** Watches the pictures while `work` runs and a while after: how long the longest standstill was, in ms. */
async function watch(work) {
	let over = false;
	const still = callers.map(() => ({ frames: 0, since: Date.now(), longest: 0 }));
	const watching = (async () => {
		while (!over) {
			(await pictures()).forEach(({ peers: [peer] }, i) => {
				const now = Date.now();
				still[i].longest = Math.max(still[i].longest, now - still[i].since);
				if (peer.frames > still[i].frames)
					Object.assign(still[i], { frames: peer.frames, since: now });
			});
			await pause(SAMPLE_MS);
		}
	})();
	try {
		await work();
		await pause(WATCH_MS);
	} finally {
		over = true;
		await watching;
	}
	return still.map(({ longest }) => longest);
}

/** Both clients hear each other and the API, each thing once, and the ids of all events rise. */
async function assertSignaling() {
	const title = `Title ${titles += 1}`;
	const mark = `mark ${titles}`;
	assertStatus(await host.patch(`/api/meetings/${meeting.id}`, { title }), 200);
	for (const { page } of callers)
		await page.evaluate((data) => window.keeper.send({ type: 'message', data }), mark);
	for (const { page, user } of callers) {
		await until(() => page.evaluate(([wantedTitle, wantedMark]) => {
			const { frames } = window.keeper;
			return frames.some((frame) => frame.type === 'message' && frame.data === wantedMark)
				&& frames.some((frame) => frame.type === 'meeting_updated' && frame.meeting.title === wantedTitle);
		}, [title, mark]), `${user.full_name} is told`);
		const frames = await page.evaluate(() => window.keeper.frames);
		const ids = frames.filter(({ type, event_id: id }) => type !== 'welcome' && id).map(({ event_id: id }) => id);
		assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b), `${user.full_name}: each event once, in order`);
		const told = frames.filter(({ type }) => type === 'meeting_updated').map((frame) => frame.meeting.title);
		assert.deepEqual(told, Array.from({ length: titles }, (_, n) => `Title ${n + 1}`));
	}
}

/** Does something to Unio; the media must not notice, and the signaling must be as good as before. */
async function survive(fault, { isBack }) {
	const before = await pictures();
	const standstill = await watch(async () => {
		await fault();
		await until(async () => (await pictures()).every((now, i) => now.live && isBack(now, before[i])), 'both are back', BACK_MS);
	});
	const now = await pictures();
	for (const [i, { user, errors }] of callers.entries()) {
		const [was, is] = [before[i].peers, now[i].peers];
		assert.deepEqual(is.map(({ id, number }) => [id, number]), was.map(({ id, number }) => [id, number]),
			`${user.full_name} has the same connection`);
		assert.equal(now[i].connectionsMade, 1, `${user.full_name} made no other`);
		assert.equal(is[0].state, 'connected');
		assert.ok(is[0].frames > was[0].frames);
		assert.ok(standstill[i] < STILL_MS, `${user.full_name}'s picture stood still for ${standstill[i]} ms`);
		assert.deepEqual(errors, []);
	}
	await assertSignaling();
	return { before, now };
}

const hasJoinedAgain = (now, before) => now.joined > before.joined;
const hasResumed = (now, before) => now.resumed > before.resumed;

test('a call is up: both see each other, and both hear what the API says', assertSignaling);

test('the daemon is told to end and started again', () =>
	survive(() => inst.kill('signald', 'SIGTERM'), { isBack: hasJoinedAgain }));

test('the daemon is killed', () => survive(() => inst.kill('signald', 'SIGKILL'), { isBack: hasJoinedAgain }));

for (const signal of ['SIGTERM', 'SIGKILL'])
	test(`all API processes end by ${signal} and are started again: the sockets do not even notice`, async () => {
		const { before, now } = await survive(async () => {
			const old = inst.pid('api');
			inst.kill('api', signal);
			await until(() => inst.pid('api') !== old, 'there is another');
			await inst.waitReady();
		}, { isBack: () => true });
		assert.deepEqual(now.map(({ opened }) => opened), before.map(({ opened }) => opened));
	});

// As one process, which is how an instance has it, Apache ends by SIGTERM only when its last WebSocket has moved, up to a
// ping later. (As a service its parent process does not wait for that.)
for (const signal of defaults.web === 'apache' ? ['SIGKILL'] : ['SIGTERM', 'SIGKILL'])
	test(`the front server ends by ${signal} and is started again: the sessions are resumed`, () =>
		survive(() => inst.kill('web', signal), { isBack: hasResumed }));

test('the connections are cut for an instant: the sessions are resumed', async () => {
	const { before, now } = await survive(() => proxy.cut(), { isBack: hasResumed });
	assert.deepEqual(now.map(({ joined }) => joined), before.map(({ joined }) => joined), 'nobody had to join again');
});

test(`the connections are cut for ${CUT_MS / 1000} seconds, and the sessions are resumed`, async () => {
	const { before, now } = await survive(async () => {
		proxy.down();
		assertStatus(await host.patch(`/api/meetings/${meeting.id}`, { title: `Title ${titles += 1}` }), 200);
		await pause(CUT_MS);
		proxy.up();
	}, { isBack: hasResumed });
	assert.deepEqual(now.map(({ joined }) => joined), before.map(({ joined }) => joined), 'nobody had to join again');
});

test('everything at once: the daemon, the API and the front server are killed', () =>
	survive(() => {
		for (const name of ['signald', 'api', 'web'])
			inst.kill(name, 'SIGKILL');
	}, { isBack: hasJoinedAgain }));
