// An upgrade of the signaling daemon is stop, then start, on a listening socket that stays: whoever connects at any
// moment of it waits for a while and is never refused, and no two daemons serve at once, so that no room is split.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { newMeeting, newUser } from '../lib/api.mjs';
import { isAlive, startInstance, until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';

const UPGRADES = 20;

/** `make run` starts a program at once if it has lived for 200 ms, and up to thirty times in 30 s. */
const LIFE_MS = 300;

/** The promise, and what a machine that does much else at the same time may make of it. */
const WAIT_MS = process.env.SANITIZE ? 20_000 : 2_000;
const BUSY_MS = 5 * WAIT_MS;

const inst = await startInstance();
after(() => inst.stop());
afterEach(async () => {
	await inst.waitReady();
	inst.assertAlive();
});

/** Runs `attempt` again and again, in several loops, until stopped: how many there were, who was refused, the longest. */
function tightLoops(width, attempt) {
	const result = { attempts: 0, refused: [], longest: 0 };
	let over = false;
	const loops = Array.from({ length: width }, async () => {
		while (!over) {
			const began = performance.now();
			await attempt().catch((error) => { result.refused.push(error.message); });
			result.longest = Math.max(result.longest, performance.now() - began);
			result.attempts += 1;
		}
	});
	return async () => {
		over = true;
		await Promise.all(loops);
		return result;
	};
}

/** Enters a room and leaves it again; to be told to come back, in a frame, is an answer, and nothing else is. */
async function enter(meetingId, token) {
	const client = await connect(inst, meetingId, { token });
	const frame = await client.next(({ type }) => type === 'welcome' || type === 'error', BUSY_MS);
	if (frame.type === 'error')
		assert.ok(frame.close === 1012 && frame.action === 'reconnect', JSON.stringify(frame));
	else
		await client.close();
	await client.closed;
}

/** A connect at the daemon's own socket, and whatever it answers to a request that is no upgrade. */
async function knock() {
	const socket = net.connect(join(inst.varDir, 'run/ws.sock'));
	await once(socket, 'connect');
	socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
	const [answer] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])]);
	socket.destroy();
	assert.match(String(answer), /^HTTP\/1\.1 \d{3} /);
}

async function upgrade() {
	const old = inst.pid('signald');
	inst.kill('signald', 'SIGTERM');
	await until(() => inst.pid('signald') !== old, 'another daemon', BUSY_MS);
	assert.ok(!isAlive(old), 'the old one has gone before the new one starts');
	const ready = `pid=${inst.pid('signald')} event=ready`;
	await until(() => inst.logs().includes(ready), ready, BUSY_MS);
	await pause(LIFE_MS);
}

test(`through ${UPGRADES} upgrades no connect is refused, and nobody waits longer than two seconds`, async (t) => {
	const host = await newUser(inst);
	const meetings = [await newMeeting(inst, host), await newMeeting(inst, host), await newMeeting(inst, host)];
	let next = 0;
	const stops = [tightLoops(3, () => enter(meetings[next++ % meetings.length].id, host.access)), tightLoops(1, knock)];
	for (let n = 0; n < UPGRADES; n += 1)
		await upgrade();
	const [entries, knocks] = await Promise.all(stops.map((stop) => stop()));
	for (const [what, { attempts, refused, longest }] of [['entries', entries], ['connects', knocks]])
		t.diagnostic(`${attempts} ${what}, ${refused.length} refused, the longest took ${Math.round(longest)} ms`);
	assert.deepEqual([...entries.refused, ...knocks.refused], []);
	assert.ok(entries.attempts > UPGRADES && knocks.attempts > UPGRADES);
	assert.ok(entries.longest <= BUSY_MS, `${entries.longest} ms`);
});

test('no two daemons served at the same time', () => {
	const lives = [...inst.logs().matchAll(/prog=unio-signald pid=(\d+) event=(ready|end)\b/g)].map(([, pid, event]) => [pid, event]);
	assert.ok(lives.length > 2 * UPGRADES);
	for (const [i, [pid, event]] of lives.entries())
		assert.deepEqual([pid, event], i % 2 === 0 ? [pid, 'ready'] : [lives[i - 1][0], 'end']);
});
