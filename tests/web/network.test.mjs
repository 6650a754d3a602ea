// The client library on a bad network: credentials, resume, restarts, backoff, and random schedules of all that.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from './clock.mjs';
import { assertMesh, enter, heard, newWorld } from './support.mjs';
import { stream } from './rtc.mjs';

const RUNS = Number(process.env.RUNS ?? 60);

test('a ticket opens the meeting, and neither it nor the token is ever in an address', async () => {
	const world = newWorld();
	const ann = world.client('ann');
	await enter(world, ann);
	assert.deepEqual(world.net.requests.map(({ method, url }) => [method, url]),
		[['POST', 'https://unio.example/base/api/meetings/1/ticket']]);
	assert.deepEqual(world.net.opened.map(({ url, protocols }) => [url, protocols]),
		[['wss://unio.example/base/ws/meeting/1/', ['unio.v1']]]);
	const first = JSON.parse(world.net.sent[0]);
	assert.match(first.client_id, /^[A-Za-z0-9_-]{22}$/);
	assert.deepEqual({ ...first, client_id: '' }, { type: 'auth', ticket: 'ticket-1', client_id: '' });
});

test('a server without tickets gets the token in the first frame', async () => {
	const world = newWorld();
	world.server.hasTickets = false;
	const ann = world.client('ann');
	await enter(world, ann);
	assert.equal(JSON.parse(world.net.sent[0]).token, 'ann');
	assert.equal(ann.told('joined').length, 1);
});

test('a token that has expired is asked for again, once', async () => {
	for (const hasTickets of [true, false]) {
		const world = newWorld();
		world.server.hasTickets = hasTickets;
		const asked = [];
		const ann = world.client('ann', { getToken: (how) => { asked.push(how.refresh); return how.refresh ? 'ann' : 'old'; } });
		await enter(world, ann);
		await world.clock.advance(2000);
		assert.equal(ann.told('joined').length, 1);
		assert.deepEqual(asked, [false, true]);
		const eve = world.client('ann', { getToken: () => 'never good' });
		await enter(world, eve);
		await world.clock.advance(60_000);
		assert.deepEqual(eve.told('closed').map(([{ code }]) => code), ['unauthorized']);
	}
});

test('a refusal is said in words and is the end; join is rejected with it', async () => {
	for (const [close, code, words] of [[4403, 'forbidden', /not invited/], [4404, 'not_found', /no such meeting/],
		[4413, 'room_full', /full/], [4412, 'too_many_sessions', /too many devices/]]) {
		const world = newWorld();
		world.server.refusal = [close, code];
		const ann = world.client('ann');
		const joined = assert.rejects(ann.join(stream()), (error) => words.test(error.message) && error.reason.code === code);
		await world.clock.advance(120_000);
		await joined;
		assert.equal(world.net.opened.length, 1, 'it does not come back');
		assert.equal(ann.told('closed').length, 1);
	}
});

test('a lost connection is resumed: nothing is lost, doubled or out of order, and the media go on', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	const made = world.rtc.connections.length;
	for (let n = 0; n < 40; n += 1) {
		ann.send(n);
		if (n % 10 === 5)
			world.net.live[n % 20 === 5 ? 0 : 1]?.cut();
		await world.clock.advance(7);
	}
	await world.clock.advance(5000);
	assert.deepEqual(heard(bob), Array.from({ length: 40 }, (_, n) => n));
	assert.equal(world.rtc.connections.length, made);
	assert.equal(bob.told('peer-left').length, 0);
	assert.ok(ann.told('reconnected').length > 0);
	assertMesh(world, ann, bob);
});

test('a connection that is silently dead is noticed and resumed', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	world.net.live[1].cut({ isSilent: true });
	ann.send('are you there?');
	await world.clock.advance(29_000);
	assert.deepEqual(heard(bob), ['are you there?']);
	assert.equal(bob.told('reconnecting').length, 1);
});

test('a changed network is noticed at once', async () => {
	const world = newWorld();
	const ann = world.client('ann');
	await enter(world, ann);
	world.net.live[0].cut({ isSilent: true });
	ann.page.dispatchEvent(new Event('online'));
	await world.clock.advance(4000);
	assert.equal(ann.told('reconnected').length, 1);
});

test('after a restart of the server all join afresh under their names and keep their connections', async () => {
	for (const resumes of [true, false]) {
		const world = newWorld();
		world.server.resumes = resumes;
		const clients = ['ann', 'bob', 'cleo'].map((name) => world.client(name));
		await enter(world, ...clients);
		const made = world.rtc.connections.length;
		clients[0].setState({ hand: true });
		await world.clock.advance(100);
		world.server.restart({ retryAfterMs: 500 });
		await world.clock.advance(5000);
		assertMesh(world, ...clients);
		assert.equal(world.rtc.connections.length, made);
		assert.deepEqual(clients.map((client) => client.told('peer-left').length), [0, 0, 0]);
		assert.deepEqual(clients[1].peers.find(({ name }) => name === 'Ann').state, { hand: true });
	}
});

test('who does not come back after a restart is gone after a while', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	const [, second] = world.net.live;
	second.onclose = null; // Bob's browser is gone in the same moment
	second.cut();
	world.server.restart();
	await world.clock.advance(3000);
	assert.equal(ann.peers.length, 1);
	await world.clock.advance(10_000);
	assert.deepEqual(ann.told('peer-left').map(([{ name }]) => name), ['Bob']);
});

test('an older server that cannot resume: a short loss keeps the connections all the same', async () => {
	const world = newWorld();
	world.server.resumes = false;
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	const made = world.rtc.connections.length;
	world.net.live[1].cut();
	await world.clock.advance(5000);
	assertMesh(world, ann, bob);
	assert.equal(world.rtc.connections.length, made);
});

test('what may or may not have been taken of a session that has ended is told, not sent twice', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	const unsure = [];
	ann.on('unsure', (list) => unsure.push(...list));
	await enter(world, ann, bob);
	world.server.restart();
	ann.send('hm');
	await world.clock.advance(5000);
	assert.deepEqual(unsure, ['hm']);
	assert.deepEqual(heard(bob), []);
});

test('one who comes back without the connection gets a new one', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	ann.peers[0].close(); // as if Ann's browser had lost it
	world.server.restart();
	await world.clock.advance(5000);
	assertMesh(world, ann, bob);
});

test('the waits are jittered, grow, are bounded, and respect what the server asks for', async () => {
	const world = newWorld({ seed: 5 });
	const ann = world.client('ann');
	await enter(world, ann);
	world.server.restart({ retryAfterMs: 7000 });
	world.server.isUp = false;
	await world.clock.advance(100);
	const [[{ delayMs }]] = ann.told('reconnecting');
	assert.ok(delayMs >= 7000 && delayMs <= 7500, `${delayMs}`);
	await world.clock.advance(120_000);
	const waits = ann.told('reconnecting').slice(1).map(([again]) => again);
	waits.forEach(({ attempt, delayMs: wait }) => assert.ok(wait <= Math.min(15_000, 500 * 2 ** (attempt - 1)), `${attempt}: ${wait}`));
	assert.ok(new Set(waits.map(({ delayMs: wait }) => wait)).size > waits.length / 2);
	world.server.isUp = true;
	await world.clock.advance(16_000);
	assert.equal(ann.told('joined').length, 2);
});

test('a server that stays away is given up on at last', async () => {
	const world = newWorld();
	const ann = world.client('ann');
	await enter(world, ann);
	world.server.isUp = false;
	world.net.isDown = true;
	world.server.restart();
	await world.clock.advance(30 * 60_000);
	assert.deepEqual(ann.told('closed').map(([{ code }]) => code), ['unreachable']);
	assert.deepEqual(world.clock.pending, []);
});

test('events are told once: those of the welcome\'s picture not again, the missed ones after it', async () => {
	const world = newWorld();
	const ann = world.client('ann');
	world.server.event('call_started', { call: { id: 1 } });
	await enter(world, ann);
	world.server.event('call_ended', { call: { id: 1 } });
	await world.clock.advance(100);
	world.server.isUp = false;
	world.server.restart();
	world.server.event('meeting_updated', { meeting: {} });
	await world.clock.advance(1000);
	world.server.isUp = true;
	await world.clock.advance(20_000);
	assert.deepEqual(ann.told('meeting').map(([{ type }]) => type), ['call_ended', 'meeting_updated']);
});

test('the TURN credentials are renewed before they expire', async () => {
	const world = newWorld();
	const servers = (life) => [{ urls: ['turn:t.example'], username: `${Math.floor(Date.now() / 1000) + life}:1`, credential: 'c' }];
	world.server.iceServers = servers(600);
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	assert.deepEqual(world.rtc.open[0].configuration.iceServers, world.server.iceServers);
	world.server.iceServers = servers(1200);
	await world.clock.advance(490_000);
	assert.ok(world.rtc.open.every(({ configuration }) => configuration.iceServers === world.server.iceServers));
});

test('a meeting that allows the relay alone is held through it alone, and goes on so after a renewal', async () => {
	const world = newWorld();
	world.server.icePolicy = 'relay';
	world.server.iceServers = [{ urls: ['turn:t.example'], username: `${Math.floor(Date.now() / 1000) + 600}:1`, credential: 'c' }];
	await enter(world, world.client('ann'), world.client('bob'));
	for (const wait of [0, 490_000]) {
		await world.clock.advance(wait);
		assert.deepEqual(world.rtc.open.map(({ configuration }) => configuration.iceTransportPolicy), ['relay', 'relay']);
	}
});

test('TURN credentials that are refused are fetched anew, once; refused again it is said', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	const errors = [];
	ann.on('error', ({ code }) => errors.push(code));
	await enter(world, ann, bob);
	const fetched = () => world.net.requests.filter(({ url }) => url.endsWith('/api/ice-servers')).length;
	const [pc] = world.rtc.open;
	const { offers } = world.rtc;
	world.rtc.disturb();
	world.server.iceServers = [{ urls: ['turn:t.example'], username: '9999999999:1', credential: 'new' }];
	for (const errorCode of [401, 401, 701]) // for each of the machine's addresses; the last is about a server that is silent
		pc.onicecandidateerror({ errorCode, errorText: '' });
	await world.clock.advance(1000);
	assert.equal(fetched(), 1);
	assert.equal(pc.configuration.iceServers, world.server.iceServers);
	assert.ok(world.rtc.offers > offers, 'tried again with them');
	assert.deepEqual(errors, []);
	assertMesh(world, ann, bob);
	pc.onicecandidateerror({ errorCode: 401, errorText: '' });
	await world.clock.advance(1000);
	assert.deepEqual([fetched(), errors], [1, ['turn_refused']]);
	await world.clock.advance(60_000);
	pc.onicecandidateerror({ errorCode: 401, errorText: '' });
	await world.clock.advance(1000);
	assert.deepEqual([fetched(), errors], [2, ['turn_refused']]);
});

test('media that stop are a reason to ask whether the signaling lives', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	world.net.live.forEach((socket) => socket.cut({ isSilent: true }));
	world.rtc.disturb();
	await world.clock.advance(8000);
	for (const client of [ann, bob])
		assert.equal(client.told('reconnected').length, 1);
	assertMesh(world, ann, bob);
});

/** Random trouble for three clients; in the end all is as if there had been none. */
async function trouble(seed, withRestarts) {
	const world = newWorld({ seed });
	const random = seeded(seed + 1000);
	world.net.latency = () => 1 + Math.floor(random() * 60);
	const clients = ['ann', 'bob', 'cleo'].map((name) => world.client(name));
	clients.forEach((client) => client.join(stream()));
	let sent = 0;
	for (let step = 0; step < 120; step += 1) {
		await world.clock.advance(Math.floor(random() * 80));
		const live = world.net.live;
		const dice = random();
		if (dice < 0.15 && live.length > 0)
			live[Math.floor(random() * live.length)].cut({ isSilent: random() < 0.3 });
		else if (dice < 0.18 && withRestarts)
			world.server.restart({ retryAfterMs: Math.floor(random() * 500) });
		else if (dice < 0.25)
			clients[Math.floor(random() * 3)].peers.forEach((peer) => peer.restart());
		else if (dice < 0.28)
			world.rtc.disturb();
		else if (clients[0].welcome && clients[1].told('peer').length + clients[2].told('peer').length === 4 && clients[0].send(sent))
			sent += 1;
	}
	await world.clock.advance(60_000);
	assertMesh(world, ...clients);
	for (const client of clients.slice(1)) {
		const got = heard(client);
		assert.deepEqual(got, [...new Set(got)].sort((a, b) => a - b), 'in order, none twice');
		if (!withRestarts)
			assert.deepEqual(got, Array.from({ length: sent }, (_, n) => n), 'all');
	}
}

for (const withRestarts of [false, true]) {
	test(`random trouble${withRestarts ? ', with restarts of the server,' : ''} ends in a whole call`, async () => {
		for (let seed = 1; seed <= RUNS; seed += 1)
			await trouble(seed, withRestarts).catch((error) => assert.fail(`seed ${seed}: ${error.stack}`));
	});
}
