// docs/SECURITY.md claims nothing without a test: every row of its tables names one, and every file that it names is there.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../lib/instance.mjs';

const text = readFileSync(join(root, 'docs/SECURITY.md'), 'utf8');
const links = (part) => [...part.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path);

test('every file that docs/SECURITY.md names is there', () => {
	const paths = links(text);
	assert.ok(paths.length > 50);
	assert.deepEqual(paths.filter((path) => !existsSync(join(root, 'docs', path))), []);
});

test('every attack in docs/SECURITY.md has a test that shows what holds it off', () => {
	const rows = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (attack|---)/.test(line));
	assert.ok(rows.length > 25);
	for (const row of rows)
		assert.ok(links(row.split(' | ').at(-1)).some((path) => path.startsWith('../tests/')), row);
});

test('every fuzz target stands in docs/SECURITY.md', () => {
	const targets = readdirSync(join(root, 'tests/fuzz/corpus'));
	assert.deepEqual(targets.filter((name) => !text.includes(`](../tests/fuzz/${name}.c)`)), []);
});
