// admin/completion: what the tab key makes of a line, in the real shells, on a terminal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { assertDone } from '../lib/ctl.mjs';
import { buildDir, root, until } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';

const dir = mkdtempSync(join(tmpdir(), 'unio-completion-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const conf = join(dir, 'unio.conf');
writeFileSync(conf, `database = ${dir}/unio.db\nsecret_file = ${dir}/secret.key\nwake_endpoint = ipc://${dir}/wake\n`
	+ 'password_passes = 1\npassword_memory = 8192\n');
const ctl = (...args) => runProgram('unioctl', ['-c', conf, ...args], { input: 'long enough\n' });
assertDone(await ctl('migrate'));
for (const name of ['alice', 'bob'])
	assertDone(await ctl('user', 'add', `${name}@example.org`, '--name', name));
// Whoever may register chooses what the administrator's shell is offered.
assertDone(await ctl('user', 'add', '`touch${IFS}hit`@example.org', '--name', 'Mallory'));
for (let i = 0; i < 31; i++)
	assertDone(await ctl('meeting', 'add', '--host', 'alice@example.org', '--title', 'T'));
const retired = JSON.parse(assertDone(await ctl('key', 'rotate', '--json'))).kid;
assertDone(await ctl('key', 'rotate'));
assertDone(await ctl('key', 'retire', '--', '-'));
assertDone(await ctl('webhook', 'add', 'https://example.org/'));
writeFileSync(join(dir, 'a-backup.db'), '');

/** What is typed, with \t for the tab key, and what the command line is by then. */
const lines = [
	['unioctl mee\tli\t--sta\tcom\t', 'meeting list --status completed'],
	['unioctl call list --status a\t', 'call list --status active'],
	['unioctl us\tpas\tali\t', 'user passwd alice@example.org'],
	['unioctl user passwd alice@ex\t', 'user passwd alice@example.org'],
	['unioctl participant add 2 bob@\t', 'participant add 2 bob@example.org'],
	['unioctl user passwd \\`\t', 'user passwd `touch${IFS}hit`@example.org'],
	['unioctl room sh\t31\t', 'room show 31'],
	['unioctl meeting add --host b\t--tit\tx', 'meeting add --host bob@example.org --title x'],
	['unioctl key ret\t\t', `key retire ${retired}`],
	['unioctl webh\tsh\t\t', 'webhook show 1'],
	['unioctl webhook deliveries --st\tdel\t', 'webhook deliveries --status delivered'],
	['unioctl webhook rot\t\t--s\ta-b\t', 'webhook rotate-secret 1 --secret-file a-backup.db'],
	['unioctl restore a-b\t', 'restore a-backup.db'],
	['unioctl dr\t--w\t', 'drain --wait'],
	['unioctl help par\trem\t', 'help participant remove'],
	['unioctl --js\tstat\t', '--json stats'],
	['unioctl nonsense l\t', 'nonsense l'],
];

/** Runs the shell on a terminal, types, and returns what the command lines were. */
async function type(command, setup) {
	const child = spawn('script', ['-qfec', command, '/dev/null'], {
		cwd: dir,
		env: { PATH: process.env.PATH, HOME: dir, TERM: 'dumb', UNIO_CONF: conf, REAL: join(buildDir, 'unioctl') },
	});
	let output = '';
	child.stdout.on('data', (text) => { output += text; });
	const got = () => [...output.matchAll(/^GOT<(.*?)>\r?$/gm)].map(([, words]) => words);
	const enter = async (text) => {
		const before = got().length;
		child.stdin.write(text);
		await until(() => got().length > before, `an answer to ${text}: ${output}`);
		return got().at(-1).trim();
	};
	try {
		const stub = 'unioctl() { case "$*" in *--commands|*--tsv) "$REAL" "$@" ;; *) printf "\\nGOT<%s>\\n" "$*" ;; esac; }';
		await enter(`PS1=; ${setup}; ${stub}; unioctl ready\n`);
		const answers = [];
		for (const [typed] of lines)
			answers.push([typed, await enter(`${typed}\n`)]);
		return answers;
	} finally {
		child.kill('SIGKILL');
	}
}

const shells = [
	['bash', 'bash --norc --noprofile -i', `bind "set bell-style none"; . ${root}/admin/completion/unioctl.bash`],
	['zsh', 'zsh -f -i', `unsetopt beep; fpath=(${root}/admin/completion $fpath); autoload -U compinit; compinit -D -u`],
];

for (const [name, command, setup] of shells)
	test(`${name} completes commands, options, accounts, meetings, keys, files`, async () => {
		rmSync(join(dir, 'hit'), { force: true });
		assert.deepEqual(await type(command, setup), lines);
		assert.ok(!existsSync(join(dir, 'hit')), 'what an account is called was run');
	});

test('help --commands has every command, with options and arguments as the usage has them', async () => {
	const { stdout: usage } = await runProgram('unioctl', ['help']);
	const lists = ['--limit', '--offset', '--tsv'];
	for (const line of assertDone(await runProgram('unioctl', ['help', '--commands'])).replace(/\n$/, '').split('\n')) {
		const [name, options, operands] = line.split('\t');
		const [, rest] = new RegExp(`^  ${name}( .*)?$`, 'm').exec(usage) ?? assert.fail(name);
		const named = [...(rest ?? '').matchAll(/--[\w-]+/g)].map(([option]) => option);
		const expected = /\[LIST\]/.test(rest) ? [...named, ...lists] : named;
		assert.deepEqual(options.split(' ').filter(Boolean).map((option) => option.replace('=', '')).sort(), [...new Set(expected)].sort());
		for (const operand of operands.split(' '))
			assert.ok((rest ?? '').includes(operand), `${name}: ${operand}`);
	}
});
