// README.md and the manual pages: unioctl user add|list|passwd|disable, against a running system.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	as,
	assertError,
	assertStatus,
	login,
	newEmail,
	newPassword,
	newUser,
	tryLogin,
	useInstance,
} from '../lib/api.mjs';
import { assertDone, assertRefused, exitCode, listed } from '../lib/ctl.mjs';

const inst = await useInstance();

const add = (email, password, ...more) =>
	inst.ctl(['user', 'add', email, '--name', 'Some Body', ...more], { input: `${password}\n` });
const lookUp = async (email) =>
	listed(assertDone(await inst.ctl(['user', 'list', '--json']))).find((one) => one.email === email);

test('an added user can log in, by his name, and is no administrator', async () => {
	const [email, password] = [newEmail(), newPassword()];
	assertDone(await add(email, password));
	const session = assertStatus(await tryLogin(inst, email, password), 200);
	assert.equal(session.user.full_name, 'Some Body');
	assert.equal(assertStatus(await as(inst, session).get('/api/auth/me'), 200).is_admin, false);
});

test('with --admin an administrator is added', async () => {
	const [email, password] = [newEmail(), newPassword()];
	assertDone(await add(email, password, '--admin'));
	const session = assertStatus(await tryLogin(inst, email, password), 200);
	assert.equal(assertStatus(await as(inst, session).get('/api/auth/me'), 200).is_admin, true);
});

test('with --json the added user is one JSON object on standard output', async () => {
	const [email, password] = [newEmail(), newPassword()];
	const user = JSON.parse(assertDone(await add(email, password, '--json')));
	assert.equal(user.email, email);
	assert.equal(user.full_name, 'Some Body');
	assert.equal(user.id, assertStatus(await tryLogin(inst, email, password), 200).user.id);
});

test('the options may stand before the command', async () => {
	const users = listed(assertDone(await inst.ctl(['--json', 'user', 'list'])));
	assert.ok(users.some((user) => user.email === 'admin@unio.app'));
});

test('a password without a line break at its end is taken as it is', async () => {
	const [email, password] = [newEmail(), newPassword()];
	assertDone(await inst.ctl(['user', 'add', email, '--name', 'N'], { input: password }));
	assertStatus(await tryLogin(inst, email, password), 200);
});

test('spaces in a password count, also at its ends', async () => {
	const [email, password] = [newEmail(), `  ${newPassword()} \u00e9 `];
	assertDone(await add(email, password));
	assertStatus(await tryLogin(inst, email, password), 200);
	assertError(await tryLogin(inst, email, password.trim()), 401);
});

test('an address that is taken is a conflict, however its letters are cased', async () => {
	const user = await newUser(inst);
	assertRefused(await add(user.email, newPassword()), exitCode.conflict);
	assertRefused(await add(user.email.toUpperCase(), newPassword()), exitCode.conflict);
	assertStatus(await tryLogin(inst, user.email, user.password), 200);
});

const refusedUsers = [
	['no e-mail', ['--name', 'N'], 'long-enough-1\n'],
	['no name', ['EMAIL'], 'long-enough-1\n'],
	['an e-mail without @', ['nobody', '--name', 'N'], 'long-enough-1\n'],
	['an empty name', ['EMAIL', '--name', ''], 'long-enough-1\n'],
	['a name of 151 characters', ['EMAIL', '--name', 'n'.repeat(151)], 'long-enough-1\n'],
	['an e-mail of 255 characters', [`${'e'.repeat(242)}@test.example`, '--name', 'N'], 'long-enough-1\n'],
	['an option nobody knows', ['EMAIL', '--name', 'N', '--colour', 'red'], 'long-enough-1\n'],
	['two e-mails', ['EMAIL', 'b@test.example', '--name', 'N'], 'long-enough-1\n'],
	['no password', ['EMAIL', '--name', 'N'], ''],
	['an empty line as password', ['EMAIL', '--name', 'N'], '\n'],
	['a password of 7 bytes', ['EMAIL', '--name', 'N'], '1234567\n'],
	['a password of 1,025 bytes', ['EMAIL', '--name', 'N'], `${'p'.repeat(1025)}\n`],
	['a password of 1 MB', ['EMAIL', '--name', 'N'], 'p'.repeat(1 << 20)],
	['a password with NUL', ['EMAIL', '--name', 'N'], 'abcd\0efghijkl\n'],
];
for (const [what, args, input] of refusedUsers)
	test(`a user with ${what} is not added`, async () => {
		const email = newEmail();
		const refused = await inst.ctl(
			['user', 'add', ...args.map((arg) => (arg === 'EMAIL' ? email : arg))],
			{ input },
		);
		assertRefused(refused, exitCode.usage);
		assert.equal(await lookUp(email), undefined);
	});

test('a password of 8 and one of 1,024 bytes are taken', async () => {
	for (const length of [8, 1024]) {
		const [email, password] = [newEmail(), `${length}`.padEnd(length, 'p')];
		assertDone(await add(email, password));
		assertStatus(await tryLogin(inst, email, password), 200);
	}
});

test('the list has every user with id, e-mail, name and what he may, and no secret', async () => {
	const user = await newUser(inst, { name: 'Lísa "L" Listed' });
	const found = await lookUp(user.email);
	assert.equal(found.id, user.id);
	assert.equal(found.full_name, 'Lísa "L" Listed');
	assert.equal(found.is_admin, false);
	assert.equal((await lookUp('admin@unio.app')).is_admin, true);
	assert.deepEqual(
		Object.keys(found).filter((key) => /pass|hash|secret/.test(key)),
		[],
	);
	const table = assertDone(await inst.ctl(['user', 'list']));
	assert.match(table, new RegExp(`^.*\\b${user.id}\\b.*${user.email}`, 'm'));
	assert.ok(!/argon2/.test(table));
});

test("passwd sets another password and ends the user's login sessions", async () => {
	const user = await newUser(inst);
	const password = newPassword();
	assertDone(await inst.ctl(['user', 'passwd', user.email], { input: `${password}\n` }));
	assertError(await tryLogin(inst, user.email, user.password), 401);
	assertStatus(await tryLogin(inst, user.email, password), 200);
	assertError(await as(inst, user).get('/api/auth/me'), 401);
});

test('passwd refuses a password that is too short and keeps the old one', async () => {
	const user = await newUser(inst);
	assertRefused(await inst.ctl(['user', 'passwd', user.email], { input: 'short\n' }), exitCode.usage);
	assertStatus(await tryLogin(inst, user.email, user.password), 200);
});

test('a disabled user is out at once, and others are not', async () => {
	const [gone, stays] = [await newUser(inst), await newUser(inst)];
	assertDone(await inst.ctl(['user', 'disable', gone.email]));
	assertError(await tryLogin(inst, gone.email, gone.password), 401);
	assertError(await as(inst, gone).get('/api/auth/me'), 401);
	assertStatus(await as(inst, stays).get('/api/auth/me'), 200);
	assert.ok(await lookUp(gone.email), 'he stays in the list');
});

test('the last administrator cannot be disabled, and can once there is another', async () => {
	const admins = inst.sql('SELECT id FROM account WHERE is_admin = 1').map(({ id }) => id);
	const last = await newUser(inst, { admin: true });
	inst.sql(`UPDATE account SET is_admin = 0 WHERE id IN (${admins})`);
	try {
		assertRefused(await inst.ctl(['user', 'disable', last.email]), exitCode.conflict);
		assertStatus(await as(inst, last).get('/api/auth/me'), 200);
		assert.equal(inst.sql(`SELECT count(*) AS n FROM audit WHERE action = 'user.disable' AND user_id = ${last.id}`)[0].n, 0);
		const other = await newUser(inst, { admin: true });
		assertDone(await inst.ctl(['user', 'disable', last.email]));
		assertRefused(await inst.ctl(['user', 'disable', other.email]), exitCode.conflict);
		assertDone(await inst.ctl(['user', 'enable', last.email]));
		assertDone(await inst.ctl(['user', 'disable', other.email]));
	} finally {
		inst.sql(`UPDATE account SET is_admin = 1 WHERE id IN (${admins})`);
	}
});

for (const command of ['passwd', 'disable'])
	test(`${command} of someone who is not there says so with its own exit code`, async () => {
		const refused = await inst.ctl(['user', command, newEmail()], { input: `${newPassword()}\n` });
		assertRefused(refused, exitCode.notFound);
	});

test('the demo users are as they were after all this', async () => {
	const { user } = await login(inst, 'guest');
	assert.equal(user.id, 3);
});
