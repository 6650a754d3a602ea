// docs/PROTOCOL.md, "Errors": the shape of every refusal, and the ones that belong to no route.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	as,
	assertError,
	assertStatus,
	login,
	newMeeting,
	newUser,
	request,
	useInstance,
} from '../lib/api.mjs';
import { apacheCgi } from '../lib/instance.mjs';

const inst = await useInstance();
const user = await newUser(inst);
const api = as(inst, user);
const bodyLimit = 64 * 1024;

/** A JSON object of exactly `size` bytes that makes a meeting: the padding stands in an unknown field. */
function paddedBody(title, size) {
	const empty = JSON.stringify({ title, padding: '' });
	return JSON.stringify({ title, padding: 'x'.repeat(size - empty.length) });
}

async function titles() {
	return assertStatus(await api.get('/api/meetings?limit=100'), 200).results.map(
		(meeting) => meeting.title,
	);
}

const successes = [
	['200', () => api.get('/api/auth/me')],
	['201', () => api.post('/api/meetings', { title: 'A request id' })],
	['204', async () => api.del(`/api/meetings/${(await newMeeting(inst, user)).id}`)],
];
for (const [status, send] of successes)
	test(`a ${status} carries X-Request-Id too`, async () => {
		const reply = await send();
		assertStatus(reply, Number(status));
		assert.ok(reply.headers['x-request-id']);
	});

const unknown = [
	'/api',
	'/api/',
	'/api/nothing',
	'/api/meetings/1/nothing',
	'/api/health/call',
	'/api/health/call/start/now',
	'/api/auth',
	'/api/auth/',
	'/api/auth/nothing',
	'/api/calls/1/nothing',
	'/api/healthy',
	'/api/meetingsx',
	'/api/auth/me/1',
];
for (const path of unknown)
	for (const who of ['user', 'nobody'])
		test(`${path} is 404 as ${who}`, async () => {
			assertError(await as(inst, who === 'user' ? user : null).get(path), 404);
		});

const methods = [
	['/api/health/', ['GET']],
	['/api/health/ready', ['GET']],
	['/api/health/call/start', ['POST']],
	['/api/health/call/end', ['POST']],
	['/api/auth/login', ['POST']],
	['/api/auth/refresh', ['POST']],
	['/api/auth/logout', ['POST']],
	['/api/auth/register', ['POST']],
	['/api/auth/password', ['POST']],
	['/api/auth/me', ['GET', 'PATCH', 'DELETE']],
	['/api/auth/sessions', ['GET']],
	['/api/auth/sessions/1', ['DELETE']],
	['/api/meetings', ['GET', 'POST']],
	['/api/meetings/1', ['GET', 'PATCH', 'DELETE']],
	['/api/meetings/1/participants', ['POST']],
	['/api/meetings/1/participants/2', ['DELETE']],
	['/api/calls', ['GET', 'POST']],
	['/api/calls/1', ['GET']],
	['/api/calls/1/end', ['POST']],
	['/api/calls/1/attendance.csv', ['GET']],
];
for (const [path, allowed] of methods)
	for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((one) => !allowed.includes(one)))
		test(`${method} ${path} is 405 and Allow names ${allowed.join(', ')}`, async () => {
			const reply = await request(inst, method, path, { token: user.access });
			assertError(reply, 405);
			const named = (reply.headers.allow ?? '')
				.split(/\s*,\s*/)
				.filter((one) => !['HEAD', 'OPTIONS'].includes(one));
			assert.deepEqual(named.sort(), allowed.slice().sort());
		});

test('a method that is not allowed is 405 without a token, too', async () => {
	assertError(await request(inst, 'PUT', '/api/meetings'), 405);
});

for (const method of ['PROPFIND', 'LOCK', 'SEARCH', 'REPORT', 'TRACE'])
	test(`the method ${method} is refused and harms nothing`, async () => {
		const reply = await request(inst, method, '/api/meetings', { token: user.access });
		assert.ok([400, 405, 501].includes(reply.status), `got ${reply.status}`);
	});

test('a body of exactly 64 KiB is read', async () => {
	const body = paddedBody('Just fits', bodyLimit);
	assert.equal(Buffer.byteLength(body), bodyLimit);
	assertStatus(await request(inst, 'POST', '/api/meetings', { token: user.access, body }), 201);
});

for (const chunked of apacheCgi ? [false] : [false, true])
	for (const [what, size] of [
		['one byte over 64 KiB', bodyLimit + 1],
		['1 MiB', 1 << 20],
		['20 MiB', 20 << 20],
	])
		test(`a ${chunked ? 'chunked ' : ''}body of ${what} is 413 and makes nothing`, async () => {
			const title = `Too large ${size} ${chunked}`;
			const body = paddedBody(title, size);
			const reply = await request(inst, 'POST', '/api/meetings', { token: user.access, body, chunked });
			assert.equal(reply.status, 413);
			if (size === bodyLimit + 1) assertError(reply, 413);
			assert.ok(!(await titles()).includes(title));
		});

test('a large body to a public route is 413 as well', async () => {
	const body = paddedBody('x', bodyLimit + 1);
	assertError(await request(inst, 'POST', '/api/auth/login', { body }), 413);
});

test('a chunked body is read like any other', { skip: apacheCgi }, async () => {
	const body = JSON.stringify({ title: 'In chunks' });
	assertStatus(
		await request(inst, 'POST', '/api/meetings', { token: user.access, body, chunked: true }),
		201,
	);
});

test('a chunked body of exactly 64 KiB is read', { skip: apacheCgi }, async () => {
	const body = paddedBody('Just fits in chunks', bodyLimit);
	assertStatus(
		await request(inst, 'POST', '/api/meetings', { token: user.access, body, chunked: true }),
		201,
	);
});

const jsonTypes = [
	undefined,
	'application/json',
	'application/json; charset=utf-8',
	'application/json;charset=UTF-8',
	'Application/JSON',
	'application/json ; charset="utf-8"',
];
for (const type of jsonTypes)
	test(`Content-Type ${type ?? '(none)'} is JSON`, async () => {
		const headers = type === undefined ? {} : { 'Content-Type': type };
		const reply = await request(inst, 'POST', '/api/meetings', {
			token: user.access,
			body: '{"title":"Typed"}',
			headers,
		});
		assertStatus(reply, 201);
	});

const otherTypes = [
	'text/plain',
	'text/json',
	'application/x-www-form-urlencoded',
	'multipart/form-data; boundary=x',
	'application/jsonp',
	'application/xml',
	'application/octet-stream',
	'application',
	'json',
	'text/plain; application/json',
	'application/json-seq',
	'x-application/json',
];
for (const type of otherTypes)
	test(`Content-Type ${type} is 415 and makes nothing`, async () => {
		const title = `Untyped ${type}`;
		const options = {
			token: user.access,
			body: JSON.stringify({ title }),
			headers: { 'Content-Type': type },
		};
		assertError(await request(inst, 'POST', '/api/meetings', options), 415);
		assert.ok(!(await titles()).includes(title));
	});

test('login with a form is 415', async () => {
	const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
	assertError(await request(inst, 'POST', '/api/auth/login', { body: 'email=a&password=b', headers }), 415);
});

test('PATCH with another Content-Type is 415', async () => {
	const { id } = await newMeeting(inst, user);
	const headers = { 'Content-Type': 'application/merge-patch' };
	assertError(
		await request(inst, 'PATCH', `/api/meetings/${id}`, { token: user.access, body: '{}', headers }),
		415,
	);
});

test('replies are JSON in UTF-8 and may not be sniffed into something else', async () => {
	const reply = await as(inst, await login(inst, 'user')).get('/api/auth/me');
	assert.match(reply.headers['content-type'], /^application\/json\b/);
	assert.equal(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(reply.bytes)).id, 2);
});

const slashes = [
	['GET', '/api/auth/me'],
	['GET', '/api/auth/sessions'],
	['GET', '/api/meetings'],
	['GET', '/api/calls'],
	['GET', '/api/meetings/1'],
	['GET', '/api/health'],
	['GET', '/api/health/ready'],
	['POST', '/api/meetings', { title: 'Slash' }],
	['POST', '/api/health/call/start', { meeting_id: 99999999 }],
	['POST', '/api/auth/login', { email: 'nobody@test.example', password: 'not-a-password' }],
];
for (const [method, path, json] of slashes)
	test(`${method} ${path} means the same with a slash at the end, without a redirect`, async () => {
		const plain = await request(inst, method, path, { token: user.access, json });
		const slashed = await request(inst, method, `${path}/`, { token: user.access, json });
		assert.equal(slashed.status, plain.status);
		assert.ok(plain.status < 300 || plain.status >= 400);
		assert.equal(slashed.headers.location === undefined, plain.headers.location === undefined);
	});
