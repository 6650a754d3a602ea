// Sessions that outlive their connection (docs/PROTOCOL.md, Resume), as a client keeps them: it counts what it
// is sent, breaks its connection and comes back with the token and its count.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';

import { noteSecret } from '../lib/secrets.mjs';
import { connect, DEADLINE, rawConnect } from '../lib/ws.mjs';
import { rawOf } from '../lib/ws_inbox.mjs';
import { eventually, joinOf, newRoom, startCall } from './support.mjs';

export const PROTOCOL = 'unio.v1';

/** A resume token that the server has never given to anybody. */
export const STRANGE_TOKEN = 'AAAAAAAAAAAAAAAAAAAAAA';

/** Is this a frame that a client counts? What is said before a close and the reply to a resume are not. */
const isCounted = (frame) => !(frame.type === 'resumed' || (frame.type === 'error' && 'close' in frame));

/** One session of `unio.v1` over as many connections as it takes. */
export class Session {
	/** Every counted frame since the welcome, over all connections, in order of arrival. */
	story = [];
	#base;
	#skip;

	constructor(inst, meetingId, user, client, welcome) {
		Object.assign(this, { inst, meetingId, user, client, welcome });
		this.session = welcome.session_id;
		this.token = welcome.resume_token;
		noteSecret(this.token);
		this.#base = welcome.seq;
		this.#skip = client.frames.indexOf(welcome) + 1;
	}

	/** How many frames the server has sent to this session, as far as they have come. */
	get seq() {
		return this.#base + this.#now().length;
	}

	/** All of the session's counted frames up to now. */
	get received() {
		return [...this.story, ...this.#now()];
	}

	#now() {
		return this.client.frames.slice(this.#skip).filter(isCounted);
	}

	/** The connection breaks, without a close frame; what had come by then is counted. */
	async lose() {
		await this.client.terminate();
		this.settle();
	}

	/** The connection is over: counts what it had brought. */
	settle() {
		this.story.push(...this.#now());
		this.#base += this.#now().length;
		this.#skip = this.client.frames.length;
	}

	/** As if the last `n` frames had been lost with the connection (which must be over). */
	forget(n) {
		assert.ok(n <= this.story.length);
		this.#base -= n;
		return this.story.splice(this.story.length - n);
	}

	/**
	 * A new connection that asks for the session; resolves with the server's first frame, whatever it is.
	 * @param {object} [options] by: 'frame' or 'protocol'; seq, token: in place of the true ones; meetingId;
	 *   extra: more members of the resume frame, or more of the query; protocols, headers: more of them; raw
	 */
	async ask({ by = 'frame', seq = this.seq, token = this.token, meetingId = this.meetingId, ...options } = {}) {
		const old = this.client;
		this.client = await ask(this.inst, meetingId, { by, seq, token, ...options });
		this.old = old;
		this.#skip = 0;
		return this.client.next(() => true);
	}

	/** The same, and it must be granted: the `resumed` frame. */
	async resume(options) {
		const reply = await this.ask(options);
		assert.equal(reply.type, 'resumed', JSON.stringify(reply));
		assert.deepEqual(Object.keys(reply).sort(), ['received', 'replayed', 'type']);
		return reply;
	}

	/** Breaks and comes back. */
	async bounce(options) {
		await this.lose();
		return this.resume(options);
	}

	send(frame) {
		return this.client.send(frame);
	}

	sendRaw(text) {
		return this.client.sendRaw(text);
	}

	next(match, ms) {
		return this.client.next(match, ms);
	}

	sync() {
		return this.client.sync();
	}

	count(type) {
		return this.received.filter((frame) => frame.type === type).length;
	}

	get frames() {
		return this.received;
	}

	close(code, reason) {
		return this.client.close(code, reason);
	}

	get closed() {
		return this.client.closed;
	}
}

/** A connection whose first word is about a session; see Session.ask. */
export function ask(inst, meetingId, { by = 'frame', seq, token, extra = {}, protocols = [], headers, raw = false }) {
	const open = raw ? rawConnect : connect;
	if (by === 'protocol')
		return open(inst, meetingId,
			{ protocols: [PROTOCOL, `unio.resume.${token}`, ...protocols], query: { seq, ...extra }, headers });
	const first = [{ type: 'resume', resume_token: token, seq, ...extra }];
	return open(inst, meetingId, { protocols: [PROTOCOL, ...protocols], first, headers });
}

/** Enters as a client of `unio.v1` with the token in the header, so that its own frames are counted from none. */
export async function enterSession(inst, meetingId, user, options = {}) {
	const open = options.raw ? rawConnect : connect;
	const client = await open(inst, meetingId, { token: user.access, protocols: [PROTOCOL], ...options });
	return sessionOf(inst, meetingId, user, client);
}

/** The session of a connection that is on its way in. */
export async function sessionOf(inst, meetingId, user, client) {
	const welcome = await client.next('welcome');
	const session = new Session(inst, meetingId, user, client, welcome);
	await client.next(joinOf(session));
	return session;
}

/** A room and a resumable session of each of its people, who have all seen all arrive: {…newRoom, sessions}. */
export async function newSessions(inst, size = 2, options = {}) {
	const room = await newRoom(inst, size, options);
	const sessions = [];
	for (const user of room.people)
		sessions.push(await enterSession(inst, room.id, user));
	for (const [i, session] of sessions.entries())
		for (const later of sessions.slice(i + 1))
			await session.next(joinOf(later));
	return { ...room, sessions };
}

/** One line to the daemon's control socket, and its reply. */
export async function control(inst, command) {
	const socket = net.connect(join(inst.varDir, 'run', 'ctl.sock')).setEncoding('utf8');
	try {
		await once(socket, 'connect');
		let text = '';
		socket.write(`${JSON.stringify(command)}\n`);
		for await (const part of socket) {
			text += part;
			if (text.endsWith('\n'))
				return JSON.parse(text);
		}
		return assert.fail(`no reply to ${command.cmd}`);
	} finally {
		socket.destroy();
	}
}

/** The sessions of a room as the daemon tells them. */
export async function presenceOf(inst, meetingId) {
	const reply = await control(inst, { cmd: 'presence', meeting_id: meetingId });
	assert.equal(reply.ok, true, JSON.stringify(reply));
	return reply.sessions;
}

/** What presence says of one session, or undefined. */
export const presence = async (session) =>
	(await presenceOf(session.inst, session.meetingId)).find(({ session_id: id }) => id === session.session);

/** Breaks the connection and waits until the server knows. */
export async function detach(session) {
	await session.client.settled();
	await session.lose();
	await eventually('the session is detached', async () => (await presence(session))?.connected === false,
		{ deadline: DEADLINE });
}

/** The frames as the wire had them: their text. */
export const textsOf = (frames) => frames.map((frame) => rawOf(frame));

/** The data of the messages among them, in order. */
export const dataOf = (frames) => frames.filter(({ type }) => type === 'message').map(({ data }) => data);

/** Sends messages numbered [from, to) and waits until the server has taken them all. */
export async function sendNumbers(sender, from, to) {
	for (let n = from; n < to; n += 1)
		sender.send({ type: 'message', data: n });
	await sender.sync();
	return Array.from({ length: to - from }, (_, i) => from + i);
}

/** No coming or going of a session was told to `watcher` beyond its first arrival in room and call. */
export function assertUndisturbed(watcher, session) {
	const told = watcher.frames.filter((frame) => frame.session_id === session.session).map(({ type }) => type);
	assert.deepEqual(told.filter((type) => ['user_left', 'call_left'].includes(type)), []);
	for (const type of ['user_joined', 'call_joined'])
		assert.ok(told.filter((one) => one === type).length <= 1, `${type} more than once`);
}

/** A resume was refused for this reason. */
export function assertFailed(reply, ...reasons) {
	assert.equal(reply.type, 'resume_failed', JSON.stringify(reply));
	assert.ok(reasons.includes(reply.reason), JSON.stringify(reply));
}

/** A room whose people are all in a running call: {…newSessions, call}. */
export async function newCall(inst, size = 2, options = {}) {
	const room = await newSessions(inst, size, options);
	const call = await startCall(inst, room.host, room.id);
	for (const session of room.sessions)
		session.send({ type: 'join-call' });
	for (const session of room.sessions)
		for (const other of room.sessions)
			await session.next((frame) => frame.type === 'call_joined' && frame.session_id === other.session);
	await Promise.all(room.sessions.map((session) => session.next('call_started')));
	await Promise.all(room.sessions.map((session) => session.next('meeting_status')));
	return { ...room, call };
}
