// What the client library tells a page, and when; who does not want to hear it any more; what muting does.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enter, newWorld } from './support.mjs';
import { stream } from './rtc.mjs';

/** Two people in a room, and what the first is told of these kinds from then on. */
async function listening(...types) {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	await enter(world, ann, bob);
	const told = [];
	for (const type of types)
		ann.on(type, (...details) => told.push([type, ...details]));
	return { world, ann, bob, told };
}

test('what a peer says of itself is told with the peer', async () => {
	const { world, ann, bob, told } = await listening('state');
	bob.setState({ hand: true });
	bob.setState({ mood: 'good' });
	await world.clock.advance(100);
	assert.deepEqual(told.map(([, peer, state]) => [peer, state]), [[ann.peers[0], { hand: true }], [ann.peers[0], { hand: true, mood: 'good' }]]);
	assert.deepEqual(bob.state, { hand: true, mood: 'good' });
});

test('entering and leaving the call, and how the media fare, are a change of the peer', async () => {
	const { world, ann, told } = await listening('peer-changed');
	const [peer] = ann.peers;
	assert.equal(peer.inCall, true);
	world.server.event('call_ended', { call: { id: 1 } });
	await world.clock.advance(100);
	assert.equal(peer.inCall, false);
	assert.ok(told.some(([, changed]) => changed === peer));
	told.splice(0);
	world.rtc.disturb();
	assert.equal(told.length, 1);
	await world.clock.advance(4000);
	assert.deepEqual([peer.connection, told.length > 1], ['connected', true]);
});

test('who stays after a call takes part in the next one', async () => {
	const { world, ann } = await listening();
	const [peer] = ann.peers;
	world.server.event('call_ended', { call: { id: 1 } });
	world.server.members.forEach((member) => { member.inCall = false; });
	await world.clock.advance(100);
	assert.equal(peer.inCall, false);
	world.server.event('call_started', { call: { id: 2 } });
	await world.clock.advance(100);
	assert.deepEqual([peer.inCall, world.server.members.map(({ inCall }) => inCall)], [true, [true, true]]);
});

test('meeting events and the operator\'s word come as they are', async () => {
	const { world, told } = await listening('meeting', 'notice');
	world.server.event('participant_added', { user: { id: 9 } });
	world.server.tell({ type: 'notice', message: 'Lunch', timestamp: 'now' });
	await world.clock.advance(100);
	assert.deepEqual(told.map(([type, { event_id, ...rest }]) => [type, rest]), [
		['meeting', { type: 'participant_added', user: { id: 9 } }], ['notice', { message: 'Lunch', timestamp: 'now' }]]);
});

test('a frame that the server refuses is told, and is not the end', async () => {
	const { world, ann, bob, told } = await listening('error', 'closed');
	world.server.members[0].push({ type: 'error', code: 'too_large', message: 'data is too large' });
	ann.send('still here');
	await world.clock.advance(100);
	assert.deepEqual(told.map(([type, { code }]) => [type, code]), [['error', 'too_large']]);
	assert.equal(bob.told('message').length, 1);
});

test('frames of a kind that a newer server may have are passed over', async () => {
	const { world, ann, bob, told } = await listening('closed', 'error');
	world.server.tell({ type: 'something_new', more: [] });
	ann.send('still here');
	await world.clock.advance(100);
	assert.deepEqual(told, []);
	assert.equal(bob.told('message').length, 1);
});

test('who does not listen any more hears nothing, and one listener\'s mistake is no other\'s', async (t) => {
	const { world, ann, bob } = await listening();
	const complained = t.mock.method(console, 'error', () => {});
	const heard = [];
	const stop = ann.on('message', () => heard.push('first'));
	ann.on('message', () => { throw new Error('a mistake'); });
	ann.on('message', () => heard.push('last'));
	bob.send(1);
	await world.clock.advance(100);
	stop();
	bob.send(2);
	await world.clock.advance(100);
	assert.deepEqual(heard, ['first', 'last', 'last']);
	assert.equal(complained.mock.callCount(), 2);
});

test('muting silences the track itself, and says so', async () => {
	const world = newWorld();
	const [ann, bob] = [world.client('ann'), world.client('bob')];
	const own = stream();
	ann.join(own);
	await enter(world, bob);
	ann.setMuted('audio', true);
	ann.setMuted('video', true);
	await world.clock.advance(100);
	assert.deepEqual(own.getTracks().map(({ enabled }) => enabled), [false, false]);
	assert.deepEqual(bob.peers[0].state, { muted: true, camera: false });
	ann.setMuted('audio', false);
	await world.clock.advance(100);
	assert.deepEqual(own.getAudioTracks().map(({ enabled }) => enabled), [true]);
	assert.deepEqual(bob.peers[0].state, { muted: false, camera: false });
});

test('media that fail altogether are healed at once by an ICE restart', async () => {
	const { world, ann } = await listening();
	const { offers } = world.rtc;
	for (const pc of world.rtc.open) {
		pc.route = null;
		pc.become('failed');
	}
	await world.clock.advance(500);
	assert.ok(world.rtc.offers > offers);
	assert.deepEqual(ann.peers.map(({ connection }) => connection), ['connected']);
});

test('what cannot be a meeting is said where it is made', () => {
	const world = newWorld();
	assert.throws(() => world.client('ann', { url: '' }), /url/);
});
