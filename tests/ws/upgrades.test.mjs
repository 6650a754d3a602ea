// What comes in place of an upgrade, or as a bad one: refused or ended, and the daemon serves on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';

import { enter, newRoom, wsInstance } from './support.mjs';

const inst = await wsInstance();

/** A request for the room of meeting 1; a header set to undefined is left out. */
function upgrade(changes = {}, line = 'GET /ws/meeting/1/ HTTP/1.1') {
	const headers = {
		Host: '127.0.0.1', Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13',
		'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...changes,
	};
	const lines = Object.entries(headers)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => `${name}: ${value}\r\n`);
	return `${line}\r\n${lines.join('')}\r\n`;
}

const post = { Upgrade: undefined, Connection: 'close', 'Content-Length': '4' };

const bad = {
	'nothing': '',
	'bytes without sense': Buffer.from([0, 1, 2, 3, 255, 254, 13, 10, 13, 10]),
	'a WebSocket frame': Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x7a, 0x7f]),
	'half a request': upgrade().slice(0, 60),
	'a request without its last line end': upgrade().slice(0, -2),
	'an upgrade without a key': upgrade({ 'Sec-WebSocket-Key': undefined }),
	'an upgrade with an empty key': upgrade({ 'Sec-WebSocket-Key': '' }),
	'an upgrade of another version': upgrade({ 'Sec-WebSocket-Version': '7' }),
	'an upgrade without a version': upgrade({ 'Sec-WebSocket-Version': undefined }),
	'an upgrade to something else': upgrade({ Upgrade: 'h2c' }),
	'an upgrade to HTTP/2, which the library would speak': upgrade({
		Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings', 'HTTP2-Settings': 'AAMAAABkAARAAAAAAAIAAAAA',
	}),
	'a plain GET': upgrade({ Upgrade: undefined, Connection: 'close' }),
	'a POST': `${upgrade(post, 'POST /ws/meeting/1/ HTTP/1.1')}abcd`,
	'a CONNECT': upgrade({}, 'CONNECT /ws/meeting/1/ HTTP/1.1'),
	'HTTP/1.0': upgrade({}, 'GET /ws/meeting/1/ HTTP/1.0'),
	'headers of 20 KB': upgrade({ 'X-Long': 'x'.repeat(20_000) }),
	'a hundred headers': upgrade(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`X-${n}`, 'y']))),
	'a path of 20 KB': upgrade({}, `GET /ws/meeting/${'1'.repeat(20_000)}/ HTTP/1.1`),
	'a query of 9 KB': upgrade({}, `GET /ws/meeting/1/?a=${'1'.repeat(9_000)} HTTP/1.1`),
	'a broken percent sign': upgrade({}, 'GET /ws/meeting/1/?token=%zz%2 HTTP/1.1'),
	'a NUL in the query': upgrade({}, 'GET /ws/meeting/1/?token=%00 HTTP/1.1'),
	'a subprotocol of 120 characters': upgrade({ 'Sec-WebSocket-Protocol': 'x'.repeat(120) }),
	'a subprotocol of 1,000 characters': upgrade({ 'Sec-WebSocket-Protocol': 'x'.repeat(1_000) }),
	'an empty subprotocol': upgrade({ 'Sec-WebSocket-Protocol': '' }),
	'a list of empty subprotocols': upgrade({ 'Sec-WebSocket-Protocol': ', ,' }),
	'an Authorization of 9 KB': upgrade({ Authorization: `Bearer ${'x'.repeat(9_000)}` }),
	'an Authorization without a token': upgrade({ Authorization: 'Bearer' }),
};

const ways = {
	'the front server': () => ({ host: '127.0.0.1', port: inst.port }),
	'the daemon itself': () => ({ path: path.join(inst.varDir, 'run', 'ws.sock') }),
};

for (const [where, address] of Object.entries(ways))
	for (const [what, sent] of Object.entries(bad))
		test(`${what} sent to ${where} does no harm and opens no room`, async () => {
			const { id, host } = await newRoom(inst);
			const watcher = await enter(inst, id, host);
			const socket = net.connect(address());
			let received = '';
			socket.on('error', () => {});
			socket.setEncoding('latin1').on('data', (text) => { received += text; });
			socket.end(sent);
			await once(socket, 'close');
			assert.ok(!received.includes('"welcome"'), received);
			if (where === 'the daemon itself')
				assert.doesNotMatch(received, /h2c/);
			await watcher.sync();
		});
