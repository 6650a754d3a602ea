// unio-hookd killed at any instant, stopped, locked out, started twice: no event is lost, none gets a second id.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

import { SLOWER } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';
import { until, useReceiver, useSite } from './support.mjs';
import { whileLocked } from '../fault/support.mjs';

const site = await useSite();
site.mayDie = true;

const KILLS = Number(process.env.FAULT_KILLS ?? 12);

/** Each event came, each by one id alone, and those of a meeting in order of their first coming. */
function assertWhole(receiver, ids) {
	const idsOf = new Map();
	for (const { id, json } of receiver.got)
		idsOf.set(json.event_id, (idsOf.get(json.event_id) ?? new Set()).add(id));
	assert.deepEqual([...idsOf.keys()].sort((a, b) => a - b), ids);
	assert.ok([...idsOf.values()].every((set) => set.size === 1), 'one id each');
	for (const meeting of new Set(receiver.messages.map((message) => message.meeting_id))) {
		const order = receiver.messages.filter((message) => message.meeting_id === meeting).map((message) => message.event_id);
		assert.deepEqual(order, [...order].sort((a, b) => a - b));
	}
	receiver.assertSigned();
}

test(`killed ${KILLS} times while events come and receivers fail, it loses nothing and makes nothing twice`, async (t) => {
	let calls = 0;
	const receivers = [
		await useReceiver(t, (message, response) => setTimeout(() => response.end(), calls++ % 7)),
		await useReceiver(t, (message, response) => response.writeHead(calls++ % 3 ? 200 : 503).end()),
	];
	for (const receiver of receivers)
		await site.hook(receiver);
	const meetings = [site.meeting++, site.meeting++, site.meeting++];
	const ids = [];
	for (let i = 0; i < KILLS; i++) {
		for (const meeting of meetings)
			ids.push(...site.events(4, meeting));
		const before = receivers[0].got.length;
		if (i % 2)
			await until(() => receivers[0].got.length > before, 'it works');
		await new Promise((done) => { setTimeout(done, Math.random() * 40); });
		assert.equal(await site.end('SIGKILL'), 'SIGKILL');
		await site.start();
	}
	await site.settled(30_000 + KILLS * 1000);
	for (const receiver of receivers)
		assertWhole(receiver, ids);
	site.forget();
});

test('stopped by SIGTERM it finishes what is under way, and its successor goes on', async (t) => {
	const receiver = await useReceiver(t, (message, response) => setTimeout(() => response.end(), 150));
	await site.hook(receiver);
	const ids = site.events(3);
	await until(() => receiver.got.length === 1, 'the first is under way');
	assert.equal(await site.end(), 0);
	assert.deepEqual(site.deliveries(`webhook_id = (SELECT max(id) FROM webhook)`).map(({ status }) => status), ['delivered', 'waiting', 'waiting']);
	await site.start();
	await site.settled();
	assert.deepEqual(receiver.got.map(({ json }) => json.event_id), ids);
	site.forget();
});

test('what hangs when it is stopped holds it no longer than drain_timeout, and is sent again', async (t) => {
	const receiver = await useReceiver(t, (message, response, n) => n > 1 && response.end());
	site.configure({ drain_timeout: '100ms', webhook_timeout: '30s' });
	await site.end();
	await site.start();
	await site.hook(receiver);
	site.events(1);
	await until(() => receiver.got.length === 1, 'it is under way');
	const begun = Date.now();
	assert.equal(await site.end(), 0);
	assert.ok(Date.now() - begun < 1000 * SLOWER);
	site.configure();
	await site.start();
	await site.settled();
	assert.equal(receiver.got.length, 2);
	assert.equal(receiver.got[0].id, receiver.got[1].id);
	site.forget();
});

test('while another program holds the database\'s lock it waits, and what was taken is not sent again', async (t) => {
	const receiver = await useReceiver(t);
	await site.hook(receiver);
	const ids = site.events(2);
	await until(() => receiver.got.length === 2, 'both');
	await site.settled();
	let sent;
	const slow = await useReceiver(t, (message, response) => { sent = response; });
	await site.hook(slow);
	site.events(1);
	await until(() => slow.got.length === 1, 'it is under way');
	await whileLocked(site, async () => {
		sent.end();
		await new Promise((done) => { setTimeout(done, 700); });
		assert.ok(site.isRunning);
	});
	await site.settled();
	assert.equal(slow.got.length, 1);
	assert.deepEqual(receiver.eventIds.slice(0, 2), ids);
	site.forget();
});

test('a second one is refused while the first lives', async () => {
	const { code, stderr } = await runProgram('unio-hookd', ['-c', site.confPath]);
	assert.equal(code, 1);
	assert.match(stderr, /another unio-hookd holds/);
	assert.ok(site.isRunning);
});

test('who tries its lock for a moment does not keep it from starting', async () => {
	await site.end();
	const other = spawn('flock', [`${site.dbPath}.hookd`, 'sleep', '0.3']);
	const ended = once(other, 'exit');
	await until(() => spawnSync('flock', ['-n', `${site.dbPath}.hookd`, 'true']).status === 1, 'it is locked');
	await site.start();
	assert.deepEqual(await ended, [0, null]);
});

test('events that were thrown away before it came are said to be lost', async (t) => {
	const receiver = await useReceiver(t);
	await site.hook(receiver);
	await site.end('SIGKILL');
	site.events(5);
	const [id] = site.events(1);
	site.sql(`DELETE FROM event WHERE id < ${id}`);
	await site.start();
	await site.settled();
	assert.deepEqual(receiver.eventIds, [id]);
	assert.match(site.log, /event=events_lost webhook=\d+ events=5 /);
	site.forget();
});

test('SIGHUP takes new keys, and refuses a broken configuration', async (t) => {
	const receiver = await useReceiver(t, (message, response, n) => n > 1 && response.end());
	await site.hook(receiver);
	site.configure({ webhook_timeout: '100ms' });
	process.kill(site.pid, 'SIGHUP');
	await until(() => /event=reload( |$)/m.test(site.log), 'reload');
	site.events(1);
	await until(() => receiver.got.length === 2, 'the timeout is over');
	assert.ok(receiver.got[1].at - receiver.got[0].at < 4000);
	site.configure({ webhook_timeout: 'never' });
	process.kill(site.pid, 'SIGHUP');
	await until(() => /event=reload_failed/.test(site.log), 'refusal');
	site.configure();
	await site.settled();
	site.forget();
});

test('nothing of a message stays open when it has ended', async (t) => {
	const receiver = await useReceiver(t);
	await site.hook(receiver);
	site.events(1);
	await until(() => receiver.got.length > 0, 'a message');
	await site.settled();
	const descriptors = () => readdirSync(`/proc/${site.pid}/fd`).length;
	const before = descriptors();
	site.events(50);
	await until(() => receiver.got.length > 50, 'fifty messages');
	await site.settled();
	await until(() => descriptors() <= before, `${before} descriptors again`);
});

test('more webhooks that hang than there are places delay no other', async (t) => {
	const [hanging, good] = [await useReceiver(t, () => {}), await useReceiver(t)];
	const id = await site.hook(hanging);
	site.sql(`INSERT INTO webhook (url, secret, cursor_id, created_at) SELECT url, secret, cursor_id, created_at FROM webhook, json_each('[${Array(69).fill(0)}]')
		WHERE webhook.id = ${id}`);
	await site.hook(good);
	site.events(1);
	site.events(1);
	await until(() => hanging.open >= 70, 'seventy hang');
	const begun = Date.now();
	const ids = site.events(10);
	await until(() => ids.every((one) => good.eventIds.includes(one)), 'the good one has all');
	assert.ok(Date.now() - begun < 4000, `${Date.now() - begun} ms`); // less than the hanging ones' time
	site.forget();
});
