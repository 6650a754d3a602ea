// docs/HOSTING.md, metrics: each figure of the signaling daemon moves when the thing happens, and is told as Prometheus has it.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';

import { whileLocked } from '../fault/support.mjs';
import { as, assertStatus, newUser } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';
import { assertHistograms, assertLinted, scrape } from '../lib/metrics.mjs';
import { closeAll, connect, rawConnect } from '../lib/ws.mjs';
import { detach, newSessions, STRANGE_TOKEN } from '../ws/resume.mjs';
import { enter, newFullRoom, newRoom, newSdp, welcomed } from '../ws/support.mjs';
import { askControl, metricsInstance, moves } from './support.mjs';

const inst = await metricsInstance({ message_rate: 1000, message_burst: 40, outbound_queue_frames: 64 });
const look = inst.signald;
test.afterEach(closeAll);

const gauge = async (name) => (await look()).sum(name);
const settles = (name, value) => until(async () => await gauge(name) === value, `${name} is ${value}`, 5000);

test('rooms, sessions and connections are those of this moment', async () => {
	await settles('unio_signald_sessions', 0);
	const { clients: [ann, bob] } = await newFullRoom(inst, 2);
	const figures = await look();
	for (const [name, value] of [['rooms', 1], ['sessions', 2], ['connections', 2], ['sessions_in_call', 0], ['sessions_detached', 0]])
		assert.equal(figures.sum(`unio_signald_${name}`), value, name);
	assert.equal(figures.sum('unio_signald_connections_max'), 10_000);
	ann.send({ type: 'join-call' });
	await settles('unio_signald_sessions_in_call', 1);
	await Promise.all([ann.close(), bob.close()]);
	await settles('unio_signald_rooms', 0);
	await settles('unio_signald_connections', 0);
});

test('calls are those that are active', async () => {
	const { id, host } = await newRoom(inst, 1);
	assertStatus(await as(inst, host).post('/api/calls', { meeting_id: id }), 201);
	await settles('unio_signald_calls', 1);
	assertStatus(await as(inst, host).del(`/api/meetings/${id}`), 204);
	await settles('unio_signald_calls', 0);
});

test('joins and leaves are counted', async () => {
	const { id, host } = await newRoom(inst, 1);
	const ann = await moves(look, 1, 'unio_signald_joins_total', {}, () => enter(inst, id, host));
	await moves(look, 1, 'unio_signald_leaves_total', {}, () => ann.close());
});

test('refusals are counted by their code', async () => {
	const { id } = await newRoom(inst, 1);
	const stranger = await newUser(inst);
	const refused = (meeting, options) => async () => (await connect(inst, meeting, options)).closed;
	const name = 'unio_signald_refusals_total';
	await moves(look, 1, name, { code: 'forbidden' }, refused(id, { token: stranger.access }));
	await moves(look, 1, name, { code: 'not_found' }, refused(4711, { token: stranger.access }));
	await moves(look, 1, name, { code: 'unauthorized' }, refused(id, { token: 'none' }));
});

test('an upgrade that is none of WebSocket is counted', () =>
	moves(look, 1, 'unio_signald_upgrades_refused_total', { reason: 'bad_request' }, () =>
		new Promise((resolve) => {
			http.get({
				socketPath: path.join(inst.varDir, 'run', 'ws.sock'),
				path: '/ws/meeting/1/',
				headers: {
					Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '12',
					'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
				},
			}, (response) => response.resume().on('end', resolve)).on('error', resolve);
		})));

test('frames and bytes are counted by type, and errors by code', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst, 2);
	const frame = { type: 'message', data: 'x'.repeat(1000) };
	const before = await look();
	await moves(look, 3, 'unio_signald_received_frames_total', { type: 'message' }, async () => {
		for (let i = 0; i < 3; i++)
			ann.send(frame);
		await ann.sync();
		await bob.sync();
	});
	const after = await look();
	const grown = (name, labels) => after.sum(name, labels) - before.sum(name, labels);
	assert.equal(grown('unio_signald_received_bytes_total', { type: 'message' }), 3 * JSON.stringify(frame).length);
	assert.ok(grown('unio_signald_sent_frames_total') >= 3);
	assert.ok(grown('unio_signald_sent_bytes_total') >= 3000);
	await moves(look, 1, 'unio_signald_errors_total', { code: 'missing_field' }, () => ann.send({ type: 'answer' }));
	await moves(look, 1, 'unio_signald_errors_total', { code: 'invalid_json' }, () => ann.sendRaw('{'));
	await moves(look, 1, 'unio_signald_received_frames_total', { type: 'other' }, () => ann.send({ type: 'nonsense' }));
});

test('frames over the rate are counted as dropped', async () => {
	const { clients: [ann] } = await newFullRoom(inst, 1);
	const before = await gauge('unio_signald_dropped_frames_total');
	for (let i = 0; i < 100; i++)
		ann.send({ type: 'ping' });
	await ann.next((reply) => reply.code === 'rate_limited');
	assert.ok(await gauge('unio_signald_dropped_frames_total') > before);
});

test('resumes are counted by their outcome', async () => {
	const { sessions: [ann, bob] } = await newSessions(inst);
	await detach(bob);
	await settles('unio_signald_sessions_detached', 1);
	await moves(look, 1, 'unio_signald_resumes_total', { outcome: 'resumed' }, () => bob.resume());
	await moves(look, 1, 'unio_signald_resumes_total', { outcome: 'expired' }, async () => {
		const client = await connect(inst, ann.meetingId, { protocols: ['unio.v1', `unio.resume.${STRANGE_TOKEN}`], query: { seq: 1 } });
		await client.next('resume_failed');
	});
});

test('a slow consumer is counted, and what waits for it before', async () => {
	const { id, people: [host, guest] } = await newRoom(inst, 2);
	const ann = await enter(inst, id, host);
	const slow = await welcomed(await rawConnect(inst, id, {
		token: guest.access, socketPath: path.join(inst.varDir, 'run', 'ws.sock'),
	}), guest);
	const sdp = newSdp().sdp + 'a=x\r\n'.repeat(8000);
	let longest = 0;
	slow.pause();
	await moves(look, 1, 'unio_signald_closes_total', { code: 'slow_consumer' }, async () => {
		while (ann.count('user_left') === 0) {
			ann.send({ type: 'offer', offer: { sdp } });
			await ann.sync();
			longest = Math.max(longest, await gauge('unio_signald_queued_frames_longest'));
		}
	});
	assert.ok(longest >= 10, `${longest} frames waited`);
});

test('events are counted, and how late they come', async () => {
	const { clients: [ann], meeting, host } = await newFullRoom(inst, 1);
	const before = await look();
	await moves(look, 1, 'unio_signald_events_total', { type: 'meeting_updated' }, async () => {
		assertStatus(await as(inst, host).patch(`/api/meetings/${meeting.id}`, { title: 'Another' }), 200);
		await ann.next('meeting_updated');
	});
	const after = await look();
	assert.equal(after.sum('unio_signald_event_delivery_seconds_count') - before.sum('unio_signald_event_delivery_seconds_count'), 1);
	const late = after.sum('unio_signald_event_delivery_seconds_sum') - before.sum('unio_signald_event_delivery_seconds_sum');
	assert.ok(late >= 0 && late < 2, `${late} s`);
	assert.ok(after.sum('unio_signald_wakeups_total') > before.sum('unio_signald_wakeups_total'));
	assert.ok(after.sum('unio_signald_last_event_id') > before.sum('unio_signald_last_event_id'));
});

test('questions to the database are counted by what they ask, and none stays behind', async () => {
	const { id, host } = await newRoom(inst, 1);
	const before = await look();
	await moves(look, 1, 'unio_signald_database_jobs_total', { kind: 'access', result: 'done' }, () => enter(inst, id, host));
	const after = await look();
	assert.equal(after.sum('unio_signald_database_job_seconds_count', { kind: 'access' }) -
		before.sum('unio_signald_database_job_seconds_count', { kind: 'access' }), 1);
	await settles('unio_signald_database_queue_jobs', 0);
});

test('a database that is held makes the questions wait, and is counted as busy', { timeout: 60_000 }, async () => {
	const { id, host } = await newRoom(inst, 1);
	assertStatus(await as(inst, host).post('/api/calls', { meeting_id: id }), 201);
	const ann = await enter(inst, id, host);
	await whileLocked(inst, async () => {
		ann.send({ type: 'join-call' });
		await until(async () => (await look()).sum('unio_signald_database_queue_jobs', { thread: 'writer' }) > 0, 'a job waits');
	});
	await settles('unio_signald_database_queue_jobs', 0);
});

test('the process tells of itself', async () => {
	const figures = await look();
	assert.ok(figures.sum('process_resident_memory_bytes') > 1_000_000);
	assert.ok(figures.sum('process_open_fds') > 10);
	assert.ok(figures.sum('process_max_fds') > 10_000);
	assert.ok(Math.abs(figures.sum('process_start_time_seconds') - Date.now() / 1000) < 300);
	assert.ok(figures.sum('unio_signald_loop_delay_seconds_count') > 0);
	assert.equal(figures.sum('unio_build_info'), 1);
});

test('promtool has nothing to say, histograms add up, labels are words of ours', async () => {
	const figures = await scrape(inst.metrics.signald_metrics);
	assertLinted(figures.text);
	assertHistograms(figures);
	for (const [, value] of figures.text.matchAll(/="([^"]*)"/g))
		assert.match(value, /^([a-z][a-z0-9_-]*|\d+\.\d+\.\d+|[\d.]+|\+Inf)$/);
});

test('the control socket tells the same', async () => {
	const reply = await askControl(path.join(inst.varDir, 'run', 'ctl.sock'), { cmd: 'metrics' });
	const names = (text) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
	assert.deepEqual(names(reply.text), names((await look()).text));
});
