// README.md and the manual pages: -V, -h, -n and mistakes on the command line, of all the programs; without any instance.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { exitCode } from '../lib/ctl.mjs';
import { runProgram } from '../lib/programs.mjs';

const dir = mkdtempSync(path.join(tmpdir(), 'unio-options-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const conf = path.join(dir, 'unio.conf');
writeFileSync(conf, `database = ${dir}/unio.db\nsecret_file = ${dir}/secret.key\n`);

const programs = ['unio-api', 'unio-signald', 'unio-hookd', 'unioctl'];

for (const program of programs) {
	test(`${program} -V prints its name and version`, async () => {
		const { code, stdout, stderr } = await runProgram(program, ['-V']);
		assert.equal(code, 0, stderr);
		assert.match(stdout, /\d+\.\d+/);
		assert.match(stdout, new RegExp(program));
		assert.equal(stdout.trimEnd().split('\n').length, 1);
	});

	test(`${program} -h prints its usage on standard output`, async () => {
		const { code, stdout, stderr } = await runProgram(program, ['-h']);
		assert.equal(code, 0, stderr);
		assert.match(stdout, /usage/i);
		assert.match(stdout, /-c/);
		assert.equal(stderr, '');
	});

	test(`${program} says on standard error what is wrong with an unknown option`, async () => {
		const { code, stdout, stderr } = await runProgram(program, ['-c', conf, '-Z']);
		assert.notEqual(code, 0);
		assert.match(stderr, /\S/);
		assert.equal(stdout, '');
	});

	test(`${program} refuses -c without a file`, async () => {
		const { code, stderr } = await runProgram(program, ['-c']);
		assert.notEqual(code, 0);
		assert.match(stderr, /\S/);
	});
}

const badCommands = [
	[],
	['nonsense'],
	['user'],
	['user', 'nonsense'],
	['meeting'],
	['meeting', 'add', 'x', 'y'],
	['token'],
	['user', 'list', 'extra'],
	['user', 'list', '--nonsense'],
	['migrate', 'extra'],
	[''],
	['user', 'add', '--name'],
];
for (const args of badCommands)
	test(`unioctl "${args.join(' ')}" is a mistake of usage, said on standard error`, async () => {
		const { code, stdout, stderr } = await runProgram('unioctl', ['-c', conf, ...args]);
		assert.equal(code, exitCode.usage, stderr);
		assert.equal(stdout, '');
		assert.match(stderr, /\S/);
	});

test('unioctl -h names every command of docs/PROTOCOL.md and the exit codes', async () => {
	const { stdout } = await runProgram('unioctl', ['-h']);
	for (const command of [
		'migrate',
		'user add',
		'user list',
		'user passwd',
		'user disable',
		'meeting add',
		'meeting list',
		'token',
		'demo',
	])
		assert.ok(stdout.includes(command), command);
	assert.match(stdout, /exit codes?/i);
});

test('unioctl alone says in three lines what there is', async () => {
	const { stderr } = await runProgram('unioctl', []);
	assert.equal(stderr.trimEnd().split('\n').length, 3, stderr);
	assert.match(stderr, /^commands: user session meeting participant call room event audit purge stats top daemon front drain reload token .* help$/m);
});

test('unioctl user, and help user, name the eight commands of user', async () => {
	const { stderr } = await runProgram('unioctl', ['user']);
	const { code, stdout } = await runProgram('unioctl', ['help', 'user']);
	assert.equal(code, 0);
	for (const said of [stderr, stdout])
		assert.deepEqual([...said.matchAll(/unioctl (user \w+)/g)].map(([, name]) => name),
			['user add', 'user list', 'user passwd', 'user disable', 'user enable', 'user export', 'user erase', 'user readmit']);
});

test('unioctl -h names the compiled configuration, and that is what is missed where none is named', async (t) => {
	const { stdout } = await runProgram('unioctl', ['-h']);
	const [, file] = /else (\/\S+)\)/.exec(stdout) ?? assert.fail(stdout);
	if (existsSync(file))
		return t.skip(`${file} is there`);
	for (const program of programs) {
		const { code, stderr } = await runProgram(program, program === 'unioctl' ? ['user', 'list'] : []);
		assert.notEqual(code, 0);
		assert.ok(stderr.includes(file), stderr);
		assert.match(stderr, /-c FILE or UNIO_CONF/);
	}
});

test('unioctl with a database that is not there says so and makes none by listing', async () => {
	const { code, stdout, stderr } = await runProgram('unioctl', ['-c', conf, 'user', 'list']);
	assert.notEqual(code, 0);
	assert.equal(stdout, '');
	assert.match(stderr, /unio\.db/);
});
