// The receivers of docs/examples/ take what unio-hookd sends, once, and nothing else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Webhook } from 'standardwebhooks';

import { assertDone } from '../lib/ctl.mjs';
import { root } from '../lib/instance.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { until, useSite } from './support.mjs';

const site = await useSite();
const secret = `whsec_${Buffer.alloc(32, 'unio').toString('base64')}`;
noteSecret(secret);
writeFileSync(join(site.dir, 'whsec'), secret, { mode: 0o600 });

for (const [program, file] of [[process.execPath, 'receiver.mjs'], ['python3', 'receiver.py']])
	test(`${file} takes what is signed, once`, async (t) => {
		const child = spawn(program, [join(root, 'docs/examples', file), '0'], { env: { ...process.env, WEBHOOK_SECRET: secret } });
		t.after(() => { child.kill('SIGKILL'); site.forget(); });
		let said = '';
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text) => { said += text; });
		const [, port] = await until(() => /listening on port (\d+)/.exec(said), 'it listens');
		const url = `http://127.0.0.1:${port}/`;
		assertDone(await site.ctl('webhook', 'add', url, '--secret-file', join(site.dir, 'whsec')));
		site.events(1, 7, 'call_started');
		site.events(1, 7, 'call_ended');
		await until(() => said.includes('meeting 7: call_ended'), 'both');
		await site.settled();
		const [{ id }] = site.deliveries();
		assertDone(await site.ctl('webhook', 'repeat', String(id)));
		await site.settled();
		assert.equal(said.match(/^meeting 7: .*$/gm).join(), 'meeting 7: call_started,meeting 7: call_ended');

		const post = (headers, body = '{"type":"forged","meeting_id":7}') => fetch(url, { method: 'POST', headers, body }).then(({ status }) => status);
		const at = (time, by = secret) => ({
			'webhook-id': 'msg_x', 'webhook-timestamp': String(Math.floor(time / 1000)),
			'webhook-signature': new Webhook(by).sign('msg_x', new Date(time), '{"type":"forged","meeting_id":7}'),
		});
		assert.equal(await post(at(Date.now())), 204, 'another implementation\'s signature is good');
		for (const headers of [{}, at(Date.now() - 600_000), at(Date.now() + 600_000), at(Date.now(), `whsec_${Buffer.alloc(32).toString('base64')}`),
			{ ...at(Date.now()), 'webhook-id': 'msg_y' }, { ...at(Date.now()), 'webhook-timestamp': 'now' }, { ...at(Date.now()), 'webhook-signature': 'v1,' }])
			assert.equal(await post(headers), 401);
		assert.equal(await post(at(Date.now()), '{}'), 401);
	});
