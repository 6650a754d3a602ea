// docs/HOSTING.md, metrics: what unio-hookd counts, told as Prometheus has it; and `unioctl stats` and `top`, which read it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { assertDone } from '../lib/ctl.mjs';
import { assertHistograms, assertLinted, assertNeverBack, get, scrape } from '../lib/metrics.mjs';
import { until, useReceiver, useSite } from './support.mjs';

const directory = mkdtempSync(join(tmpdir(), 'unio-hook-metrics-'));
after(() => rmSync(directory, { recursive: true }));
const address = join(directory, 'hookd.sock');
const conf = { hookd_metrics: address, webhook_retry_delay: '50ms', webhook_retry_for: '1s' };
const site = await useSite(conf);
site.mayDie = true;

let last;
async function look() {
	const figures = await scrape(address);
	if (last)
		assertNeverBack(last, figures);
	last = figures;
	return figures;
}

/** What a figure has grown by since then. */
const since = (before) => async (name, labels) => (await look()).sum(`unio_hookd_${name}`, labels) - before.sum(`unio_hookd_${name}`, labels);
const grows = (grown, by, name, labels) => until(async () => await grown(name, labels) === by, `${name} ${JSON.stringify(labels ?? {})} rises by ${by}`, 5000);

async function hooked(t, answer) {
	const receiver = await useReceiver(t, answer);
	receiver.id = await site.hook(receiver);
	t.after(() => site.forget(`id = ${receiver.id}`));
	return receiver;
}

test('what is told is well-formed, and its histograms add up', async (t) => {
	await hooked(t);
	site.events(2);
	await site.settled();
	const figures = await look();
	assertLinted(figures.text);
	assertHistograms(figures);
	assert.ok(figures.sum('process_resident_memory_bytes') > 1_000_000);
	assert.ok(Math.abs(figures.sum('process_start_time_seconds') - Date.now() / 1000) < 600);
	assert.doesNotMatch(figures.text, /127\.0\.0\.1|whsec_/);
});

test('deliveries, attempts and how long they take are counted', async (t) => {
	await hooked(t, (message, response) => setTimeout(() => response.end(), 120));
	const grown = since(await look());
	site.events(1);
	await grows(grown, 1, 'deliveries_total', { outcome: 'delivered' });
	assert.equal(await grown('deliveries_made_total'), 1);
	assert.equal(await grown('attempts_total', { answer: 'taken' }), 1);
	assert.equal(await grown('attempt_duration_seconds_count'), 1);
	const took = await grown('attempt_duration_seconds_sum');
	assert.ok(took >= 0.1 && took < 3, `${took} s`);
	assert.ok(await grown('delivery_seconds_sum') >= took - 0.01);
	assert.equal(await grown('attempt_duration_seconds_bucket', { le: '0.05' }), 0);
});

test('attempts are counted by what came back', async (t) => {
	const refusing = await hooked(t, (message, response) => response.writeHead(500).end());
	const grown = since(await look());
	site.events(1);
	await until(async () => await grown('attempts_total', { answer: 'refused' }) >= 2, 'refused');
	site.forget(`id = ${refusing.id}`);
	await hooked(t, (message, response) => response.destroy());
	site.events(1);
	await until(async () => await grown('attempts_total', { answer: 'none' }) >= 2, 'unanswered');
	site.sql("UPDATE webhook SET secret = 'none'");
	await until(async () => await grown('attempts_total', { answer: 'unsent' }) >= 1, 'unsent');
	assert.equal(await grown('attempts_total', { answer: 'taken' }), 0);
});

test('what is given up is counted as failed', async (t) => {
	await hooked(t, (message, response) => response.writeHead(503).end());
	const grown = since(await look());
	site.events(1);
	await grows(grown, 1, 'deliveries_total', { outcome: 'failed' });
	assert.equal(await grown('deliveries_total', { outcome: 'delivered' }), 0);
});

test('the backlog, its age and what is under way are those of this moment, and of webhooks in use', async (t) => {
	let hangs = true;
	const waiting = [];
	const receiver = await hooked(t, (message, response) => hangs ? waiting.push(response) : response.end());
	const gauge = async (name, labels) => (await look()).sum(`unio_hookd_${name}`, labels);
	assert.deepEqual([await gauge('waiting_deliveries'), await gauge('oldest_waiting_seconds')], [0, 0]);
	site.events(3);
	await until(async () => await gauge('waiting_deliveries') === 3, 'three wait');
	await until(async () => await gauge('messages_under_way') === 1, 'one is under way');
	await until(async () => await gauge('oldest_waiting_seconds') > 0.2, 'time passes');
	assertDone(await site.ctl('webhook', 'disable', String(receiver.id)));
	assert.deepEqual([await gauge('waiting_deliveries'), await gauge('webhooks', { state: 'disabled' })], [0, 1]);
	hangs = false;
	assertDone(await site.ctl('webhook', 'enable', String(receiver.id)));
	for (const response of waiting)
		response.end();
	await site.settled();
	assert.deepEqual([await gauge('waiting_deliveries'), await gauge('messages_under_way')], [0, 0]);
});

test('what is repeated waits from then on, however old it is', async (t) => {
	let hangs = false;
	const waiting = [];
	await hooked(t, (message, response) => hangs ? waiting.push(response) : response.end());
	const gauge = async (name) => (await look()).sum(`unio_hookd_${name}`);
	site.events(1);
	await site.settled();
	site.sql('UPDATE delivery SET created_at = created_at - 86400000000, queued_at = queued_at - 86400000000');
	hangs = true;
	const grown = since(await look());
	assertDone(await site.ctl('webhook', 'repeat', String(site.deliveries()[0].id)));
	await until(async () => await gauge('oldest_waiting_seconds') > 0, 'it waits');
	assert.ok(await gauge('oldest_waiting_seconds') < 3600);
	await until(() => waiting.length === 1, 'it is sent');
	waiting[0].end();
	await grows(grown, 1, 'deliveries_total', { outcome: 'delivered' });
	assert.ok(await grown('delivery_seconds_sum') < 3600);
});

test('webhooks are counted by their state', async (t) => {
	let status = 500;
	await hooked(t, (message, response) => response.writeHead(status).end());
	const states = async () => {
		const figures = await look();
		return ['active', 'failing', 'disabled', 'gone'].map((state) => figures.sum('unio_hookd_webhooks', { state }));
	};
	assert.deepEqual(await states(), [1, 0, 0, 0]);
	site.events(1);
	await until(async () => (await states())[1] === 1, 'failing');
	status = 410;
	await until(async () => (await states())[3] === 1, 'gone');
});

test('unioctl stats and top show them', async (t) => {
	await hooked(t);
	site.events(1);
	await site.settled();
	const stats = JSON.parse((await site.ctl('stats', '--json')).stdout);
	assert.deepEqual([stats.hookd.state, stats.hookd.pid], ['up', site.pid]);
	assert.ok(stats.hookd.memory > 0);
	assert.ok(stats.deliveries.delivered > 0 && stats.deliveries.attempts >= stats.deliveries.delivered);
	const top = JSON.parse((await site.ctl('top', '--json')).stdout);
	assert.deepEqual([top.hookd_up, top.waiting_deliveries], [true, 0]);
	assert.equal(top.counters.delivered.total, stats.deliveries.delivered);
	assert.match((await site.ctl('top', '--once')).stdout, /^webhooks: {2}0 of 1 fail; 0 deliveries wait, the oldest for 0 s; 0 under way$/m);
});

test('who asks and then is silent holds up no delivery', async (t) => {
	const receiver = await hooked(t);
	const silent = Array.from({ length: 20 }, () => connect(address).on('error', () => {}));
	await Promise.all(silent.slice(0, 10).map((socket) => once(socket, 'connect')));
	site.events(1);
	await until(() => receiver.got.length === 1, 'it comes');
	for (const socket of silent)
		socket.destroy();
	assert.equal((await get(address, '/other')).status, 404);
});

test('a reload begins and ends it; without the key there is no descriptor for it', async () => {
	const epolls = () => readdirSync(`/proc/${site.pid}/fd`).filter((fd) => {
		try {
			return /eventpoll|timerfd/.test(readlinkSync(`/proc/${site.pid}/fd/${fd}`));
		} catch {
			return false; // closed by now
		}
	}).length;
	const before = epolls();
	site.configure({ ...conf, hookd_metrics: '' });
	process.kill(site.pid, 'SIGHUP');
	await until(() => !existsSync(address), 'it is told no more');
	await until(() => epolls() === before - 2, 'its descriptors are closed'); // the socket's file goes first
	site.configure({ ...conf, hookd_metrics: '/proc/none' });
	process.kill(site.pid, 'SIGHUP');
	await until(() => /event=no_metrics hookd_metrics=\/proc\/none /.test(site.log), 'it is said');
	site.configure(conf);
	process.kill(site.pid, 'SIGHUP');
	await until(() => existsSync(address), 'it is told again');
	await look();
});
