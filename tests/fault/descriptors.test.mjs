// A program has no file descriptor left (EMFILE): it says so, does not spin, keeps what it has, and takes up its
// work again when it can.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { as, assertStatus, newUser, request } from '../lib/api.mjs';
import { connect } from '../lib/ws.mjs';
import { enter, eventually, newFullRoom, newRoom, wsInstance } from '../ws/support.mjs';
import { childrenOf, cpuOf, SLOWER, within } from './support.mjs';

const WATCH_MS = 1_500;
const LOG_BYTES = 64 << 10;
const inst = await wsInstance({ workers: 2, handshake_timeout: '4s' });

/** Leaves a process `spare` descriptors more than it has; a function that takes that back. */
function confine(pid, spare) {
	const limit = (value) => {
		const { status, stderr, stdout } = spawnSync('prlimit', ['--pid', String(pid), '--noheadings', '--output', 'SOFT',
			...(value === undefined ? ['--nofile'] : [`--nofile=${value}:`])], { encoding: 'utf8' });
		assert.equal(status, 0, stderr);
		return stdout.trim();
	};
	const before = limit();
	const highest = Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number));
	limit(highest + 1 + spare);
	return () => limit(before);
}

const logSize = (name) => statSync(join(inst.varDir, 'log', name)).size;

/** That a process neither spins nor fills its log while `work` runs. */
async function calm(pid, log, work) {
	const before = { cpu: cpuOf(pid), size: logSize(log), time: Date.now() };
	await work();
	await pause(WATCH_MS);
	const share = (cpuOf(pid) - before.cpu) / (Date.now() - before.time);
	assert.ok(share < 0.5, `it uses ${Math.round(100 * share)} % of a processor`);
	assert.ok(logSize(log) - before.size < LOG_BYTES, `it wrote ${logSize(log) - before.size} bytes of log`);
}

test('the daemon without descriptors keeps its rooms going, and takes connections again when it can', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	const room = await newRoom(inst, 1);
	const pid = inst.pid('signald');
	const release = confine(pid, 2);
	const waiting = [];
	try {
		await calm(pid, 'unio-signald.log', async () => {
			for (let n = 0; n < 12; n += 1)
				waiting.push(connect(inst, room.id, { token: room.host.access }).then((client) => client.closed, () => {}));
			for (let n = 0; n < 20; n += 1) {
				ann.send({ type: 'message', data: n });
				await within(1_000 * SLOWER, 'a message', () => bob.next('message'));
				await pause(20);
			}
		});
	} finally {
		release();
	}
	assert.match(inst.logs(), /too many open files|EMFILE|descriptors?/i);
	await eventually('it takes connections', () => enter(inst, room.id, room.host).then(() => true, () => false));
	await ann.sync();
	await bob.sync();
});

test('the daemon with no descriptor at all is not killed by it', async () => {
	const room = await newFullRoom(inst, 1);
	const pid = inst.pid('signald');
	const release = confine(pid, 0);
	try {
		await calm(pid, 'unio-signald.log', async () => {
			for (let n = 0; n < 5; n += 1)
				connect(inst, room.id, { token: room.host.access }).catch(() => {});
			await room.clients[0].sync();
		});
	} finally {
		release();
	}
	await eventually('it is ready', async () => (await request(inst, 'GET', '/api/health/ready')).status === 200);
	await room.clients[0].sync();
});

for (const spare of [0, 1])
	test(`API workers with ${spare} descriptors to spare answer, or others do, and nothing spins`, async () => {
		const user = await newUser(inst);
		const me = as(inst, user);
		const master = inst.pid('api');
		const releases = childrenOf(master).map((worker) => confine(worker, spare));
		try {
			await calm(master, 'unio-api.log', async () => {
				const replies = await Promise.all(Array.from({ length: 10 }, () =>
					within(20_000, 'a request', () => me.post('/api/meetings', { title: 'Narrow' })).catch(() => null)));
				for (const reply of replies)
					assert.ok(reply === null || [201, 500, 503].includes(reply.status), reply?.text);
			});
		} finally {
			for (const release of releases)
				try {
					release();
				} catch {
					// that worker has been replaced
				}
		}
		await eventually('all is well', async () => (await me.get('/api/auth/me')).status === 200);
		for (let n = 0; n < 10; n += 1)
			assertStatus(await me.post('/api/meetings', { title: 'Wide' }), 201);
		assert.equal(inst.pid('api'), master);
	});
