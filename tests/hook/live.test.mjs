// Webhooks of a running system: what the API, the signaling daemon and unioctl do reaches a receiver.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertStatus, newMeeting, newUser, useInstance } from '../lib/api.mjs';
import { assertDone } from '../lib/ctl.mjs';
import { isAlive, SLOWER } from '../lib/instance.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { connect } from '../lib/ws.mjs';
import { until, useReceiver } from './support.mjs';

const inst = await useInstance({ conf: { webhook_retry_delay: '10ms' } });

async function hooked(t, answer) {
	const receiver = await useReceiver(t, answer);
	const { id, secret } = JSON.parse(assertDone(await inst.ctl(['webhook', 'add', receiver.url, '--json'])));
	noteSecret(secret);
	receiver.secret = secret;
	t.after(async () => assertDone(await inst.ctl(['webhook', 'delete', String(id)])));
	return receiver;
}

test('the whole life of a meeting reaches a webhook, as the room hears it', async (t) => {
	const receiver = await hooked(t);
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host);
	const client = await connect(inst, meeting.id, { token: host.access });
	await client.next('welcome');
	const me = as(inst, host);
	const begun = Date.now();
	const call = assertStatus(await me.post('/api/health/call/start', { meeting_id: meeting.id }), 201);
	await until(() => receiver.messages.some(({ type }) => type === 'call_started'), 'call_started', 5000);
	const took = receiver.got[0].at - begun;
	assert.ok(took < 1000 * SLOWER, `${took} ms`);
	assertStatus(await me.post('/api/health/call/end', { call_id: call.id }), 200);
	assertStatus(await me.patch(`/api/meetings/${meeting.id}`, { title: 'Another' }), 200);
	assertStatus(await me.post(`/api/meetings/${meeting.id}/participants`, { user_id: guest.id }), 201);
	assertStatus(await me.del(`/api/meetings/${meeting.id}/participants/${guest.id}`), 204);
	assertStatus(await me.del(`/api/meetings/${meeting.id}`), 204);
	await until(() => receiver.messages.at(-1).type === 'meeting_deleted', 'the last one');
	assert.deepEqual(receiver.messages.map(({ type }) => type), ['call_started', 'meeting_status', 'call_ended', 'meeting_status',
		'meeting_updated', 'participant_added', 'participant_removed', 'meeting_deleted']);
	receiver.assertSigned();
	await client.closed;
	for (const { type, event_id: id, timestamp, meeting_id: of, data } of receiver.messages) {
		assert.equal(of, meeting.id);
		assert.deepEqual(client.frames.find((frame) => frame.event_id === id), { type, event_id: id, timestamp, ...data });
	}
});

test('unio-hookd killed, stopped or gone costs the others nothing, and is back by itself', async (t) => {
	const receiver = await hooked(t);
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	const me = as(inst, host);
	process.kill(inst.pid('hookd'), 'SIGSTOP');
	const call = assertStatus(await me.post('/api/health/call/start', { meeting_id: meeting.id }), 201);
	const before = inst.pid('hookd');
	inst.kill('hookd', 'SIGKILL');
	assertStatus(await me.post('/api/health/call/end', { call_id: call.id }), 200);
	await until(() => receiver.messages.length >= 4, 'all of it');
	assert.notEqual(inst.pid('hookd'), before);
	assert.ok(isAlive(inst.pid('hookd')));
	assert.deepEqual(receiver.messages.map(({ type }) => type), ['call_started', 'meeting_status', 'call_ended', 'meeting_status']);
});

test('while the API and the signaling daemon are down, what is left is sent', async (t) => {
	let open = false;
	const receiver = await hooked(t, (message, response) => response.writeHead(open ? 200 : 503).end());
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	assertStatus(await as(inst, host).post('/api/health/call/start', { meeting_id: meeting.id }), 201);
	await until(() => receiver.got.length > 0, 'an attempt');
	const stopped = [inst.pid('signald'), inst.pid('api')];
	stopped.forEach((pid) => process.kill(pid, 'SIGSTOP'));
	open = true;
	try {
		await until(() => receiver.messages.some(({ type }) => type === 'meeting_status'), 'the second event');
	} finally {
		stopped.forEach((pid) => process.kill(pid, 'SIGCONT'));
	}
});
