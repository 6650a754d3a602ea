// Every case of cases.mjs as a test of its own, against one instance, by one way to its WebSockets.
import assert from 'node:assert/strict';
import test from 'node:test';

import { OP, encodeFrame } from '../lib/ws_raw.mjs';
import { newRoom } from '../ws/support.mjs';
import { cases, closing, echo } from './cases.mjs';
import { Wire } from './wire.mjs';

const goodbye = closing(1000);
const NAMES = { 9: 'ping', 10: 'pong' };

/** Limits that the cases do not ask for; and no ping of the server's own comes between. */
export const conf = { message_rate: 10_000, message_burst: 10_000, max_sessions_per_user: 50, ping_interval: 3600, idle_timeout: 7200 };

/** Somebody in a room of the instance, on the wire. */
export async function entered(where, path, token, headers = {}) {
	const wire = new Wire(where);
	assert.equal(await wire.upgrade(path, { Authorization: `Bearer ${token}`, ...headers }), 101, `${wire}`);
	await wire.until(() => wire.over || dataOf(wire).some(({ type }) => type === 'welcome'), 'welcome');
	return wire;
}

export function runCases(inst, where, exceptions = {}) {
	for (const one of cases)
		test(`${one.id}: ${one.what}`, async () => {
			const { id, host } = await room(inst);
			const wire = await entered(where(), `/ws/meeting/${id}/`, host.access);
			try {
				await sendOf(wire, one);
				await endOf(wire, one);
				judge(wire, one, exceptions[one.id]);
			} finally {
				await wire.destroy();
			}
		});
	test('the exceptions are of cases that there are', () => {
		assert.deepEqual(Object.keys(exceptions).filter((id) => !cases.some((one) => one.id === id)), []);
	});
}

const rooms = new WeakMap();

function room(inst) {
	if (!rooms.has(inst))
		rooms.set(inst, newRoom(inst, 1));
	return rooms.get(inst);
}

async function sendOf(wire, { send, chop, paced, control = [] }) {
	if (!paced)
		return wire.send(send, chop);
	let answered = 0;
	for (const buffer of send) {
		await wire.send([buffer]);
		if ((buffer[0] & 15) === OP.ping) {
			answered += 1;
			await wire.until(() => wire.over || controlsOf(wire).length >= answered, `pong ${answered} of ${control.length}`);
		}
	}
	return undefined;
}

/** Either the server closes, or it answers once more, and to our close frame in kind. */
async function endOf(wire, { close, send, control = [] }) {
	const closing = send.some((buffer) => (buffer[0] & 15) === OP.close && (buffer[0] & 0x70) === 0);
	if (close === undefined) {
		await wire.send([encodeFrame(echo('last'))]);
		await wire.until(() => wire.over || answersOf(wire).includes('last'), 'answer to the last message');
		await wire.until(() => wire.over || controlsOf(wire).length >= control.length, `${control.length} control frames`)
			.catch(() => {}); // judged below
		await wire.send([goodbye]);
	} else if (!closing) {
		// RFC 6455 §7.1.1: the answer to its close frame, if one comes; the server then ends the connection.
		await wire.until(() => wire.over || wire.closing !== undefined, 'close frame');
		await wire.send([goodbye]);
	}
	await wire.until(() => wire.over, 'end of the connection');
}

function judge(wire, { close = 1000, data = [], control = [], send }, exception = {}) {
	const answers = answersOf(wire).filter((id) => id !== 'last');
	assert.deepEqual(wire.faults, []);
	assert.deepEqual(answers, exception.data ?? data, 'the answers to messages');
	assert.deepEqual(controlsOf(wire), exception.control ?? control, 'the control frames');
	const wanted = 'close' in exception ? exception.close : close;
	assert.equal(closeOf(wire), wanted, `the close frame, of ${wire}`);
	assert.ok(send.length > 0);
}

/** The code of the close frame; '' if it has none, null if there is no such frame. */
function closeOf({ closing: payload }) {
	return payload === undefined ? null : payload.length === 0 ? '' : payload.length === 1 ? 'one byte' : payload.readUInt16BE(0);
}

function controlsOf({ frames }) {
	return frames.filter(({ opcode }) => opcode in NAMES)
		.map(({ opcode, payload }) => `${NAMES[opcode]} ${payload.toString('latin1')}`);
}

function dataOf({ frames }) {
	return frames.filter(({ opcode }) => opcode === OP.text).map(({ payload }) => JSON.parse(payload));
}

/** Ids of pongs and codes of errors. */
function answersOf(wire) {
	return dataOf(wire).filter(({ type }) => type === 'pong' || type === 'error').map(({ id, code }) => id ?? code);
}
