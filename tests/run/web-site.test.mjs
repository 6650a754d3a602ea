// The whole site that etc/ has for each front server: TLS, and from http to there.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { get, request } from 'node:https';
import { get as plainGet } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { login } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { startSite } from '../lib/site.mjs';

let inst;
let site;

// The certificate is the test's own; the name is that of the site.
const tls = { host: '127.0.0.1', servername: 'meet.example.org', rejectUnauthorized: false, agent: false };
const headers = { Host: 'meet.example.org' };

before(async () => {
	inst = await startInstance({ conf: { public_url: '', daemons: 2 } }); // meeting 1 is the second one's
	site = await startSite(inst);
});
after(async () => {
	await site?.stop();
	await inst?.stop();
});

async function read(asked) {
	const [reply] = await once(asked, 'response');
	let text = '';
	for await (const part of reply)
		text += part;
	return { status: reply.statusCode, headers: reply.headers, text };
}

const fetchSite = (path) => read(get({ ...tls, port: site.https, path, headers }));

test('the page comes by https, and asks to be asked by https from now on', async () => {
	const reply = await fetchSite('/');
	assert.equal(reply.status, 200);
	assert.match(reply.headers['strict-transport-security'], /^max-age=\d+$/);
	assert.match(reply.headers['content-security-policy'], /^default-src 'none'/);
});

test('the API answers, and knows that it was asked by https', async () => {
	assert.equal(JSON.parse((await fetchSite('/api/health/')).text).status, 'healthy');
	const { access } = await login(inst, 'user');
	const asked = request({ ...tls, port: site.https, method: 'POST', path: '/api/meetings/1/ticket',
		headers: { ...headers, Authorization: `Bearer ${access}` } });
	asked.end();
	const reply = await read(asked);
	assert.equal(reply.status, 201, reply.text);
	assert.match(JSON.parse(reply.text).ws_url, /^wss:\/\/meet\.example\.org\//);
});

test('a meeting is entered by wss', async () => {
	const { access } = await login(inst, 'user');
	const ws = new WebSocket(`wss://127.0.0.1:${site.https}/ws/meeting/1/?token=${access}`, { ...tls, agent: undefined, headers });
	const [data] = await once(ws, 'message');
	assert.equal(JSON.parse(data).type, 'user_joined');
	ws.close();
	await once(ws, 'close');
	await until(() => /\bGET\b.*\/ws\/meeting\/1\/[ "]/.test(siteLogs()), 'the access log has it');
	assert.ok(!siteLogs().includes(access));
});

test('http leads to https, whatever the path', async () => {
	for (const path of ['/', '/api/health/?a=b']) {
		const reply = await read(plainGet({ host: '127.0.0.1', port: site.http, path, headers, agent: false }));
		assert.ok([301, 308].includes(reply.status), `${reply.status}`);
		assert.equal(reply.headers.location, `https://meet.example.org${path}`);
	}
});

test('versions of TLS that are no longer safe are refused', async () => {
	const asked = get({ ...tls, port: site.https, path: '/', headers, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
	const [error] = await once(asked, 'error');
	assert.match(error.message, /alert protocol version/); // the server's own word
});

function siteLogs() {
	return readdirSync(site.log).map((name) => readFileSync(join(site.log, name), 'utf8')).join('');
}
