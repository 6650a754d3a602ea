// Everything that takes somebody's access away closes what is open within a second; and where nobody was told, because
// the wake-up was lost and the poll is far off, the database is asked at every entrance and every return.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { replace, SLOWER, within } from '../fault/support.mjs';
import { loginWith, newPassword, newUser, request } from '../lib/api.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { connect } from '../lib/ws.mjs';
import { assertFailed, detach, newSessions, PROTOCOL } from './resume.mjs';
import { api, assertClosedWith, assertRefused, enter, leaveOf, wsInstance } from './support.mjs';

const PROMPT_MS = 1_000 * SLOWER;

const inst = await wsInstance();
/** Nobody is told: there is no wake-up, and the poll comes once in an hour. */
const deaf = await wsInstance({ event_poll_interval: '60s', lease_interval: '60s' });
rmSync(join(deaf.varDir, 'run', 'wake.sock'), { force: true });
await replace(deaf, 'api');

const bans = ({ id }) => `/api/meetings/${id}/bans`;
const ctl = async (on, ...args) => {
	const { code, stderr } = await on.ctl(args);
	assert.equal(code, 0, stderr);
};
const otherLogin = async (on, user) => ({ ...user, access: (await loginWith(on, user.email, user.password)).access });

/** What is done to the room's second person: the close code of an open connection, of a new one, and how. */
const CAUSES = {
	'a logout': [4406, 4401, (on, room, bob) => api(on, bob, 'POST', '/api/auth/logout')],
	'a new password': [4406, 4401, async (on, room, bob) => {
		const json = { current_password: bob.password, new_password: newPassword() };
		await api(on, await otherLogin(on, bob), 'POST', '/api/auth/password', json);
	}],
	'a login session that is ended from another one': [4406, 4401, async (on, room, bob) => {
		const other = await otherLogin(on, bob);
		const { results } = await api(on, other, 'GET', '/api/auth/sessions');
		await api(on, other, 'DELETE', `/api/auth/sessions/${results.find(({ current }) => !current).id}`);
	}],
	'unioctl session revoke': [4406, 4401, (on, room, bob) => ctl(on, 'session', 'revoke', bob.email, '--all')],
	'unioctl user passwd': [4406, 4401, async (on, room, bob) => {
		const { code, stderr } = await on.ctl(['user', 'passwd', bob.email], { input: `${newPassword()}\n` });
		assert.equal(code, 0, stderr);
	}],
	'unioctl user disable': [4406, 4401, (on, room, bob) => ctl(on, 'user', 'disable', bob.email)],
	'unioctl user erase': [4406, 4401, (on, room, bob) => ctl(on, 'user', 'erase', bob.email)],
	'erasing oneself': [4406, 4401, (on, room, bob) =>
		api(on, bob, 'DELETE', '/api/auth/me', { password: bob.password })],
	'being removed by the host': [4403, 4403, (on, room, bob) =>
		api(on, room.host, 'DELETE', `/api/meetings/${room.id}/participants/${bob.id}`)],
	'a ban by the host': [4407, 4407, (on, room, bob) => api(on, room.host, 'POST', bans(room), { user_id: bob.id })],
	'a ban by the operator': [4407, 4407, (on, room, bob) => ctl(on, 'meeting', 'ban', `${room.id}`, bob.email)],
	'a deleted meeting': [4410, 4404, (on, room) => api(on, room.host, 'DELETE', `/api/meetings/${room.id}`)],
};

for (const [cause, [open, fresh, act]] of Object.entries(CAUSES)) {
	test(`${cause} closes the open connection with ${open} within a second, and the next one is refused with ${fresh}`, async () => {
		const room = await newSessions(inst, 2, { fresh: true });
		const [, bob] = room.sessions;
		await act(inst, room, bob.user);
		const done = Date.now();
		await assertClosedWith(bob.client, open);
		assert.ok(Date.now() - done < PROMPT_MS, `${Date.now() - done} ms`);
		await assertRefused(await connect(inst, room.id, { token: bob.user.access }), fresh);
	});

	test(`${cause}, at the same time as a return: refused, or closed within a second`, async () => {
		const room = await newSessions(inst, 2, { fresh: true });
		const [, bob] = room.sessions;
		await bob.lose();
		const [reply] = await Promise.all([bob.ask(), act(inst, room, bob.user)]);
		if (reply.type === 'resume_failed')
			assertFailed(reply, 'revoked');
		else
			await within(PROMPT_MS, 'the close', () => assertClosedWith(bob.client, open));
		const again = await bob.ask();
		assert.notEqual(again.type, 'resumed', JSON.stringify(again));
	});

	test(`${cause} that nobody told the daemon of: neither a new connection nor a return gets in`, async () => {
		const room = await newSessions(deaf, 2, { fresh: true });
		const [ann, bob] = room.sessions;
		await detach(bob);
		await act(deaf, room, bob.user);
		await assertRefused(await connect(deaf, room.id, { token: bob.user.access }), fresh);
		assertFailed(await bob.ask(), 'revoked');
		await ann.next(leaveOf(bob));
	});
}

test('a return that was granted before the daemon heard of it is closed as soon as it hears', async () => {
	const room = await newSessions(inst, 2, { fresh: true });
	const [, bob] = room.sessions;
	await bob.bounce();
	const [open, , act] = CAUSES['a logout'];
	await act(inst, room, bob.user);
	await within(PROMPT_MS, 'the close', () => assertClosedWith(bob.client, open));
});

test('a ticket that was fetched before a ban opens nothing', async () => {
	const room = await newSessions(deaf, 2, { fresh: true });
	const [, bob] = room.sessions;
	const { ticket } = await api(deaf, bob.user, 'POST', `/api/meetings/${room.id}/ticket`, {});
	noteSecret(ticket);
	await api(deaf, room.host, 'POST', bans(room), { email: bob.user.email });
	await assertRefused(await connect(deaf, room.id, { protocols: [PROTOCOL, `unio.ticket.${ticket}`] }), 4407);
});

for (const [by, act] of [
	['the host', (room, bob) => api(inst, room.host, 'POST', `/api/meetings/${room.id}/kick`, { user_id: bob.id })],
	['the operator', (room, bob) => ctl(inst, 'room', 'kick', `${room.id}`, bob.email)],
])
	test(`whoever is kicked by ${by} is out within a second with 4405, on all devices, and may come back`, async () => {
		const room = await newSessions(inst, 2, { fresh: true });
		const [ann, bob] = room.sessions;
		const second = await enter(inst, room.id, bob.user);
		await act(room, bob.user);
		const done = Date.now();
		await assertClosedWith(bob.client, 4405);
		await assertClosedWith(second, 4405);
		assert.ok(Date.now() - done < PROMPT_MS, `${Date.now() - done} ms`);
		await ann.next(leaveOf(bob));
		assertFailed(await bob.ask(), 'revoked');
		await (await enter(inst, room.id, bob.user)).sync();
	});

test('unioctl room kick --ban keeps them out, and the others are told so', async () => {
	const room = await newSessions(inst, 2, { fresh: true });
	const [ann, bob] = room.sessions;
	await ctl(inst, 'room', 'kick', `${room.id}`, bob.user.email, '--ban');
	await assertClosedWith(bob.client, 4407);
	assert.equal((await ann.next('participant_removed')).banned, true);
	await assertRefused(await connect(inst, room.id, { token: bob.user.access }), 4407);
});

test('whoever is unbanned and added again gets in', async () => {
	const room = await newSessions(inst, 2, { fresh: true });
	const [, bob] = room.sessions;
	await api(inst, room.host, 'POST', bans(room), { user_id: bob.user.id });
	await api(inst, room.host, 'DELETE', `${bans(room)}/${bob.user.id}`);
	await assertRefused(await connect(inst, room.id, { token: bob.user.access }), 4403);
	await api(inst, room.host, 'POST', `/api/meetings/${room.id}/participants`, { user_id: bob.user.id });
	await (await enter(inst, room.id, bob.user)).sync();
});

test('somebody who never was in it can be banned, and is told so at the door', async () => {
	const room = await newSessions(inst, 1, { fresh: true });
	const stranger = await newUser(inst);
	await api(inst, room.host, 'POST', bans(room), { user_id: stranger.id });
	await assertRefused(await connect(inst, room.id, { token: stranger.access }), 4407);
	const reply = await request(inst, 'GET', `/api/meetings/${room.id}/access`, { token: stranger.access });
	assert.deepEqual([reply.status, reply.json.code], [403, 'banned']);
});
