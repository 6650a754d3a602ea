// What README and docs/ARCHITECTURE.md name is there: files and make targets.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../lib/instance.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('the files that the README links to exist', () => {
	for (const [, path] of readme.matchAll(/\]\(([^)#]+)\)/g))
		assert.ok(existsSync(join(root, path)), path);
});

test('the files that docs/ARCHITECTURE.md names exist', () => {
	const page = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
	const named = [...page.matchAll(/`((?:shared|fcgi-api|ws-daemon|admin|etc|docs|tests|schema)\/[\w./-]*)`/g)].map(([, path]) => path);
	assert.deepEqual(named.filter((path) => !existsSync(join(root, path))), []);
	const folders = ['shared', 'fcgi-api', 'ws-daemon', 'admin'];
	for (const [name] of page.matchAll(/(?<![\w/*-])[a-z][a-z_]*\.[ch]\b/g))
		assert.ok(folders.some((folder) => existsSync(join(root, folder, name))), name);
});

test('the make targets that the README names exist', () => {
	const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
	for (const [, target] of readme.matchAll(/(?:`| {4})make ([a-z][a-z-]*)/g))
		assert.match(makefile, new RegExp(`^${target}:|^\\.PHONY:.* ${target}\\b`, 'm'));
});
