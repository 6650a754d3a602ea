// Connections that are cut at random instants, in the handshake as well as later: between clients that resume
// and send again what was not received nothing is lost, doubled or out of order (docs/PROTOCOL.md, Resume).
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { startProxy, through } from '../lib/proxy.mjs';
import { seeded } from '../lib/random.mjs';
import { assertUndisturbed, dataOf, enterSession, newSessions } from './resume.mjs';
import { eventually, newRoom, rename, titlesOf, wsInstance } from './support.mjs';

const MESSAGES = 300;
const inst = await wsInstance({ message_rate: 100_000, message_burst: 100_000 });

let proxy;
before(async () => { proxy = await startProxy(inst); });
after(() => proxy?.close());

/** A client on a bad line: keeps all that it sent, comes back whenever its connection breaks. */
class Wanderer {
	#sent = [];
	#connected = true;
	#ended = false;
	resumed = 0;

	constructor(session, by) {
		this.session = session;
		this.by = by;
		this.living = this.#live();
		this.living.catch(() => {});
	}

	say(data) {
		const text = JSON.stringify({ type: 'message', data });
		this.#sent.push(text);
		if (this.#connected)
			this.session.sendRaw(text);
	}

	async #live() {
		for (;;) {
			await this.session.closed;
			this.#connected = false;
			this.session.settle();
			if (this.#ended)
				return;
			await this.#comeBack();
		}
	}

	async #comeBack() {
		const reply = await this.session.ask({ by: this.by }).catch(() => null);
		if (reply === null)
			return pause(5); // cut again, before a word was said
		assert.equal(reply.type, 'resumed', JSON.stringify(reply));
		assert.ok(reply.received <= this.#sent.length, `${reply.received} of ${this.#sent.length}`);
		this.resumed += 1;
		for (const text of this.#sent.slice(reply.received))
			this.session.sendRaw(text);
		this.#connected = true;
		return undefined;
	}

	/** It comes back no more. */
	giveUp() {
		this.#ended = true;
	}

	async end() {
		this.giveUp();
		await this.session.close();
		await this.living;
	}
}

for (const by of ['protocol', 'frame'])
	test(`three clients on lines that are cut at random hear each other exactly once, in order (by ${by})`, async (t) => {
		const chance = seeded();
		console.log(`# SEED=${chance.seed}`);
		const room = await newRoom(inst, 3);
		const view = through(proxy, inst);
		const wanderers = [];
		t.after(() => wanderers.forEach((wanderer) => wanderer.giveUp()));
		for (const user of room.people)
			wanderers.push(new Wanderer(await enterSession(view, room.id, user), by));
		const titles = [];
		let over = false;
		const cutting = (async () => {
			while (!over) {
				await pause(chance.between(5, 120));
				const p = chance.one([0.3, 0.6, 1]);
				proxy.cut(() => chance.chance(p));
			}
		})();
		const renaming = (async () => {
			for (let n = 0; n < 25; n += 1) {
				await rename(inst, room, `Title ${n}`);
				titles.push(`Title ${n}`);
				await pause(chance.between(20, 120));
			}
		})();
		await Promise.all(wanderers.map(async (wanderer) => {
			for (let n = 0; n < MESSAGES; n += 1) {
				wanderer.say(n);
				await pause(chance.between(0, 12));
			}
		}));
		await renaming;
		over = true;
		await cutting;
		const all = (session) => session.count('message') >= 2 * MESSAGES && titlesOf(session).length >= titles.length;
		await eventually('all have heard all', () => Promise.race([
			...wanderers.map(({ living }) => living), // if one of them has failed
			wanderers.every(({ session }) => all(session)),
		]), { deadline: 20_000 });
		for (const wanderer of wanderers)
			assertHeard(wanderer, wanderers, titles);
		await Promise.all(wanderers.map((wanderer) => wanderer.end()));
	});

/** All messages of each other one, all events, and nobody's coming or going, each once and in order. */
function assertHeard({ session, resumed }, wanderers, titles) {
	for (const { session: other } of wanderers.filter((wanderer) => wanderer.session !== session)) {
		const heard = dataOf(session.received.filter(({ from_session: from }) => from === other.session));
		assert.deepEqual(heard, [...Array(MESSAGES).keys()]);
		assertUndisturbed(session, other);
	}
	assert.deepEqual(titlesOf(session), titles);
	assert.ok(resumed > 3, `it was cut off ${resumed} times`);
}

test('a line that is cut off and held down for a while loses nothing', async () => {
	const { sessions: [ann], id, people } = await newSessions(inst);
	const bob = await enterSession(through(proxy, inst), id, people[1]);
	proxy.down();
	await bob.closed;
	bob.settle();
	await assert.rejects(bob.ask());
	const numbers = [...Array(200).keys()];
	for (const data of numbers)
		ann.send({ type: 'message', data });
	await ann.sync();
	proxy.up();
	await bob.resume();
	await eventually('all have come', () => dataOf(bob.received).length >= numbers.length);
	assert.deepEqual(dataOf(bob.received), numbers);
});
