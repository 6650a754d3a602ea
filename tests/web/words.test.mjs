// All that the page says stands in one file, and nothing in that file is said nowhere.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { words } from '../../web/app/words.js';

const app = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../web/app');
const modules = readdirSync(app).filter((name) => name !== 'words.js').map((name) => [name, readFileSync(join(app, name), 'utf8')]);

test('every word is used', () => {
	const unused = Object.keys(words).filter((name) => !modules.some(([, text]) => new RegExp(`\\bwords\\.${name}\\b`).test(text)));
	assert.deepEqual(unused, []);
});

test('no other module says anything to people', () => {
	for (const [name, text] of modules) {
		const code = text.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '').replace(/^import .*$/gm, '').replace(/^\t'[\w-]+': '[MmLlHhVvCcSsAaZz0-9 .-]+',$/gm, '');
		const sentences = [...code.matchAll(/(['"`])([A-Z][a-z]+(?: [^'"`]*)?)\1/g)].map(([, , sentence]) => sentence)
			.filter((sentence) => sentence.includes(' '));
		assert.deepEqual(sentences.filter((sentence) => !/^Bearer /.test(sentence)), [], name);
	}
});
