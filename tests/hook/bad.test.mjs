// Receivers that fail and hang: what is tried again and when, and that nobody else notices.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import { assertDone } from '../lib/ctl.mjs';
import { freePort, root, SLOWER } from '../lib/instance.mjs';
import { until, useReceiver, useSite } from './support.mjs';

const site = await useSite({ webhook_retry_for: `${2 * SLOWER}s`, webhook_timeout: `${400 * SLOWER}ms` });

async function hooked(t, answer, ...more) {
	const receiver = typeof answer === 'string' ? { url: answer } : await useReceiver(t, answer);
	receiver.webhookId = await site.hook(receiver, ...more);
	t.after(async () => assertDone(await site.ctl('webhook', 'delete', String(receiver.webhookId))));
	return receiver;
}

const deliveriesOf = ({ webhookId }) => site.deliveries(`webhook_id = ${webhookId}`);
const untilTried = (receiver, n = 1) =>
	until(() => deliveriesOf(receiver).some(({ attempts }) => attempts >= n), `${n} attempts`);

test('what is answered with 500 is sent again, with the same id and a fresh signature, until it is taken', async (t) => {
	const receiver = await hooked(t, (message, response, n) => response.writeHead(n < 4 ? 500 : 204).end());
	const [id] = site.events(1);
	await until(() => receiver.got.length === 4, 'four attempts');
	await site.settled();
	assert.deepEqual(receiver.eventIds, [id]);
	receiver.assertSigned();
	const pauses = receiver.got.slice(1).map(({ at }, i) => at - receiver.got[i].at);
	assert.ok(pauses[2] > 60, `the third pause is nine times the first: ${pauses}`);
	assert.deepEqual(deliveriesOf(receiver).map(({ status, attempts, last_status: last }) => [status, attempts, last]), [['delivered', 4, 204]]);
});

test('the later events of a meeting wait for the one that fails, those of others do not', async (t) => {
	const held = site.meeting++;
	let mended = false;
	const receiver = await hooked(t, (message, response) => response.writeHead(mended || message.json.meeting_id !== held ? 200 : 503).end());
	const first = site.events(3, held);
	const second = site.events(3);
	await until(() => second.every((id) => receiver.eventIds.includes(id)), 'the other meeting flows');
	await untilTried(receiver, 3);
	assert.deepEqual(receiver.eventIds.filter((id) => first.includes(id)), first.slice(0, 1));
	mended = true;
	await site.settled();
	assert.deepEqual(receiver.eventIds.filter((id) => first.includes(id)), first);
});

test('what is not taken in time is given up, and the meeting goes on', async (t) => {
	const meeting = site.meeting++;
	const receiver = await hooked(t, (message, response) => response.writeHead(message.json.event_id === poison ? 400 : 200).end());
	const [poison, next] = site.events(2, meeting);
	await until(() => receiver.eventIds.includes(next), 'the next one', 15_000);
	await site.settled();
	const [row] = deliveriesOf(receiver);
	assert.equal(row.status, 'failed');
	assert.match(row.last_error, /400/);
	assert.ok(row.done_at - row.created_at >= 2e6 * SLOWER, 'not before its time');
	assert.ok(receiver.got.filter(({ json }) => json.event_id === poison).length >= 4);
});

test('410 ends a webhook; enabled again it gets what waited', async (t) => {
	let gone = true;
	const receiver = await hooked(t, (message, response) => response.writeHead(gone ? 410 : 200).end());
	const [id] = site.events(1);
	const show = async () => JSON.parse(assertDone(await site.ctl('webhook', 'show', String(receiver.webhookId), '--json')));
	await until(async () => (await show()).state === 'gone', 'gone');
	site.events(1);
	gone = false;
	assertDone(await site.ctl('webhook', 'enable', String(receiver.webhookId)));
	const [later] = site.events(1);
	await until(() => receiver.eventIds.length >= 2, 'two messages');
	await site.settled();
	assert.deepEqual(receiver.eventIds, [id, later]);
});

test('a redirect is not followed', async (t) => {
	const other = await useReceiver(t);
	const receiver = await hooked(t, (message, response, n) => response.writeHead(n < 3 ? 307 : 200, { location: other.url }).end());
	site.events(1);
	await site.settled();
	assert.equal(receiver.got.length, 3);
	assert.deepEqual(other.got, []);
});

test('Retry-After is waited for, but not longer than the longest pause of our own', async (t) => {
	const asked = ['1', '-1', '1e3', '86400000000', 'Thu, 01 Jan 2099 00:00:00 GMT', 'nonsense'];
	const receiver = await hooked(t, (message, response, n) => response.writeHead(n <= asked.length ? 503 : 200, { 'retry-after': asked[n - 1] ?? '0' }).end());
	// within the time of one delivery, so that all of them are tried
	site.sql(`UPDATE webhook SET failures = 0 WHERE id = ${receiver.webhookId}`);
	site.events(1);
	await until(() => receiver.got.length >= 3, 'three attempts');
	const [first, second, third] = receiver.got.map(({ at }) => at);
	assert.ok(second - first >= 990, `${second - first} ms`);
	assert.ok(third - second < 500 * SLOWER, `${third - second} ms`);
	await site.settled(15_000);
});

test('who does not answer is left after the timeout', async (t) => {
	const receiver = await hooked(t, (message, response, n) => n > 2 && response.end());
	site.events(1);
	await site.settled();
	assert.equal(receiver.got.length, 3);
	assert.ok(receiver.got[1].at - receiver.got[0].at >= 390);
});

test('nobody listens: it is tried again when somebody does', async (t) => {
	const port = await freePort();
	const receiver = await hooked(t, `http://127.0.0.1:${port}/`);
	site.events(1);
	await untilTried(receiver, 2);
	const server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'))).listen(port, '127.0.0.1');
	t.after(() => server.close());
	await site.settled();
});

test('webhooks that hang delay no other, however many there are', async (t) => {
	const hanging = [];
	for (let i = 0; i < 20; i++)
		hanging.push(await hooked(t, () => {}));
	const good = await hooked(t);
	for (let i = 0; i < 4; i++)
		site.events(1);
	await until(() => hanging.every(({ got }) => got.length >= 2), 'all of them hang');
	const begun = Date.now();
	const ids = site.events(10);
	await until(() => ids.every((id) => good.eventIds.includes(id)), 'the good one has all');
	assert.ok(Date.now() - begun < 2000 * SLOWER, `${Date.now() - begun} ms`);
	assert.ok(hanging.reduce((sum, { most }) => sum + most, 0) <= 64 + 21);
});

test('a receiver that fails again and again is asked less, by one message at a time, and gets all when it is there again', async (t) => {
	let mended = false;
	const receiver = await hooked(t, (message, response) => setTimeout(() => response.writeHead(mended ? 200 : 500).end(), 5));
	const ids = [];
	for (let i = 0; i < 30; i++)
		ids.push(...site.events(1));
	await until(() => receiver.got.length >= 8, 'some attempts');
	const before = receiver.got.length;
	receiver.most = 0;
	await new Promise((done) => { setTimeout(done, 500); });
	assert.ok(receiver.got.length - before < 15, `${receiver.got.length - before} attempts in half a second`);
	assert.ok(receiver.most <= 1);
	mended = true;
	await until(() => ids.every((id) => receiver.eventIds.includes(id)), 'all of them', 15_000);
});

test('a name server that does not answer delays nobody else, nor the end', { skip: process.env.SANITIZE && 'a library of its own does not go with this build' }, async (t) => {
	const library = join(site.dir, 'slow_names.so');
	const built = spawnSync('cc', ['-D_GNU_SOURCE', '-shared', '-fPIC', '-o', library, join(root, 'tests/hook/slow_names.c'), '-ldl'], { encoding: 'utf8' });
	assert.equal(built.status, 0, built.stderr);
	site.mayDie = true;
	await site.end();
	await site.start({ LD_PRELOAD: library });
	const slow = await hooked(t, 'https://receiver.slow/');
	const good = await hooked(t);
	const begun = Date.now();
	for (let i = 0; i < 8; i++)
		site.events(1);
	await until(() => deliveriesOf(slow).some(({ last_error: error }) => /time|resol/i.test(error)), 'its time is over');
	site.events(1);
	await until(() => good.got.length === 9, 'the other has all');
	assert.ok(Date.now() - begun < 3500, `${Date.now() - begun} ms`);
	assert.equal(await site.end(), 0);
	assert.ok(Date.now() - begun < 4900, `${Date.now() - begun} ms`);
	await site.start();
});
