// docs/HOSTING.md, metrics: what unio-api counts, over all its workers, also over those that have been killed.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';

import { childrenOf, whileLocked } from '../fault/support.mjs';
import { as, assertError, assertStatus, newMeeting, newUser, request, tryLogin } from '../lib/api.mjs';
import { isAlive, root, until } from '../lib/instance.mjs';
import { assertHistograms, assertLinted, get, scrape } from '../lib/metrics.mjs';
import { closeAll, connect } from '../lib/ws.mjs';
import { metricsInstance, moves } from './support.mjs';

afterEach(closeAll);

const inst = await metricsInstance({ workers: 3, database_busy_timeout: '300ms', max_sessions_per_room: 1 });
const look = inst.api;
const user = await newUser(inst);
const DURATION = 'unio_api_request_duration_seconds_count';

test('requests are counted by their route, whatever their path', async () => {
	const meetings = [await newMeeting(inst, user), await newMeeting(inst, user)];
	await moves(look, 4, DURATION, { method: 'GET', route: '/api/meetings/{id}' }, async () => {
		for (const { id } of [...meetings, ...meetings])
			assertStatus(await as(inst, user).get(`/api/meetings/${id}`), 200);
	});
	await moves(look, 2, DURATION, { route: 'other' }, async () => {
		assertError(await request(inst, 'GET', '/api/4711/nothing'), 404);
		assertError(await request(inst, 'DELETE', '/api/meetings'), 405);
	});
});

test('replies are counted by status, errors by code, bytes altogether', async () => {
	const me = () => request(inst, 'GET', '/api/auth/me');
	await moves(look, 1, 'unio_api_responses_total', { status: '401' }, me);
	await moves(look, 1, 'unio_api_errors_total', { code: 'unauthorized' }, me);
	await moves(look, 1, 'unio_api_errors_total', { code: 'invalid_credentials' }, () => tryLogin(inst, user.email, 'wrong password'));
	const before = (await look()).sum('unio_api_response_bytes_total');
	const { text } = await request(inst, 'GET', '/api/openapi.json');
	assert.ok((await look()).sum('unio_api_response_bytes_total') - before > text.length);
});

test('a refusal in the words of unio-signald is counted by its code, too', async () => {
	const guest = await newUser(inst);
	const { id } = await newMeeting(inst, user, { participants: [guest] });
	await (await connect(inst, id, { token: user.access })).next('welcome');
	await moves(look, 1, 'unio_api_errors_total', { code: 'room_full' }, async () => {
		assertError(await as(inst, guest).get(`/api/meetings/${id}/access`), 429, { code: 'room_full' });
	});
});

test('every error code of docs/PROTOCOL.md has a figure of its own', async () => {
	const [, table] = /^### Errors\n(.*?)\n#/ms.exec(readFileSync(`${root}/docs/PROTOCOL.md`, 'utf8'));
	const rows = table.split('\n').filter((line) => /^\| \d{3} /.test(line));
	const codes = rows.flatMap((row) => [...row.replaceAll(/\([^)]*\)|from `access`/g, '').matchAll(/`([a-z_]+)`/g)].map(([, code]) => code));
	assert.ok(codes.length > 30, codes.join(' '));
	const figures = await look();
	for (const code of codes)
		figures.sum('unio_api_errors_total', { code });
});

test('waiting for the database, and finding it busy, are counted', async () => {
	await whileLocked(inst, () => moves(look, 1, 'unio_api_errors_total', { code: 'database_busy' }, async () => {
		assertError(await as(inst, user).post('/api/meetings', { title: 'T' }), 503);
	}));
	const figures = await look();
	assert.ok(figures.sum('unio_api_database_lock_seconds_sum') >= 0.3);
});

test('a worker that is at a request is busy', async () => {
	assert.equal((await look()).sum('unio_api_workers_busy'), 0);
	await whileLocked(inst, async () => {
		const slow = as(inst, user).post('/api/meetings', { title: 'T' });
		await until(async () => (await look()).sum('unio_api_workers_busy') === 1, 'one is busy');
		await slow;
	});
	await until(async () => (await look()).sum('unio_api_workers_busy') === 0, 'none is busy');
});

test('what killed workers have counted stays, and what their successors count comes to it', async () => {
	const health = () => request(inst, 'GET', '/api/health/');
	const route = { route: '/api/health' };
	await moves(look, 40, DURATION, route, () => Promise.all(Array.from({ length: 40 }, health)));
	const before = await look();
	const workers = childrenOf(inst.pid('api')).filter((pid) => pid !== tellerPid());
	assert.equal(workers.length, 3);
	workers.forEach((pid) => process.kill(pid, 'SIGKILL'));
	await until(async () => (await look()).sum('unio_api_worker_ends_total', { reason: 'killed' }) >= 3, 'three have ended');
	await until(async () => (await look()).sum('unio_api_workers') === 3, 'there are three again');
	assert.equal((await look()).sum(DURATION, route), before.sum(DURATION, route));
	await moves(look, 40, DURATION, route, () => Promise.all(Array.from({ length: 40 }, health)));
	assert.equal((await look()).sum('unio_api_worker_starts_total'), 6);
});

/** Who tells: the log says it. */
function tellerPid() {
	const told = [...inst.logs().matchAll(/event=teller_start worker=(\d+)/g)];
	return Number(told.at(-1)[1]);
}

test('who tells may be killed as well: the master starts it again, and nothing is lost', async () => {
	const before = await look();
	process.kill(tellerPid(), 'SIGKILL');
	await until(() => get(inst.metrics.api_metrics).then(({ status }) => status === 200, () => false), 'it tells again');
	const figures = await look();
	assert.equal(figures.sum(DURATION), before.sum(DURATION));
	assert.equal(figures.sum('unio_api_workers'), 3);
});

test('a reload takes more workers, and nothing goes back; it may also end the telling, and take it up', async () => {
	const written = readFileSync(inst.confPath, 'utf8');
	const reload = () => process.kill(inst.pid('api'), 'SIGHUP');
	try {
		writeFileSync(inst.confPath, written.replace(/^workers = 3$/m, 'workers = 5'));
		reload();
		await until(async () => get(inst.metrics.api_metrics).then(({ text }) => /^unio_api_workers 5$/m.test(text), () => false), 'five');
		await look();
		writeFileSync(inst.confPath, written.replace(/^api_metrics = .*$/m, ''));
		reload();
		await until(() => get(inst.metrics.api_metrics).then(() => false, () => true), 'nobody tells');
	} finally {
		writeFileSync(inst.confPath, written);
		reload();
	}
	await until(() => get(inst.metrics.api_metrics).then(() => true, () => false), 'it tells again');
	await until(async () => (await look()).sum('unio_api_workers') === 3, 'three');
	assert.ok(isAlive(inst.pid('api')));
});

test('an address of the world is refused, and the running configuration goes on', async () => {
	const written = readFileSync(inst.confPath, 'utf8');
	try {
		writeFileSync(inst.confPath, written.replace(/^api_metrics = .*$/m, ''));
		appendFileSync(inst.confPath, 'api_metrics = 0.0.0.0:9464\n');
		const { code, stderr } = await inst.ctl(['check']);
		assert.notEqual(code, 0);
		assert.match(stderr, /api_metrics must be empty, a loopback address and a port/);
		process.kill(inst.pid('api'), 'SIGHUP');
		await until(() => /api_metrics must be empty/.test(inst.logs()), 'the log says so');
	} finally {
		writeFileSync(inst.confPath, written);
	}
	await look();
});

test('the processes, all together, and the database tell of themselves', async () => {
	const figures = await look();
	assert.ok(figures.sum('process_resident_memory_bytes') > 5_000_000);
	assert.ok(figures.sum('process_open_fds') > 20);
	assert.ok(figures.sum('unio_database_bytes') > 100_000);
	assert.ok(Math.abs(figures.sum('process_start_time_seconds') - Date.now() / 1000) < 300);
});

test('promtool has nothing to say, histograms add up, labels are words of ours', async () => {
	const figures = await scrape(inst.metrics.api_metrics);
	assertLinted(figures.text);
	assertHistograms(figures);
	for (const [, value] of figures.text.matchAll(/="([^"]*)"/g))
		assert.match(value, /^([a-z][a-z0-9_]*|[A-Z]+|\/api[a-z/.{}-]*|\d+\.\d+\.\d+|[\d.]+|\+Inf)$/);
});
