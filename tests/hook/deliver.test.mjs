// What reaches a webhook: each event once, in the order of its meeting, signed, by its own program alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertDone } from '../lib/ctl.mjs';
import { SLOWER } from '../lib/instance.mjs';
import { until, useReceiver, useSite } from './support.mjs';

const site = await useSite();
const withdraw = (t, id) => t.after(async () => assertDone(await site.ctl('webhook', 'delete', String(id))));

async function hooked(t, answer, ...more) {
	const receiver = await useReceiver(t, answer);
	receiver.webhookId = await site.hook(receiver, ...more);
	withdraw(t, receiver.webhookId);
	return receiver;
}

test('an event is sent within a second, as Standard Webhooks has it', async (t) => {
	const receiver = await hooked(t);
	const begun = Date.now();
	const [id] = site.events(1, 77);
	await until(() => receiver.got.length > 0, 'a message', 2000);
	assert.ok(receiver.got[0].at - begun < 1000 * SLOWER, `${receiver.got[0].at - begun} ms`);
	const [{ method, url, headers, json }] = receiver.got;
	assert.deepEqual([method, url, headers['content-type']], ['POST', '/hook', 'application/json']);
	assert.match(headers['webhook-id'], /^msg_[\w-]{22}$/);
	assert.match(headers['user-agent'], /^unio-hookd\//);
	assert.ok(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 5);
	assert.match(json.timestamp, /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/);
	assert.deepEqual({ ...json, timestamp: '' }, {
		type: 'meeting_status', timestamp: '', event_id: id, meeting_id: 77,
		data: { meeting_id: 77, status: 'ongoing', previous_status: 'scheduled' },
	});
	receiver.assertSigned();
	await site.settled();
	const [row] = site.deliveries(`webhook_id = ${receiver.webhookId}`);
	assert.deepEqual([row.status, row.attempts, row.last_status, row.last_error], ['delivered', 1, 200, null]);
});

test('what happened before a webhook was made is not sent to it', async (t) => {
	site.events(3);
	const receiver = await hooked(t);
	const ids = site.events(1);
	await until(() => receiver.got.length > 0, 'a message');
	await site.settled();
	assert.deepEqual(receiver.eventIds, ids);
});

test('only the types that were asked for are sent', async (t) => {
	const receiver = await hooked(t, undefined, '--events', 'call_started,call_ended');
	site.events(2, 5, 'meeting_status');
	const wanted = [...site.events(1, 5, 'call_started'), ...site.events(1, 5, 'call_ended')];
	site.events(1, 5, 'meeting_deleted');
	await until(() => receiver.got.length >= 2, 'two messages');
	await site.settled();
	assert.deepEqual(receiver.eventIds, wanted);
});

test('what is for the daemons alone is never sent', async (t) => {
	const receiver = await hooked(t);
	site.events(1, 5, 'login_revoked');
	site.events(1, 5, 'user_disabled');
	site.events(1, 5, 'a_type_of_a_newer_version');
	const ids = site.events(1, 5);
	await until(() => receiver.got.length > 0, 'a message');
	await site.settled();
	assert.deepEqual(receiver.eventIds, ids);
});

test('each of several webhooks gets each event', async (t) => {
	const receivers = [await hooked(t), await hooked(t), await hooked(t)];
	const ids = site.events(20);
	for (const receiver of receivers) {
		await until(() => receiver.got.length >= 20, 'twenty messages');
		assert.deepEqual(receiver.eventIds, ids);
		receiver.assertSigned();
	}
	const all = receivers.flatMap(({ got }) => got.map(({ id }) => id));
	assert.equal(new Set(all).size, 60);
});

test('a meeting\'s events come one after the other, however slow the receiver; meetings do not wait for each other', async (t) => {
	const receiver = await hooked(t, (message, response) => setTimeout(() => response.end(), message.json.meeting_id === 901 ? 60 : 0));
	const slow = site.events(8, 901);
	const quick = site.events(8, 902);
	await until(() => receiver.got.length === 16, 'sixteen messages');
	const of = (meeting) => receiver.got.filter(({ json }) => json.meeting_id === meeting);
	assert.deepEqual(of(901).map(({ json }) => json.event_id), slow);
	assert.deepEqual(of(902).map(({ json }) => json.event_id), quick);
	assert.ok(of(902).at(-1).at < of(901).at(-1).at, 'the quick meeting is done first');
	for (let i = 1; i < 8; i++)
		assert.ok(of(901)[i].at - of(901)[i - 1].at >= 55, 'the next waits until the one before was taken');
});

test('no more than four messages are under way to one webhook', async (t) => {
	const receiver = await hooked(t, (message, response) => setTimeout(() => response.end(), 30));
	for (let i = 0; i < 12; i++)
		site.events(1);
	await until(() => receiver.got.length === 12, 'twelve messages');
	assert.equal(receiver.most, 4);
});

test('a hundred thousand bytes and characters of every kind arrive as they are', async (t) => {
	const receiver = await hooked(t);
	const title = 'Zoë \u{1f600} "quoted" \\ </script> \u2028'.repeat(3000);
	const body = JSON.stringify({ meeting: { title } }).replaceAll("'", "''");
	site.sql(`INSERT INTO event (meeting_id, type, body, created_at) VALUES (6, 'meeting_updated', '${body}', 1)`);
	await until(() => receiver.got.length > 0, 'a message');
	assert.equal(receiver.got[0].json.data.meeting.title, title);
	receiver.assertSigned();
});

test('a backlog of a thousand events is sent, each once', async (t) => {
	const receiver = await hooked(t);
	const ids = [];
	for (let i = 0; i < 10; i++)
		ids.push(...site.events(100));
	await until(() => receiver.got.length >= 1000, 'a thousand messages', 30_000);
	await site.settled();
	assert.equal(receiver.got.length, 1000);
	assert.deepEqual([...receiver.eventIds].sort((a, b) => a - b), ids);
});
