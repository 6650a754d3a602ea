// The daemon has no file descriptor left (EMFILE): it says so, does not spin, keeps its rooms going, and takes
// connections again when it can.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { request } from '../lib/api.mjs';
import { connect } from '../lib/ws.mjs';
import { enter, eventually, newFullRoom, newRoom, rename, wsInstance } from '../ws/support.mjs';
import { calm, confine, SLOWER, within } from './support.mjs';

const inst = await wsInstance({ handshake_timeout: '4s' });

test('the daemon without descriptors keeps its rooms going, and takes connections again when it can', async () => {
	const { clients: [ann, bob] } = await newFullRoom(inst);
	const room = await newRoom(inst, 1);
	const pid = inst.pid('signald');
	const release = confine(pid, 2);
	const waiting = [];
	try {
		await calm(inst, [pid], 'unio-signald.log', async () => {
			for (let n = 0; n < 12; n += 1)
				waiting.push(connect(inst, room.id, { token: room.host.access }).then((client) => client.close(), () => {}));
			for (let n = 0; n < 20; n += 1) {
				ann.send({ type: 'message', data: n });
				await within(1_000 * SLOWER, 'a message', () => bob.next('message'));
				await pause(20);
			}
		});
	} finally {
		release();
	}
	await Promise.all(waiting); // let in by now, or refused
	assert.match(inst.logs(), /too many open files|EMFILE|descriptors?/i);
	await eventually('it takes connections', () => enter(inst, room.id, room.host).then(() => true, () => false));
	await ann.sync();
	await bob.sync();
});

test('the daemon with no descriptor at all is not killed by it', async () => {
	const room = await newFullRoom(inst, 1);
	const pid = inst.pid('signald');
	const release = confine(pid, 0);
	try {
		await calm(inst, [pid], 'unio-signald.log', async () => {
			for (let n = 0; n < 5; n += 1)
				connect(inst, room.id, { token: room.host.access }).catch(() => {});
			await room.clients[0].sync();
			inst.kill('api', 'SIGKILL'); // others come, and call on the wake-up's socket
			await eventually('others', () => rename(inst, room, 'Narrow').then(() => true, () => false));
		});
	} finally {
		release();
	}
	await eventually('it is ready', async () => (await request(inst, 'GET', '/api/health/ready')).status === 200);
	await room.clients[0].sync();
});
