// The README is true: its commands are run as printed, in one shell, on an instance with demo data, and must
// print what it shows.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { buildDir, root, startInstance } from '../lib/instance.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const MARK = '=-=-= end of block =-=-=';
let inst;

before(async () => { inst = await startInstance(); });
after(() => inst?.stop());
afterEach(() => inst.assertAlive());

test('the commands of the README work as printed and print what it shows', async () => {
	const pairs = [...readme.matchAll(/^```sh\n([^]*?)^```\n```\w+\n([^]*?)^```$/gm)];
	assert.ok(pairs.length >= 7, `only ${pairs.length} pairs of commands and output`);
	assert.equal(pairs.length, readme.match(/^```sh$/gm).length, 'a block of commands without its output');
	const output = await shell(pairs.map(([, commands]) => `${commands}echo; echo '${MARK}'`).join('\n'));
	const blocks = output.split(`\n${MARK}\n`);
	for (const [i, [, commands, expected]] of pairs.entries())
		assert.match(blocks[i] ?? '', pattern(expected), `${commands}printed\n${blocks[i]}\nand not\n${expected}`);
});

/** Runs a script as a person would paste it, at the instance's address and with its files. */
async function shell(script) {
	const here = script.replaceAll('127.0.0.1:8000', `127.0.0.1:${inst.port}`)
		.replaceAll(/(\$PWD\/)?\bvar\//g, `${inst.varDir}/`).replaceAll(/\bbuild\//g, `${buildDir}/`);
	const child = spawn('sh', ['-eu', '-c', here], { cwd: root, env: inst.env, stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	let errors = '';
	child.stdout.setEncoding('utf8').on('data', (text) => { output += text; });
	child.stderr.setEncoding('utf8').on('data', (text) => { errors += text; });
	const [code] = await once(child, 'close');
	assert.equal(code, 0, `${output}\n${errors}`);
	assert.equal(errors, '');
	return output.replaceAll(`${inst.varDir}/`, 'var/');
}

/** The shown output as an expression: `…` is anything within a line. */
function pattern(expected) {
	const literal = expected.trim().split('…').map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	return new RegExp(`^\\s*${literal.join('[^\\n]*')}\\s*$`);
}
