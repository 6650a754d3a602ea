// What every server must do before it is measured: the same for all, by a client that none of them brings.
import assert from 'node:assert/strict';

import WebSocket from 'ws';

const WAIT_MS = 10_000;
const IN_ORDER = 300;

const CANDIDATE = { candidate: 'candidate:1 1 udp 2122260223 192.0.2.1 54400 typ host', sdpMid: '0', sdpMLineIndex: 0 };
const OFFER = { type: 'offer', sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=„quoted“ "and" \\ slashed / \u0007\r\n' };

class Client {
	frames = [];
	#look = () => {};

	constructor(address, room, token) {
		const path = `/ws/meeting/${room}/`;
		const url = address.kind === 'tcp' ? `ws://127.0.0.1:${address.port}${path}` : `ws+unix://${address.path}:${path}`;
		this.socket = new WebSocket(url, ['unio.v1'], { headers: { Authorization: `Bearer ${token}`, Host: 'localhost' } });
		this.socket.on('message', (data) => {
			this.frames.push(JSON.parse(data));
			this.#look();
		});
		this.closed = new Promise((done) => {
			this.socket.on('close', (code) => done(code)).on('error', () => done(1006));
		});
	}

	/** The next frame of this type, which is taken out; those before it stay. */
	next(type) {
		return new Promise((done, fail) => {
			const look = () => {
				const at = this.frames.findIndex((frame) => frame.type === type);
				if (at < 0)
					return;
				this.#look = () => {};
				clearTimeout(timer);
				done(this.frames.splice(at, 1)[0]);
			};
			const timer = setTimeout(() => fail(new Error(`no ${type}; got ${JSON.stringify(this.frames)}`)), WAIT_MS);
			this.#look = look;
			look();
		});
	}

	send(message) {
		this.socket.send(JSON.stringify(message));
	}

	async leave() {
		this.socket.close(1000);
		await this.closed;
	}
}

async function enter(address, room, token) {
	const client = new Client(address, room, token);
	const joined = await client.next('user_joined');
	return Object.assign(client, { joined, welcome: await client.next('welcome') });
}

/**
 * @param {{room: number, users: number[], outsider: number, other: {room: number, user: number}}} cast  three users of
 *   a room, one who may not enter it, and somebody of another room
 */
export async function check(server, fixture, address, { room, users, outsider, other }) {
	const first = await enter(address, room, fixture.token(users[0]));
	assert.deepEqual(first.welcome.peers, []);
	const second = await enter(address, room, fixture.token(users[1]));
	const third = await enter(address, room, fixture.token(users[2]));
	const stranger = await enter(address, other.room, fixture.token(other.user));
	assert.deepEqual(third.welcome.peers.map((peer) => peer.user_id).sort(), users.slice(0, 2).sort());
	for (const joined of [await first.next('user_joined'), await first.next('user_joined')])
		assert.ok(users.includes(joined.user_id) && joined.email === `user${joined.user_id}@example.org` && joined.full_name);
	await second.next('user_joined');

	second.send({ type: 'ice-candidate', candidate: CANDIDATE });
	second.send({ type: 'offer', offer: OFFER });
	for (const client of [first, third]) {
		const candidate = await client.next('ice_candidate');
		assert.deepEqual([candidate.candidate, candidate.from_user], [CANDIDATE, users[1]]);
		assert.equal(candidate.from_session, second.joined.session_id);
		const offer = await client.next('webrtc_offer');
		assert.deepEqual([offer.offer, offer.from_user, offer.from_email], [OFFER, users[1], `user${users[1]}@example.org`]);
	}
	for (let n = 0; n < IN_ORDER; n += 1)
		first.send({ type: 'ice-candidate', candidate: { n } });
	for (let n = 0; n < IN_ORDER; n += 1)
		assert.deepEqual((await third.next('ice_candidate')).candidate, { n });
	await third.leave();
	assert.equal((await second.next('user_left')).user_id, users[2]);
	assert.deepEqual([stranger.frames, third.frames], [[], []], 'nothing leaves its room, nothing comes twice');
	assert.ok(second.frames.every(({ type }) => type === 'ice_candidate'), 'nothing comes back to its sender');
	if (server.refuses)
		await refusals(fixture, address, room, outsider);
	await Promise.all([first, second, stranger].map((client) => client.leave()));
}

async function refusals(fixture, address, room, outsider) {
	const token = fixture.token(outsider);
	for (const bad of [token, `${fixture.token(1).slice(0, -4)}AAAA`]) {
		const client = new Client(address, room, bad);
		assert.notEqual(await client.closed, 1000);
		assert.ok(client.frames.every(({ type }) => type === 'error'), 'who may not enter hears nothing of the room');
	}
}
