// What the WebSocket tests share: a room with people in it, entering it, and the shapes of docs/PROTOCOL.md.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { newMeeting, newUser, request, timePattern, useInstance } from '../lib/api.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { closeAll, connect, DEADLINE } from '../lib/ws.mjs';

/** The instance of a test file; connections that a test leaves open are ended after it. */
export async function wsInstance(conf = {}) {
	afterEach(closeAll);
	return useInstance({ conf });
}

const regulars = new WeakMap();

/** The same few people for every room of an instance: making users costs more than making meetings. */
async function regularsOf(inst, size) {
	if (!regulars.has(inst))
		regulars.set(inst, []);
	const known = regulars.get(inst);
	while (known.length < size)
		known.push(await newUser(inst));
	return known.slice(0, size);
}

async function freshPeople(inst, size) {
	const people = [];
	while (people.length < size)
		people.push(await newUser(inst));
	return people;
}

/**
 * A fresh meeting and its people, the host first: {meeting, id, host, people}. With `fresh` nobody else
 * knows these people, for tests that end their logins or look for strangers.
 */
export async function newRoom(inst, size = 2, { fresh = false } = {}) {
	const people = await (fresh ? freshPeople : regularsOf)(inst, size);
	const [host, ...participants] = people;
	const meeting = await newMeeting(inst, host, { participants });
	return { meeting, id: meeting.id, host, people };
}

/** Connects as a user and waits for the welcome, which is kept as `welcome`, the session as `session`. */
export async function enter(inst, meetingId, user, options = {}) {
	const client = await connect(inst, meetingId, { token: user.access, ...options });
	return welcomed(client, user);
}

/** Waits for the welcome of a client that is on its way in. */
export async function welcomed(client, user) {
	client.welcome = await client.next('welcome');
	client.session = client.welcome.session_id;
	client.user = user;
	await client.next((frame) => frame.type === 'user_joined' && frame.session_id === client.session);
	return client;
}

/**
 * A room with one session of each person in it: {…newRoom, clients}; all have seen all arrive.
 * @param {object} [options] those of newRoom and of connect
 */
export async function newFullRoom(inst, size = 2, options = {}) {
	const room = await newRoom(inst, size, options);
	const clients = [];
	for (const user of room.people)
		clients.push(await enter(inst, room.id, user, options));
	for (const [i, client] of clients.entries())
		for (const later of clients.slice(i + 1))
			await client.next(joinOf(later));
	return { ...room, clients };
}

export const joinOf = (client) => (frame) => frame.type === 'user_joined' && frame.session_id === client.session;
export const leaveOf = (client) => (frame) => frame.type === 'user_left' && frame.session_id === client.session;

/** Shows that none of the clients has been sent a frame of this type, by what was done up to now. */
export async function assertNone(type, sender, ...clients) {
	await sender.sync();
	for (const client of clients) {
		await client.sync();
		assert.equal(client.count(type), 0, `no ${type} for ${client.user.full_name}: ${JSON.stringify(client.frames)}`);
	}
}

/** Exactly these keys, in any order. */
export function assertKeys(object, keys) {
	assert.deepEqual(Object.keys(object).sort(), [...keys].sort());
}

export function assertTime(text) {
	assert.match(text, timePattern);
}

/** The refusals of docs/PROTOCOL.md by their close code. */
export const REFUSALS = {
	1012: ['restarting', 'reconnect'],
	4001: ['draining', 'reconnect'],
	4002: ['slow_consumer', 'reconnect'],
	4003: ['rate_limited', 'reconnect'],
	4004: ['ticket_stale', 'reconnect'],
	4005: ['misdirected', 'reconnect'],
	4401: ['unauthorized', 'disconnect'],
	4403: ['forbidden', 'disconnect'],
	4404: ['not_found', 'disconnect'],
	4405: ['kicked', 'disconnect'],
	4406: ['revoked', 'disconnect'],
	4407: ['banned', 'disconnect'],
	4410: ['meeting_deleted', 'disconnect'],
	4412: ['too_many_sessions', 'disconnect'],
	4413: ['room_full', 'disconnect'],
};

/** The server says why in a frame, then closes with the code; the frame is returned. */
export async function assertClosedWith(client, code) {
	const [name, action] = REFUSALS[code];
	const error = await client.next((frame) => frame.type === 'error' && 'close' in frame);
	assert.deepEqual([error.close, error.code, error.action], [code, name, action]);
	assert.equal(typeof error.message, 'string');
	assert.notEqual(error.message, '');
	const { retry_after_ms: retry, ...rest } = error;
	assertKeys(rest, ['type', 'code', 'message', 'close', 'action']);
	assert.ok(retry === undefined || (Number.isInteger(retry) && retry >= 0));
	const closed = await client.closed;
	assert.equal(closed.code, code);
	assert.equal(client.frames.at(-1), error, 'nothing comes after the frame that says why');
	return error;
}

/** A refused handshake: that frame and close code, and nothing of the room before it. */
export async function assertRefused(client, code) {
	const error = await assertClosedWith(client, code);
	assert.deepEqual(client.frames, [error]);
}

/** The connection stays open after an error: it still answers. */
export async function assertStillOpen(client) {
	await client.sync();
}

/** A session description that no other test uses, so that the logs can be searched for it. */
export function newSdp(type = 'offer') {
	const mark = randomBytes(12).toString('hex');
	noteSecret(mark);
	return { type, sdp: `v=0\r\no=- ${mark} 2 IN IP4 127.0.0.1\r\ns=-\r\n` };
}

/** An ICE candidate that no other test uses. */
export function newCandidate() {
	const mark = randomBytes(8).toString('hex');
	noteSecret(mark);
	return { candidate: `candidate:${mark} 1 udp 2122260223 192.0.2.1 54321 typ host`, sdpMLineIndex: 0, sdpMid: 'audio' };
}

/** Starts or ends a call by the report's requests; the call. */
export async function startCall(inst, user, meetingId) {
	return callAction(inst, user, 'start', { meeting_id: meetingId });
}

export async function endCall(inst, user, callId) {
	return callAction(inst, user, 'end', { call_id: callId });
}

async function callAction(inst, user, verb, json) {
	const reply = await request(inst, 'POST', `/api/health/call/${verb}`, { token: user.access, json });
	assert.ok([200, 201].includes(reply.status), `${reply.status} ${reply.text}`);
	return reply.json;
}

/** Any other request that must succeed; its JSON. */
export async function api(inst, user, method, path, json) {
	const reply = await request(inst, method, path, { token: user.access, json });
	assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${reply.text}`);
	return reply.json;
}

/** Renames a room's meeting, which makes one event. */
export const rename = (inst, room, title) => api(inst, room.host, 'PATCH', `/api/meetings/${room.id}`, { title });

/** The titles that a client has been told of, in order. */
export const titlesOf = (client) => client.frames
	.filter(({ type }) => type === 'meeting_updated')
	.map(({ meeting }) => meeting.title);

/** The user as it stands in frames and replies. */
export const personOf = (user) => ({ user_id: user.id, email: user.email, full_name: user.full_name });

/** How much more memory a program may take than before, whatever is thrown at it; sanitizers keep what is freed. */
export const MEMORY_GROWTH = (process.env.SANITIZE ? 512 : 32) << 20;

/** The resident memory of a process that is its own (its code and libraries apart), in bytes. */
export function memoryOf(pid) {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)[1]) * 1024;
}

/** How many file descriptors a process has open. */
export function descriptorsOf(pid) {
	return readdirSync(`/proc/${pid}/fd`).length;
}

/** A meeting of somebody on an instance beside the file's own: {id, host}. */
export async function newMeetingOf(inst) {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	return { id: meeting.id, host };
}

/** Waits until `probe` gives something true, and returns that; for what no frame tells. */
export async function eventually(what, probe, { deadline = 2 * DEADLINE, interval = 20 } = {}) {
	const end = Date.now() + deadline;
	for (;;) {
		const value = await probe();
		if (value)
			return value;
		assert.ok(Date.now() < end, `not within ${deadline} ms: ${what}`);
		await pause(interval);
	}
}
