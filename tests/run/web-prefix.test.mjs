// Below a path prefix (base_path) behind the front server: the page, the API and the meetings are all there, and
// nothing is left where it was.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { request } from '../lib/api.mjs';
import { startInstance } from '../lib/instance.mjs';

let inst;

before(async () => { inst = await startInstance({ conf: { base_path: '/unio' } }); });
afterEach(() => inst.assertAlive());
after(() => inst?.stop());

/** The first frame of a connection at this path, or the status that refuses it. */
async function firstFrame(path) {
	const json = { email: 'user@unio.app', password: 'user123' };
	const { access } = (await request(inst, 'POST', '/unio/api/auth/login', { json })).json;
	const ws = new WebSocket(`${inst.wsOrigin}${path}`, { headers: { Authorization: `Bearer ${access}` } });
	const [what, value] = await Promise.race([
		once(ws, 'message').then(([data]) => ['frame', JSON.parse(data)]),
		once(ws, 'unexpected-response').then(([, reply]) => ['status', reply.statusCode]),
	]);
	ws.on('error', () => {});
	ws.terminate();
	return { [what]: value };
}

test('the page and what it loads', async () => {
	for (const [path, type] of [['/unio/', /^text\/html/], ['/unio/unio-client.js', /^text\/javascript/],
		['/unio/style.css', /^text\/css/], ['/unio/icon.svg', /^image\/svg/]]) {
		const reply = await request(inst, 'GET', path);
		assert.equal(reply.status, 200, path);
		assert.match(reply.headers['content-type'], type, path);
	}
});

test('the page comes with its policy, and each header once', async () => {
	const { headers } = await request(inst, 'GET', '/unio/');
	assert.match(headers['content-security-policy'], /^default-src 'none';[^,]*$/);
	assert.equal(headers['x-content-type-options'], 'nosniff');
	assert.equal(headers['referrer-policy'], 'no-referrer');
	assert.equal(headers['cache-control'], 'no-cache');
	const api = await request(inst, 'GET', '/unio/api/health/');
	assert.equal(api.headers['x-content-type-options'], 'nosniff');
});

test('the API', async () => {
	for (const path of ['/unio/api/health', '/unio/api/health/'])
		assert.equal((await request(inst, 'GET', path)).status, 200, path);
	assert.equal((await request(inst, 'GET', '/api/health/')).status, 404);
	assert.equal((await request(inst, 'GET', '/unio/apix/health/')).status, 404);
});

test('the meetings', async () => {
	assert.equal((await firstFrame('/unio/ws/meeting/1/')).frame?.type, 'user_joined');
	assert.equal((await firstFrame('/ws/meeting/1/')).status, 404);
});
