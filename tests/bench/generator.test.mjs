// The load generator of `make bench` notices whatever a server does wrong: otherwise its figures would mean nothing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { buildDir, until } from '../lib/instance.mjs';

const programs = join(buildDir, 'bench');
const dir = mkdtempSync(join(tmpdir(), 'unio-bench-'));
after(() => rmSync(dir, { recursive: true }));

const claims = (user) => Buffer.from(JSON.stringify({ user_id: user, email: 'a@b.c', full_name: 'N' })).toString('base64url');
const clients = join(dir, 'clients');
writeFileSync(clients, [1, 2, 3].flatMap((room) => [1, 2, 3].map((user) => `${room} x.${claims(user)}.x\n`)).join(''));

const reachable = (path) => new Promise((done) => {
	const socket = connect(path, () => done(true)).on('error', () => done(false)).on('connect', () => socket.destroy());
});

let servers = 0;

/** What the generator says of a floor with this fault ('': none). */
async function load(fault, what, ...args) {
	servers += 1;
	const path = join(dir, `${servers}.sock`);
	const server = spawn(join(programs, 'floor'), [`unix:${path}`, ...(fault ? [fault] : [])], { stdio: 'inherit' });
	try {
		await until(() => reachable(path), 'the floor listens');
		return spawnSync(join(programs, 'load'), ['-c', clients, '-t', '0.1', ...args, `unix:${path}`, what], { encoding: 'utf8' });
	} finally {
		server.kill('SIGKILL');
	}
}

test('a server without fault passes, in the closed loop, in the open one, and with people who come and go', async () => {
	const { status, stdout, stderr } = await load('', 'candidates', '-w', '4', '-r', '1000');
	assert.equal(status, 0, stderr);
	const { closed, open } = JSON.parse(stdout);
	assert.ok(closed.count > 100 && open.count > 50 && open.p50_us > 0 && open.p50_us <= open.p99_us, stdout);
	const joins = await load('', 'joins');
	assert.equal(joins.status, 0, joins.stderr);
	assert.ok(JSON.parse(joins.stdout).joins.count > 10, joins.stdout);
});

const FAULTS = { lose: /lost/, double: /doubled/, swap: /misordered/, misroute: /misrouted/ };
for (const [fault, said] of Object.entries(FAULTS))
	test(`a server that does it to one message in a hundred fails: ${fault}`, async () => {
		for (const way of [['-w', '4'], ['-r', '3000']]) {
			const { status, stderr } = await load(fault, 'candidates', ...way);
			assert.equal(status, 1);
			assert.match(stderr, said);
		}
	});
