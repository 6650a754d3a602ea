// Requests that no client would send, byte for byte through the real front server: each is refused or answered
// properly, nothing changes, and the programs live on. Whose words the refusal has, the front server's or ours, is open.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { as, assertStatus, newUser, useInstance } from '../lib/api.mjs';
import { apacheCgi } from '../lib/instance.mjs';
import { rawJson, rawRequest } from '../lib/raw.mjs';

const inst = await useInstance();
const user = await newUser(inst);
const auth = `Authorization: Bearer ${user.access}\r\n`;
const head = (line, headers = '') => `${line}\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`;
const title = '{"title":"Raw"}';

async function count() {
	return assertStatus(await as(inst, user).get('/api/meetings?limit=100'), 200).results.length;
}

let made = 0;
afterEach(async () => assert.equal(await count(), made, 'no meeting was made that should not be'));

test('a request by hand works, so that the others fail for their own reasons', async () => {
	made += 1;
	const reply = await rawRequest(
		inst,
		head('POST /api/meetings HTTP/1.1', `${auth}Content-Length: ${title.length}\r\n`) + title,
	);
	assert.deepEqual(reply.statuses, [201]);
	assert.equal(rawJson(reply.text).title, 'Raw');
});

const post = (headers, body = title) => head('POST /api/meetings HTTP/1.1', `${auth}${headers}`) + body;
const malformed = [
	['words that are no request', 'hello there\r\n\r\n'],
	['bytes that are no text', Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 7919) & 0xff)), true],
	['a TLS hello', Buffer.from('160301020001000001fc0303', 'hex'), true],
	['no path', head('GET HTTP/1.1', auth)],
	['a path without slash', head('GET api/health/ HTTP/1.1')],
	['a version nobody knows', head('GET /api/health/ HTTP/9.9')],
	['a header line without colon', head('GET /api/health/ HTTP/1.1', 'Broken header\r\n')],
	['a space before the colon', post('Content-Length : 15\r\n')],
	['a NUL in a header', head('GET /api/health/ HTTP/1.1', 'X-Odd: a\0b\r\n')],
	['a NUL in the path', head('GET /api/health/\0 HTTP/1.1')],
	['a length that is no number', post('Content-Length: fifteen\r\n'), true],
	['a negative length', post('Content-Length: -15\r\n'), true],
	['a length with a sign', post('Content-Length: +15\r\n'), true],
	['a length in hexadecimal', post('Content-Length: 0xf\r\n'), true],
	['two lengths that differ', post('Content-Length: 15\r\nContent-Length: 16\r\n'), true],
	['a list of lengths that differ', post('Content-Length: 15, 16\r\n'), true],
	['a length beyond 64 bits', post('Content-Length: 99999999999999999999999\r\n'), true],
	['a body shorter than its length', post('Content-Length: 500\r\n'), true],
	[
		'a chunk size that is no number',
		post('Transfer-Encoding: chunked\r\n', `zz\r\n${title}\r\n0\r\n\r\n`),
		true,
	],
	['a negative chunk size', post('Transfer-Encoding: chunked\r\n', `-f\r\n${title}\r\n0\r\n\r\n`), true],
	[
		'a chunk size beyond 64 bits',
		post('Transfer-Encoding: chunked\r\n', `fffffffffffffffffff\r\n${title}\r\n0\r\n\r\n`),
		true,
	],
	[
		'a chunk longer than it says',
		post('Transfer-Encoding: chunked\r\n', `5\r\n${title}\r\n0\r\n\r\n`),
		true,
	],
	['chunks that never end', post('Transfer-Encoding: chunked\r\n', `f\r\n${title}\r\n`), true],
	[
		'an encoding nobody knows',
		post('Transfer-Encoding: gzip, chunked\r\n', `f\r\n${title}\r\n0\r\n\r\n`),
		true,
	],
	['headers of 100 KB', head('GET /api/auth/me HTTP/1.1', `${auth}X-Long: ${'x'.repeat(100_000)}\r\n`)],
	['ten thousand headers', head('GET /api/auth/me HTTP/1.1', auth + 'X-Many: y\r\n'.repeat(10_000))],
	['a request line of 100 KB', head(`GET /api/${'x'.repeat(100_000)} HTTP/1.1`)],
];

/** Apache takes any version for its own, and of several encodings the last, which is the one it must know. */
const taken = { apache: ['a version nobody knows', 'an encoding nobody knows'] }[inst.env.WEB] ?? [];

for (const [what, bytes, halfClose = false] of malformed.filter(([name]) => !taken.includes(name)))
	test(`${what}: refused or cut off`, async () => {
		const reply = await rawRequest(inst, bytes, { halfClose });
		assert.ok(
			reply.statuses.every((status) => status >= 400 && status < 506 && status !== 500),
			reply.text.slice(0, 300),
		);
	});

test('a length and chunks at once do not smuggle a second request', async () => {
	const smuggled = `0\r\n\r\nPOST /api/meetings HTTP/1.1\r\nHost: x\r\n${auth}Content-Length: 15\r\n\r\n${title}`;
	const reply = await rawRequest(
		inst,
		post(`Content-Length: ${smuggled.length}\r\nTransfer-Encoding: chunked\r\n`, smuggled),
		{ halfClose: true },
	);
	assert.ok(!reply.statuses.includes(201), reply.text.slice(0, 300));
});

test('many small chunks make one body', { skip: apacheCgi }, async () => {
	made += 1;
	const chunks = [...title].map((letter) => `1\r\n${letter}\r\n`).join('');
	const reply = await rawRequest(inst, post('Transfer-Encoding: chunked\r\n', `${chunks}0\r\n\r\n`));
	assert.deepEqual(reply.statuses, [201]);
});

test('a body that comes byte by byte is one body', async () => {
	made += 1;
	const reply = await rawRequest(inst, [post('Content-Length: 15\r\n', ''), ...title]);
	assert.deepEqual(reply.statuses, [201]);
});

test('two requests in one packet get two replies', async () => {
	const first = 'GET /api/health/ HTTP/1.1\r\nHost: localhost\r\n\r\n';
	const reply = await rawRequest(inst, first + head('GET /api/auth/me HTTP/1.1', auth));
	assert.deepEqual(reply.statuses, [200, 200]);
});

test('a client that hangs up in the middle of its request leaves nothing behind', async () => {
	await rawRequest(inst, post('Content-Length: 15\r\n', '{"title"'), { halfClose: true });
	await rawRequest(inst, 'POST /api/meet', { halfClose: true });
});

test('HTTP/1.0 is answered', async () => {
	const reply = await rawRequest(inst, 'GET /api/health/ HTTP/1.0\r\n\r\n');
	assert.deepEqual(reply.statuses, [200]);
});

test('two Authorization headers are not two chances', async () => {
	const reply = await rawRequest(
		inst,
		head('GET /api/auth/me HTTP/1.1', `Authorization: Bearer x.y.z\r\n${auth}`),
	);
	assert.ok([400, 401].includes(reply.statuses[0]), reply.text.slice(0, 200));
});
