// The opening handshake (RFC 6455 §4) and what may be offered in it, by one way to an instance's WebSockets.
import assert from 'node:assert/strict';
import test from 'node:test';

import { encodeFrame, OP } from '../lib/ws_raw.mjs';
import { newRoom } from '../ws/support.mjs';
import { echo } from './cases.mjs';
import { Wire } from './wire.mjs';

const sixteen = 'dGhlIHNhbXBsZSBub25jZQ==';

/** What a server must answer with 101, whatever the spelling. */
const good = {
	'as everybody sends it': {},
	'with Upgrade in capitals': { Upgrade: 'WebSocket' },
	'with more than one word in Connection': { Connection: 'keep-alive, UPGRADE' },
	'with an Origin': { Origin: 'https://elsewhere.example' },
	'with a header that nobody knows': { 'X-Unknown': 'x' },
};

/** What a server must not answer with 101 (§4.2.1). */
const bad = {
	'of version 8': { 'Sec-WebSocket-Version': '8' },
	'of version 14': { 'Sec-WebSocket-Version': '14' },
	'without a version': { 'Sec-WebSocket-Version': undefined },
	'without a key': { 'Sec-WebSocket-Key': undefined },
	'with a key of 15 bytes': { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j' },
	'with a key that is no base64': { 'Sec-WebSocket-Key': '************************' },
	'to something else': { Upgrade: 'h2c' },
	'without Upgrade in Connection': { Connection: 'keep-alive' },
};

const offers = ['permessage-deflate', 'permessage-deflate; client_max_window_bits, permessage-deflate',
	'permessage-deflate; server_no_context_takeover; server_max_window_bits=8', 'x-webkit-deflate-frame', 'permessage-bzip2',
	'permessage-deflate; nonsense="a, b"'];

/** exceptions: names of upgrades that are answered with 101 all the same. */
export function runHandshake(inst, where, exceptions = []) {
	let room;
	const upgraded = async (headers, line) => {
		room ??= await newRoom(inst, 1);
		const wire = new Wire(where());
		const path = `/ws/meeting/${room.id}/`;
		await wire.upgrade(path, { Authorization: `Bearer ${room.host.access}`, ...headers }, line && line(path));
		return wire;
	};

	for (const [what, headers] of Object.entries(good))
		test(`an upgrade ${what} is answered as it must be`, async () => {
			const wire = await upgraded(headers);
			assert.equal(wire.status, 101);
			assert.equal(wire.headers['sec-websocket-accept'], wire.accept);
			assert.equal(wire.headers.upgrade.toLowerCase(), 'websocket');
			assert.match(wire.headers.connection, /upgrade/i);
			assert.equal(wire.headers['sec-websocket-protocol'], undefined);
			assert.equal(wire.headers['sec-websocket-extensions'], undefined);
			await wire.destroy();
		});

	for (const [what, headers] of Object.entries(bad))
		test(`an upgrade ${what} is refused`, async () => {
			const wire = await upgraded(headers);
			if (exceptions.includes(what))
				assert.equal(wire.status, 101, 'an exception that is none');
			else
				assert.ok(wire.status >= 400 || wire.over, `${wire}`);
			if (what.includes('version') && wire.status === 426)
				assert.equal(wire.headers['sec-websocket-version'], '13');
			await wire.destroy();
		});

	test('an upgrade by POST is refused', async () => {
		const wire = await upgraded({ 'Content-Length': '0' }, (path) => `POST ${path} HTTP/1.1`);
		assert.ok(wire.status >= 400 || wire.over, `${wire}`);
		await wire.destroy();
	});

	for (const offer of offers)
		test(`12, 13: the offer "${offer}" is declined, and a compressed message refused`, async () => {
			const wire = await upgraded({ 'Sec-WebSocket-Extensions': offer });
			assert.equal(wire.status, 101);
			assert.equal(wire.headers['sec-websocket-extensions'], undefined);
			await wire.send([encodeFrame(echo('a')), encodeFrame(echo('b'), { opcode: OP.text, rsv: 4 })]);
			await wire.until(() => wire.closing !== undefined || wire.over, 'close frame');
			assert.equal(wire.closing?.readUInt16BE(0), 1002, `${wire}`);
			assert.deepEqual(wire.faults, []);
			await wire.destroy();
		});

	for (const [offered, chosen] of [['unio.v1', 'unio.v1'], ['chat, unio.v1', 'unio.v1'], ['unio.v1 ,chat', 'unio.v1']])
		test(`of the subprotocols "${offered}" ${chosen} is chosen`, async () => {
			const wire = await upgraded({ 'Sec-WebSocket-Protocol': offered });
			assert.equal(wire.status, 101);
			assert.equal(wire.headers['sec-websocket-protocol'], chosen);
			await wire.destroy();
		});
}
