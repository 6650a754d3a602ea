// Encryption, addresses and secrets of webhooks.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';

import { Webhook } from 'standardwebhooks';

import { assertDone, assertRefused, exitCode } from '../lib/ctl.mjs';
import { SLOWER } from '../lib/instance.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { until, useReceiver, useSite } from './support.mjs';

const RETRY_FOR = `${SLOWER}s`;
const site = await useSite({ webhook_retry_for: RETRY_FOR });
site.mayDie = true;

/** A certificate for `name`, signed by itself. */
function certificate(name, days = 2) {
	const [key, cert] = ['key', 'crt'].map((end) => join(site.dir, `${name}-${days}.${end}`));
	const { status, stderr } = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
		'-keyout', key, '-out', cert, '-days', String(days), '-subj', '/CN=test', '-addext', `subjectAltName=${name}`]);
	assert.equal(status, 0, String(stderr));
	return { key: readFileSync(key), cert: readFileSync(cert), file: cert };
}

async function useTls(t, options) {
	const got = [];
	const server = createServer(options, (request, response) => { got.push(request.headers['webhook-id']); response.end(); }).listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => { server.closeAllConnections(); server.close(); });
	return { got, url: `https://127.0.0.1:${server.address().port}/` };
}

const last = (id) => site.deliveries(`webhook_id = ${id}`).at(-1);

test('over TLS a message goes to whom the certificate names, and to nobody else', async (t) => {
	const good = certificate('IP:127.0.0.1');
	const named = certificate('DNS:elsewhere.example');
	writeFileSync(join(site.dir, 'ca'), Buffer.concat([good.cert, named.cert]));
	await site.end();
	await site.start({ SSL_CERT_FILE: join(site.dir, 'ca') });
	const [right, wrong, unknown, old] = [
		await useTls(t, good),
		await useTls(t, named),
		await useTls(t, certificate('IP:127.0.0.1', 3)),
		await useTls(t, { ...good, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
	];
	const ids = [];
	for (const receiver of [right, wrong, unknown, old])
		ids.push(await site.hook(receiver));
	site.events(1);
	await until(() => ids.every((id) => last(id) !== undefined && last(id).status !== 'waiting'), 'an end for each', 20_000);
	assert.equal(right.got.length, 1);
	assert.equal(last(ids[0]).status, 'delivered');
	for (const [receiver, id] of [[wrong, ids[1]], [unknown, ids[2]], [old, ids[3]]]) {
		assert.deepEqual(receiver.got, []);
		assert.equal(last(id).status, 'failed');
		assert.match(last(id).last_error, /SSL|TLS|certificate/i);
	}
	site.forget();
});

test('http:// leads to this machine alone, unless webhook_http says otherwise', async () => {
	const add = (url) => site.ctl('webhook', 'add', url);
	for (const url of ['http://127.0.0.1:1/', 'http://127.9.9.9/', 'http://localhost:8080/a?b=c', 'http://[::1]/', 'https://example.org/hook'])
		assertDone(await add(url));
	for (const url of ['http://example.org/', 'http://10.0.0.1/', 'http://127.0.0.1.example.org/', 'http://127.1/', 'http://[::2]/',
		'http://localhost.example.org/', 'http://2130706433/', 'ftp://127.0.0.1/', 'file:///etc/passwd', '//127.0.0.1/', 'https://', 'https:///x',
		'https://user:secret@example.org/', 'http://127.0.0.1@example.org/', 'http://127.0.0.1\\@example.org/', 'https://example.org/a b',
		'https://example.org/\u00e9', 'https://ex\u0430mple.org/', 'https://example.org/#x', 'https://example.org:0/', 'https://example.org:99999/',
		'https://example.org:80x/', 'https://[::1/', 'https://[::1]x/', `https://example.org/${'a'.repeat(2048)}`, ''])
		assertRefused(await add(url), exitCode.usage);
	site.configure({ webhook_http: 'yes', webhook_retry_for: RETRY_FOR });
	assertDone(await add('http://192.0.2.1/'));
	site.configure({ webhook_retry_for: RETRY_FOR });
	const [{ id }] = site.sql("SELECT max(id) AS id FROM webhook");
	site.forget(`id <> ${id}`);
	site.events(1);
	await until(() => last(id)?.attempts > 0, 'an attempt');
	assert.match(last(id).last_error, /^not sent: the address must begin with https/);
	site.forget();
});

test('a secret of one\'s own is taken from a file, if it is one and nobody else can read it', async (t) => {
	const receiver = await useReceiver(t);
	const file = join(site.dir, 'whsec');
	const secret = (n) => `whsec_${Buffer.alloc(n, '\xfe\xff').toString('base64')}`;
	const add = (text, mode = 0o600) => {
		writeFileSync(file, text, { mode: 0o600 });
		spawnSync('chmod', [mode.toString(8), file]);
		return site.ctl('webhook', 'add', receiver.url, '--secret-file', file, '--json');
	};
	for (const text of [secret(23), secret(65), 'whsec_', 'whsec_not base64 at all, is it?!', secret(32).slice(6), secret(32).replace('=', ''),
		`${secret(32)}x`, secret(33).replaceAll('/', '_'), '', `${secret(32)}\0`])
		assertRefused(await add(text), exitCode.usage);
	assertRefused(await add(secret(32), 0o644), exitCode.usage);
	for (const n of [24, 25, 26, 63, 64]) {
		noteSecret(secret(n));
		assert.equal(JSON.parse(assertDone(await add(`${secret(n)}\n`))).secret, null);
		site.events(1);
		await until(() => receiver.got.length > 0, 'a message');
		receiver.assertSigned(secret(n));
		await site.settled();
		receiver.got = [];
		site.forget();
	}
});

test('after rotate-secret both secrets sign, and the former one for a day', async (t) => {
	const receiver = await useReceiver(t);
	const id = await site.hook(receiver);
	const { secret } = JSON.parse(assertDone(await site.ctl('webhook', 'rotate-secret', String(id), '--json')));
	noteSecret(secret);
	assert.notEqual(secret, receiver.secret);
	site.events(1);
	await until(() => receiver.got.length === 1, 'a message');
	receiver.assertSigned();
	receiver.assertSigned(secret);
	assert.match(receiver.got[0].headers['webhook-signature'], /^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
	await site.settled();
	const [{ old_until: until_us }] = site.sql(`SELECT old_until FROM webhook WHERE id = ${id}`);
	assert.ok(Math.abs(until_us / 1e6 - Date.now() / 1000 - 86400) < 60);
	site.sql(`UPDATE webhook SET old_until = 1 WHERE id = ${id}`);
	receiver.got = [];
	site.events(1);
	await until(() => receiver.got.length === 1, 'a message');
	receiver.assertSigned(secret);
	assert.throws(() => new Webhook(receiver.secret).verify(receiver.got[0].body, receiver.got[0].headers), /No matching signature/);
	site.forget();
});

test('no secret and no path stands in a log', async (t) => {
	const receiver = await useReceiver(t, (message, response, n) => response.writeHead(n > 1 ? 200 : 500).end());
	noteSecret('/services/T000/B000/a-secret-path');
	await site.hook(Object.assign(receiver, { url: `${receiver.url}/services/T000/B000/a-secret-path` }));
	site.events(1);
	await site.settled();
	assert.match(site.log, /event=not_delivered webhook=\d+ delivery=\d+ event_id=\d+ attempt=1 status=500/);
	assert.match(site.log, /event=delivered .* attempt=2 status=200/);
	// and useSite()'s end looks for all of them in the log
});

test('no variable of the environment leads messages elsewhere', async (t) => {
	const proxy = await useReceiver(t);
	await site.end();
	await site.start({ http_proxy: proxy.url, HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url, all_proxy: proxy.url });
	const receiver = await useReceiver(t);
	await site.hook(receiver);
	site.events(1);
	await until(() => receiver.got.length > 0, 'a message');
	assert.deepEqual(proxy.got, []);
});
