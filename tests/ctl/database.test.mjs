// unioctl(8): demo, backup, check and what is locked or not there; on databases of their own, without an instance.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { assertDone, assertRefused, exitCode } from '../lib/ctl.mjs';
import { runProgram } from '../lib/programs.mjs';

const dir = mkdtempSync(join(tmpdir(), 'unio-ctl-'));
after(() => rmSync(dir, { recursive: true, force: true }));
let sites = 0;

/** A configuration with a migrated database, and what runs on it. */
async function newSite(conf = {}) {
	const home = join(dir, String(++sites));
	const keys = {
		database: `${home}.db`, secret_file: `${home}.key`, control_socket: `${home}.ctl`,
		wake_endpoint: `ipc://${home}.wake`, password_passes: 1, password_memory: 8192, ...conf,
	};
	writeFileSync(`${home}.conf`, Object.entries(keys).map(([key, value]) => `${key} = ${value}\n`).join(''));
	const ctl = (args, options) => runProgram('unioctl', ['-c', `${home}.conf`, ...args], options);
	assertDone(await ctl(['migrate']));
	return { ctl, home, database: keys.database, sql: (query, file = keys.database) => sql(file, query) };
}

function sql(file, query) {
	const { status, stdout, stderr } = spawnSync('sqlite3', [file, query], { encoding: 'utf8' });
	assert.equal(status, 0, stderr);
	return stdout.trim();
}

const addUser = (site, email) => site.ctl(['user', 'add', email, '--name', 'N'], { input: 'long enough\n' });

test('demo makes the accounts 1, 2 and 3 and meeting 1 in an empty database', async () => {
	const site = await newSite();
	assert.equal(JSON.parse(assertDone(await site.ctl(['demo', '--json']))).made, true);
	assert.equal(site.sql('SELECT id, email, full_name, is_admin FROM account'),
		'1|admin@unio.app|Admin User|1\n2|user@unio.app|Regular User|0\n3|guest@unio.app|Guest User|0');
	assert.equal(site.sql('SELECT id, title, host_id FROM meeting'), '1|Demo meeting|1');
	assert.equal(site.sql('SELECT user_id, role FROM member'), '1|host\n2|participant');
});

test('demo brings nothing back that was changed or deleted since', async () => {
	const site = await newSite();
	assertDone(await site.ctl(['demo']));
	assertDone(await site.ctl(['user', 'passwd', 'user@unio.app'], { input: 'another password\n' }));
	site.sql('PRAGMA foreign_keys = ON; DELETE FROM meeting');
	const before = site.sql('SELECT * FROM account');
	assert.equal(JSON.parse(assertDone(await site.ctl(['demo', '--json']))).made, false);
	assert.equal(site.sql('SELECT * FROM account'), before);
	assert.equal(site.sql('SELECT count(*) FROM meeting'), '0');
});

test('demo leaves an erased account erased, also when its address is somebody else\'s by now', async () => {
	const site = await newSite();
	assertDone(await site.ctl(['demo']));
	assertDone(await site.ctl(['user', 'erase', 'guest@unio.app']));
	const before = site.sql('SELECT * FROM account');
	const { made, users } = JSON.parse(assertDone(await site.ctl(['demo', '--json'])));
	assert.deepEqual([made, users.map(({ id }) => id)], [false, [1, 2]]);
	assert.match(assertDone(await site.ctl(['demo'])), /^guest@unio\.app was erased, and stays so$/m);
	assert.equal(site.sql('SELECT * FROM account'), before);
	assertDone(await addUser(site, 'guest@unio.app'));
	assertDone(await site.ctl(['demo']));
});

test('demo refuses a database with other accounts and changes nothing', async () => {
	const site = await newSite();
	assertDone(await addUser(site, 'first@example.org'));
	assertRefused(await site.ctl(['demo']), exitCode.conflict);
	assert.equal(site.sql('SELECT count(*) FROM account'), '1');
	assert.equal(site.sql('SELECT count(*) FROM meeting'), '0');
});

test('demo refuses a database whose first ids were used before', async () => {
	const site = await newSite();
	assertDone(await addUser(site, 'first@example.org'));
	site.sql('DELETE FROM account');
	assertRefused(await site.ctl(['demo']), exitCode.conflict);
	assert.equal(site.sql('SELECT count(*) FROM account'), '0');
});

test('enable lets a disabled user in again, without the login sessions of before', async () => {
	const site = await newSite();
	assertDone(await addUser(site, 'a@example.org'));
	assertDone(await site.ctl(['token', 'a@example.org']));
	assert.notEqual(JSON.parse(assertDone(await site.ctl(['user', 'disable', 'a@example.org', '--json']))).disabled_at, null);
	assert.equal(JSON.parse(assertDone(await site.ctl(['user', 'enable', 'a@example.org', '--json']))).disabled_at, null);
	assert.equal(site.sql('SELECT count(*) FROM login WHERE revoked_at IS NULL'), '0');
	assertDone(await site.ctl(['token', 'a@example.org']));
	assertDone(await site.ctl(['user', 'enable', 'a@example.org']));
});

test('disable and passwd leave the events that end what is under way, in the same transaction', async () => {
	const site = await newSite();
	assertDone(await addUser(site, 'a@example.org'));
	assertDone(await site.ctl(['token', 'a@example.org']));
	assertDone(await site.ctl(['token', 'a@example.org']));
	assertDone(await site.ctl(['user', 'passwd', 'a@example.org'], { input: 'another password\n' }));
	assertDone(await site.ctl(['user', 'disable', 'a@example.org']));
	assertDone(await site.ctl(['user', 'disable', 'a@example.org']));
	assert.equal(site.sql('SELECT type, user_id, login_id FROM event ORDER BY id'),
		'login_revoked|1|1\nlogin_revoked|1|2\nuser_disabled|1|');
});

test('backup writes a whole database, and never over a file', async () => {
	const site = await newSite();
	assertDone(await site.ctl(['demo']));
	const copy = `${site.home}.copy`;
	const answer = JSON.parse(assertDone(await site.ctl(['backup', copy, '--json'])));
	assert.equal(answer.file, copy);
	assert.equal(site.sql('PRAGMA integrity_check; SELECT count(*) FROM account', copy), 'ok\n3');
	const before = readFileSync(copy);
	assertRefused(await site.ctl(['backup', copy]), exitCode.conflict);
	assert.ok(before.equals(readFileSync(copy)));
	assertRefused(await site.ctl(['backup', join(dir, 'no', 'such', 'place')]), exitCode.failed);
});

test('check finds nothing wrong with a good installation, with and without a secret', async () => {
	const site = await newSite();
	assert.equal(statSync(`${site.home}.key`).mode & 0o777, 0o600);
	rmSync(`${site.home}.key`);
	assert.match(assertDone(await site.ctl(['check'])), /^token_secret: made at the first start$/m);
	assertDone(await addUser(site, 'a@example.org'));
	assertDone(await site.ctl(['token', 'a@example.org']));
	assert.equal(assertDone(await site.ctl(['check'])), 'configuration: ok\ntoken_secret: ok\ndatabase: ok\n');
	assert.equal(JSON.parse(assertDone(await site.ctl(['check', '--json']))).database, 'ok');
});

test('check finds a row that refers to nothing', async () => {
	const site = await newSite();
	site.sql("INSERT INTO member VALUES (7, 8, 'participant', 0)");
	assertRefused(await site.ctl(['check']), exitCode.failed);
});

test('check and token refuse a secret that is too short or that others can read', async () => {
	const site = await newSite();
	assertDone(await addUser(site, 'a@example.org'));
	for (const [secret, mode] of [['short', 0o600], ['s'.repeat(40), 0o644]]) {
		rmSync(`${site.home}.key`, { force: true });
		writeFileSync(`${site.home}.key`, secret, { mode });
		assertRefused(await site.ctl(['check']), exitCode.failed);
		assertRefused(await site.ctl(['token', 'a@example.org']), exitCode.failed);
	}
	assert.equal(site.sql('SELECT count(*) FROM login'), '0');
});

test('a database that stays locked is said to be busy, with an exit code of its own', async () => {
	const site = await newSite({ database_busy_timeout: '200ms' });
	const holder = spawn('sqlite3', [site.database], { stdio: ['pipe', 'pipe', 'inherit'] });
	holder.stdin.write("BEGIN IMMEDIATE;\nSELECT 'held';\n");
	await once(holder.stdout, 'data');
	assertRefused(await addUser(site, 'a@example.org'), exitCode.busy);
	assertDone(await site.ctl(['user', 'list']));
	holder.stdin.end('ROLLBACK;\n');
	await once(holder, 'close');
	assertDone(await addUser(site, 'a@example.org'));
});

test('without the database only migrate makes one', async () => {
	const site = await newSite();
	rmSync(site.database);
	for (const args of [['user', 'list'], ['demo'], ['check'], ['backup', `${site.home}.copy`], ['meeting', 'list']])
		assertRefused(await site.ctl(args), exitCode.failed);
	assert.ok(!existsSync(site.database));
});

test('room list without the daemon says so, with an exit code of its own', async () => {
	const site = await newSite();
	assertRefused(await site.ctl(['room', 'list']), exitCode.busy);
});

test('with -q nothing is said but what was asked for', async () => {
	const site = await newSite();
	assert.equal(assertDone(await site.ctl(['-q', 'demo'])), '');
	assert.equal(assertDone(await site.ctl(['-q', 'user', 'disable', 'guest@unio.app'])), '');
	assert.notEqual(assertDone(await site.ctl(['-q', 'user', 'list'])), '');
	assert.notEqual(assertDone(await site.ctl(['-q', 'token', 'user@unio.app'])), '');
});

test('what a name holds cannot steer a terminal', async () => {
	const site = await newSite();
	const evil = '\u001b[2Jgone';
	assertRefused(await site.ctl(['user', 'add', 'a@example.org', '--name', evil], { input: 'long enough\n' }), exitCode.usage);
	assertDone(await addUser(site, 'a@example.org'));
	site.sql(`UPDATE account SET full_name = char(27) || '[2J'`);
	assert.ok(!assertDone(await site.ctl(['user', 'list'])).includes('\u001b'));
});

test('help explains each command and needs no configuration', async () => {
	const help = (...words) => runProgram('unioctl', ['-c', '/nowhere', 'help', ...words]);
	assert.match(assertDone(await help()), /^ {2}migrate$/m);
	assert.match(assertDone(await help('user', 'add')), /user add EMAIL --name NAME \[--admin\]/);
	assert.match(assertDone(await runProgram('unioctl', ['token', '-h'])), /token EMAIL/);
	assertRefused(await help('nonsense'), exitCode.notFound);
});
