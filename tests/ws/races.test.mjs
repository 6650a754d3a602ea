// Entering while the right to enter is being taken away: whichever comes first, nobody stays who may not.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';

import { loginWith, request } from '../lib/api.mjs';
import { connect, rawConnect } from '../lib/ws.mjs';
import { api, enter, eventually, newRoom, wsInstance } from './support.mjs';

const ROUNDS = 20;

const inst = await wsInstance();
const socketPath = path.join(inst.varDir, 'run', 'ws.sock');

/** Connects `count` times while `change` runs; every connection must be closed by the server with one of `codes`. */
async function assertAllOut(id, token, change, codes, count = 4) {
	const knocking = Array.from({ length: count }, () => connect(inst, id, { token }));
	await change();
	const late = connect(inst, id, { token });
	for (const client of await Promise.all([...knocking, late]))
		assert.ok(codes.includes((await client.closed).code), `closed with ${(await client.closed).code}`);
}

test('who is taken out of the meeting while entering is in the end out', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const watcher = await enter(inst, id, host);
	for (let n = 0; n < ROUNDS; n++) {
		const remove = () => api(inst, host, 'DELETE', `/api/meetings/${id}/participants/${guest.id}`);
		await assertAllOut(id, guest.access, remove, [4403]);
		await api(inst, host, 'POST', `/api/meetings/${id}/participants`, { user_id: guest.id });
	}
	await watcher.sync();
	const { welcome } = await enter(inst, id, host);
	assert.deepEqual(welcome.peers.map((peer) => peer.session_id), [watcher.session]);
});

test('who logs out while entering is in the end out', async () => {
	const { id, host } = await newRoom(inst, 1, { fresh: true });
	for (let n = 0; n < ROUNDS; n++) {
		const { access } = await loginWith(inst, host.email, host.password);
		await assertAllOut(id, access, () => api(inst, { access }, 'POST', '/api/auth/logout'), [4401, 4406]);
	}
	assert.deepEqual((await enter(inst, id, host)).welcome.peers, []);
});

test('who enters while the meeting is deleted is in the end out', async () => {
	for (let n = 0; n < ROUNDS; n++) {
		const { id, host } = await newRoom(inst, 1);
		await assertAllOut(id, host.access, () => api(inst, host, 'DELETE', `/api/meetings/${id}`), [4404, 4410]);
	}
});

test('connections that break while they enter leave nobody behind', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const watcher = await enter(inst, id, host, { protocols: ['unio.v1'] });
	for (let n = 0; n < 5 * ROUNDS; n++) {
		// At the daemon's own socket: lighttpd may miss an end that comes together with the last bytes.
		const raw = await rawConnect(inst, id, { token: guest.access, socketPath });
		if (n % 2)
			raw.send({ type: 'join-call' });
		await raw.terminate();
	}
	await eventually('nobody is there but the watcher', async () => {
		const client = await enter(inst, id, host);
		await client.close();
		await watcher.sync();
		return client.welcome.peers.every((peer) => peer.session_id === watcher.session)
			&& watcher.count('call_joined') === watcher.count('call_left');
	});
});

test('a call that is started, ended and joined at the same moments is in the end ended, with nobody in it', async () => {
	const { id, host, people: [, guest] } = await newRoom(inst);
	const clients = [await enter(inst, id, host), await enter(inst, id, guest)];
	for (let n = 0; n < ROUNDS; n++) {
		for (const client of clients)
			client.send({ type: n % 3 ? 'join-call' : 'leave-call' });
		const starts = [host, guest].map((user) =>
			request(inst, 'POST', '/api/calls', { token: user.access, json: { meeting_id: id } }));
		const calls = (await Promise.all(starts)).map((reply) => reply.json.id);
		assert.equal(calls[0], calls[1], 'two who press start share one call');
		if (n === ROUNDS - 1)
			await Promise.all(clients.map((client) => client.sync()));
		await request(inst, 'POST', `/api/calls/${calls[0]}/end`, { token: host.access });
	}
	for (const client of clients) {
		for (let n = 0; n < ROUNDS; n++)
			await client.next('call_ended');
		await client.sync();
		assert.deepEqual([client.count('call_started'), client.count('call_ended')], [ROUNDS, ROUNDS]);
	}
	const late = await enter(inst, id, host);
	assert.deepEqual([late.welcome.call, late.welcome.peers.map((peer) => peer.in_call)], [null, [false, false]]);
	const { results } = await api(inst, host, 'GET', `/api/calls?meeting_id=${id}&limit=100`);
	assert.equal(results.length, ROUNDS);
	await eventually('all attendance is closed', async () => {
		const details = await Promise.all(results.map((call) => api(inst, host, 'GET', `/api/calls/${call.id}`)));
		return details.every((call) => call.attendance.every(({ intervals }) => intervals.every((one) => one.left_at !== null)));
	});
});
