// unioctl webhook: what an administrator sees and can do.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

import { assertDone, assertRefused, exitCode, listed } from '../lib/ctl.mjs';
import { buildDir, SLOWER } from '../lib/instance.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { until, useReceiver, useSite } from './support.mjs';

const site = await useSite({ webhook_retry_for: `${SLOWER}s`, webhook_keep: `${SLOWER}s` });
site.mayDie = true;
const webhook = (...args) => site.ctl('webhook', ...args);

async function hooked(t, answer, ...more) {
	const receiver = await useReceiver(t, answer);
	receiver.id = String(await site.hook(receiver, ...more));
	t.after(() => site.forget(`id = ${receiver.id}`));
	return receiver;
}

test('webhook add prints the secret, once, alone on its line', async () => {
	const lines = assertDone(await webhook('add', 'https://example.org/hook', '--events', 'call_started,call_ended')).trimEnd().split('\n');
	assert.match(lines[0], /^webhook \d+ is sent call_started,call_ended from now on/);
	assert.match(lines[1], /^whsec_[\w+/]{43}=$/);
	noteSecret(lines[1]);
	assert.match(assertDone(await webhook('add', 'https://example.org/hook', '-q')), /^whsec_[\w+/]{43}=\n$/);
	const all = assertDone(await webhook('list')) + assertDone(await webhook('list', '--json')) + assertDone(await webhook('show', '1', '--json'));
	assert.doesNotMatch(all, /whsec_/);
	site.forget();
});

test('--events takes types that rooms are told, and no other', async () => {
	for (const events of ['call_started', 'meeting_deleted,participant_added,participant_removed'])
		assertDone(await webhook('add', 'https://example.org/', '--events', events));
	const refused = assertRefused(await webhook('add', 'https://example.org/', '--events', 'nothing'), exitCode.usage);
	assert.match(refused, /: (\w+, )*call_started, (\w+, )*\w+\n$/);
	assert.doesNotMatch(refused, /login_revoked/);
	for (const events of ['call', 'call_started,', ',call_started', 'call_started, call_ended', 'login_revoked', 'unknown', 'CALL_STARTED'])
		assertRefused(await webhook('add', 'https://example.org/', '--events', events), exitCode.usage);
	site.forget();
});

test('webhook list and show say how each is doing', async (t) => {
	let status = 200;
	const receiver = await hooked(t, (message, response) => response.writeHead(status).end());
	const show = async () => JSON.parse(assertDone(await webhook('show', receiver.id, '--json')));
	assert.deepEqual([(await show()).state, (await show()).waiting], ['active', 0]);
	status = 500;
	site.events(3);
	await until(async () => (await show()).state === 'failing', 'failing');
	assert.equal((await show()).waiting, 3);
	assert.match(assertDone(await webhook('show', receiver.id)), /3 wait, \d+ attempts running have failed/);
	const [row] = listed(assertDone(await webhook('list', '--json')));
	assert.deepEqual([row.id, row.url, row.events, row.state], [Number(receiver.id), receiver.url, '', 'failing']);
	assertDone(await webhook('disable', receiver.id));
	assert.equal((await show()).state, 'disabled');
	assert.match(assertDone(await webhook('disable', receiver.id)), /was already disabled/);
	assert.match(assertDone(await webhook('list')), new RegExp(`^${receiver.id} +http.* all +disabled +`, 'm'));
});

test('a disabled webhook is sent nothing, and enabled only what comes then', async (t) => {
	const receiver = await hooked(t);
	assertDone(await webhook('disable', receiver.id));
	site.events(2);
	const other = await hooked(t);
	const ids = site.events(1);
	await until(() => other.got.length > 0, 'the other one has it');
	assert.deepEqual(receiver.got, []);
	assertDone(await webhook('enable', receiver.id));
	const later = site.events(1);
	await until(() => receiver.got.length > 0, 'a message');
	await site.settled();
	assert.deepEqual(receiver.eventIds, later);
	assert.deepEqual(other.eventIds, [...ids, ...later]);
});

test('webhook test --wait says what the receiver answers', async (t) => {
	let status = 202;
	const receiver = await hooked(t, (message, response) => response.writeHead(status).end());
	assert.match(assertDone(await webhook('test', receiver.id, '--wait')), /^delivery \d+ was taken with status 202\n$/);
	const [{ json }] = receiver.got;
	assert.deepEqual({ ...json, timestamp: '' }, { type: 'webhook_test', timestamp: '', event_id: null, meeting_id: null, data: { webhook_id: Number(receiver.id) } });
	receiver.assertSigned();
	assert.match(assertDone(await webhook('deliveries', '--webhook', receiver.id, '--tsv')), /^\d+\t\d+\t-\twebhook_test\t/);
	status = 404;
	const refused = await webhook('test', receiver.id, '--wait');
	assert.equal(refused.code, exitCode.failed);
	assert.match(refused.stderr, /HTTP status 404/);
	status = 200;
	await site.settled();
	assert.equal(JSON.parse(assertDone(await webhook('test', receiver.id, '--json'))).type, 'webhook_test');
	await site.settled();
	assert.equal(assertRefused(await webhook('test', '999'), exitCode.notFound), 'unioctl: webhook test: no webhook 999\n');
	assertDone(await webhook('disable', receiver.id));
	assertRefused(await webhook('test', receiver.id), exitCode.conflict);
});

test('webhook deliveries shows what was sent, by webhook and status, and repeat sends it again by the same id', async (t) => {
	const [receiver, other] = [await hooked(t), await hooked(t)];
	const ids = site.events(3);
	await until(() => receiver.got.length === 3 && other.got.length === 3, 'all');
	await site.settled();
	const rows = listed(assertDone(await webhook('deliveries', '--webhook', receiver.id, '--status', 'delivered', '--json')));
	assert.deepEqual(rows.map(({ event_id: id }) => id), [...ids].reverse());
	assert.equal(listed(assertDone(await webhook('deliveries', '--limit', '4', '--json'))).length, 4);
	assert.deepEqual(listed(assertDone(await webhook('deliveries', '--status', 'failed', '--webhook', other.id, '--json'))), []);
	assertRefused(await webhook('deliveries', '--status', 'sent'), exitCode.usage);
	const shown = JSON.parse(assertDone(await webhook('delivery', String(rows[2].id), '--json')));
	assert.deepEqual(shown.body, receiver.got[0].json);
	assert.match(assertDone(await webhook('deliveries')), /^ID +WEBHOOK +MEETING +TYPE +STATUS +ATTEMPTS +NEXT +LAST ANSWER +CREATED$/m);
	assertDone(await webhook('repeat', String(rows[2].id)));
	await until(() => receiver.got.length === 4, 'again');
	assert.equal(receiver.got[3].id, receiver.got[0].id);
	assert.equal(receiver.got[3].body, receiver.got[0].body);
	receiver.assertSigned();
	await site.settled();
	assert.equal(other.got.length, 3);
	assertRefused(await webhook('repeat', '99999'), exitCode.notFound);
});

test('what waits is not repeated', async (t) => {
	const receiver = await hooked(t, () => {});
	site.events(1);
	await until(() => receiver.got.length > 0, 'an attempt');
	const [{ id }] = site.deliveries(`webhook_id = ${receiver.id}`);
	assertRefused(await webhook('repeat', String(id)), exitCode.conflict);
});

test('webhook delete takes its deliveries along', async (t) => {
	const receiver = await hooked(t);
	site.events(1);
	await until(() => receiver.got.length > 0, 'a message');
	assertDone(await webhook('delete', receiver.id));
	assert.deepEqual(site.deliveries(`webhook_id = ${receiver.id}`), []);
	for (const command of ['show', 'delete', 'enable', 'disable', 'rotate-secret'])
		assertRefused(await webhook(command, receiver.id), exitCode.notFound);
});

/** Deliveries of a webhook that is disabled, so that nothing becomes of them. */
const SLICE = 200;
function fill(id, n) {
	site.sql(`UPDATE webhook SET disabled_at = 0, disabled_reason = 'operator' WHERE id = ${id}`);
	site.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n})
		INSERT INTO delivery (webhook_id, message_id, meeting_id, type, body, give_up_at, created_at)
		SELECT ${id}, 'msg_' || ${id} || '_' || i, i, 'call_started', '{}', ${Date.now()}000 + 86400000000, 0 FROM n`);
}
const left = (id) => site.deliveries(`webhook_id = ${id}`).length;

test('webhook delete takes many deliveries along in transactions of few', async (t) => {
	const [receiver, other] = [await hooked(t), await hooked(t)];
	const n = 20 * SLICE + 7;
	fill(receiver.id, n);
	let ended = false;
	const deleted = webhook('delete', receiver.id).finally(() => { ended = true; });
	const seen = new Set();
	while (!ended) {
		seen.add(left(receiver.id));
		await new Promise((done) => { setImmediate(done); });
	}
	assertDone(await deleted);
	for (const rows of seen)
		assert.ok((n - rows) % SLICE === 0 || rows === 0, `${rows} of ${n}`);
	assert.ok(seen.size > 3, `${[...seen]}`);
	assert.equal(left(receiver.id), 0);
	assert.deepEqual(site.sql(`SELECT id FROM webhook WHERE id = ${receiver.id}`), []);
	assert.equal(listed(assertDone(await webhook('list', '--json'))).length, 1);
	site.events(1);
	await until(() => other.got.length === 1, 'the other one is as it was');
});

test('a delete that is killed in between has deleted the webhook, and unio-hookd finishes it', async (t) => {
	const receiver = await hooked(t);
	const n = 40 * SLICE;
	fill(receiver.id, n);
	const child = spawn(join(buildDir, 'unioctl'), ['-c', site.confPath, 'webhook', 'delete', receiver.id]);
	const ended = once(child, 'exit');
	await until(() => left(receiver.id) < n, 'it has begun');
	child.kill('SIGKILL');
	assert.deepEqual((await ended)[1], 'SIGKILL');
	assert.ok(left(receiver.id) > 0, 'it was killed too late');
	assert.deepEqual(site.sql(`SELECT url, secret FROM webhook WHERE id = ${receiver.id}`), [{ url: '', secret: '' }]);
	for (const command of ['show', 'delete', 'enable', 'disable', 'rotate-secret', 'test'])
		assertRefused(await webhook(command, receiver.id), exitCode.notFound);
	assert.deepEqual(listed(assertDone(await webhook('list', '--json'))), []);
	assert.deepEqual(listed(assertDone(await webhook('deliveries', '--json'))), []);
	site.events(1);
	assert.equal(await site.end(), 0);
	await site.start();
	await until(() => site.sql(`SELECT id FROM webhook WHERE id = ${receiver.id}`).length === 0, 'it is gone', 20_000);
	assert.equal(left(receiver.id), 0);
	assert.deepEqual(receiver.got, []);
});

test('there are at most a hundred webhooks', async () => {
	const values = Array(99).fill("('https://example.org/', 'x', 0, 0)").join();
	site.sql(`INSERT INTO webhook (url, secret, cursor_id, created_at) VALUES ${values}`);
	assertDone(await webhook('add', 'https://example.org/'));
	assertRefused(await webhook('add', 'https://example.org/'), exitCode.conflict);
	site.forget();
});

test('unioctl doctor sees that unio-hookd does not run, and webhooks that fail or are gone', async (t) => {
	const doctor = async () => {
		const { stdout } = await site.ctl('doctor', '--url', 'http://127.0.0.1:1', '--json');
		return JSON.parse(stdout).filter(({ check }) => check === 'webhooks').map(({ state, finding }) => `${state}: ${finding}`);
	};
	assert.deepEqual(await doctor(), []);
	let status = 500;
	const good = await hooked(t);
	assert.deepEqual(await doctor(), ['ok: unio-hookd runs, for 1 webhook']);
	const bad = await hooked(t, (message, response) => response.writeHead(status).end());
	assert.deepEqual(await doctor(), ['ok: unio-hookd runs, for 2 webhooks']);
	site.events(1);
	await until(() => bad.got.length > 1 && good.got.length > 0, 'a failure');
	assert.match((await doctor()).join('\n'), new RegExp(`^ok: unio-hookd runs, for 2 webhooks\\nwarn: webhook ${bad.id} has failed \\d+ times running$`));
	status = 410;
	await until(async () => (await doctor()).includes(`warn: webhook ${bad.id} is wanted no more, its receiver says (410)`), 'gone');
	await site.end();
	assert.match((await doctor()).join('\n'), /^fail: unio-hookd does not run, for 2 webhooks$/m);
	await site.start();
});
