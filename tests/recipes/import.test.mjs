// admin/recipes/import.sh: accounts and meetings from CSV, all of them or none, and no password where others can see it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { failing, newSite, outputOf, runRecipe } from './support.mjs';

const USERS = 'email,name,admin,password\n';
const MEETINGS = 'title,host,participants\n';

/** Writes the two files; their paths. */
function files(site, users, meetings) {
	writeFileSync(join(site.dir, 'users.csv'), users);
	if (meetings !== undefined)
		writeFileSync(join(site.dir, 'meetings.csv'), meetings);
	return meetings === undefined ? [join(site.dir, 'users.csv')] : [join(site.dir, 'users.csv'), join(site.dir, 'meetings.csv')];
}

const emails = async (site) => (await site.ctl(['user', 'list', '--tsv'])).stdout.split('\n').filter(Boolean).map((line) => line.split('\t')[1]);
const rows = async (site, ...args) => (await site.ctl([...args, '--tsv'])).stdout.split('\n').filter(Boolean).map((line) => line.split('\t'));

test('accounts and meetings are made, with names as they stand', async () => {
	const site = await newSite();
	const args = files(site, `\ufeff${USERS}kim@example.org,"Doe, ""Kim""",yes,correct horse\r\nli@example.org,Lì Ôñe 'x' $(id),no,\n`,
		`${MEETINGS}"Monday, 9:00",kim@example.org,li@example.org\nEmpty,LI@example.org,\n`);
	const said = await outputOf(site, 'import', args);
	assert.match(said, /^import: \[1\/4\] kim@example\.org: added$/m);
	assert.match(said, /^import: \[4\/4\] Empty: added$/m);
	const users = await rows(site, 'user', 'list');
	assert.deepEqual(users.map(([, email, name, admin]) => [email, name, admin]),
		[['kim@example.org', 'Doe, "Kim"', 'yes'], ['li@example.org', "Lì Ôñe 'x' $(id)", '']].map((row, i) => [row[0], row[1], users[i][3]]));
	assert.notEqual(users[0][3], users[1][3]);
	const meetings = await rows(site, 'meeting', 'list');
	assert.deepEqual(meetings.map((row) => row.slice(1, 3)), [['Empty', 'li@example.org'], ['Monday, 9:00', 'kim@example.org']]);
	assert.equal((await rows(site, 'participant', 'list', meetings[1][0])).length, 2);
});

test('a password that is made is written down for the administrator alone', async () => {
	const site = await newSite();
	const [users] = files(site, `${USERS}kim@example.org,Kim,,\nli@example.org,Li,,correct horse\n`);
	const said = await outputOf(site, 'import', [users]);
	const written = readFileSync(`${users}.passwords`, 'utf8');
	assert.match(written, /^kim@example\.org\t[0-9a-f]{24}\n$/);
	assert.equal(statSync(`${users}.passwords`).mode & 0o77, 0);
	assert.ok(!said.includes(written.trim().split('\t')[1]));
});

test('no password is an argument of a program', async () => {
	const site = await newSite();
	const log = join(site.dir, 'arguments');
	writeFileSync(join(site.dir, 'unioctl'), `#!/bin/sh\necho "$*" >>"${log}"\nexec "${site.unioctl}" "$@"\n`, { mode: 0o755 });
	await outputOf(site, 'import', files(site, `${USERS}kim@example.org,Kim,,correct horse\n`), { env: { UNIOCTL: join(site.dir, 'unioctl') } });
	assert.match(readFileSync(log, 'utf8'), /user add .*kim@example\.org/);
	assert.doesNotMatch(readFileSync(log, 'utf8'), /horse/);
});

test('meetings that could not be looked for are not taken for new ones', async () => {
	const site = await newSite({ users: ['kim@example.org'] });
	const args = files(site, USERS, `${MEETINGS}Monday,kim@example.org,\n`);
	await outputOf(site, 'import', args);
	const { code } = await runRecipe(site, 'import', args, { env: failing(site, 'meeting list') });
	assert.equal(code, 5);
	assert.equal((await rows(site, 'meeting', 'list')).length, 1);
});

test('a second run leaves what is there and adds what is new', async () => {
	const site = await newSite();
	const users = `${USERS}kim@example.org,Kim,,correct horse\n`;
	const meetings = `${MEETINGS}Monday,kim@example.org,\n`;
	await outputOf(site, 'import', files(site, users, meetings));
	const said = await outputOf(site, 'import', files(site, `${users}li@example.org,Li,,correct horse\n`, `${meetings}Tuesday,Kim@example.org,\n`));
	assert.match(said, /kim@example\.org: exists, left as it is\n.*li@example\.org: added\n.*Monday: exists.*\n.*Tuesday: added\n$/);
	assert.equal((await rows(site, 'meeting', 'list')).length, 2);
});

for (const [what, users, meetings, complaint] of [
	['a short password', `${USERS}a@example.org,A,,long enough\nb@example.org,B,,short\n`, undefined, /users\.csv:3: .*8/],
	['no e-mail address', `${USERS}a@example.org,A,,long enough\nnobody,B,,long enough\n`, undefined, /users\.csv:3: /],
	['admin maybe', `${USERS}a@example.org,A,maybe,long enough\n`, undefined, /users\.csv:2: admin is yes or no/],
	['another heading', 'name,email\nA,a@example.org\n', undefined, /users\.csv:1: the heading/],
	['a column too few', `${USERS}a@example.org,A,\n`, undefined, /users\.csv:2: 3 columns/],
	['a quote that is not closed', `${USERS}a@example.org,"A,,\n`, undefined, /users\.csv:2: quotes/],
	['text after a quote', `${USERS}a@example.org,"A"b,,\n`, undefined, /users\.csv:2: quotes/],
	['a control character', `${USERS}a@example.org,A\u0007,,\n`, undefined, /users\.csv:2: a control character/],
	['a host who is nobody', `${USERS}a@example.org,A,,long enough\n`, `${MEETINGS}M,b@example.org,\n`, /meetings\.csv:2: /],
	['an address like an option', `${USERS}-n,A,,long enough\n`, undefined, /users\.csv:2: .*-n is no/],
	['a participant like a pattern', `${USERS}a@example.org,A,,long enough\n`, `${MEETINGS}M,a@example.org,*\n`, /meetings\.csv:2: .*no account \*$/m],
	['a participant who is nobody', `${USERS}a@example.org,A,,long enough\n`, `${MEETINGS}M,a@example.org,a@example.org b@example.org\n`, /meetings\.csv:2: /],
])
	test(`${what}: the line is named and nothing is changed`, async () => {
		const site = await newSite();
		const { code, stderr } = await runRecipe(site, 'import', files(site, users, meetings));
		assert.equal(code, 1, stderr);
		assert.match(stderr, complaint);
		assert.match(stderr, /nothing was changed\n$/);
		assert.deepEqual(await emails(site), []);
		assert.ok(!existsSync(join(site.dir, 'users.csv.passwords')));
	});
