// The man pages say what the programs do: every key with its default, every command, every option; and they are well made.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';

const docs = join(root, 'docs');
const pages = readdirSync(docs).filter((name) => /\.[1-9]$/.test(name));

test('mandoc finds nothing to say about any page', () => {
	const { status, stdout, stderr } = spawnSync('mandoc', ['-Tlint', ...pages], { cwd: docs, encoding: 'utf8' });
	assert.equal(stdout + stderr, '');
	assert.equal(status, 0);
});

test('no line of a page is longer than 80 columns', () => {
	for (const name of pages)
		assert.deepEqual(readFileSync(join(docs, name), 'utf8').split('\n').filter((line) => line.length > 80), [], name);
});

test('unio.conf(5) has every key with its default, and no other', async () => {
	const { stdout } = await runProgram('unioctl', ['-c', '/dev/null', '-nn']);
	const effective = new Map([...stdout.matchAll(/^(\w+) = ?(.*)$/gm)].map(([, key, value]) => [key, value]));
	const documented = keysOf(readFileSync(join(docs, 'unio.conf.5'), 'utf8'));
	assert.deepEqual([...documented.keys()].sort(), [...effective.keys()].sort());
	for (const [key, value] of documented)
		assert.equal(seconds(value), seconds(effective.get(key)), key);
});

test('unioctl(8) has every command with its arguments', async () => {
	const { stdout } = await runProgram('unioctl', ['help']);
	const commands = [...stdout.matchAll(/^ {2}([a-z].*)$/gm)].map(([, line]) => line);
	assert.ok(commands.length >= 14, stdout);
	const page = rendered('unioctl.8');
	for (const command of commands)
		assert.ok(page.includes(command.toLowerCase()), command);
});

for (const program of ['unio-api', 'unio-signald', 'unio-hookd', 'unioctl'])
	test(`${program}(8) has every option that ${program} -h names`, async () => {
		const { stdout } = await runProgram(program, ['-h']);
		const page = readFileSync(join(docs, `${program}.8`), 'utf8');
		for (const [, option] of stdout.matchAll(/(?<![\w-])-([a-zA-Z])\b/g))
			assert.match(page, new RegExp(`^\\.It Fl ${option}\\b`, 'm'), `-${option}`);
	});

/** Key and default of each `.It Ic key Pq [macro] default`. */
function keysOf(page) {
	const items = [...page.matchAll(/^\.It (Ic .*)$/gm)].map(([, line]) => line);
	return new Map(items.map((item) => {
		const [, key, value] = /^Ic (\w+) Pq (?:(?:Pa|Cm|Qq) ?)?(.*)$/.exec(item) ?? assert.fail(item);
		return [key, value];
	}));
}

/** The page as plain text in one line of small letters. */
function rendered(name) {
	const { stdout } = spawnSync('mandoc', ['-Tascii', '-Owidth=500', join(docs, name)], { encoding: 'utf8' });
	return stdout.replaceAll(/.\x08/g, '').replaceAll(/\s+/g, ' ').replaceAll(' ...', '...').toLowerCase();
}

/** 3600, 60m and 1h are the same. */
function seconds(value) {
	const [, number, unit] = /^(\d+)(ms|s|m|h|d)?$/.exec(value) ?? [];
	return number ? number * { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 }[unit ?? 's'] : value;
}
