// The schema and the secret: migrations are applied once; a database newer than the program, or a secret too short, stops
// every program at its start, with a word on standard error, and is left alone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { assertDone } from '../lib/ctl.mjs';
import { runProgram } from '../lib/programs.mjs';

const dir = mkdtempSync(path.join(tmpdir(), 'unio-start-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** A directory with a configuration of its own, and what runs on it. */
function site(name) {
	const home = path.join(dir, name);
	const conf = `${home}.conf`;
	const database = `${home}.db`;
	writeFileSync(
		conf,
		[
			`database = ${database}`,
			`secret_file = ${home}.key`,
			`api_socket = ${home}.api`,
			`ws_socket = ${home}.ws`,
			`control_socket = ${home}.ctl`,
			`wake_endpoint = ipc://${home}.wake`,
			'log_target = stderr',
			'',
		].join('\n'),
	);
	const run = (program, ...args) => runProgram(program, ['-c', conf, ...args], { deadline: 10_000 });
	const sql = (query) => {
		const { status, stdout, stderr } = spawnSync('sqlite3', ['-cmd', '.timeout 5000', database, query], {
			encoding: 'utf8',
		});
		assert.equal(status, 0, stderr);
		return stdout.trim();
	};
	return { conf, database, run, sql };
}

test('migrate makes the database, and again changes nothing', async () => {
	const { run, sql, database } = site('fresh');
	assertDone(await run('unioctl', 'migrate'));
	assert.ok(existsSync(database));
	const version = Number(sql('PRAGMA user_version'));
	assert.ok(version >= 1);
	const schema = sql('SELECT group_concat(sql, char(10)) FROM sqlite_schema');
	assertDone(await run('unioctl', 'migrate'));
	assert.equal(Number(sql('PRAGMA user_version')), version);
	assert.equal(sql('SELECT group_concat(sql, char(10)) FROM sqlite_schema'), schema);
});

test('ten first migrations at once make one good database', async () => {
	const { run, sql } = site('crowd');
	const runs = await Promise.all(Array.from({ length: 10 }, () => run('unioctl', 'migrate')));
	runs.forEach(assertDone);
	assert.equal(sql('PRAGMA integrity_check'), 'ok');
	assert.equal(sql('PRAGMA foreign_key_check'), '');
});

test('every table is strict, but for those that SQLite makes itself', async () => {
	const { run, sql } = site('strict');
	assertDone(await run('unioctl', 'migrate'));
	assert.equal(
		sql(
			"SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'",
		),
		'',
	);
});

const users = [
	['unioctl migrate', (s) => s.run('unioctl', 'migrate')],
	['unioctl user list', (s) => s.run('unioctl', 'user', 'list')],
	['unioctl demo', (s) => s.run('unioctl', 'demo')],
	['unio-api', (s) => s.run('unio-api')],
	['unio-signald', (s) => s.run('unio-signald')],
	['unio-hookd', (s) => s.run('unio-hookd')],
];
for (const [what, start] of users)
	test(`${what} refuses a database that is newer than the program and leaves it alone`, async () => {
		const one = site(what.replaceAll(' ', '-'));
		assertDone(await one.run('unioctl', 'migrate'));
		one.sql('PRAGMA user_version = 9999');
		const { code, stdout, stderr } = await start(one);
		assert.ok(Number.isInteger(code) && code !== 0, `it ended by itself with a failure, not ${code}`);
		assert.match(stderr, /newer/i);
		assert.equal(stdout, '');
		assert.equal(one.sql('PRAGMA user_version'), '9999');
	});

test('a file that is no database is refused and left alone', async () => {
	const one = site('rubbish');
	writeFileSync(one.database, 'This is not a database, it is a letter to a friend.\n'.repeat(100));
	const { code, stderr } = await one.run('unioctl', 'migrate');
	assert.notEqual(code, 0);
	assert.match(stderr, /\S/);
});

for (const program of ['unioctl', 'unio-api', 'unio-signald'])
	test(`${program} refuses a token secret of 31 bytes`, async () => {
		const one = site(`secret-${program}`);
		assertDone(await one.run('unioctl', 'migrate'));
		assertDone(await one.run('unioctl', 'demo'));
		writeFileSync(one.conf.replace(/conf$/, 'key'), 's'.repeat(31), { mode: 0o600 });
		const args = program === 'unioctl' ? ['token', 'admin@unio.app'] : [];
		const { code, stdout, stderr } = await one.run(program, ...args);
		assert.ok(Number.isInteger(code) && code !== 0, `it ended by itself with a failure, not ${code}`);
		assert.match(stderr, /\.key/);
		assert.equal(stdout, '');
	});
