// docs/PROTOCOL.md, "Pages of other origins": what browsers say of the page that asks, and what they are told.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, login, newMeeting, newUser, request, useInstance } from '../lib/api.mjs';
import { runProgram } from '../lib/programs.mjs';
import { connect } from '../lib/ws.mjs';
import { Credentials } from '../../web/unio-credential.js';
import { closeReason, isFinal } from '../../web/unio-reasons.js';

const friend = 'https://app.example.org';
const [unasked, closed, open, any, named] = [
	await useInstance(),
	await useInstance({ conf: { allowed_origins: 'https://nobody.example' } }),
	await useInstance({ conf: { allowed_origins: `${friend}, http://127.0.0.1:1, capacitor://localhost` } }),
	await useInstance({ conf: { allowed_origins: '*' } }),
	await useInstance({ conf: { public_url: 'https://meet.example.org', allowed_origins: 'https://nobody.example' } }),
];
const from = (origin, rest = {}) => ({ headers: { Origin: origin, ...rest } });
const preflight = (inst, origin, path = '/api/meetings') => request(inst, 'OPTIONS', path, from(origin, {
	'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization, content-type',
}));
const allowed = (reply) => reply.headers['access-control-allow-origin'];

test('an allowed origin may read replies and what a client needs of their headers', async () => {
	for (const origin of [friend, 'http://127.0.0.1:1', 'capacitor://localhost']) {
		const reply = await request(open, 'GET', '/api/health', from(origin));
		assertStatus(reply, 200);
		assert.equal(allowed(reply), origin);
		assert.match(reply.headers.vary, /\bOrigin\b/);
		assert.match(reply.headers['access-control-expose-headers'], /\bX-Request-Id\b.*\bRetry-After\b.*\bLocation\b/);
		assert.equal(reply.headers['access-control-allow-credentials'], undefined);
	}
});

test('errors of all kinds may be read, too', async () => {
	const user = await newUser(open);
	for (const [reply, status] of [
		[await request(open, 'GET', '/api/nothing', from(friend)), 404],
		[await request(open, 'PUT', '/api/meetings', from(friend)), 405],
		[await request(open, 'GET', '/api/meetings', from(friend)), 401],
		[await as(open, user).post('/api/meetings', {}, from(friend)), 400],
	]) {
		assertError(reply, status);
		assert.equal(allowed(reply), friend);
	}
});

test('a preflight says which methods and headers there are, for two hours', async () => {
	const reply = await preflight(open, friend);
	assert.equal(reply.status, 204);
	assert.equal(allowed(reply), friend);
	assert.match(reply.headers['access-control-allow-methods'], /POST.*PATCH.*DELETE/);
	assert.match(reply.headers['access-control-allow-headers'], /Authorization.*Content-Type.*Idempotency-Key/);
	assert.equal(reply.headers['access-control-max-age'], '7200');
	assert.match(reply.headers.vary, /\bOrigin\b/);
	assert.equal((await preflight(open, friend, '/api/nothing')).status, 204);
});

test('another origin is refused before anything happens, and may read that it is', async () => {
	const user = await newUser(open);
	const wrong = [
		'https://app.example.org.evil.example', 'https://app.example.org:8443', 'http://app.example.org', 'https://APP.example.org',
		'https://app.example.org/', 'https://evil.example', 'null', 'file://', 'https://app.example.org, https://evil.example',
	];
	for (const origin of wrong) {
		assertError(await as(open, user).post('/api/meetings', { title: 'no' }, from(origin)), 403, { code: 'origin_refused' });
		assertError(await request(open, 'GET', '/api/health', from(origin)), 403, { code: 'origin_refused' });
	}
	assert.deepEqual(assertStatus(await as(open, user).get('/api/meetings'), 200).results, []);
	const reply = await request(closed, 'POST', '/api/auth/login', { ...from('https://evil.example'), json: { email: 'a', password: 'b' } });
	assertError(reply, 403, { code: 'origin_refused' });
	assert.equal(allowed(reply), 'https://evil.example');
	assert.equal((await preflight(closed, 'https://evil.example')).status, 204);
});

test('an origin that is no origin gets nothing into the headers of the reply', async () => {
	for (const origin of ['https://evil.example\tX', 'https://evil.example;x=1', 'x'.repeat(300), 'https://', '://x', '*'])
		for (const inst of [open, any]) {
			const reply = await request(inst, 'GET', '/api/health', from(origin));
			assertError(reply, 403, { code: 'origin_refused' });
			assert.equal(allowed(reply), undefined);
		}
});

test("the server's own pages, and whoever is no browser, are as before", async () => {
	for (const inst of [unasked, closed, open, any]) {
		const own = await request(inst, 'GET', '/api/health', from(inst.origin));
		assertStatus(own, 200);
		assert.equal(allowed(own), undefined);
		assertStatus(await request(inst, 'GET', '/api/health'), 200);
	}
	assertStatus(await request(named, 'GET', '/api/health', from('https://meet.example.org')), 200);
	assertError(await request(named, 'GET', '/api/health', from('https://meet.example.com')), 403);
	assertError(await request(closed, 'OPTIONS', '/api/health', from(closed.origin)), 405);
});

test('a reply varies with the origin wherever there is a list, for the caches in between', async () => {
	assert.match((await request(open, 'GET', '/api/health')).headers.vary ?? '', /\bOrigin\b/);
	assert.doesNotMatch((await request(unasked, 'GET', '/api/health')).headers.vary ?? '', /\bOrigin\b/);
});

test('without a list no origin is asked, and no page elsewhere is let in by a header', async () => {
	for (const origin of [friend, 'null']) {
		const reply = await request(unasked, 'GET', '/api/health', from(origin));
		assertStatus(reply, 200);
		assert.equal(allowed(reply), undefined);
		assertError(await preflight(unasked, origin), 405);
	}
});

test('with * any page may, and is named', async () => {
	for (const origin of ['https://anything.example', 'null', 'tauri://localhost'])
		assert.equal(allowed(await request(any, 'GET', '/api/health', from(origin))), origin);
});

test('the upgrade of a WebSocket follows the same list', async () => {
	for (const [inst, origin, may] of [
		[unasked, friend, true], [unasked, 'null', true],
		[closed, closed.origin, true], [closed, undefined, true], [closed, friend, false], [closed, 'null', false],
		[open, friend, true], [open, 'https://evil.example', false], [open, 'x'.repeat(400), false],
		[any, 'https://anything.example', true], [named, 'https://meet.example.org', true], [named, friend, false],
	]) {
		const user = await login(inst);
		const meeting = await newMeeting(inst, user);
		const entrance = connect(inst, meeting.id, { token: user.access, headers: origin === undefined ? {} : { Origin: origin } });
		if (may) {
			const client = await entrance;
			await client.next('welcome');
			client.close();
		} else
			await assert.rejects(entrance, (error) => error.status === 403, `${origin}`);
	}
	assert.match(closed.logs(), /event=refuse .*code=403 reason=origin_refused/);
});

test('the client library of a page elsewhere is told for good, and in words', async () => {
	const user = await newUser(closed);
	const meeting = await newMeeting(closed, user);
	const credentials = new Credentials({ url: `${closed.origin}/`, meetingId: meeting.id, getToken: () => user.access },
		(url, options) => fetch(url, { ...options, headers: { ...options.headers, Origin: friend } }));
	await assert.rejects(credentials.get(false), (refusal) => {
		const reason = closeReason(refusal.close, refusal.code);
		return isFinal(refusal.close) && reason.code === 'origin_refused' && /address/.test(reason.message);
	});
});

test('a list with something else in it is a mistake of the configuration', async () => {
	for (const list of ['app.example.org', 'https://app.example.org/', 'https://App.example.org', 'https://*.example.org', '*, https://a.example', 'https://']) {
		const { code } = await runProgram('unio-api', ['-c', closed.confPath, '-n'], { env: { UNIO_ALLOWED_ORIGINS: list } });
		assert.equal(code, 1, list);
	}
});
