// The descriptions as a server hands them out: what docs/ has, as JSON, and known again by its ETag.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { assertError, assertStatus, request, useInstance } from '../lib/api.mjs';
import { readDescriptions } from '../lib/contract_table.mjs';
import { buildDir } from '../lib/instance.mjs';

const inst = await useInstance({ conf: { base_path: '/unio' } });
const get = (name, headers, method = 'GET') => request(inst, method, `/unio/api/${name}.json`, { headers });

for (const [name, description] of Object.entries(readDescriptions())) {
	test(`/api/${name}.json is docs/${name}.yaml`, async () => {
		assert.deepEqual(assertStatus(await get(name), 200), description);
	});

	test(`/api/${name}.json is not sent again to who has it`, async () => {
		const { headers: { etag } } = await get(name);
		for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
			const again = await get(name, { 'If-None-Match': known });
			assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', etag], known);
		}
		assert.equal((await get(name, { 'If-None-Match': '"other"' })).status, 200);
	});

	test(`HEAD /api/${name}.json has the headers alone`, async () => {
		const [whole, head] = [await get(name), await get(name, {}, 'HEAD')];
		assert.deepEqual([head.status, head.text, head.headers.etag], [200, '', whole.headers.etag]);
	});
}

test('the two are told apart', async () => {
	const [one, other] = [await get('openapi'), await get('asyncapi')];
	assert.notEqual(one.headers.etag, other.headers.etag);
});

test('no other description is there', async () => {
	assertError(await get('docs'), 404, { code: 'not_found' });
});

test('the servers of docs/openapi.yaml are found from where it was read', async () => {
	const { servers: [{ url }] } = (await get('openapi')).json;
	assert.equal(new URL(url, `${inst.origin}/unio/api/openapi.json`).pathname, '/unio/api');
});

/** What docs/embed.c makes of a text: its JSON, read out of the C string; or what it said when it failed. */
function embed(text) {
	const dir = mkdtempSync(join(tmpdir(), 'unio-embed-'));
	try {
		writeFileSync(join(dir, 'x.yaml'), text);
		const { status, stdout, stderr } = spawnSync(join(buildDir, 'embed'), [join(dir, 'x.yaml')], { encoding: 'utf8' });
		if (status !== 0)
			return { failed: stderr.replace(`${dir}/`, '') };
		const strings = [...stdout.slice(stdout.indexOf('.text =')).matchAll(/^\t {4}"(.*)"/gm)].map(([, part]) => part);
		return JSON.parse(strings.join('').replaceAll(/\\(["\\?])/g, '$1'));
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

test('what a plain scalar means is what YAML 1.2 says', () => {
	const lines = [
		['a: 1', 1], ['a: -1', -1], ['a: 0', 0], ['a: 1.50', 1.5], ['a: 01', '01'], ['a: 1.0.0', '1.0.0'], ['a: 1.', '1.'],
		['a: true', true], ['a: yes', 'yes'], ['a: null', null], ['a:', null], ["a: ''", ''], ["a: '1'", '1'], ['a: "null"', 'null'],
		['a: []', []], ['a: {}', {}], ['a: [1, [2, {b: 3}], x]', [1, [2, { b: 3 }], 'x']], ['a: >-\n  b\n  c', 'b c'],
		['a: |\n  b\n  c', 'b\nc\n'], ['a: "\\"\\\\\\t??=\\u0001"', '"\\\t??=\u0001'], ['a: ä…€😀', 'ä…€😀'],
	];
	for (const [text, value] of lines)
		assert.deepEqual(embed(`${text}\n200: x\n`), { a: value, 200: 'x' }, text);
});

test('long texts are cut between characters', () => {
	const text = 'ä€😀"?\\'.repeat(500);
	assert.deepEqual(embed(JSON.stringify({ text })), { text });
});

test('what JSON has no form for stops the build, with its line', () => {
	assert.match(embed('a: 1\nb: &x 1\nc: *x\n').failed, /^.*x\.yaml:\d: neither a scalar, a list nor a mapping/);
	assert.match(embed('a: 1\n[1]: 2\n').failed, /^.*x\.yaml:\d: a name that is no scalar/);
	assert.match(embed('a: [1\n').failed, /^.*x\.yaml:\d: /);
});
