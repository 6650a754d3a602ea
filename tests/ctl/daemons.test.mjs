// Two daemons never serve one meeting: not by a wrong rule of the web server, nor by a second process, nor by a number
// that was changed for one of them alone. And what unioctl says of their number, to people and to web servers.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { afterEach } from 'node:test';

import { useInstance } from '../lib/api.mjs';
import { buildDir } from '../lib/instance.mjs';
import { closeAll, connect } from '../lib/ws.mjs';
import { assertRefused, assertStillOpen, eventually, newFullRoom } from '../ws/support.mjs';

afterEach(closeAll);
const inst = await useInstance({ conf: { daemons: 2 } });

/** A further unio-signald with the instance's configuration and these keys; it must refuse to run. */
function start(args, keys = {}) {
	const env = { ...process.env, ...Object.fromEntries(Object.entries(keys).map(([key, value]) => [`UNIO_${key.toUpperCase()}`, value])) };
	return spawnSync(join(buildDir, 'unio-signald'), ['-c', inst.confPath, ...args], { env, encoding: 'utf8', timeout: 20_000 });
}

/** Which of the two serves it. */
const daemonOf = (id) => id % 2 + 1;

async function roomOf(daemon) {
	for (;;) {
		const room = await newFullRoom(inst);
		if (daemonOf(room.id) === daemon)
			return room;
	}
}

for (const daemon of [1, 2])
	test(`daemon ${daemon} sends back who was sent to it for a meeting of the other one`, async () => {
		const { id, host } = await roomOf(3 - daemon);
		const there = { wsOrigin: `ws+unix:${join(inst.varDir, 'run', daemon === 1 ? 'ws.sock' : 'ws-2.sock')}:` };
		for (const protocols of [[], ['unio.v1']])
			await assertRefused(await connect(there, id, { token: host.access, protocols }), 4005);
		await assertRefused(await connect(there, `${id}x`, { token: host.access }), 4404); // nobody's meeting
	});

for (const [what, args, keys] of [
	['a second process of a daemon', ['-k', '2'], {}],
	['one that takes itself for the only daemon', [], { daemons: '1' }],
	['one of another number of daemons', ['-k', '3'], { daemons: '5' }],
])
	test(`${what} does not start beside the others, and disturbs nobody`, async () => {
		const rooms = [await roomOf(1), await roomOf(2)];
		const { status, stderr } = start(args, keys);
		assert.equal(status, 1);
		const pids = ['unio-signald', 'unio-signald-2'].map((name) => readFileSync(join(inst.varDir, `run/${name}.pid`), 'utf8').trim());
		const [, holder] = /process (\d+) serves meetings of daemon/.exec(stderr) ?? assert.fail(stderr);
		assert.ok(pids.includes(holder), stderr);
		for (const { clients } of rooms)
			for (const client of clients)
				await assertStillOpen(client);
	});

test('a number that is no daemon is refused', () => {
	const { status, stderr } = start(['-k', '3']);
	assert.equal(status, 1);
	assert.match(stderr, /there is no daemon 3: daemons = 2/);
	for (const bad of ['0', 'two', '33', ''])
		assert.equal(start(['-k', bad]).status, 2);
});

test('their number does not change while they run', async () => {
	const text = readFileSync(inst.confPath, 'utf8');
	writeFileSync(inst.confPath, text.replace('daemons = 2', 'daemons = 1'));
	try {
		const { code, stderr } = await inst.ctl(['reload']);
		assert.equal(code, 1);
		assert.match(stderr, /daemons was 2: to change it, stop all daemons first/);
	} finally {
		writeFileSync(inst.confPath, text);
	}
	assert.equal((await inst.ctl(['reload'])).code, 0);
	await inst.waitReady();
});

test('the list says what there is, and what is down', async () => {
	const sockets = ['ws.sock', 'ctl.sock', 'ws-2.sock', 'ctl-2.sock'].map((name) => join(inst.varDir, 'run', name));
	const list = JSON.parse((await inst.ctl(['--json', 'daemon', 'list'])).stdout);
	assert.deepEqual(list.map(({ daemon, state, ws_socket: ws, control_socket: control }) => [daemon, state, ws, control]),
		[[1, 'up', sockets[0], sockets[1]], [2, 'up', sockets[2], sockets[3]]]);
	const text = readFileSync(inst.confPath, 'utf8');
	writeFileSync(inst.confPath, text.replace('daemons = 2', 'daemons = 3'));
	try {
		const { code, stdout } = await inst.ctl(['daemon', 'list', '--tsv']);
		assert.equal(code, 0);
		assert.match(stdout, /^1\tup.*\n2\tup.*\n3\tdown\t0\t0\t.*ws-3\.sock\t.*ctl-3\.sock\n$/);
		const rooms = await inst.ctl(['room', 'list', '--tsv']);
		assert.equal(rooms.code, 5);
		assert.match(rooms.stderr, /does not answer on .*ctl-3\.sock/);
		const stats = await inst.ctl(['stats', '--tsv']);
		assert.equal(stats.code, 5);
		assert.match(stats.stdout, /^signald\tstate\tdown\n[^]*^signald\tdaemons_up\t2$[^]*^signald_3\tstate\tdown$/m);
	} finally {
		writeFileSync(inst.confPath, text);
	}
});

for (const server of ['lighttpd', 'nginx', 'apache', 'caddy'])
	test(`${server} is told of the second daemon, and of one alone nothing`, async () => {
		const { code, stdout } = await inst.ctl(['front', server]);
		assert.equal(code, 0);
		assert.match(stdout, /\/ws\/meeting\/\(\?:\[0-9\]\*\(\?:\[0123456789\]\[13579\]\)\|\[13579\]\)\/\?\$/);
		assert.equal(stdout.split('ws-2.sock').length, 2);
		assert.ok(!stdout.includes('ws.sock'), 'what has no rule of its own is for the first');
		const one = spawnSync(join(buildDir, 'unioctl'), ['-c', inst.confPath, 'front', server],
			{ env: { ...process.env, UNIO_DAEMONS: '1' }, encoding: 'utf8' });
		assert.match(one.stdout, /^#.*\n$/);
	});

test('other web servers are not known', async () => {
	assert.equal((await inst.ctl(['front', 'iis'])).code, 2);
});

async function findings() {
	const all = JSON.parse((await inst.ctl(['--json', 'doctor', '--url', inst.origin])).stdout);
	return all.filter(({ check }) => ['daemon', 'daemons', 'websocket', 'wake-up'].includes(check)).map(({ check, state }) => `${check} ${state}`);
}

/** The web server with these rules for the second daemon. */
async function serveBy(rules) {
	writeFileSync(join(inst.varDir, 'lighttpd-daemons.conf'), rules);
	const before = inst.pid('web');
	inst.kill('web', 'SIGTERM');
	await eventually('the web server has a successor', () => inst.pid('web') !== before);
	await inst.waitReady();
}

test('the doctor sees that the web server fits the number, and when it does not', { skip: inst.env.WEB !== 'lighttpd' }, async () => {
	const well = ['daemon ok', 'wake-up ok', 'daemon ok', 'wake-up ok', 'websocket ok', 'daemons ok'];
	const rules = readFileSync(join(inst.varDir, 'lighttpd-daemons.conf'), 'utf8');
	assert.deepEqual(await findings(), well);
	await serveBy('');
	assert.equal((await findings()).at(-1), 'daemons fail');
	await serveBy(rules);
	assert.deepEqual(await findings(), well);
});
