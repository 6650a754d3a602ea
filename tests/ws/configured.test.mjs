// Credentials and addresses under other configurations.
import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';

import { newMeeting, newUser, useInstance } from '../lib/api.mjs';
import { SLOWER } from '../lib/instance.mjs';
import { closeAll, connect } from '../lib/ws.mjs';
import { assertRefused, enter, eventually, welcomed } from './support.mjs';

const inst = await useInstance({ conf: { allow_query_token: 'no', base_path: '/unio', token_ttl: `${3 * SLOWER}s` } });
afterEach(closeAll);

const at = (id) => `/unio/ws/meeting/${id}/`;

async function newRoomBelow() {
	const host = await newUser(inst);
	const meeting = await newMeeting(inst, host);
	return { host, path: at(meeting.id), id: meeting.id };
}

test('below a base path the room is at that path', async () => {
	const { host, path } = await newRoomBelow();
	const client = await enter(inst, 0, host, { path });
	assert.equal(client.welcome.self.user_id, host.id);
});

test('below a base path the path works without its trailing slash', async () => {
	const { host, path } = await newRoomBelow();
	await enter(inst, 0, host, { path: path.slice(0, -1) });
});

test('with allow_query_token off a token in the query is refused with 4401', async () => {
	const { host, path } = await newRoomBelow();
	await assertRefused(await connect(inst, 0, { path, query: { token: host.access } }), 4401);
});

test('with allow_query_token off the auth frame still lets in', async () => {
	const { host, path } = await newRoomBelow();
	const client = await connect(inst, 0, { path, protocols: ['unio.v1'], first: [{ type: 'auth', token: host.access }] });
	await welcomed(client, host);
});

test('with allow_query_token off a token in the query does not stand in the way of the header', async () => {
	const { host, path } = await newRoomBelow();
	await enter(inst, 0, host, { path, query: { token: 'nonsense' } });
});

test('a live socket outlives its token, which then opens no other', async () => {
	const { host, path } = await newRoomBelow();
	const client = await enter(inst, 0, host, { path });
	const late = await eventually('the token is refused', async () => {
		const other = await connect(inst, 0, { path, token: host.access });
		await Promise.race([other.closed, other.next('welcome').catch(() => {})]);
		if (other.count('welcome') === 0)
			return other;
		await other.close();
		return null;
	}, { interval: 200 });
	await assertRefused(late, 4401);
	await client.sync();
});
