// docs/HOSTING.md names what is there: doctor's words, recipes, files, sections. (Its commands are run by tests/readme/hosting.sh.)
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../lib/instance.mjs';
import { recipes } from '../recipes/support.mjs';

const page = readFileSync(join(root, 'docs/HOSTING.md'), 'utf8');
const names = readdirSync(recipes).filter((name) => name.endsWith('.sh') && name !== 'lib.sh');

/** What unioctl doctor can say, `…` for what differs. */
function doctorWords() {
	const admin = join(root, 'admin');
	return readdirSync(admin).filter((name) => /^doctor.*\.c$/.test(name)).map((name) => readFileSync(join(admin, name), 'utf8')).join('')
		.replaceAll(/"\s*(PRId64|UNIO_VERSION)\b/g, (_, macro) => (macro === 'PRId64' ? 'd"' : '…"'))
		.replaceAll(/"\s+"/g, '')
		.replaceAll(/%[.*\d]*l*[a-z]/g, '…');
}

test('what it quotes from unioctl doctor is what doctor says', () => {
	const words = doctorWords();
	const rows = page.split('## Troubleshooting')[1].match(/^\| .*$/gm).map((row) => row.split('|')[2].trim());
	const quotes = rows.filter((cell) => /^`.*`$/.test(cell)).map((cell) => cell.slice(1, -1));
	assert.ok(quotes.length >= 12);
	assert.deepEqual(quotes.filter((quote) => !words.includes(quote)), []);
});

test('its recipes are those of admin/recipes', () => {
	const rows = page.split('### Recipes')[1].split('###')[0].match(/(?<=^\| `)[\w-]+\.sh/gm);
	assert.deepEqual(rows.sort(), names.sort());
});

for (const name of names)
	test(`${name} -h explains it, and what it does not know it refuses`, () => {
		const asked = spawnSync(join(recipes, name), ['-h'], { encoding: 'utf8' });
		assert.equal(asked.status, 0, asked.stderr);
		assert.match(asked.stdout, new RegExp(`^\t${name.replace('.', '\\.')} `, 'm'));
		assert.doesNotMatch(asked.stdout, /set -eu|^#/m);
		const wrong = spawnSync(join(recipes, name), ['-z'], { encoding: 'utf8' });
		assert.equal(wrong.status, 2);
		assert.equal(wrong.stdout, '');
	});

test('the files that it names are there', () => {
	for (const [, name] of page.matchAll(/\/etc\/unio\/([\w-]+\.conf)/g))
		assert.ok(name === 'NAME.conf' || name.endsWith('-daemons.conf') || existsSync(join(root, 'etc', name)), name);
	for (const [, name] of page.matchAll(/sites\/([\w-]+\.conf)/g))
		assert.ok(existsSync(join(root, 'etc', name)), name);
	for (const [, path] of page.matchAll(/\]\(([^)#]+)\)/g))
		assert.ok(existsSync(join(root, 'docs', path)), path);
});

test('every link within the page leads somewhere', () => {
	const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(/[.,]/g, '').replaceAll(' ', '-'));
	assert.deepEqual([...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor).filter((anchor) => !anchors.includes(anchor)), []);
});
