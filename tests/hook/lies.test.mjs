// Receivers whose answers are no HTTP, or begin well and end badly: what counts as taken. Each has a webhook, and all get one event.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';

import { SLOWER } from '../lib/instance.mjs';
import { useSite } from './support.mjs';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** Answers twice by such a text, and then as it should. */
const twice = (text) => (socket, n) => socket.end(n <= 2 ? text : OK, 'latin1');

function drip(socket, text, ms) {
	let i = 0;
	const timer = setInterval(() => socket.write(text[i++ % text.length]), ms);
	socket.on('close', () => clearInterval(timer));
}

const NOT_TAKEN = {
	'closes without a word': twice(''),
	'closes in the middle of the head': twice('HTTP/1.1 200 OK\r\nContent-Le'),
	'answers with a status alone': twice('HTTP/1.1 200'),
	'speaks HTTP/0.9': twice('OK\r\n'),
	'answers with noise': twice('\x16\x03\x01\0\x80 \xff\xfe\r\n\r\n'),
	'answers another protocol': twice('SSH-2.0-OpenSSH_9.2\r\n\r\n'),
	'promises for ever': twice('HTTP/1.1 102 Processing\r\n\r\n'.repeat(2)),
	'answers with a head without end': twice(`HTTP/1.1 200 OK\r\n${'X-Filler: abcdefghijklmnopqrstuvwxyz\r\n'.repeat(4000)}`),
	'answers with one line without end': twice(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(300_000)}`),
	'drips its head': (socket, n) => (n <= 2 ? drip(socket, 'HTTP/1.1 200 OK\r\nX', 50) : socket.end(OK)),
};

const TAKEN = {
	'closes in the middle of its body': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nfew'),
	'never ends its body': (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nfew'),
	'drips its body': (socket) => {
		socket.write('HTTP/1.1 200 OK\r\n\r\n');
		drip(socket, '.', 20);
	},
	'sends a body without end': (socket) => {
		const more = () => { while (!socket.destroyed && socket.write('x'.repeat(65536))); };
		socket.write('HTTP/1.1 200 OK\r\n\r\n');
		socket.on('drain', more);
		more();
	},
	'sends chunks that are none': (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnonsense'),
};

const site = await useSite({ webhook_timeout: `${400 * SLOWER}ms` });
const heard = {};
for (const [what, talk] of Object.entries({ ...NOT_TAKEN, ...TAKEN }))
	heard[what] = await listen(talk);
site.events(1);
await site.settled(20_000);

/** A receiver below HTTP: what `talk(socket)` says when the whole request has come. */
async function listen(talk) {
	const sockets = [];
	const ids = [];
	const server = createServer((socket) => {
		let text = '';
		sockets.push(socket.on('error', () => {}));
		socket.setEncoding('utf8').on('data', (part) => {
			text += part;
			const [head, body] = text.split('\r\n\r\n');
			if (body === undefined || Buffer.byteLength(body) < Number(/content-length: (\d+)/i.exec(head)[1]))
				return;
			ids.push(/webhook-id: (.*)\r/.exec(head)[1]);
			text = '';
			talk(socket, ids.length);
		});
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	after(() => { sockets.forEach((socket) => socket.destroy()); server.close(); });
	const id = await site.hook(`http://127.0.0.1:${server.address().port}/`);
	return { sockets, ids, delivery: () => site.deliveries(`webhook_id = ${id}`)[0] };
}

for (const what of Object.keys(NOT_TAKEN))
	test(`a receiver that ${what} has not taken it, and is asked again`, () => {
		const { ids, delivery } = heard[what];
		assert.equal(ids.length, 3);
		assert.equal(new Set(ids).size, 1);
		assert.deepEqual([delivery().status, delivery().attempts], ['delivered', 3]);
	});

for (const what of Object.keys(TAKEN))
	test(`a receiver that says 200 and then ${what} has taken it`, () => {
		const { ids, delivery } = heard[what];
		assert.equal(ids.length, 1);
		assert.deepEqual([delivery().status, delivery().attempts, delivery().last_status], ['delivered', 1, 200]);
	});

test('no more of a body is taken than is needed to see that it is one', () => {
	const [socket] = heard['sends a body without end'].sockets;
	assert.ok(socket.destroyed);
	assert.ok(socket.bytesWritten < 20e6, `${socket.bytesWritten} bytes`);
});
