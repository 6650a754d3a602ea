// docs/PROTOCOL.md: login takes the same time whether or not the user exists. Passwords are made dear here, so that a
// hash that was skipped would show at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newEmail, newPassword, newUser, tryLogin, useInstance } from '../lib/api.mjs';

const inst = await useInstance({
	conf: { password_passes: 3, password_memory: 32 << 20, login_failures: 1000 },
});
const rounds = 7;

async function time(email) {
	const begin = performance.now();
	assert.equal((await tryLogin(inst, email, newPassword())).status, 401);
	return performance.now() - begin;
}

test('an unknown user costs as much time as a wrong password', async () => {
	const user = await newUser(inst);
	const times = { wrong: [], unknown: [] };
	for (let i = 0; i < rounds; i++) {
		times.wrong.push(await time(user.email));
		times.unknown.push(await time(newEmail()));
	}
	// The least of several, taken in turns: what else the machine does can only make a login slower.
	const [wrong, unknown] = [Math.min(...times.wrong), Math.min(...times.unknown)];
	const told = `wrong password ${wrong.toFixed(1)} ms, unknown user ${unknown.toFixed(1)} ms`;
	assert.ok(unknown > wrong / 2 && unknown < wrong * 2, told);
});
