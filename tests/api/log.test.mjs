// One log line for each request, that the visitor can neither forge nor fill with secrets; key=value or JSON.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertStatus, newUser, request, useInstance } from '../lib/api.mjs';
import { apacheCgi, until } from '../lib/instance.mjs';
import { noteSecret } from '../lib/secrets.mjs';

const instances = {
	kv: await useInstance(),
	json: await useInstance({ conf: { log_format: 'json' } }),
};

/** The log lines that have `word`, once there are any. */
const linesWith = (inst, word) =>
	until(() => {
		const lines = inst
			.logs()
			.split('\n')
			.filter((line) => line.includes(word));
		return lines.length > 0 && lines;
	}, `a log line with ${word}`);

for (const [format, inst] of Object.entries(instances)) {
	test(`a request is one line with its id, method, path and status, as ${format}`, async () => {
		const reply = await request(inst, 'GET', '/api/no-such-thing');
		const lines = await linesWith(inst, reply.headers['x-request-id']);
		assert.equal(lines.length, 1, lines.join('\n'));
		for (const word of ['GET', '/api/no-such-thing', '404']) assert.ok(lines[0].includes(word), lines[0]);
	});

	test(`a refused and a granted request of a user are logged alike, as ${format}`, async () => {
		const user = await newUser(inst);
		const replies = [
			await as(inst, user).get('/api/auth/me'),
			await as(inst, user).get('/api/meetings/99999999'),
			await as(inst, user).post('/api/meetings', { title: 7 }),
		];
		for (const reply of replies) {
			const [line] = await linesWith(inst, reply.headers['x-request-id']);
			assert.ok(line.includes(String(reply.status)), line);
		}
	});

	test(`nobody writes a log line of his own by what he sends, as ${format}`, async () => {
		const forged = 'level=info forged=yes';
		const headers = { 'User-Agent': `x" ${forged}`, 'X-Request-Id': forged, 'X-Forwarded-For': forged };
		const path = `/api/${encodeURIComponent(`x\n${forged}\r\n"}`)}?q=%0A${encodeURIComponent(forged)}`;
		await request(inst, 'GET', path, { headers });
		const reply = await request(inst, 'GET', `/api/x"y=z\\'`, { headers });
		await linesWith(inst, reply.headers['x-request-id']);
		const lines = inst.logs().split('\n');
		assert.ok(!lines.some((line) => line.startsWith('level=info forged')), 'no line of its own');
	});

	test(`what stands in a query is not logged, as ${format}`, async () => {
		const secret = `in-the-query-${format}-0123456789`;
		noteSecret(secret);
		const reply = await request(inst, 'GET', `/api/health/?token=${secret}&x=${secret}`);
		const [line] = await linesWith(inst, reply.headers['x-request-id']);
		assert.ok(!line.includes(secret));
	});
}

test('in the JSON format each line of the API is a JSON object with a time and a level', { skip: apacheCgi }, async () => {
	const inst = instances.json;
	assertStatus(await request(inst, 'GET', '/api/health/'), 200);
	const lines = inst
		.logs()
		.split('\n')
		.filter((line) => line.includes('unio-api'));
	assert.ok(lines.length > 0);
	for (const line of lines) {
		const record = JSON.parse(line);
		assert.ok('level' in record && 'ts' in record, line);
	}
});
