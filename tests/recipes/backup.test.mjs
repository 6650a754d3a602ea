// admin/recipes/backup.sh: copies that were tried out, and no more of them than asked for.
import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';

import { newSite, runRecipe } from './support.mjs';

test('a backup is a whole database that nobody else can read', async () => {
	const site = await newSite({ users: ['kim@example.org'] });
	const { code, stdout, stderr } = await runRecipe(site, 'backup', [site.dir]);
	assert.equal(code, 0, stderr);
	assert.match(stdout, /^backup: \S+ written, restored on trial and checked\n$/);
	const [name] = copies(site);
	assert.equal(statSync(join(site.dir, name)).mode & 0o77, 0);
	assert.match((await site.ctl(['restore', join(site.dir, name)])).stdout, /restored/);
	assert.match((await site.ctl(['user', 'list'])).stdout, /kim@example\.org/);
});

test('unioctl is taken from the PATH', async () => {
	const site = await newSite();
	const PATH = dirname(site.unioctl) + delimiter + process.env.PATH;
	const { code, stderr } = await runRecipe(site, 'backup', [site.dir], { env: { PATH, UNIOCTL: '' } });
	assert.equal(code, 0, stderr);
});

test('the oldest copies go, as many as are too many', async () => {
	const site = await newSite();
	for (const day of [1, 2, 3, 4])
		writeFileSync(join(site.dir, `unio-2026010${day}T031500Z.db`), '');
	const { code, stdout } = await runRecipe(site, 'backup', [site.dir, '3']);
	assert.equal(code, 0);
	assert.equal(stdout.match(/ removed$/gm).length, 2);
	assert.deepEqual(copies(site).map((name) => name.slice(5, 13)).slice(0, 2), ['20260103', '20260104']);
	assert.equal(copies(site).length, 3);
});

test('a database that is damaged makes no copy, and no older one goes', async () => {
	const site = await newSite();
	writeFileSync(join(site.dir, 'unio-20260101T031500Z.db'), '');
	writeFileSync(site.database, Buffer.alloc(8192, 'x'));
	const { code, stderr } = await runRecipe(site, 'backup', [site.dir, '1']);
	assert.notEqual(code, 0);
	assert.match(stderr, /\S/);
	assert.deepEqual(readdirSync(site.dir).filter((name) => name.startsWith('unio-')), ['unio-20260101T031500Z.db']);
});

test('a copy that the trial finds fault with is not kept', async () => {
	const site = await newSite();
	// Everything but the trial's check works.
	writeFileSync(join(site.dir, 'unioctl'), `#!/bin/sh\ncase "$*" in *check*) exit 1 ;; esac\nexec "${site.unioctl}" "$@"\n`, { mode: 0o755 });
	const { code, stderr } = await runRecipe(site, 'backup', [site.dir], { env: { UNIOCTL: join(site.dir, 'unioctl') } });
	assert.equal(code, 1);
	assert.match(stderr, /is damaged/);
	assert.deepEqual(copies(site), []);
});

for (const [what, args] of [['no directory', ['/no/such/directory']], ['KEEP 0', ['.', '0']], ['a KEEP that is no number', ['.', 'all']]])
	test(`${what} is refused`, async () => {
		const site = await newSite();
		const { code, stderr } = await runRecipe(site, 'backup', args.map((word) => (word === '.' ? site.dir : word)));
		assert.equal(code, 1);
		assert.match(stderr, /^backup\.sh: /);
		assert.deepEqual(copies(site), []);
	});

const copies = (site) => readdirSync(site.dir).filter((name) => /^unio-.*\.db$/.test(name)).sort();
