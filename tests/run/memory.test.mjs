// What stays in the memory of the programs: no password once its request is answered, no secret once it was replaced.
// /proc/PID/mem is for root, or for who may debug them; nobody else can run this.

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { newUser, request } from '../lib/api.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { noteSecret } from '../lib/secrets.mjs';

/** Sanitizers keep what was freed, and valgrind has memory of its own; a CGI process is gone with its request. */
const skip = (process.env.SANITIZE || process.env.API === 'cgi') && 'not in this build';

const secret = (what) => {
	const value = `${what}-${randomBytes(12).toString('hex')}`;
	noteSecret(value);
	return value;
};

let inst;
let turnFile;
const firstTurn = secret('turn-first');

before(async () => {
	// One worker, so that all requests meet the same memory.
	inst = await startInstance({ conf: { workers: 1, registration: 'open' } });
	turnFile = join(inst.dir, 'turn.secret');
	writeFileSync(turnFile, `${firstTurn}\n`, { mode: 0o600 });
	writeFileSync(inst.confPath, `${readFileSync(inst.confPath, 'utf8')}\nice_urls = turn:127.0.0.1:3478\nturn_secret_file = ${turnFile}\n`);
	await reload();
});
afterEach(() => inst.assertAlive());
after(() => inst?.stop());

const lines = () => inst.logs().match(/\breload\b/g)?.length ?? 0;

/** Both programs have read the configuration again, and the worker of the old one has gone. */
async function reload() {
	const [seen, older] = [lines(), workers()];
	process.kill(inst.pid('api'), 'SIGHUP');
	process.kill(inst.pid('signald'), 'SIGHUP');
	await until(() => lines() >= seen + 2 && workers().length === 1 && workers()[0] !== older[0], 'reloaded');
	await inst.waitReady();
}

function workers() {
	return readFileSync(`/proc/${inst.pid('api')}/task/${inst.pid('api')}/children`, 'utf8').trim().split(' ').map(Number);
}

/** How often a text stands in what the process can write to. */
function found(pid, text) {
	const mem = openSync(`/proc/${pid}/mem`, 'r');
	let times = 0;
	try {
		for (const [, from, to] of readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^(\w+)-(\w+) rw/gm)) {
			const start = parseInt(from, 16);
			const bytes = Buffer.alloc(parseInt(to, 16) - start);
			const n = readSync(mem, bytes, 0, bytes.length, start);
			for (let at = bytes.indexOf(text); at !== -1 && at < n; at = bytes.indexOf(text, at + 1))
				times++;
		}
	} finally {
		closeSync(mem);
	}
	return times;
}

const api = () => [inst.pid('api'), ...workers()];

function assertGone(pids, ...secrets) {
	for (const pid of pids)
		for (const text of secrets)
			assert.equal(found(pid, text), 0, `${text} in ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}`);
}

test('no password stays, right or wrong, old or new, at a login, a registration or a change', { skip }, async () => {
	const [second, wrong, own] = [secret('second'), secret('wrong'), secret('own')];
	const user = await newUser(inst);
	const send = async (path, json, token) => (await request(inst, 'POST', path, { json, token })).status;

	assert.equal(await send('/api/auth/password', { current_password: user.password, new_password: second }, user.access), 204);
	assert.equal(await send('/api/auth/login', { email: user.email, password: second }), 200);
	assert.equal(await send('/api/auth/login', { email: user.email, password: wrong }), 401);
	assert.equal(await send('/api/auth/register', { email: 'own@test.example', password: own, full_name: 'A Person' }), 201);
	await inst.waitReady();
	assertGone([...api(), inst.pid('signald'), inst.pid('hookd')], user.password, second, wrong, own);
});

test('nor does it in a body that is no good, or comes in pieces', { skip }, async () => {
	const pieces = secret('pieces');
	const cut = secret('cut');
	const body = `{"email":"nobody@test.example",${' '.repeat(20_000)}"password":"${pieces}"}`;
	assert.equal((await request(inst, 'POST', '/api/auth/login', { body, headers: { 'Content-Type': 'application/json' } })).status, 401);
	assert.equal((await request(inst, 'POST', '/api/auth/login',
		{ body: `{"email":"nobody@test.example","password":"${cut}"`, headers: { 'Content-Type': 'application/json' } })).status, 400);
	await inst.waitReady();
	assertGone(api(), pieces, cut);
});

test('a TURN secret that was replaced is forgotten by the next reload', { skip }, async () => {
	const next = secret('turn-next');
	assert.notEqual(found(inst.pid('signald'), firstTurn), 0, 'the search finds what is there');
	writeFileSync(turnFile, `${next}\n`);
	await reload();
	assert.notEqual(found(inst.pid('signald'), next), 0);
	assertGone([...api(), inst.pid('signald')], firstTurn);
});
