// `make clean-var` removes what `make run` has made, and nothing else.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root, startInstance } from '../lib/instance.mjs';

let dir;

before(() => { dir = mkdtempSync(join(tmpdir(), 'unio-')); });
after(() => rmSync(dir, { recursive: true, force: true }));

function cleanVar(VAR) {
	const { status, stdout, stderr } = spawnSync('make', ['--no-print-directory', 'clean-var'],
		{ cwd: root, encoding: 'utf8', env: { ...process.env, MAKEFLAGS: '', VAR } });
	return { done: status === 0, said: stdout + stderr };
}

test('it removes the directory of an instance that has ended', async () => {
	const inst = await startInstance();
	await inst.stop({ keep: true });
	assert.deepEqual(cleanVar(inst.varDir), { done: true, said: '' });
	assert.ok(!existsSync(inst.varDir));
	await inst.stop();
});

test('it leaves and names what others have put there', async () => {
	const inst = await startInstance();
	await inst.stop({ keep: true });
	writeFileSync(join(inst.varDir, 'copy.db'), 'the last good one');
	const { done, said } = cleanVar(inst.varDir);
	assert.ok(done, said);
	assert.match(said, /^copy\.db$/m);
	assert.deepEqual(readdirSync(inst.varDir), ['copy.db']);
	await inst.stop();
});

test('it refuses a directory under a running instance', async () => {
	const inst = await startInstance();
	const { done, said } = cleanVar(inst.varDir);
	assert.ok(!done);
	assert.match(said, /is in use/);
	assert.equal((await fetch(`${inst.origin}/api/health/ready`)).status, 200);
	inst.assertAlive();
	await inst.stop();
});

test('it refuses a directory that make run has not made', () => {
	const other = join(dir, 'other');
	mkdirSync(join(other, 'log'), { recursive: true });
	writeFileSync(join(other, 'log/precious'), '');
	for (const conf of [undefined, '', '# another configuration\n']) {
		if (conf !== undefined) writeFileSync(join(other, 'unio.conf'), conf);
		const { done, said } = cleanVar(other);
		assert.ok(!done, said);
		assert.match(said, /was not made by make run/);
	}
	assert.ok(existsSync(join(other, 'log/precious')));
});

test('where there is nothing it does nothing', () => {
	assert.deepEqual(cleanVar(join(dir, 'nowhere')), { done: true, said: '' });
});
