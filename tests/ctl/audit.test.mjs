// unioctl audit: the trail as it is read (tests/api/audit has what is written into it).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { as, assertStatus, newMeeting, newUser, useInstance } from '../lib/api.mjs';
import { assertDone, assertRefused, exitCode } from '../lib/ctl.mjs';
import { buildDir, root } from '../lib/instance.mjs';

const inst = await useInstance();

const audit = async (...args) => assertDone(await inst.ctl(['audit', ...args]));
const rows = async (...args) => JSON.parse(await audit('--json', ...args));
const actions = async (...args) => (await rows(...args)).map(({ action }) => action);

test('by user, by address or by id, by action, by kind of action and by meeting', async () => {
	const user = await newUser(inst);
	const { id } = await newMeeting(inst, user);
	assertStatus(await as(inst, user).patch('/api/auth/me', { full_name: 'Other' }), 200);
	for (const who of [user.email.toUpperCase(), `${user.id}`])
		assert.deepEqual(await actions('--user', who), ['user.add', 'session.begin', 'meeting.add', 'user.change']);
	assert.deepEqual(await actions('--user', user.email, '--action', 'user'), ['user.add', 'user.change']);
	assert.deepEqual(await actions('--user', user.email, '--action', 'user.change'), ['user.change']);
	assert.deepEqual(await actions('--meeting', `${id}`), ['meeting.add']);
	assert.deepEqual(await actions('--user', user.email, '--limit', '2'), ['meeting.add', 'user.change']);
});

test('between times, which are written as in JSON or say how long ago', async () => {
	const user = await newUser(inst);
	await newMeeting(inst, user);
	const all = await rows('--user', user.email);
	const [, second, third] = all.map(({ created_at: at }) => at);
	assert.deepEqual(await rows('--user', user.email, '--since', second), all.slice(1));
	assert.deepEqual(await rows('--user', user.email, '--since', second, '--until', third), all.slice(1, 2));
	assert.deepEqual(await rows('--user', user.email, '--since', '1h'), all);
	assert.deepEqual(await rows('--user', user.email, '--until', '1h'), []);
});

test('a line of it says when, what, by whom, from where and to what', async () => {
	const [host, guest] = [await newUser(inst), await newUser(inst)];
	const meeting = await newMeeting(inst, host);
	assertStatus(await as(inst, host).post(`/api/meetings/${meeting.id}/bans`, { user_id: guest.id }), 201);
	const text = await audit('--meeting', `${meeting.id}`);
	assert.match(text, /^TIME +ACTION +BY +FROM +WHAT\n/);
	const [line] = text.split('\n').filter((one) => one.includes('meeting.ban'));
	assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}meeting\.ban +\S+ +127\.0\.0\.1 +meeting=\d+ user=\S+$/);
	assert.ok(line.includes(host.email) && line.includes(`user=${guest.email}`), line);
	const cells = (await audit('--meeting', `${meeting.id}`, '--tsv')).split('\n').at(-2).split('\t');
	assert.deepEqual(cells.slice(1, 4), ['meeting.ban', host.email, '127.0.0.1']);
	const [added] = (await audit('--user', guest.email, '--action', 'user.add', '--tsv')).split('\n');
	assert.match(added, /\tuser\.add\t\S+\(\d+\)\tunioctl\tuser=/);
});

test('what it does not know is refused, each by its name', async () => {
	for (const [args, code, said] of [
		[['--action', 'nonsense'], exitCode.usage, /nonsense/], [['--since', 'yesterday'], exitCode.usage, /--since/],
		[['--until', '2024-13-01T00:00:00Z'], exitCode.usage, /--until/], [['--meeting', 'x'], exitCode.usage, /--meeting/],
		[['--user', 'nobody@test.example'], exitCode.notFound, /nobody/], [['--limit', '-1'], exitCode.usage, /--limit/],
	])
		assert.match(assertRefused(await inst.ctl(['audit', ...args]), code), said);
});

test('--follow goes on with what comes, of what is asked for alone, an object a line', async () => {
	const [user, other] = [await newUser(inst), await newUser(inst)];
	const child = spawn(join(buildDir, 'unioctl'), ['-c', inst.confPath, 'audit', '--json', '--follow', '--user', user.email]);
	try {
		const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
		const next = async () => JSON.parse((await lines.next()).value).action;
		assert.deepEqual([await next(), await next()], ['user.add', 'session.begin']);
		await newMeeting(inst, other);
		await newMeeting(inst, user);
		assert.equal(await next(), 'meeting.add');
		assertStatus(await as(inst, user).post('/api/auth/logout'), 204);
		assert.equal(await next(), 'session.end');
	} finally {
		child.kill();
		await once(child, 'close');
	}
});

test('unioctl(8) has every action there is', () => {
	const page = readFileSync(join(root, 'docs/unioctl.8'), 'utf8');
	const known = [...readFileSync(join(root, 'shared/audit.c'), 'utf8').matchAll(/= \{ "([a-z]+\.[a-z]+)"/g)].map(([, name]) => name);
	assert.ok(known.length > 30);
	assert.deepEqual(known.filter((name) => !page.includes(`${name} `) && !page.includes(`${name}\n`)), []);
});
