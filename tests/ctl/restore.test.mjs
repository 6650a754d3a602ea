// unioctl(8): restore puts a backup in the database's place, whole or not at all, and never under a running program.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { assertDone, assertRefused, exitCode } from '../lib/ctl.mjs';
import { startInstance } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';

const dir = mkdtempSync(join(tmpdir(), 'unio-restore-'));
after(() => rmSync(dir, { recursive: true, force: true }));
let sites = 0;

/** A database with the account before@example.org, a copy of it, and, made after the copy, later@example.org. */
async function newSite() {
	const home = join(dir, String(++sites));
	writeFileSync(`${home}.conf`, `database = ${home}.db\nsecret_file = ${home}.key\n`
		+ `wake_endpoint = ipc://${home}.wake\npassword_passes = 1\npassword_memory = 8192\n`);
	const ctl = (...args) => runProgram('unioctl', ['-c', `${home}.conf`, ...args], { input: 'long enough\n' });
	const site = { ctl, database: `${home}.db`, copy: `${home}.copy` };
	assertDone(await ctl('migrate'));
	assertDone(await ctl('user', 'add', 'before@example.org', '--name', 'N'));
	assertDone(await ctl('backup', site.copy));
	assertDone(await ctl('user', 'add', 'later@example.org', '--name', 'N'));
	return site;
}

function sql(file, query) {
	const { status, stdout, stderr } = spawnSync('sqlite3', [file, query], { encoding: 'utf8' });
	assert.equal(status, 0, stderr);
	return stdout.trim();
}

const accounts = (file) => sql(file, 'SELECT email FROM account ORDER BY id');
const epoch = (file) => sql(file, "SELECT value FROM meta WHERE name = 'epoch'");

test('restore brings back what the copy holds, as a history of its own, and keeps the old database', async () => {
	const site = await newSite();
	chmodSync(site.database, 0o640);
	assert.match(assertDone(await site.ctl('restore', site.copy)), /restored from .*\n.*\.replaced$/m);
	assert.equal(accounts(site.database), 'before@example.org');
	assert.equal(accounts(`${site.database}.replaced`), 'before@example.org\nlater@example.org');
	assert.notEqual(epoch(site.database), epoch(site.copy));
	assert.match(epoch(site.database), /^[0-9a-f]{16}$/);
	assert.equal(statSync(site.database).mode & 0o777, 0o640);
	assertDone(await site.ctl('check'));
	assertDone(await site.ctl('restore', site.copy));
});

test('it is refused while a program has the database open', async () => {
	const site = await newSite();
	const holder = spawn('sqlite3', [site.database], { stdio: ['pipe', 'pipe', 'inherit'] });
	holder.stdin.write('SELECT count(*) FROM account;\n');
	await once(holder.stdout, 'data');
	assert.match(assertRefused(await site.ctl('restore', site.copy), exitCode.busy), /stop unio-api, unio-signald and unio-hookd first/);
	assert.equal(accounts(site.database), 'before@example.org\nlater@example.org');
	holder.stdin.end();
	await once(holder, 'close');
	assertDone(await site.ctl('restore', site.copy));
});

test('it is refused under a running instance, which goes on', async () => {
	const inst = await startInstance();
	const copy = join(dir, 'running.copy');
	assertDone(await inst.ctl(['backup', copy]));
	assertRefused(await inst.ctl(['restore', copy]), exitCode.busy);
	assert.equal((await fetch(`${inst.origin}/api/health/ready`)).status, 200);
	inst.assertAlive();
	await inst.stop();
});

test('what is no database of Unio is refused, and nothing is changed', async () => {
	const site = await newSite();
	const before = readFileSync(site.database);
	const files = { text: join(dir, 'text'), empty: join(dir, 'empty'), foreign: join(dir, 'foreign') };
	writeFileSync(files.text, 'no database\n'.repeat(1000));
	writeFileSync(files.empty, '');
	sql(files.foreign, 'CREATE TABLE t (x)');
	for (const file of Object.values(files)) {
		assertRefused(await site.ctl('restore', file), exitCode.failed);
		assert.ok(before.equals(readFileSync(site.database)), file);
		assert.ok(!existsSync(`${site.database}.partial`));
	}
	assertRefused(await site.ctl('restore', join(dir, 'nowhere')), exitCode.notFound);
});

test('a copy of a newer version is refused', async () => {
	const site = await newSite();
	sql(site.copy, 'PRAGMA user_version = 1000');
	assert.match(assertRefused(await site.ctl('restore', site.copy), exitCode.failed), /newer version/);
	assert.equal(accounts(site.database), 'before@example.org\nlater@example.org');
});

test('it works where the database is damaged, or gone', async () => {
	const site = await newSite();
	writeFileSync(site.database, 'x'.repeat(8192));
	assertDone(await site.ctl('restore', site.copy));
	assert.equal(accounts(site.database), 'before@example.org');
	rmSync(site.database);
	assert.doesNotMatch(assertDone(await site.ctl('restore', site.copy)), /replaced/);
	assert.equal(accounts(site.database), 'before@example.org');
});
