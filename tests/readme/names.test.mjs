// What README and docs/ARCHITECTURE.md name is there: files and make targets.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';

import { root } from '../lib/instance.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('the files that the README links to exist', () => {
	for (const [, path] of readme.matchAll(/\]\(([^)#]+)\)/g))
		assert.ok(existsSync(join(root, path)), path);
});

test('the files that docs/ARCHITECTURE.md names exist', () => {
	const page = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
	const named = [...page.matchAll(/`((?:shared|fcgi-api|ws-daemon|hook-daemon|admin|etc|docs|tests|schema)\/[\w./-]*)`/g)].map(([, path]) => path);
	assert.deepEqual(named.filter((path) => !existsSync(join(root, path))), []);
	const folders = ['shared', 'fcgi-api', 'ws-daemon', 'hook-daemon', 'admin'];
	for (const [name] of page.matchAll(/(?<![\w/*-])[a-z][a-z_]*\.[ch]\b/g))
		assert.ok(folders.some((folder) => existsSync(join(root, folder, name))), name);
});

test('the files that docs/PROTOCOL.md links to exist', () => {
	for (const [, path] of readFileSync(join(root, 'docs/PROTOCOL.md'), 'utf8').matchAll(/\]\(([^)#]+)\)/g))
		assert.ok(existsSync(join(root, 'docs', path)), path);
});

test('whatever the page loads is there: its files, and all that its scripts import', () => {
	const web = join(root, 'web');
	const page = readFileSync(join(web, 'index.html'), 'utf8');
	const wanted = [...page.matchAll(/\b(?:href|src)="([^"]+)"/g)].map(([, path]) => join(web, path));
	assert.ok(wanted.length >= 3);
	const scripts = readdirSync(web, { recursive: true }).filter((name) => /\.m?js$/.test(name));
	assert.ok(scripts.length >= 10);
	for (const name of scripts)
		for (const [, path] of readFileSync(join(web, name), 'utf8').matchAll(/^(?:import|export)\b[^'";]*['"](\.[^'"]+)['"]/gm))
			wanted.push(resolve(web, dirname(name), path));
	assert.ok(new Set(wanted).size >= 12);
	assert.deepEqual([...new Set(wanted)].filter((path) => !existsSync(path)), []);
});

test('the suites that tests/run.mjs orders are there', () => {
	const [, list] = /^const SUITES = \[(.*)\]/m.exec(readFileSync(join(root, 'tests/run.mjs'), 'utf8'));
	for (const [, suite] of list.matchAll(/'(\w+)'/g))
		assert.ok(existsSync(join(root, 'tests', suite)), suite);
});

test('the make targets that the README names exist', () => {
	const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
	for (const [, target] of readme.matchAll(/(?:`| {4})make ([a-z][a-z-]*)/g))
		assert.match(makefile, new RegExp(`^${target}:|^\\.PHONY:.* ${target}\\b`, 'm'));
});
