// Every case of cases.mjs as a test of its own, against one instance, by one way to its WebSockets.
import assert from 'node:assert/strict';
import test from 'node:test';

import { OP, encodeFrame } from '../lib/ws_raw.mjs';
import { DEADLINE } from '../lib/ws_inbox.mjs';
import { newRoom } from '../ws/support.mjs';
import { cases, closing, echo } from './cases.mjs';
import { widened } from './exceptions.mjs';
import { Wire } from './wire.mjs';

const NAMES = { 9: 'ping', 10: 'pong' };
const goodbye = closing(1000);

/** Limits that the cases do not ask for; and no ping of the server's own comes between. */
export const conf = {
	message_rate: 10_000, message_burst: 10_000, max_sessions_per_user: 50, ping_interval: 3600, idle_timeout: 7200,
};

export function runCases(inst, where, exceptions) {
	const room = newRoom(inst, 1);
	const failed = room.then((there) => entered(where(), there));
	failed.then((wire) => wire.send([encodeFrame('x', { rsv: 1 })]));

	for (const one of cases)
		test(`${one.id}: ${one.what}`, async () => {
			const wire = await entered(where(), await room);
			try {
				const may = widened(one, exceptions);
				await sendOf(wire, one);
				await endOf(wire, one, may);
				judge(wire, may);
			} finally {
				await wire.destroy();
			}
		});

	test('a connection that was failed ends, whatever its client does', async () => {
		const wire = await failed;
		await wire.until(() => wire.over, 'end of the connection', 3 * DEADLINE);
		assert.equal(closeOf(wire), 1002);
	});
}

/** The host of the room, in it. */
async function entered(where, { id, host }) {
	const wire = new Wire(where);
	assert.equal(await wire.upgrade(`/ws/meeting/${id}/`, { Authorization: `Bearer ${host.access}` }), 101, `${wire}`);
	await wire.until(() => wire.over || dataOf(wire).some(({ type }) => type === 'welcome'), 'welcome');
	return wire;
}

async function sendOf(wire, { send, chop, paced }) {
	if (!paced)
		return wire.send(send, chop);
	let asked = 0;
	for (const buffer of send) {
		await wire.send([buffer]);
		if ((buffer[0] & 15) === OP.ping) {
			asked += 1;
			await wire.until(() => wire.over || controlsOf(wire).length >= asked, `pong ${asked}`);
		}
	}
	return undefined;
}

/** Where the connection goes on it answers once more, and to our close frame in kind. */
async function endOf(wire, { close, send, endless }, { closes, control }) {
	if (closes.includes(undefined)) {
		await wire.send([encodeFrame(echo('last'))]);
		await wire.until(() => wire.over || answersOf(wire).includes('last'), 'answer to the last message');
		if (!control.some)
			await wire.until(() => wire.over || controlsOf(wire).length >= control.frames.length, 'control frames');
		await wire.send([goodbye]);
	}
	await wire.until(() => wire.over || wire.closing !== undefined, 'close frame');
	// After its own close frame for a fault the library may wait some seconds for an answer that it then misreads.
	if (endless || (close === 1002 && !endsItself(send)))
		return;
	if (close !== undefined && !endsItself(send))
		await wire.send([goodbye]);
	await wire.until(() => wire.over, 'end of the connection');
}

/** A case's own frames hold a close frame, which is read as one. */
const endsItself = (send) => send.some((buffer) => buffer[0] === (0x80 | OP.close) && (buffer[1] & 0x7f) < 126);

function judge(wire, { closes, control, data }) {
	assert.deepEqual(wire.faults, []);
	assertFrames(answersOf(wire).filter((id) => id !== 'last'), data, 'the answers to messages');
	assertFrames(controlsOf(wire), control, 'the control frames');
	// where the connection was to go on, we have ended it with 1000
	const codes = closes.map((code) => (code === undefined ? 1000 : code));
	assert.ok(codes.includes(closeOf(wire)), `closed with ${closeOf(wire)}, not ${codes}: ${wire}`);
}

function assertFrames(have, { frames, some }, what) {
	const wanted = some ? frames.filter((frame) => have.includes(frame)) : frames;
	assert.deepEqual(some ? have.filter((frame) => frames.includes(frame)) : have, wanted, what);
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
