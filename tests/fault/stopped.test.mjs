// The daemon stands still (SIGSTOP, a swapped-out or frozen machine) and goes on: nobody waits for it who need not,
// and what happened meanwhile arrives, in order and once.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { request } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';
import { enter, newFullRoom, newRoom, rename, titlesOf, wsInstance } from '../ws/support.mjs';
import { Follower } from './follower.mjs';
import { LONG, SLOWER, within } from './support.mjs';

const STOPPED_MS = LONG ? 60_000 : 3_000;
const PROMPT_MS = 2_000 * SLOWER;
const inst = await wsInstance();

const followers = [];
after(() => followers.forEach((follower) => follower.end()));

async function follow(room, user) {
	const follower = new Follower(inst, room.id, user);
	followers.push(follower);
	await until(() => follower.isLive, 'it is in');
	return follower;
}

/** The daemon stands still for `ms` at least, and as long as `work` takes. */
async function whileStopped(ms, work) {
	const pid = inst.pid('signald');
	process.kill(pid, 'SIGSTOP');
	try {
		const [result] = await Promise.all([work(), pause(ms)]);
		return result;
	} finally {
		process.kill(pid, 'SIGCONT');
	}
}

test(`requests go on while the daemon stands still for ${STOPPED_MS / 1000} s, and their events arrive afterwards`, async () => {
	const room = await newRoom(inst, 2);
	const pair = await Promise.all(room.people.map((user) => follow(room, user)));
	const titles = [];
	await whileStopped(STOPPED_MS, async () => {
		for (let n = 0; n < 20; n += 1) {
			await within(PROMPT_MS, 'a change', () => rename(inst, room, `Title ${n}`));
			titles.push(`Title ${n}`);
		}
	});
	const ids = inst.sql(`SELECT id FROM event WHERE meeting_id = ${room.id} ORDER BY id`).map(({ id }) => id);
	assert.equal(ids.length, titles.length);
	await until(() => pair.every(({ events }) => events.length >= ids.length), 'the events have come', PROMPT_MS + 5_000);
	for (const { events, problems, view } of pair) {
		assert.deepEqual(events, ids);
		assert.deepEqual(problems, []);
		assert.equal(view.title, titles.at(-1));
	}
});

test('readiness says that the daemon is away, in good time, and that it is back', async () => {
	const ready = () => request(inst, 'GET', '/api/health/ready');
	await whileStopped(0, async () => {
		const reply = await within(10_000, 'the reply', ready);
		assert.equal(reply.status, 503, reply.text);
		assert.notEqual(reply.json.checks.signaling, 'ok');
	});
	await until(async () => (await ready()).status === 200, 'it is ready', PROMPT_MS);
});

test('for a few seconds nobody is dropped: what was sent meanwhile is relayed in order', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	const numbers = [...Array(100).keys()];
	await whileStopped(3_000, async () => {
		for (const data of numbers)
			ann.send({ type: 'message', data });
	});
	await bob.next(({ data }) => data === numbers.at(-1));
	await bob.sync();
	assert.deepEqual(bob.frames.filter(({ type }) => type === 'message').map(({ data }) => data), numbers);
	assert.equal(ann.count('user_left'), 0);
});

test('who knocks meanwhile comes in afterwards', async () => {
	const room = await newRoom(inst, 1);
	const knocking = await whileStopped(2_000, async () => ({ client: enter(inst, room.id, room.host) }));
	const client = await knocking.client;
	await rename(inst, room, 'In');
	await client.next('meeting_updated');
	assert.deepEqual(titlesOf(client), ['In']);
});

test('the API standing still makes nobody in a room wait', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	const master = inst.pid('api');
	process.kill(-master, 'SIGSTOP');
	try {
		for (let n = 0; n < 20; n += 1) {
			ann.send({ type: 'message', data: n });
			await within(PROMPT_MS, 'a message', () => bob.next('message'));
		}
	} finally {
		process.kill(-master, 'SIGCONT');
	}
	assert.equal((await request(inst, 'GET', '/api/health/')).status, 200);
});
