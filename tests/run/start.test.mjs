// What `make run` gives: an instance that is ready, says so, keeps its data and takes its configuration.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { login } from '../lib/api.mjs';
import { isAlive, startInstance } from '../lib/instance.mjs';

let inst;

before(async () => { inst = await startInstance(); });
afterEach(() => inst.assertAlive());
after(() => inst?.stop());

test('the last line names the address, after the demo logins', () => {
	assert.match(inst.terminal, /admin@unio\.app +admin123/);
	assert.match(inst.terminal, /user@unio\.app +user123/);
	assert.match(inst.terminal, /guest@unio\.app +guest123/);
	assert.equal(inst.terminal.trimEnd().split('\n').at(-1), `ready: ${inst.origin}/`);
});

test('ready means ready', async () => {
	const reply = await fetch(`${inst.origin}/api/health/ready`);
	assert.equal(reply.status, 200);
});

test('the demo logins work', async () => {
	for (const who of ['admin', 'user', 'guest'])
		assert.ok((await login(inst, who)).access);
});

test('the pid files name live processes', () => {
	for (const name of ['api', 'signald', 'web'])
		assert.ok(isAlive(inst.pid(name)), name);
});

test('the page is served at /', async () => {
	const reply = await fetch(`${inst.origin}/`);
	assert.equal(reply.status, 200);
	assert.match(reply.headers.get('content-type'), /^text\/html/);
});

test('the token secret is for its owner alone', () => {
	assert.equal(statSync(join(inst.varDir, 'secret.key')).mode & 0o777, 0o600);
});

test('the sockets are not for everybody', () => {
	for (const name of ['api.sock', 'ws.sock', 'ctl.sock'])
		assert.equal(statSync(join(inst.varDir, 'run', name)).mode & 0o007, 0, name);
});

test('two more instances run beside it, each with its own data', async () => {
	const others = await Promise.all([startInstance(), startInstance()]);
	for (const [index, other] of others.entries()) {
		const name = `Only here ${index}`;
		other.sql(`UPDATE meeting SET title = '${name}' WHERE id = 1`);
		assert.equal((await fetch(`${other.origin}/api/health/ready`)).status, 200);
		assert.equal(inst.sql('SELECT title FROM meeting WHERE id = 1')[0].title, 'Demo meeting');
	}
	await Promise.all(others.map((other) => other.stop()));
	assert.equal((await fetch(`${inst.origin}/api/health/ready`)).status, 200);
});

test('a second start in the same VAR keeps the data and the secret', async () => {
	const other = await startInstance();
	const secret = readFileSync(join(other.varDir, 'secret.key'));
	other.sql("UPDATE meeting SET title = 'Kept' WHERE id = 1");
	await other.stop({ keep: true });
	await other.start();
	assert.deepEqual(other.sql('SELECT title FROM meeting'), [{ title: 'Kept' }]);
	assert.equal(other.sql('SELECT count(*) AS n FROM account')[0].n, 3);
	assert.deepEqual(readFileSync(join(other.varDir, 'secret.key')), secret);
	await other.stop();
});

test('a key in CONF overrides the development configuration', async () => {
	const other = await startInstance({ conf: { base_path: '/unio', drain_timeout: '1s' } });
	assert.equal((await fetch(`${other.origin}/unio/api/health/ready`)).status, 200);
	assert.notEqual((await fetch(`${other.origin}/api/health/ready`)).status, 200);
	const written = readFileSync(other.confPath, 'utf8');
	assert.equal(written.match(/^drain_timeout/gm).length, 1);
	assert.match(written, /^drain_timeout = 1s$/m);
	await other.stop();
});
