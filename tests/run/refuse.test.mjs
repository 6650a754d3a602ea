// What `make run` does not start with, and what it says then.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildDir, freePort, root, startInstance } from '../lib/instance.mjs';

let dir;
let port;

before(async () => {
	dir = mkdtempSync(join(tmpdir(), 'unio-'));
	port = await freePort();
});

after(() => rmSync(dir, { recursive: true, force: true }));

/** Runs it with this environment; it must fail soon and say so in words that match; returns them. */
function refuses(env, words) {
	const { status, stdout, stderr } = spawnSync(join(root, 'admin/run.sh'), {
		cwd: root, encoding: 'utf8', timeout: 30_000,
		env: { ...process.env, BUILD: buildDir, PORT: String(port), VAR: join(dir, 'var'), CONF: '', ...env },
	});
	assert.match(stderr, words);
	assert.equal(status, 1, stdout);
	assert.doesNotMatch(stdout, /^ready:/m);
	return stderr;
}

function confFile(text) {
	const path = join(dir, 'conf');
	writeFileSync(path, text);
	return path;
}

test('a VAR whose socket paths would be too long is refused with the limit', () => {
	refuses({ VAR: join(dir, 'x'.repeat(100)) }, /VAR=.* is too long: .*at most 107/);
});

test('the longest VAR that is allowed is one byte shorter', async () => {
	const room = 107 - '/run/wake.sock'.length;
	refuses({ VAR: join(dir, 'x'.repeat(room - dir.length)) }, /is too long/);
	const longest = join(dir, 'x'.repeat(room - dir.length - 1));
	const server = createServer().listen(port, '127.0.0.1').unref();
	await once(server, 'listening');
	refuses({ VAR: longest }, /is in use/); // it came as far as the port
	server.close();
});

test('a port that is in use is refused', async () => {
	const server = createServer().listen(0, '127.0.0.1').unref();
	await once(server, 'listening');
	refuses({ PORT: String(server.address().port) }, new RegExp(`127\\.0\\.0\\.1:${server.address().port} is in use`));
	server.close();
});

test('where the port is in use no VAR is made', async () => {
	const server = createServer().listen(0, '127.0.0.1').unref();
	await once(server, 'listening');
	const VAR = join(dir, 'not-made');
	refuses({ PORT: String(server.address().port), VAR }, /is in use; another port: make run PORT=8001/);
	assert.ok(!existsSync(VAR));
	server.close();
});

test('a VAR that another instance works in is refused, with the way out', async () => {
	const inst = await startInstance();
	refuses({ VAR: inst.varDir }, /VAR=.* is in use by another instance; for a second one: make run PORT=8001 VAR=/);
	refuses({ VAR: inst.varDir, PORT: String(inst.port) }, /VAR=.* is in use by another instance/);
	inst.assertAlive();
	await inst.stop();
});

test('a PORT that is none is refused', () => {
	for (const bad of ['http', '0', '65536', '80 80', '-1'])
		refuses({ PORT: bad }, /run\.sh: PORT=/);
});

test('a BIND that is no address is refused', () => {
	refuses({ BIND: 'nowhere' }, /nowhere/);
});

test('a front server, or a way to run the API, that is unknown is refused by name', () => {
	refuses({ WEB: 'iis' }, /WEB=iis/);
	refuses({ API: 'pipe' }, /API=pipe/);
});

test('a CONF that cannot be read is refused', () => {
	refuses({ CONF: join(dir, 'nothing') }, /CONF=.*nothing cannot be read/);
});

test('a CONF that is a directory is refused', () => {
	refuses({ CONF: dir }, /CONF=.* is a directory/);
});

test('a VAR that cannot be made is refused in one line', () => {
	const file = confFile('');
	const said = refuses({ VAR: join(file, 'var') }, /VAR=.* cannot be made: Not a directory/);
	assert.equal(said.trimEnd().split('\n').length, 1, said);
});

test('a mistake in CONF is said with its own file and line, and makes no VAR', () => {
	const VAR = join(dir, 'not-made');
	const path = confFile('# mine\nno_such_key = 1\n');
	assert.ok(refuses({ CONF: path, VAR }, /no_such_key/).includes(`${path}:2: `));
	assert.ok(!existsSync(VAR));
});

test('an unknown key in CONF is refused by name', () => {
	refuses({ CONF: confFile('no_such_key = 1\n') }, /no_such_key/);
});

test('a bad value in CONF is refused by name', () => {
	refuses({ CONF: confFile('ping_interval = soon\n') }, /ping_interval/);
});

test('programs that have not been built are refused', () => {
	const empty = join(dir, 'empty');
	mkdirSync(empty);
	refuses({ BUILD: empty }, /missing: run make first/);
});

