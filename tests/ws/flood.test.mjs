// One participant floods the room, is cut off, comes back and floods again: the others go on talking. With the limits as
// they are by default, or what is measured would be another server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { connect } from '../lib/ws.mjs';
import { newFullRoom, wsInstance } from './support.mjs';

const inst = await wsInstance({ byte_rate: '1m', byte_burst: '4m', connection_rate: 20, trusted_proxies: '127.0.0.1' });

const TALK_MS = 2500;
const EVERY_MS = 25;
/** Of order only: a busy machine of two cores runs the flood, the server and all clients. */
const MEDIAN_MS = 100;

/** Ann talks to Bob; how long each of her words takes. */
async function talk(ann, bob, marker, ms) {
	const times = [];
	const arrived = new Promise((resolve) => {
		bob.ws.on('message', (data) => {
			const text = data.toString();
			const at = text.indexOf(marker);
			if (at === -1 || text.length > 1000)
				return;
			const [n, sent] = text.slice(at + marker.length).split(/[^\d.]+/).filter(Boolean).map(Number);
			assert.equal(n, times.length, 'in order, and none is missing');
			times.push(performance.now() - sent);
			if (n === Math.floor(ms / EVERY_MS) - 1)
				resolve();
		});
	});
	for (let n = 0; n < Math.floor(ms / EVERY_MS); n++) {
		ann.send({ type: 'message', data: `${marker} ${n} ${performance.now().toFixed(2)} `, target_session: bob.session });
		await pause(EVERY_MS);
	}
	await Promise.race([arrived, pause(5000).then(() => assert.fail(`only ${times.length} words of Ann's came`))]);
	times.sort((a, b) => a - b);
	return { median: times[times.length >> 1], p95: times[Math.floor(times.length * 0.95)], most: times.at(-1) };
}

/** Sends as much as the socket takes; when it is closed, again. */
async function flood(id, token, text, goOn) {
	const sent = { frames: 0, connections: 0, closes: new Set() };
	while (goOn()) {
		const client = await connect(inst, id, { token, headers: { 'X-Forwarded-For': '203.0.113.66' } }).catch(() => null);
		if (client === null) {
			await pause(50);
			continue;
		}
		sent.connections++;
		while (goOn() && client.ws.readyState === client.ws.OPEN) {
			for (let i = 0; i < 200 && client.ws.bufferedAmount < 1 << 20; i++, sent.frames++)
				client.ws.send(text);
			await pause(2);
		}
		if (client.ws.readyState !== client.ws.OPEN)
			sent.closes.add((await client.closed).code);
		client.ws.terminate();
	}
	return sent;
}

const floods = {
	'small messages to all': JSON.stringify({ type: 'message', data: 1 }),
	'offers of 60 KiB to all': JSON.stringify({ type: 'offer', offer: { type: 'offer', sdp: 'x'.repeat(60_000) } }),
	'no JSON at all': 'x'.repeat(60_000),
};
for (const [what, text] of Object.entries(floods))
	test(`a flood of ${what} leaves the room usable for the others`, async (t) => {
		const { id, people, clients: [ann, bob] } = await newFullRoom(inst, 4);
		const quiet = await talk(ann, bob, 'quiet', 500);
		let going = true;
		const flooding = flood(id, people[3].access, text, () => going);
		const loud = await talk(ann, bob, 'loud', TALK_MS);
		going = false;
		const sent = await flooding;
		const shown = ({ median, p95, most }) => [median, p95, most].map((ms) => ms.toFixed(1)).join(' / ');
		t.diagnostic(`${what}: ${sent.frames} frames in ${sent.connections} connections; a word takes (median / p95 / most, ms)`
			+ ` ${shown(quiet)} before, ${shown(loud)} during`);
		assert.ok(sent.frames > 300 && sent.closes.has(4003), `${sent.frames} frames, ${[...sent.closes]}`);
		assert.ok(loud.median < MEDIAN_MS, `a word takes ${loud.median.toFixed(1)} ms`);
	});

test('bytes over the rate are dropped as frames are, and pass again later', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	// 4 MiB at once are 69 of these; message_burst alone would let them all pass
	const offer = { type: 'offer', offer: { type: 'offer', sdp: 'x'.repeat(60_000) } };
	for (let n = 0; n < 120; n++)
		ann.send({ ...offer, id: n });
	await ann.next((frame) => frame.type === 'error' && frame.code === 'rate_limited');
	await ann.next((frame) => frame.type === 'ack' && frame.id === 60);
	assert.equal(ann.frames.some((frame) => frame.id === 119), false);
	for (let n = 0; !bob.frames.some((frame) => frame.type === 'message'); n++) {
		assert.ok(n < 100);
		ann.send({ type: 'message', data: 1 });
		await pause(50);
	}
});
