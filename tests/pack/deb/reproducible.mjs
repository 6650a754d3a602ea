// Two builds of the same sources, in different places, at different times, by people with other settings.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildDir, root } from '../host.mjs';

const SOURCES = ['Makefile', 'LICENSE', 'README.md', 'admin', 'docs', 'etc', 'fcgi-api', 'hook-daemon', 'schema', 'shared', 'web', 'ws-daemon'];
const VERSION = process.env.UNIO_VERSION;

const dir = mkdtempSync(join(tmpdir(), 'unio-reproducible-'));
after(() => rmSync(dir, { recursive: true }));

const hashes = (deb) => readdirSync(deb).filter((file) => file.includes(`_${VERSION}_`) && file.endsWith('.deb')).sort()
	.map((file) => `${file} ${createHash('sha256').update(readFileSync(join(deb, file))).digest('hex')}`);

test('the same sources make the same bytes', () => {
	const copy = join(dir, 'somewhere/else/altogether');
	mkdirSync(copy, { recursive: true });
	const words = SOURCES.map((name) => join(root, name)).join(' ');
	const done = spawnSync('sh', ['-euc', `umask 077; cp -r ${words} ${copy}; find ${copy} -exec touch -h -d 2019-07-04 {} +; cd ${copy}; sh admin/deb.sh`],
		{ encoding: 'utf8', env: { PATH: process.env.PATH, BUILD: 'out', VERSION, TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', CFLAGS: '-O0', MAKEFLAGS: '-j3' } });
	assert.equal(done.status, 0, done.stderr);
	const made = hashes(join(copy, 'out/deb'));
	assert.equal(made.length, 2); // the package, and that of its debugging symbols
	assert.deepEqual(made, hashes(join(buildDir, 'deb')));
});

test('lintian has nothing to say', () => {
	const [changes] = readdirSync(join(buildDir, 'deb')).filter((file) => file.includes(`_${VERSION}_`) && file.endsWith('.changes'));
	const done = spawnSync('lintian', ['--allow-root', '--fail-on', 'error,warning', join(buildDir, 'deb', changes)], { encoding: 'utf8' });
	assert.equal(done.status, 0, done.stdout + done.stderr);
	assert.equal(done.stdout, '');
});
