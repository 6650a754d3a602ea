// Clients in a pretended world, for the tests of the client library.

import assert from 'node:assert/strict';
import { UnioMeeting } from '../../web/unio-client.js';
import { Clock, seeded } from './clock.mjs';
import { Net, Server } from './net.mjs';
import { stream, World } from './rtc.mjs';

export const USERS = {
	ann: { user_id: 1, full_name: 'Ann' },
	bob: { user_id: 2, full_name: 'Bob' },
	cleo: { user_id: 3, full_name: 'Cleo' },
};

/** A clock, a server, a network and the browsers' connections; `client` makes one that takes part. */
export function newWorld({ seed = 1 } = {}) {
	const clock = new Clock();
	const server = new Server(clock, USERS);
	const net = new Net(clock, server);
	const rtc = new World(clock);
	const random = seeded(seed);
	return { clock, server, net, rtc, random, client: (name, options) => newClient({ clock, net, rtc, random }, name, options) };
}

function newClient({ clock, net, rtc, random }, name, options = {}) {
	const tokens = [];
	const page = Object.assign(new EventTarget(), { document: new EventTarget(), navigator: { connection: new EventTarget() } });
	const client = new UnioMeeting({
		url: 'https://unio.example/base',
		meetingId: 1,
		getToken: (how) => { tokens.push(how); return name; },
		env: { WebSocket: net.WebSocket, fetch: net.fetch, random, now: () => clock.now, setTimeout: clock.setTimeout,
			clearTimeout: clock.clearTimeout, RTCPeerConnection: rtc.RTCPeerConnection, MediaStream: rtc.MediaStream, window: page },
		...options,
	});
	const story = [];
	for (const type of ['joined', 'peer', 'peer-left', 'stream', 'message', 'meeting', 'reconnecting', 'reconnected', 'closed'])
		client.on(type, (...details) => story.push([type, ...details]));
	/** What was told of one kind. */
	const told = (type) => story.filter(([kind]) => kind === type).map(([, ...details]) => details);
	return Object.assign(client, { told, page, tokens, story });
}

/** Joins, and lets the world go on until all that follows is done. */
export async function enter(world, ...clients) {
	for (const client of clients) {
		client.join(stream()).catch(() => {});
		await world.clock.advance(500);
	}
}

/** Each sees each other, by one connection, and nobody did what a browser would refuse. */
export function assertMesh(world, ...clients) {
	for (const client of clients) {
		assert.deepEqual(client.peers.map(({ name, connection }) => `${name} ${connection}`).sort(),
			clients.filter((other) => other !== client).map((other) => `${nameOf(other)} connected`).sort());
	}
	assert.equal(world.rtc.open.length, clients.length * (clients.length - 1), 'connections');
	assert.deepEqual(world.rtc.open.map(({ signalingState }) => signalingState).filter((state) => state !== 'stable'), []);
	assert.deepEqual(world.rtc.mistakes, []);
}

function nameOf(client) {
	return Object.values(USERS).find(({ user_id: id }) => id === client.welcome.self.user_id).full_name;
}

/** The data of the messages that a client was told, in order. */
export function heard(client) {
	return client.told('message').map(([{ data }]) => data);
}
