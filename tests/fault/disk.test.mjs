// The disk is full, at once or in the middle of a commit: what was confirmed is kept, what was not is refused, and
// with room again all goes on by itself. On a small tmpfs, which only root can mount.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, fstatSync, mkdtempSync, openSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, afterEach } from 'node:test';

import { as, assertStatus, newMeeting, newUser, request } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { seeded } from '../lib/random.mjs';
import { closeAll } from '../lib/ws.mjs';
import { enter, newFullRoom, rename, titlesOf } from '../ws/support.mjs';
import { assertUnavailable, SLOWER, within } from './support.mjs';

const SIZE = '4m';
const PROMPT_MS = 2_000 * SLOWER;

const disk = mkdtempSync(join(tmpdir(), 'unio-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'unio-test', disk], { encoding: 'utf8' });
const skip = mounted.status === 0 ? false : `no tmpfs can be mounted here: ${mounted.stderr ?? mounted.error}`;

if (!skip)
	process.on('exit', () => spawnSync('umount', ['-l', disk])); // whatever happens
const inst = skip ? null : await startInstance({ conf: { database: join(disk, 'unio.db') } });
if (inst)
	inst.dbPath = join(disk, 'unio.db');

const filler = join(disk, 'filler');

afterEach(() => {
	closeAll();
	inst?.assertAlive();
});
after(async () => {
	await inst?.stop();
	if (!skip)
		spawnSync('umount', [disk]);
	rmdirSync(disk);
});

/** Fills the disk but for `free` bytes. */
function fill(free = 0) {
	const fd = openSync(filler, 'a');
	const block = Buffer.alloc(4096);
	try {
		while (writeSync(fd, block) > 0);
	} catch (error) {
		assert.equal(error.code, 'ENOSPC');
	}
	ftruncateSync(fd, Math.max(0, fstatSync(fd).size - free));
	closeSync(fd);
}

const empty = () => unlinkSync(filler);

/** Runs `work` on a full disk, and makes room again whatever happens. */
async function whileFull(work) {
	fill();
	try {
		return await work();
	} finally {
		empty();
	}
}

/** Changes a meeting by more than a page holds, until it is refused: the reply. */
async function untilRefused(me, meeting) {
	for (let n = 0; ; n += 1) {
		const reply = await me.patch(`/api/meetings/${meeting.id}`, { description: String(n % 10).repeat(4000) });
		if (reply.status !== 200)
			return reply;
	}
}

test('on a full disk changes are 503 and reading goes on; with room again they work', { skip }, async () => {
	const user = await newUser(inst);
	const meeting = await newMeeting(inst, user);
	const me = as(inst, user);
	const before = await whileFull(async () => {
		assertUnavailable(await untilRefused(me, meeting));
		assertUnavailable(await me.post('/api/meetings', { title: 'Not now', description: 'x'.repeat(4000) }));
		return assertStatus(await within(PROMPT_MS, 'reading', () => me.get(`/api/meetings/${meeting.id}`)), 200);
	});
	assert.deepEqual(assertStatus(await me.get(`/api/meetings/${meeting.id}`), 200), before);
	assertStatus(await me.patch(`/api/meetings/${meeting.id}`, { title: 'Now' }), 200);
	assert.deepEqual(inst.sql('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
});

test('the log says that the disk is full', { skip }, () =>
	assert.match(inst.logs(), /disk is full|disk full|no space left/i));

test('the relay and joins go on, on a full disk', { skip }, async () => {
	const room = await newFullRoom(inst);
	const [ann, bob] = room.clients;
	await whileFull(async () => {
		await untilRefused(as(inst, room.host), room.meeting);
		const late = await within(PROMPT_MS, 'a join', () => enter(inst, room.id, room.host));
		late.send({ type: 'join-call' });
		await late.next('call_joined');
		ann.send({ type: 'message', data: 'hello' });
		for (const client of [bob, late])
			await within(PROMPT_MS, 'a message', () => client.next('message'));
	});
	await rename(inst, room, 'Room again');
	await ann.next((frame) => frame.meeting?.title === 'Room again');
});

test('a commit that runs out of space half-way leaves nothing, and those that were confirmed stay', { skip }, async () => {
	const chance = seeded();
	console.log(`# SEED=${chance.seed}`);
	const room = await newFullRoom(inst, 1);
	const [ann] = room.clients;
	const confirmed = [];
	let refused = 0;
	for (let n = 0; n < 300 && (refused < 12 || confirmed.length < 12); n += 1) {
		fill(chance.between(0, 20) * 4096);
		for (let i = 0; i < 3; i += 1) {
			const json = { title: `Title ${n}.${i}`, description: 'ä'.repeat(chance.between(1, 4000)) };
			const reply = await request(inst, 'PATCH', `/api/meetings/${room.id}`, { token: room.host.access, json });
			if (reply.status === 200)
				confirmed.push(json.title);
			else
				refused += assertUnavailable(reply);
		}
		empty();
	}
	assert.ok(refused > 0 && confirmed.length > 0, `${refused} refused, ${confirmed.length} confirmed`);
	await rename(inst, room, 'Last');
	await ann.next((frame) => frame.meeting?.title === 'Last', 10_000);
	assert.deepEqual(titlesOf(ann), [...confirmed, 'Last']);
	const stored = inst.sql(`SELECT body ->> '$.meeting.title' AS title FROM event
		WHERE meeting_id = ${room.id} AND type = 'meeting_updated' ORDER BY id`).map(({ title }) => title);
	assert.deepEqual(stored, [...confirmed, 'Last']);
	assert.deepEqual(inst.sql('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
});

test('programs that start on a full disk serve, or try until there is room', { skip }, async () => {
	await whileFull(async () => {
		for (const name of ['signald', 'api']) {
			const old = inst.pid(name);
			inst.kill(name, 'SIGKILL');
			await until(() => inst.pid(name) !== old, `another ${name}`);
		}
		await until(async () => (await request(inst, 'GET', '/api/health/').catch(() => null)) !== null, 'an answer');
	});
	await inst.waitReady();
	const room = await newFullRoom(inst, 1);
	await rename(inst, room, 'Here we are');
	await room.clients[0].next('meeting_updated');
});
