// README.md and the manual pages and the configuration: -n names each mistake with file and line, -nn prints what holds, the
// environment overrides, and etc/unio.conf documents all of it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { root } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';

const dir = mkdtempSync(path.join(tmpdir(), 'unio-config-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const programs = ['unio-api', 'unio-signald', 'unio-hookd', 'unioctl'];
const documented = path.join(root, 'etc/unio.conf');
let files = 0;

function confFile(text) {
	files += 1;
	const file = path.join(dir, `${files}.conf`);
	writeFileSync(file, text);
	return file;
}

const check = (text, { program = 'unioctl', flags = ['-n'], env } = {}) =>
	runProgram(program, ['-c', confFile(text), ...flags], { env });

/** The effective values as `-nn` prints them. */
async function effective(text, options = {}) {
	const { code, stdout, stderr } = await check(text, { flags: ['-nn'], ...options });
	assert.equal(code, 0, stderr);
	return parse(stdout);
}

function parse(text) {
	const pairs = text
		.split('\n')
		.map((line) => /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line))
		.filter(Boolean);
	return new Map(pairs.map(([, key, value]) => [key, value]));
}

for (const program of programs) {
	test(`${program} -n finds nothing wrong with the documented configuration`, async () => {
		const { code, stderr } = await runProgram(program, ['-c', documented, '-n']);
		assert.equal(code, 0, stderr);
	});

	test(`${program} -n names file and line of every mistake in a file, not of the first alone`, async () => {
		const text =
			'log_level = info\nno_such_key = 1\n\n# a comment\nworkers = many\nping_interval = 25s\nidle_timeout = -3\n';
		const { code, stdout, stderr } = await check(text, { program });
		assert.notEqual(code, 0);
		const said = stdout + stderr;
		for (const [line, key] of [
			[2, 'no_such_key'],
			[5, 'workers'],
			[7, 'idle_timeout'],
		])
			assert.match(said, new RegExp(`\\.conf:${line}\\b.*${key}`), said);
		for (const line of [1, 3, 4, 6]) assert.doesNotMatch(said, new RegExp(`\\.conf:${line}:`), said);
	});

	test(`${program} -n of a file that is not there fails and names it`, async () => {
		const { code, stderr } = await runProgram(program, ['-c', path.join(dir, 'nowhere.conf'), '-n']);
		assert.notEqual(code, 0);
		assert.match(stderr, /nowhere\.conf/);
	});

	test(`${program} does not start with a mistake in its configuration`, async () => {
		const args = [
			'-c',
			confFile('no_such_key = 1\n'),
			...(program === 'unioctl' ? ['user', 'list'] : []),
		];
		const { code, stderr } = await runProgram(program, args);
		assert.ok(Number.isInteger(code) && code !== 0, `${code}`);
		assert.match(stderr, /no_such_key/);
	});
}

const mistakes = [
	['a key nobody knows', 'colour = green'],
	['a known key in capitals', 'LOG_LEVEL = info'],
	['a line without a sign', 'log_level'],
	['a word for a number', 'max_sessions_per_room = many'],
	['a number with junk', 'max_sessions_per_room = 10x'],
	['a negative number', 'max_sessions_per_room = -1'],
	['a fraction', 'max_sessions_per_room = 1.5'],
	['a number beyond 64 bits', 'max_sessions_per_room = 99999999999999999999999'],
	['a duration in moons', 'ping_interval = 3 moons'],
	['a negative duration', 'ping_interval = -1s'],
	['an empty number', 'message_rate ='],
	['a level nobody knows', 'log_level = loud'],
	['a format nobody knows', 'log_format = xml'],
	['a registration nobody knows', 'registration = maybe'],
	['a yes-or-no that is neither', 'allow_query_token = perhaps'],
	['a base path without slash', 'base_path = unio'],
	['a key twice', 'log_level = info\nlog_level = debug'],
	['a line of 10,000 characters', `base_path = /${'x'.repeat(10_000)}`],
	['a NUL', 'log_level = in\0fo'],
];
for (const [what, text] of mistakes)
	test(`${what} is a mistake with its line`, async () => {
		const lines = `\n\n${text}\n`;
		const { code, stdout, stderr } = await check(lines);
		assert.notEqual(code, 0);
		const last = 2 + text.split('\n').length;
		assert.match(stdout + stderr, new RegExp(`\\.conf:${last}\\b`));
	});

test('durations take a unit, and mean seconds without one', async () => {
	const rows = [
		['90', '90s'],
		['1500ms', '1500ms'],
		['2m', '120s'],
		['1h', '60m'],
		['1d', '24h'],
	];
	for (const [one, other] of rows) {
		const [a, b] = [
			await effective(`call_empty_timeout = ${one}\n`),
			await effective(`call_empty_timeout = ${other}\n`),
		];
		assert.equal(a.get('call_empty_timeout'), b.get('call_empty_timeout'), `${one} is ${other}`);
	}
});

test('an empty file means the defaults of etc/unio.conf', async () => {
	assert.deepEqual([...(await effective(''))], [...(await effectiveOf(documented))]);
});

async function effectiveOf(file) {
	const { code, stdout, stderr } = await runProgram('unioctl', ['-c', file, '-nn']);
	assert.equal(code, 0, stderr);
	return parse(stdout);
}

test('what -nn prints is a configuration that means the same', async () => {
	const { stdout } = await check('log_level = debug\nbase_path = /unio\nmessage_rate = 7\n', {
		flags: ['-nn'],
	});
	const again = await effective(stdout);
	assert.deepEqual([...again], [...parse(stdout)]);
	assert.equal(again.get('base_path'), '/unio');
});

test('all three programs print the same effective values', async () => {
	const [a, b, c] = await Promise.all(
		programs.map((program) => effective('message_rate = 9\n', { program })),
	);
	assert.deepEqual([...a], [...b]);
	assert.deepEqual([...a], [...c]);
});

test('etc/unio.conf has every key with its default', async () => {
	const text = readFileSync(documented, 'utf8');
	const inFile = parse(text.replace(/^[#;]\s?(?=[a-z_]+\s*=)/gm, ''));
	const known = await effective('');
	assert.deepEqual([...inFile.keys()].sort(), [...known.keys()].sort());
});

const contractKeys = [
	'base_path',
	'public_url',
	'trusted_proxies',
	'allow_query_token',
	'registration',
	'resume_ttl',
	'ping_interval',
	'idle_timeout',
	'call_empty_timeout',
	'call_max_duration',
	'max_sessions_per_room',
	'max_sessions_per_user',
	'max_connections_per_address',
	'connection_rate',
	'message_rate',
	'message_burst',
	'ice_urls',
	'turn_secret_file',
	'workers',
	'log_level',
	'log_format',
];
test('every key that docs/PROTOCOL.md names is there', async () => {
	const known = await effective('');
	assert.deepEqual(
		contractKeys.filter((key) => !known.has(key)),
		[],
	);
});

const defaults = [
	['max_sessions_per_room', '100'],
	['max_sessions_per_user', '5'],
	['message_rate', '50'],
	['message_burst', '200'],
	['connection_rate', '20'],
	['max_connections_per_address', '200'],
	['refresh_grace', '10s'],
	['registration', 'closed'],
	['base_path', ''],
	['ice_urls', ''],
];
for (const [key, value] of defaults)
	test(`the default of ${key} is ${value === '' ? 'empty' : value}`, async () => {
		assert.equal((await effective('')).get(key), value);
	});

test('the environment overrides the file', async () => {
	const env = { UNIO_MESSAGE_RATE: '123', UNIO_BASE_PATH: '/elsewhere' };
	const values = await effective('message_rate = 7\n', { env });
	assert.equal(values.get('message_rate'), '123');
	assert.equal(values.get('base_path'), '/elsewhere');
});

test('a mistake in the environment is named by its variable', async () => {
	const { code, stdout, stderr } = await check('', { env: { UNIO_MESSAGE_RATE: 'plenty' } });
	assert.notEqual(code, 0);
	assert.match(stdout + stderr, /UNIO_MESSAGE_RATE/);
});

test('no secret is printed: secrets come from files', async () => {
	const secret = 'ab'.repeat(32);
	const file = path.join(dir, 'the-secret.key');
	writeFileSync(file, `${secret}\n`, { mode: 0o600 });
	const { stdout, stderr } = await check(`secret_file = ${file}\n`, { flags: ['-nn'] });
	assert.ok(!(stdout + stderr).includes(secret));
	assert.match(stdout, /the-secret\.key/);
});
