// README.md and the manual pages: unio-api as a plain CGI program, as a small host would run it. Its arguments may come from the
// query of a stranger (RFC 3875 §4.4), so they must mean nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, request, useInstance } from '../lib/api.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { cgi } from '../lib/programs.mjs';

const inst = await useInstance();
const user = await newUser(inst);
const token = user.access;

test('health answers', async () => {
	const reply = await cgi(inst, 'GET', '/api/health/');
	assert.equal(assertStatus(reply, 200).status, 'healthy');
	assert.equal(reply.code, 0);
	assert.match(reply.headers['content-type'], /^application\/json\b/);
	assert.ok(reply.headers['x-request-id']);
});

test('a login made by CGI is good for the FastCGI program, and the other way round', async () => {
	const body = JSON.stringify({ email: user.email, password: user.password });
	const session = assertStatus(
		await cgi(inst, 'POST', '/api/auth/login', { body, type: 'application/json' }),
		200,
	);
	noteSecret(session.access, session.refresh);
	assert.equal(
		assertStatus(await request(inst, 'GET', '/api/auth/me', { token: session.access }), 200).id,
		user.id,
	);
	assert.equal(assertStatus(await cgi(inst, 'GET', '/api/auth/me', { token }), 200).id, user.id);
});

test('a meeting made by CGI is there for all', async () => {
	const body = '{"title":"By CGI"}';
	const reply = await cgi(inst, 'POST', '/api/meetings', { token, body, type: 'application/json' });
	const { id } = assertStatus(reply, 201);
	assert.ok(reply.headers.location);
	assert.equal(assertStatus(await as(inst, user).get(`/api/meetings/${id}`), 200).title, 'By CGI');
});

test('PATCH and DELETE work', async () => {
	const { id } = await newMeeting(inst, user);
	const body = '{"title":"Patched"}';
	const patched = await cgi(inst, 'PATCH', `/api/meetings/${id}`, {
		token,
		body,
		type: 'application/json',
	});
	assert.equal(assertStatus(patched, 200).title, 'Patched');
	const deleted = await cgi(inst, 'DELETE', `/api/meetings/${id}`, { token });
	assertStatus(deleted, 204);
	assert.equal(deleted.text, '');
});

test('the query is read', async () => {
	await newMeeting(inst, user);
	await newMeeting(inst, user);
	const page = assertStatus(await cgi(inst, 'GET', '/api/meetings?limit=1', { token }), 200);
	assert.equal(page.results.length, 1);
	assertError(await cgi(inst, 'GET', '/api/meetings?limit=0', { token }), 400, { field: 'limit' });
});

const refusals = [
	['no token', 'GET', '/api/auth/me', {}, 401],
	['an unknown path', 'GET', '/api/nothing', { token }, 404],
	['an encoded slash', 'GET', '/api%2Fhealth', {}, [400, 404]],
	['an encoded slash in an id', 'GET', '/api/meetings/1%2F', { token }, [400, 404]],
	['an encoded NUL', 'GET', '/api/health/%00', {}, [400, 404]],
	['half an escape', 'GET', '/api/health/%2', {}, [400, 404]],
	['a wrong method', 'PUT', '/api/meetings', { token }, 405],
	['a method nobody knows', 'BREW', '/api/meetings', { token }, 405],
	['a method of 10,000 letters', 'X'.repeat(10_000), '/api/meetings', { token }, [400, 405]],
	['an empty method', '', '/api/meetings', { token }, [400, 405]],
	[
		'a body over 64 KiB',
		'POST',
		'/api/meetings',
		{ token, body: `{"title":"${'x'.repeat(70_000)}"}` },
		413,
	],
	['a length over 64 KiB alone', 'POST', '/api/meetings', { token, body: '{}', length: 99999999 }, 413],
	[
		'a length beyond 64 bits',
		'POST',
		'/api/meetings',
		{ token, body: '{}', length: '99999999999999999999' },
		[400, 413],
	],
	['a length that is no number', 'POST', '/api/meetings', { token, body: '{}', length: 'ten' }, 400],
	['a negative length', 'POST', '/api/meetings', { token, body: '{}', length: -5 }, 400],
	[
		'a body shorter than its length',
		'POST',
		'/api/meetings',
		{ token, body: '{"title":"Short"}', length: 500 },
		400,
	],
	[
		'a body of another type',
		'POST',
		'/api/meetings',
		{ token, body: '{"title":"T"}', type: 'text/plain' },
		415,
	],
	['bad JSON', 'POST', '/api/meetings', { token, body: '{"title":}' }, 400],
];
for (const [what, method, uri, options, expected] of refusals)
	test(`a request with ${what} is refused and the program ends well`, async () => {
		const reply = await cgi(inst, method, uri, options);
		const allowed = [expected].flat();
		assert.ok(
			allowed.includes(reply.status),
			`got ${reply.status}: ${reply.text.slice(0, 300)} ${reply.stderr}`,
		);
		assertError(reply, reply.status);
		assert.equal(reply.code, 0);
	});

test('no more than CONTENT_LENGTH bytes are read', async () => {
	const body = '{"title":"Cut"} and then something else';
	const reply = await cgi(inst, 'POST', '/api/meetings', { token, body, length: 15 });
	assert.equal(assertStatus(reply, 201).title, 'Cut');
});

test('an empty length and type are those of a request without a body', async () => {
	const env = { CONTENT_LENGTH: '', CONTENT_TYPE: '' };
	assertStatus(await cgi(inst, 'GET', '/api/auth/me', { token, env }), 200);
});

const argumentLists = [
	['-V'],
	['-h'],
	['-n'],
	['-nn'],
	['-c', '/etc/passwd'],
	['-c', '/nowhere/unio.conf'],
	['--'],
	['--help'],
	['-x', '-y', '-z'],
	['user', 'add'],
	[''],
];
for (const args of argumentLists)
	test(`the arguments "${args.join(' ')}" are ignored`, async () => {
		const reply = await cgi(inst, 'GET', '/api/health/', { args });
		assert.equal(assertStatus(reply, 200).status, 'healthy');
		assert.equal(reply.code, 0);
	});

test('the path counts as REQUEST_URI has it, whatever SCRIPT_NAME and PATH_INFO say', async () => {
	const env = {
		SCRIPT_NAME: '/cgi-bin/unio-api',
		PATH_INFO: '/auth/me',
		PATH_TRANSLATED: '/var/www/auth/me',
	};
	assert.equal(assertStatus(await cgi(inst, 'GET', '/api/health/', { env }), 200).status, 'healthy');
});

test('nothing but the reply is written to standard output', async () => {
	const reply = await cgi(inst, 'GET', '/api/health/', { env: { UNIO_LOG_LEVEL: 'debug' } });
	assert.deepEqual(Object.keys(assertStatus(reply, 200)).sort(), ['message', 'status', 'timestamp']);
});

test('a configuration that is not there is an error of ours and tells the visitor nothing', async () => {
	const reply = await cgi(inst, 'GET', '/api/health/', { env: { UNIO_CONF: '/nowhere/unio.conf' } });
	assert.ok(reply.status >= 500 || reply.code !== 0, `got ${reply.status}, exit ${reply.code}`);
	assert.ok(!reply.text.includes('/nowhere'));
});

test('a body that does not come is waited for as long as request_timeout says', async () => {
	const begin = Date.now();
	const env = { UNIO_REQUEST_TIMEOUT: '1s' };
	const reply = await cgi(inst, 'POST', '/api/meetings', { token, body: '{"title":', length: 500, env, open: true });
	assertError(reply, 400, { code: 'body_incomplete' });
	assert.ok(Date.now() - begin >= 1000);
});
