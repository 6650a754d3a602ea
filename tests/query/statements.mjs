// Every SQL text of the programs, taken from the preprocessed sources, and SQLite's plan for it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');

/** Programs, and what they share; unioctl has no SQL of its own. */
const FOLDERS = ['shared', 'fcgi-api', 'ws-daemon', 'hook-daemon', 'admin'];

const STATEMENT = /^\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH)\s/;
const LITERALS = /"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*/g;

function sources() {
	return FOLDERS.flatMap((folder) => {
		try {
			return readdirSync(join(root, folder)).filter((name) => name.endsWith('.c')).map((name) => `${folder}/${name}`);
		} catch {
			return []; // a tree without that program
		}
	}).filter((file) => /"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH)\s/.test(readFileSync(join(root, file), 'utf8')));
}

/** The string literals of a source, as the compiler joins them. */
function literals(file) {
	const text = execFileSync(process.env.CC ?? 'cc', ['-E', '-P', '-std=c11', '-D_GNU_SOURCE', '-iquote', 'shared', file],
		{ cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
	return (text.match(LITERALS) ?? []).map((joined) => joined.replace(/"\s*"/g, '').slice(1, -1).replace(/\\(.)/g, '$1'));
}

/** @returns {{file: string, sql: string, plan: string[]}[]} */
export function statements() {
	const all = sources().flatMap((file) => [...new Set(literals(file).filter((sql) => STATEMENT.test(sql)))].map((sql) => ({ file, sql })));
	const dir = mkdtempSync(join(tmpdir(), 'unio-query-'));
	try {
		const schema = readdirSync(join(root, 'schema')).filter((name) => name.endsWith('.sql')).sort()
			.map((name) => readFileSync(join(root, 'schema', name), 'utf8'));
		const asked = all.map(({ sql }, n) => `.print "statement ${n}"\nEXPLAIN QUERY PLAN ${sql};`);
		const said = execFileSync('sqlite3', ['-bail', '-batch', join(dir, 'empty.db')], { input: [...schema, ...asked].join('\n'), encoding: 'utf8' });
		const plans = said.split(/^statement \d+\n/m).slice(1);
		return all.map((statement, n) => ({ ...statement, plan: plans[n].split('\n').slice(1).map((line) => line.replace(/^[ |`-]+/, '')).filter(Boolean) }));
	} finally {
		rmSync(dir, { recursive: true });
	}
}
