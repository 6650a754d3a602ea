// docs/PROTOCOL.md, POST /api/meetings/{id}/ticket: who gets one, and where it is to be used.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, request, useInstance } from '../lib/api.mjs';

const inst = await useInstance();
const behindProxy = await useInstance({ conf: { base_path: '/unio', trusted_proxies: '10.0.0.0/8', ticket_ttl: '90s' } });
const named = await useInstance({ conf: { public_url: 'https://meet.example.org:8443' } });

const people = {
	host: await newUser(inst),
	participant: await newUser(inst),
	outsider: await newUser(inst),
	administrator: await newUser(inst, { admin: true }),
	nobody: null,
};
const meeting = await newMeeting(inst, people.host, { participants: [people.participant] });
const path = `/api/meetings/${meeting.id}/ticket`;

const expected = { host: 201, participant: 201, outsider: 403, administrator: 403, nobody: 401 };
for (const [kind, status] of Object.entries(expected))
	test(`${kind} gets ${status} for a ticket`, async () => {
		const reply = await as(inst, people[kind]).post(path);
		if (status === 201) return assertStatus(reply, 201);
		assertError(reply, status, { code: { 401: 'unauthorized', 403: 'forbidden' }[status] });
		return assert.ok(!('ticket' in reply.json));
	});

test('a ticket is 22 characters, good for 30 seconds at the address given', async () => {
	const reply = await as(inst, people.host).post(path);
	assert.deepEqual(Object.keys(assertStatus(reply, 201)).sort(), ['expires_in', 'ticket', 'ws_url']);
	assert.match(reply.json.ticket, /^[A-Za-z0-9_-]{22}$/);
	assert.equal(reply.json.expires_in, 30);
	assert.equal(reply.json.ws_url, `${inst.wsOrigin}/ws/meeting/${meeting.id}/`);
	assert.equal(reply.headers['cache-control'], 'no-store');
});

test('an unknown meeting is 404', async () => {
	assertError(await as(inst, people.host).post('/api/meetings/99999999/ticket'), 404, { code: 'not_found' });
});

test('a path without trailing slash, with one, and with an empty object are the same', async () => {
	assertStatus(await as(inst, people.host).post(`${path}/`), 201);
	assertStatus(await as(inst, people.host).post(path, {}), 201);
});

test('other methods are 405', async () => {
	const reply = await as(inst, people.host).get(path);
	assertError(reply, 405);
	assert.equal(reply.headers.allow, 'POST');
});

test('no two tickets are alike, and an Idempotency-Key changes nothing about that', async () => {
	const ask = (headers) => as(inst, people.host).post(path, {}, { headers });
	const replies = await Promise.all([ask(), ask(), ask({ 'Idempotency-Key': 'one' }), ask({ 'Idempotency-Key': 'one' })]);
	assert.equal(new Set(replies.map((reply) => assertStatus(reply, 201).ticket)).size, 4);
	assert.ok(replies.every((reply) => !('idempotency-replayed' in reply.headers)));
});

test('the database knows a ticket by its SHA-256 alone, with user, login session and meeting', async () => {
	const user = await newUser(inst);
	const { id } = await newMeeting(inst, user);
	const { ticket } = assertStatus(await as(inst, user).post(`/api/meetings/${id}/ticket`), 201);
	const hash = createHash('sha256').update(ticket).digest('hex');
	const [{ current_id: login }] = inst.sql(`SELECT max(id) AS current_id FROM login WHERE user_id = ${user.id}`);
	const rows = inst.sql(`SELECT * FROM ticket WHERE user_id = ${user.id}`);
	assert.equal(rows.length, 1);
	const { expires_at: until, ...rest } = rows[0];
	assert.deepEqual(rest, { hash, user_id: user.id, login_id: login, meeting_id: id });
	assert.ok(Math.abs(until / 1000 - Date.now() - 30_000) < 20_000);
});

test('tickets that have expired are forgotten when new ones are made', async () => {
	const user = await newUser(inst);
	const { id } = await newMeeting(inst, user);
	for (let i = 0; i < 5; i++) assertStatus(await as(inst, user).post(`/api/meetings/${id}/ticket`), 201);
	inst.sql(`UPDATE ticket SET expires_at = 1 WHERE user_id = ${user.id}`);
	assertStatus(await as(inst, user).post(`/api/meetings/${id}/ticket`), 201);
	assert.deepEqual(inst.sql(`SELECT count(*) AS n FROM ticket WHERE user_id = ${user.id}`), [{ n: 1 }]);
});

test('a removed participant gets no ticket any more', async () => {
	const guest = await newUser(inst);
	const { id } = await newMeeting(inst, people.host, { participants: [guest] });
	assertStatus(await as(inst, guest).post(`/api/meetings/${id}/ticket`), 201);
	assertStatus(await as(inst, people.host).del(`/api/meetings/${id}/participants/${guest.id}`), 204);
	assertError(await as(inst, guest).post(`/api/meetings/${id}/ticket`), 403);
});

const url = async (where, host, headers) => {
	const { id } = await newMeeting(where, host);
	const reply = await request(where, 'POST', `${where.basePath}/api/meetings/${id}/ticket`, {
		token: host.access,
		headers,
	});
	return assertStatus(reply, 201).ws_url.replace(new RegExp(`/${id}/$`), '/ID/');
};

const proxyHost = await newUser(behindProxy);
const namedHost = await newUser(named);

const addresses = [
	['the Host header says where', {}, `ws://127.0.0.1:${behindProxy.port}`],
	['another name of the same server', { Host: 'meet.example:8000' }, 'ws://meet.example:8000'],
	['an address of IPv6', { Host: '[::1]:8000' }, 'ws://[::1]:8000'],
	['a proxy that speaks TLS', { Host: 'meet.example', 'X-Forwarded-Proto': 'https' }, 'wss://meet.example'],
	['a proxy that does not', { Host: 'meet.example', 'X-Forwarded-Proto': 'http' }, 'ws://meet.example'],
	['a word that is no scheme', { Host: 'meet.example', 'X-Forwarded-Proto': 'gopher' }, 'ws://meet.example'],
];
for (const [what, headers, origin] of addresses)
	test(`ws_url without public_url: ${what}`, async () => {
		assert.equal(await url(behindProxy, proxyHost, headers), `${origin}/unio/ws/meeting/ID/`);
	});

test('ws_url is made of public_url if there is one, whatever the request says', async () => {
	const headers = { Host: 'elsewhere.example', 'X-Forwarded-Proto': 'http' };
	assert.equal(await url(named, namedHost, headers), 'wss://meet.example.org:8443/ws/meeting/ID/');
});

test('expires_in is what ticket_ttl says', async () => {
	const { id } = await newMeeting(behindProxy, proxyHost);
	const reply = await as(behindProxy, proxyHost).post(`/unio/api/meetings/${id}/ticket`);
	assert.equal(assertStatus(reply, 201).expires_in, 90);
});
