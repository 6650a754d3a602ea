// The seeds of the fuzz targets (tests/fuzz/*.c), and the inputs of what they have found: each is read once.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';

import { buildDir, root } from '../lib/instance.mjs';

const here = join(root, 'tests/fuzz');
const targets = readdirSync(here)
	.filter((name) => name.endsWith('.c') && name !== 'replay.c')
	.map((name) => basename(name, '.c'));

test('every folder of seeds belongs to a target', () => {
	assert.deepEqual(readdirSync(join(here, 'corpus')).sort(), targets.sort());
});

for (const target of targets)
	test(`${target}: what must hold of its inputs holds of each seed`, () => {
		const dir = join(here, 'corpus', target);
		const seeds = readdirSync(dir).sort().map((name) => join(dir, name));
		const { status, signal, stdout, stderr } = spawnSync(join(buildDir, 'tests', `replay_${target}`), seeds,
			{ encoding: 'utf8' });
		assert.equal(status, 0, `${signal} ${stderr}`);
		assert.equal(stdout.match(/^ok /gm).length, seeds.length);
		assert.ok(seeds.length > 3);
	});
