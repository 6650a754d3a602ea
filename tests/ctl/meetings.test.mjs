// README.md and the manual pages: unioctl meeting add|list, token, demo and migrate, against a running system.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	as,
	assertError,
	assertStatus,
	demo,
	loginWith,
	newEmail,
	newUser,
	request,
	useInstance,
} from '../lib/api.mjs';
import { assertDone, assertRefused, exitCode, listed } from '../lib/ctl.mjs';
import { claimsOf } from '../lib/jwt.mjs';
import { noteSecret } from '../lib/secrets.mjs';

const inst = await useInstance();

test('an added meeting is there for its host and its participants', async () => {
	const [host, a, b] = [await newUser(inst), await newUser(inst), await newUser(inst)];
	const args = [
		'meeting',
		'add',
		'--host',
		host.email,
		'--title',
		'Board – "Q3"',
		'--participant',
		a.email,
		'--participant',
		b.email,
	];
	const made = JSON.parse(assertDone(await inst.ctl([...args, '--json'])));
	for (const user of [host, a, b]) {
		const meeting = assertStatus(await as(inst, user).get(`/api/meetings/${made.id}`), 200);
		assert.equal(meeting.title, 'Board – "Q3"');
		assert.equal(meeting.host.id, host.id);
		assert.deepEqual(meeting.participants.map((one) => one.id).sort(), [a.id, b.id].sort());
		assert.equal(meeting.status, 'scheduled');
	}
	const found = listed(assertDone(await inst.ctl(['meeting', 'list', '--json']))).find(
		(one) => one.id === made.id,
	);
	assert.equal(found.title, 'Board – "Q3"');
	assert.match(assertDone(await inst.ctl(['meeting', 'list'])), /Board – "Q3"/);
});

const refused = [
	[
		'an unknown host',
		(user) => ['--host', newEmail(), '--title', 'T', '--participant', user.email],
		exitCode.notFound,
	],
	[
		'an unknown participant',
		(user) => ['--host', user.email, '--title', 'T', '--participant', newEmail()],
		exitCode.notFound,
	],
	['no host', () => ['--title', 'T'], exitCode.usage],
	['no title', (user) => ['--host', user.email], exitCode.usage],
	['an empty title', (user) => ['--host', user.email, '--title', ''], exitCode.usage],
	[
		'a title of 201 characters',
		(user) => ['--host', user.email, '--title', 'é'.repeat(201)],
		exitCode.usage,
	],
	[
		'an option without its value',
		(user) => ['--title', 'T', '--host', user.email, '--participant'],
		exitCode.usage,
	],
];
for (const [what, args, code] of refused)
	test(`a meeting with ${what} is not added`, async () => {
		const user = await newUser(inst);
		assertRefused(await inst.ctl(['meeting', 'add', ...args(user)]), code);
		assert.deepEqual(assertStatus(await as(inst, user).get('/api/meetings'), 200).results, []);
	});

test('a title of 200 characters of several bytes is kept', async () => {
	const host = await newUser(inst);
	assertDone(await inst.ctl(['meeting', 'add', '--host', host.email, '--title', '🙂'.repeat(200)]));
	const { results } = assertStatus(await as(inst, host).get('/api/meetings'), 200);
	assert.deepEqual(
		results.map((meeting) => meeting.title),
		['🙂'.repeat(200)],
	);
});

test('token prints an access token of that user, alone on standard output', async () => {
	const user = await newUser(inst);
	const text = assertDone(await inst.ctl(['token', user.email]));
	const token = text.trimEnd();
	noteSecret(token);
	assert.equal(text, `${token}\n`);
	assert.equal(claimsOf(token).sub, String(user.id));
	assert.equal(assertStatus(await request(inst, 'GET', '/api/auth/me', { token }), 200).id, user.id);
});

test('token with --json has the token in an object', async () => {
	const user = await newUser(inst);
	const value = JSON.parse(assertDone(await inst.ctl(['token', user.email, '--json'])));
	const token = Object.values(value).find((one) => typeof one === 'string' && one.split('.').length === 3);
	noteSecret(token);
	assert.equal(assertStatus(await request(inst, 'GET', '/api/auth/me', { token }), 200).id, user.id);
});

test('a token from unioctl can be ended by a logout', async () => {
	const user = await newUser(inst);
	const token = assertDone(await inst.ctl(['token', user.email])).trim();
	noteSecret(token);
	assertStatus(await request(inst, 'POST', '/api/auth/logout', { token }), 204);
	assertError(await request(inst, 'GET', '/api/auth/me', { token }), 401);
	assertStatus(await as(inst, user).get('/api/auth/me'), 200);
});

test('there is no token for an unknown or a disabled user', async () => {
	assertRefused(await inst.ctl(['token', newEmail()]), exitCode.notFound);
	const user = await newUser(inst);
	assertDone(await inst.ctl(['user', 'disable', user.email]));
	const answer = await inst.ctl(['token', user.email]);
	assert.notEqual(answer.code, 0);
	assert.equal(answer.stdout, '');
});

test('the demo data are what docs/PROTOCOL.md says', async () => {
	const session = await loginWith(inst, demo.admin.email, demo.admin.password);
	const meeting = assertStatus(await as(inst, session).get('/api/meetings/1'), 200);
	assert.equal(meeting.title, 'Demo meeting');
	assert.equal(meeting.host.id, 1);
	assert.deepEqual(meeting.participants, [
		{ id: 2, email: demo.user.email, full_name: demo.user.full_name },
	]);
	const guest = await loginWith(inst, demo.guest.email, demo.guest.password);
	assert.deepEqual(assertStatus(await as(inst, guest).get('/api/meetings'), 200).results, []);
});

test('demo and migrate again change nothing', async () => {
	const dump = async () => [
		assertDone(await inst.ctl(['user', 'list', '--json'])),
		assertDone(await inst.ctl(['meeting', 'list', '--json'])),
	];
	const before = await dump();
	for (const command of ['migrate', 'demo']) assertDone(await inst.ctl([command]));
	for (const command of ['migrate', 'demo']) JSON.parse(assertDone(await inst.ctl([command, '--json'])));
	assert.deepEqual(await dump(), before);
});

test('migrate run ten times at once does no harm', async () => {
	const runs = await Promise.all(Array.from({ length: 10 }, () => inst.ctl(['migrate'])));
	runs.forEach(assertDone);
});
