// unioctl(8): a password is asked for without an echo, and Ctrl-C leaves a terminal that shows again what is typed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

import { assertStatus, newPassword, newUser, tryLogin, useInstance } from '../lib/api.mjs';
import { buildDir } from '../lib/instance.mjs';

const inst = await useInstance();

/** Runs unioctl at a terminal of its own (script(1)), types `answer` at the prompt; the terminal's state follows. */
async function atTerminal(args, answer) {
	const command = [join(buildDir, 'unioctl'), '-c', inst.confPath, ...args].map((word) => `'${word}'`).join(' ');
	const child = spawn('script', ['-qfec', `trap : INT; ${command}; echo "exit $?"; stty -a`, '/dev/null']);
	let screen = '';
	let asked = false;
	child.stdout.setEncoding('utf8').on('data', (text) => {
		screen += text;
		if (!asked && screen.includes('assword: ')) {
			asked = true;
			child.stdin.write(answer);
		}
	});
	const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
	await once(child, 'close').finally(() => clearTimeout(timer));
	assert.ok(asked, screen);
	return screen;
}

test('at a terminal the password is asked for and not shown', async () => {
	const user = await newUser(inst);
	const password = newPassword();
	const screen = await atTerminal(['user', 'passwd', user.email], `${password}\n`);
	assert.match(screen, /exit 0/);
	assert.ok(!screen.includes(password));
	assert.match(screen, / echo /);
	assertStatus(await tryLogin(inst, user.email, password), 200);
});

test('Ctrl-C at the prompt changes nothing, ends the program and brings the echo back', async () => {
	const user = await newUser(inst);
	const screen = await atTerminal(['user', 'passwd', user.email], 'abc\x03');
	assert.match(screen, /exit 130/);
	assert.match(screen, / echo /);
	assertStatus(await tryLogin(inst, user.email, user.password), 200);
});
