// The client library in a pretended world: who offers to whom, collisions, candidates, devices, leaving.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMesh, enter, heard, newWorld } from './support.mjs';
import { track } from './rtc.mjs';

test('those in the room offer to a newcomer, once each, and all see all', async () => {
	const world = newWorld();
	const clients = ['ann', 'bob', 'cleo'].map((name) => world.client(name));
	await enter(world, ...clients);
	assertMesh(world, ...clients);
	assert.equal(world.rtc.offers, 3);
	for (const client of clients) {
		const streams = new Map(client.told('stream').map(([peer, stream]) => [peer.name, stream]));
		assert.equal(streams.size, 2);
		for (const stream of streams.values())
			assert.deepEqual(stream.getTracks().map(({ kind }) => kind).sort(), ['audio', 'video']);
	}
});

test('candidates that come before the description wait for it', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	const [peer] = bob.peers;
	peer.close();
	peer.receive({ type: 'ice_candidate', candidate: { candidate: 'early' } });
	await world.clock.advance(100);
	assert.deepEqual(world.rtc.mistakes, []);
});

test('when both negotiate at once the one who came later gives way, and both end connected', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	const made = world.rtc.connections.length;
	for (let round = 0; round < 5; round += 1) {
		ann.peers[0].restart();
		bob.peers[0].restart();
		await world.clock.advance(500);
		assertMesh(world, ann, bob);
	}
	assert.equal(world.rtc.connections.length, made);
});

test('two devices of one user are two peers, and one device\'s answer is not taken by the other', async () => {
	const world = newWorld();
	const [phone, laptop, bob] = [world.client('ann'), world.client('ann'), world.client('bob')];
	await enter(world, phone, laptop, bob);
	assertMesh(world, phone, laptop, bob);
	assert.deepEqual(bob.peers.map(({ userId }) => userId), [1, 1]);
	phone.leave();
	await world.clock.advance(500);
	assertMesh(world, laptop, bob);
});

test('another\'s client id is no way into a connection', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	const [member] = world.server.members;
	world.server.tell({ type: 'user_joined', user_id: 3, full_name: 'Mallory', email: 'm@x.example', session_id: 'sx',
		client_id: member.client_id, devices: 1 });
	await world.clock.advance(100);
	assert.deepEqual(bob.peers.map(({ name, connection }) => [name, connection]), [['Ann', 'connected'], ['Mallory', 'new']]);
});

test('a network that goes away under the media is healed by an ICE restart', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	world.rtc.disturb();
	assert.deepEqual(ann.peers.map(({ connection }) => connection), ['disconnected']);
	await world.clock.advance(4000);
	assertMesh(world, ann, bob);
	world.rtc.disturb();
	ann.page.navigator.connection.type = 'wifi';
	ann.page.navigator.connection.dispatchEvent(new Event('change')); // no waiting then
	await world.clock.advance(500);
	assertMesh(world, ann, bob);
	const { offers } = world.rtc;
	ann.page.navigator.connection.dispatchEvent(new Event('change')); // only the speed
	await world.clock.advance(500);
	assert.equal(world.rtc.offers, offers);
});

test('muting and another track are told and sent without asking the others', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	const offers = world.rtc.offers;
	const other = track('video');
	await ann.replaceTrack('video', other);
	ann.setMuted('audio', true);
	ann.setState({ hand: true });
	await world.clock.advance(100);
	assert.deepEqual(bob.peers[0].state, { muted: true, hand: true });
	assert.ok(world.rtc.open.some((pc) => pc.getTransceivers().some(({ sender }) => sender.track === other)));
	assert.equal(world.rtc.offers, offers);
	const cleo = world.client('cleo');
	await enter(world, cleo);
	assert.deepEqual(cleo.peers.find(({ name }) => name === 'Ann').state, { muted: true, hand: true });
});

test('one who has nothing to send sees and hears the others, and may send later', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann);
	bob.join(null);
	await world.clock.advance(500);
	assertMesh(world, ann, bob);
	const late = track('audio');
	await bob.replaceTrack('audio', late);
	assert.ok(world.rtc.open.some((pc) => pc.getTransceivers().some(({ sender }) => sender.track === late)));
});

test('messages go to all or to one', async () => {
	const world = newWorld();
	const [ann, bob, cleo] = ['ann', 'bob', 'cleo'].map((name) => world.client(name));
	await enter(world, ann, bob, cleo);
	ann.send('to all');
	ann.send({ to: 'Bob' }, ann.peers.find(({ name }) => name === 'Bob'));
	await world.clock.advance(100);
	assert.deepEqual(heard(bob), ['to all', { to: 'Bob' }]);
	assert.deepEqual(heard(cleo), ['to all']);
});

test('leaving says so, closes everything, and nothing comes after it', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	ann.leave();
	ann.leave();
	assert.deepEqual(ann.told('closed').map(([{ code }]) => code), ['left']);
	await world.clock.advance(500);
	assert.deepEqual(bob.told('peer-left').map(([{ name }]) => name), ['Ann']);
	assert.equal(world.rtc.open.length, 0);
	assert.equal(world.server.members.length, 1);
	bob.send('anybody?');
	await world.clock.advance(60_000);
	assert.deepEqual(heard(ann), []);
	assert.equal(ann.send('me'), false);
	await assert.rejects(ann.join(null));
});

test('a page that is closed has left', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	bob.page.dispatchEvent(new Event('pagehide'));
	await world.clock.advance(100);
	assert.deepEqual(ann.peers, []);
});
