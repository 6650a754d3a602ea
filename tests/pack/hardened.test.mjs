// The programs as they were linked, whatever the flags said: readelf looks at them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildDir } from '../lib/instance.mjs';

const programs = ['unio-api', 'unio-signald', 'unio-hookd', 'unioctl', 'unio-supervise'];

/** A build for other purposes: no fortified calls, which sanitizers would not see through, or a program that valgrind starts. */
const flags = (() => {
	try {
		return readFileSync(join(buildDir, 'flags'), 'utf8');
	} catch {
		return '';
	}
})();
const watched = flags === '' || /-fsanitize=|--coverage/.test(flags);

function elf(program, ...options) {
	const { status, stdout, stderr } = spawnSync('readelf', ['-W', ...options, join(buildDir, program)],
		{ encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: 'C' } });
	assert.equal(status, 0, stderr);
	return stdout;
}

/** What the C library's own start brings into every program, however that was compiled: two on Debian 12. */
const MARKS_OF_LIBC = 6;

/** The same for all of them, so that none is forgotten. */
const check = (name, examine, { skip } = {}) => test(name, { skip }, () => programs.forEach((program) => examine(program)));

check('each is loaded at another address each time', (program) => {
	assert.match(elf(program, '-h'), /^ *Type: +DYN /m, program);
	assert.match(elf(program, '-d'), /\(FLAGS_1\) .*\bPIE\b/, program);
});

check('the tables of functions are filled at the start, and then read-only', (program) => {
	assert.match(elf(program, '-d'), /\(FLAGS_1\) .*\bNOW\b/, program);
	assert.match(elf(program, '-l'), /^ *GNU_RELRO /m, program);
});

check('no memory is both written to and executed, the stack included', (program) => {
	const segments = elf(program, '-l');
	assert.match(segments, /^ *GNU_STACK .* RW +0x/m, program);
	for (const [line, rights] of segments.matchAll(/^ *(?:LOAD|GNU_STACK) +(?:0x\w+ +){5}([RWE ]{3})/gm))
		assert.doesNotMatch(rights, /W.*E/, `${program}: ${line}`);
	assert.doesNotMatch(elf(program, '-d'), /TEXTREL/, program);
});

check('an overrun buffer on the stack ends the program', (program) => {
	assert.match(elf(program, '--dyn-syms'), / __stack_chk_fail(@|$)/m, program);
});

check('functions that fill buffers know their sizes', (program) => {
	assert.match(elf(program, '--dyn-syms'), / __v?snprintf_chk(@|$)/m, program);
}, { skip: watched && 'not in this build' });

check('libraries are looked for where the system says', (program) => {
	assert.doesNotMatch(elf(program, '-d'), /\((RPATH|RUNPATH)\)/, program);
});

check('where a jump may land is marked', (program) => {
	const endbr64 = Buffer.from('f30f1efa', 'hex');
	const bytes = readFileSync(join(buildDir, program));
	let marks = 0;
	for (let at = bytes.indexOf(endbr64); at !== -1; at = bytes.indexOf(endbr64, at + 4))
		marks++;
	assert.ok(marks > MARKS_OF_LIBC, `${program}: ${marks} marks`);
}, { skip: process.arch !== 'x64' && 'a matter of x86' });
