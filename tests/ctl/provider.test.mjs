// unioctl(8) and unio.conf(5): the keys of an external identity provider, as administrators see them.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { assertError, newMeeting, newUser, request, useInstance } from '../lib/api.mjs';
import { assertDone, exitCode } from '../lib/ctl.mjs';
import { KeyFile, issuer, makeKey, person, sign } from '../lib/idp.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';
import { connect } from '../lib/ws.mjs';

const [rsa, ec, encryption] = [await makeKey('RS256', 'rsa-1'), await makeKey('ES256', 'ec-1'), await makeKey('RS256', 'enc')];
encryption.jwk.use = 'enc';
const file = new KeyFile(rsa, ec, encryption);
const inst = await useInstance({ conf: file.conf });

const list = async () => JSON.parse(assertDone(await inst.ctl(['key', 'list', '--json'])));
const finding = async () => {
	const { stdout } = await inst.ctl(['doctor', '--url', inst.origin, '--json']);
	return JSON.parse(stdout).filter(({ check }) => check === 'provider');
};
const put = (text, mode = 0o644) => {
	writeFileSync(file.path, text);
	chmodSync(file.path, mode);
};
const keys = (...jwks) => JSON.stringify({ keys: jwks.map((key) => key.jwk ?? key) });

test("key list shows the provider's keys behind our own, and those that are of no use", async () => {
	const [own, ...others] = await list();
	assert.equal(own.state, 'active');
	assert.deepEqual(others, [
		{ kid: 'rsa-1', state: 'external', since: null, alg: 'RS256', reason: null },
		{ kid: 'ec-1', state: 'external', since: null, alg: 'ES256', reason: null },
		{ kid: 'enc', state: 'unused', since: null, alg: null, reason: 'is not meant for signatures' },
	]);
	assert.match(assertDone(await inst.ctl(['key', 'list', '--tsv'])), /^rsa-1\texternal\t-$/m);
});

test('doctor says whose tokens are believed', async () => {
	const [{ state, finding: sentence }] = await finding();
	assert.equal(state, 'ok');
	assert.ok(sentence.includes(issuer) && sentence.includes('2 of the 3 keys'), sentence);
});

/** Why a key is of no use, by what is changed in a good one. */
const unused = {
	'is neither an RSA key nor one of an elliptic curve': [{ kty: 'OKP', crv: 'Ed25519', x: ec.jwk.x }, { kty: 'oct', k: 'AAAA' }],
	'names no kty': [{}],
	'is on another curve than P-256': [{ ...ec.jwk, crv: 'P-384' }, { ...ec.jwk, crv: undefined }],
	'is no point of the curve P-256': [
		{ ...ec.jwk, y: ec.jwk.x }, { ...ec.jwk, x: `${ec.jwk.x}AA` }, { ...ec.jwk, y: undefined },
		{ ...ec.jwk, x: 'A'.repeat(43), y: 'A'.repeat(43) }, { ...ec.jwk, x: `${ec.jwk.x}=` },
	],
	'is no RSA key of 2048 to 8192 bits with an exponent of 65537 or more': [
		{ ...rsa.jwk, e: 'Aw' }, { ...rsa.jwk, e: 'AQAA' }, { ...rsa.jwk, n: rsa.jwk.n.slice(0, 170) },
		{ ...rsa.jwk, n: rsa.jwk.n.repeat(5) }, { ...rsa.jwk, n: `${rsa.jwk.n}!` }, { ...rsa.jwk, n: '' },
	],
	'is for another algorithm than RS256 or ES256': [{ ...rsa.jwk, alg: 'PS256' }, { ...rsa.jwk, alg: 'ES256' }, { ...ec.jwk, alg: 'HS256' }],
	'has an alg that is no name': [{ ...rsa.jwk, alg: 1 }],
	'is not meant for signatures': [{ ...rsa.jwk, use: 1 }, { ...rsa.jwk, key_ops: ['encrypt'] }, { ...rsa.jwk, key_ops: 'verify' }],
	'holds a private key, which belongs to nobody but the provider': [{ ...ec.jwk, d: ec.jwk.x }],
	'has a kid that is no name': [{ ...ec.jwk, kid: '' }, { ...ec.jwk, kid: 1 }, { ...ec.jwk, kid: 'x'.repeat(256) }],
};
for (const [reason, jwks] of Object.entries(unused))
	test(`a key is not used that ${reason}`, async () => {
		put(keys(rsa, ...jwks.map((jwk) => ({ ...jwk, kid: jwk.kid === ec.kid || jwk.kid === rsa.kid ? 'other' : jwk.kid }))));
		const others = (await list()).slice(2);
		assert.deepEqual(others.map((key) => [key.state, key.reason]), jwks.map(() => ['unused', reason]));
	});

test('doctor warns of a private key', async () => {
	put(keys(rsa, { ...ec.jwk, d: ec.jwk.x }));
	assert.equal((await finding())[1].state, 'warn');
});

/** What makes the whole file no good: a program starts without the provider's keys, and one that runs goes on as before. */
const bad = {
	'is no JSON object': ['', '{"keys":[', '[]', `${keys(rsa)}x`, keys(rsa).replace('{"keys"', '{"keys":[],"keys"')],
	'has no array of keys': ['{}', '{"keys":{}}'],
	'holds no key for RS256 or ES256': ['{"keys":[]}', keys(encryption)],
	'gives two keys the same kid': [keys(rsa, { ...rsa.jwk })],
	'holds too many keys': [keys(...Array.from({ length: 65 }, () => ec))],
	'is too large': [keys(rsa).padEnd(256 * 1024 + 1)],
};
for (const [what, texts] of Object.entries(bad))
	test(`a file that ${what} is refused`, async () => {
		for (const text of texts) {
			put(text);
			const { code, stdout, stderr } = await inst.ctl(['key', 'list', '--tsv']);
			assert.equal(code, exitCode.failed);
			assert.match(stdout, /^\S+\tactive\t\S+\n$/, 'our own key all the same');
			assert.ok(stderr.includes(`jwks_file ${file.path}: ${what}`), text.slice(0, 60));
		}
		assert.equal((await finding())[0].state, 'fail');
	});

test('a file that anybody may write, or that is no file, is refused; RSA and elliptic keys may share a kid', async () => {
	put(keys(rsa), 0o666);
	assert.match((await inst.ctl(['key', 'list'])).stderr, /may be written by anybody/);
	put(keys(rsa, { ...ec.jwk, kid: rsa.kid }));
	assert.equal((await list()).length, 3);
});

test('whoever looks at the configuration is told what is wrong with the file; it is no failure', async () => {
	const looks = [['unio-api', '-n'], ['unio-signald', '-n'], ['unioctl', '-n'], ['unioctl', 'check']];
	for (const [text, what] of [['{}', /has no array of keys/], ['{"keys":[]}', /holds no key for RS256 or ES256/], [keys(rsa), /^$/]]) {
		put(text);
		for (const [program, ...args] of looks) {
			const { code, stderr } = await runProgram(program, ['-c', inst.confPath, ...args]);
			assert.equal(code, 0, stderr);
			assert.match(stderr, what, program);
		}
	}
});

test('programs start with a bad file, say so once, and accept tokens of the provider from when it is good', async () => {
	const bad = new KeyFile();
	const late = await startInstance({ conf: { ...bad.conf, jwks_provision: 'yes' } });
	try {
		const said = () => late.logs().split('\n').filter((line) => /event=jwks .*error=/.test(line) && line.includes(bad.path));
		const token = await sign(rsa, person());
		const me = () => request(late, 'GET', '/api/auth/me', { token });
		const { access } = await newUser(late);
		const meeting = await newMeeting(late, { access });
		assertError(await me(), 401);
		assert.equal((await (await connect(late, meeting.id, { token })).closed).code, 4401);
		assert.equal(said().length, 2, 'unio-api and unio-signald, each once');
		const reload = await late.ctl(['reload']);
		assert.match(reload.stderr, /holds no key for RS256 or ES256/, 'the keys that there are might be good ones');
		bad.write(rsa);
		await until(async () => (await me()).status === 200, 'the file is good');
		const host = { access: token };
		const own = await newMeeting(late, host);
		const client = await connect(late, own.id, { token });
		assert.equal((await client.next('welcome')).type, 'welcome');
		late.assertAlive();
	} finally {
		await late.stop();
	}
});

test('a file without an issuer or an audience, or with our own issuer, is a mistake of the configuration', async () => {
	for (const conf of [{ jwks_issuer: '' }, { jwks_audience: '' }, { jwks_issuer: 'unio' }]) {
		const env = Object.fromEntries(Object.entries(conf).map(([key, value]) => [`UNIO_${key.toUpperCase()}`, value]));
		const { code, stderr } = await runProgram('unio-api', ['-c', inst.confPath, '-n'], { env });
		assert.equal(code, 1);
		assert.match(stderr, /jwks_/);
	}
});
