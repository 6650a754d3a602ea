// Who gets in, and by which credential (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test from 'node:test';

import { newUser, request } from '../lib/api.mjs';
import { claimsOf, makeToken, signingKey } from '../lib/jwt.mjs';
import { connect, rawConnect } from '../lib/ws.mjs';
import { assertRefused, enter, newRoom, startCall, welcomed, wsInstance } from './support.mjs';

const inst = await wsInstance();
const room = await newRoom(inst, 2);
const [host, guest] = room.people;
const plain = await newUser(inst);
const key = await signingKey(inst, host.access);

/** A token that is right in everything but what `changes` says; undefined takes a claim away. */
function forge(changes = {}, options = {}) {
	const claims = { ...claimsOf(host.access), ...changes };
	return makeToken(claims, options.key ?? key, options);
}

/** A valid token of exactly `length` characters, padded by a claim that nobody reads. */
function tokenOfLength(length) {
	for (let typ = 0; typ < 4; typ++) {
		const header = { alg: 'HS256', typ: 'JWT', pad: 'p'.repeat(typ) };
		const bare = forge({ pad: '' }, { header });
		for (let pad = Math.floor((length - bare.length) * 3 / 4) - 4; pad < length - bare.length; pad++) {
			const token = forge({ pad: 'x'.repeat(pad) }, { header });
			if (token.length === length)
				return token;
			if (token.length > length)
				break;
		}
	}
	return assert.fail(`no token of ${length} characters`);
}

/** The token with the claims of another one under its own signature. */
function withPayloadOf(token, other) {
	const [header, , signature] = token.split('.');
	return [header, other.split('.')[1], signature].join('.');
}

const admitted = {
	'an Authorization header': { token: host.access },
	'a token in the query, the way of the report': { query: { token: host.access } },
	'an Authorization header of a unio.v1 client': { token: host.access, protocols: ['unio.v1'] },
	'a token in the query of a unio.v1 client': { query: { token: host.access }, protocols: ['unio.v1'] },
	'an auth frame with a token': { protocols: ['unio.v1'], first: [{ type: 'auth', token: host.access }] },
	'a good header beside a bad token in the query': { token: host.access, query: { token: 'nonsense' } },
	'a token of exactly 4096 bytes': { token: tokenOfLength(4096) },
	'a token without the claims that only clients read': { token: forge({ email: undefined, full_name: undefined }) },
	'the path without its trailing slash': { token: host.access, path: `/ws/meeting/${room.id}` },
	'the path without its trailing slash and a query':
		{ path: `/ws/meeting/${room.id}`, query: { token: host.access } },
	'other words in the query': { query: { a: '1', token: host.access, b: '' } },
};

for (const [what, options] of Object.entries(admitted)) {
	test(`${what} lets in`, async () => {
		const client = await welcomed(await connect(inst, room.id, options), host);
		assert.equal(client.welcome.self.user_id, host.id);
	});
}

test('the Authorization header goes before the token in the query', async () => {
	const client = await enter(inst, room.id, host, { query: { token: guest.access } });
	assert.equal(client.welcome.self.user_id, host.id);
});

const now = Math.floor(Date.now() / 1000);

const refusedTokens = {
	'an expired token': forge({ exp: now - 5 }),
	'a token without an end': forge({ exp: undefined }),
	'a token whose end is a string': forge({ exp: String(now + 3600) }),
	'a token of another issuer': forge({ iss: 'somebody-else' }),
	'a token without issuer': forge({ iss: undefined }),
	'a token signed with another key': forge({}, { key: 'k'.repeat(32) }),
	'a token signed with an empty key': forge({}, { key: '' }),
	'a token with alg none': forge({}, { header: { alg: 'none', typ: 'JWT' }, hash: '' }),
	'a token with alg none and a signature': forge({}, { header: { alg: 'none', typ: 'JWT' } }),
	'a token with HS512': forge({}, { header: { alg: 'HS512', typ: 'JWT' }, hash: 'sha512' }),
	'a token that says RS256': forge({}, { header: { alg: 'RS256', typ: 'JWT' } }),
	'a token whose signature is cut off': host.access.replace(/[^.]+$/, ''),
	'a token with a changed claim': withPayloadOf(host.access, forge({ sub: String(guest.id), user_id: guest.id })),
	'a token that is no access token': forge({ token_type: 'refresh' }),
	'a token without a type': forge({ token_type: undefined }),
	'a token without a subject': forge({ sub: undefined }),
	'a token of a user who does not exist': forge({ sub: '999999', user_id: 999999 }),
	'a token of a login session that does not exist': forge({ sid: 999999 }),
	'a refresh token': host.refresh,
	'a token of 4097 bytes': tokenOfLength(4097),
	'a token of 5 KB': forge({ pad: 'x'.repeat(5000) }),
	'a word': 'nonsense',
	'two dots': '..',
};

for (const [what, token] of Object.entries(refusedTokens))
	test(`${what} in the header is refused with 4401`, async () => {
		await assertRefused(await connect(inst, room.id, { token }), 4401);
	});

for (const what of ['an expired token', 'a token with alg none', 'a token of 5 KB', 'a word']) {
	test(`${what} in the query is refused with 4401`, async () => {
		await assertRefused(await connect(inst, room.id, { query: { token: refusedTokens[what] } }), 4401);
	});
	test(`${what} in the auth frame is refused with 4401`, async () => {
		const first = [{ type: 'auth', token: refusedTokens[what] }];
		await assertRefused(await connect(inst, room.id, { protocols: ['unio.v1'], first }), 4401);
	});
}

const refused = {
	'no credential at all': [{}, 4401],
	'an empty token in the query': [{ query: { token: '' } }, 4401],
	'a bad header beside a good token in the query': [{ token: 'nonsense', query: { token: host.access } }, 4401],
	'a login by another scheme than Bearer': [{ headers: { Authorization: 'Basic YTpi' } }, 4401],
	'no credential for a meeting that does not exist': [{ path: '/ws/meeting/999999/' }, 4401],
	'an outsider': [{ token: plain.access }, 4403],
	'an unknown meeting': [{ token: host.access, path: '/ws/meeting/999999/' }, 4404],
	'no meeting id in the path': [{ token: host.access, path: '/ws/meeting/' }, 4404],
	'no meeting id in the path and no slash': [{ token: host.access, path: '/ws/meeting' }, 4404],
	'meeting zero': [{ token: host.access, path: '/ws/meeting/0/' }, 4404],
	'a negative meeting id': [{ token: host.access, path: '/ws/meeting/-1/' }, 4404],
	'a word for a meeting id': [{ token: host.access, path: '/ws/meeting/abc/' }, 4404],
	'a meeting id with a tail': [{ token: host.access, path: `/ws/meeting/${room.id}x/` }, 4404],
	'a meeting id beyond 64 bits': [{ token: host.access, path: '/ws/meeting/99999999999999999999999/' }, 4404],
	'a meeting id that wraps to a real one':
		[{ token: host.access, path: `/ws/meeting/${2n ** 64n + BigInt(room.id)}/` }, 4404],
	'a path below the meeting': [{ token: host.access, path: `/ws/meeting/${room.id}/more/` }, 4404],
	'another path': [{ token: host.access, path: '/ws/elsewhere/' }, 4404],
};

for (const [what, [options, code]] of Object.entries(refused))
	test(`${what} is refused with ${code}`, async () => {
		await assertRefused(await connect(inst, room.id, options), code);
	});

test('an administrator who is neither host nor participant is refused with 4403', async () => {
	const admin = await newUser(inst, { admin: true });
	await assertRefused(await connect(inst, room.id, { token: admin.access }), 4403);
});

test('a deleted meeting is refused with 4404', async () => {
	const other = await newRoom(inst, 1, { fresh: true });
	assert.equal((await request(inst, 'DELETE', `/api/meetings/${other.id}`, { token: other.host.access })).status, 204);
	await assertRefused(await connect(inst, other.id, { token: other.host.access }), 4404);
});

test('a token whose login was ended is refused with 4401', async () => {
	const other = await newRoom(inst, 1, { fresh: true });
	assert.equal((await request(inst, 'POST', '/api/auth/logout', { token: other.host.access })).status, 204);
	await assertRefused(await connect(inst, other.id, { token: other.host.access }), 4401);
});

test('a token of a disabled user is refused with 4401', async () => {
	const other = await newRoom(inst, 1, { fresh: true });
	assert.equal((await inst.ctl(['user', 'disable', other.host.email])).code, 0);
	await assertRefused(await connect(inst, other.id, { token: other.host.access }), 4401);
});

const wrongFirstFrames = {
	'a request': { type: 'ping' },
	'join-call': { type: 'join-call' },
	'an auth frame without a credential': { type: 'auth' },
	'an auth frame whose token is a number': { type: 'auth', token: 1 },
	'an auth frame whose token is null': { type: 'auth', token: null },
	'no JSON': 'hello',
	'an array': '[]',
	'an auth frame with two tokens': `{"type":"auth","token":"x","token":"${host.access}"}`,
};

for (const [what, frame] of Object.entries(wrongFirstFrames))
	test(`${what} as the first frame without a credential is refused with 4401`, async () => {
		await assertRefused(await connect(inst, room.id, { protocols: ['unio.v1'], first: [frame] }), 4401);
	});

test('the auth frame is checked as any credential is: an outsider gets 4403', async () => {
	const first = [{ type: 'auth', token: plain.access }];
	await assertRefused(await connect(inst, room.id, { protocols: ['unio.v1'], first }), 4403);
});

test('without a credential there is no welcome before the auth frame', async () => {
	const watcher = await enter(inst, room.id, host);
	const client = await connect(inst, room.id, { protocols: ['unio.v1'] });
	await watcher.sync();
	assert.equal(watcher.frames.filter((frame) => frame.type === 'user_joined').length, 1);
	assert.deepEqual(client.frames, []);
	client.send({ type: 'auth', token: guest.access });
	await welcomed(client, guest);
	await watcher.next((frame) => frame.session_id === client.session);
});

test('nobody in the room hears of a refused connection', async () => {
	const watcher = await enter(inst, room.id, host);
	const client = await connect(inst, room.id, { token: plain.access, first: [{ type: 'join-call' }] });
	await assertRefused(client, 4403);
	await watcher.sync();
	assert.deepEqual(watcher.types(), ['user_joined', 'welcome', 'pong']);
});

const protocols = {
	'unio.v1 alone is answered with unio.v1': [['unio.v1'], 'unio.v1'],
	'unio.v1 among others is answered with unio.v1': [['chat', 'unio.v1', 'other'], 'unio.v1'],
	'no offer is answered without a subprotocol': [[], ''],
};

for (const [what, [offer, answer]] of Object.entries(protocols))
	test(what, async () => {
		const client = await enter(inst, room.id, host, { protocols: offer });
		assert.equal(client.protocol, answer);
	});

test('an offer of unknown subprotocols is answered without one, or refused', async () => {
	const answered = await rawConnect(inst, room.id, { token: host.access, protocols: ['chat', 'superchat'] })
		.catch((error) => error);
	assert.equal(answered.responseHeaders?.['sec-websocket-protocol'], undefined);
});

test('a request of that path that is no upgrade gets no success', async () => {
	const reply = await request(inst, 'GET', `/ws/meeting/${room.id}/`, { token: host.access }).catch(() => null);
	assert.ok(reply === null || reply.status >= 400, `HTTP ${reply?.status}`);
	await enter(inst, room.id, host);
});

test('what a client sends as soon as it is connected is dealt with after it has joined', async () => {
	await startCall(inst, host, room.id);
	const watcher = await enter(inst, room.id, host);
	const client = await enter(inst, room.id, guest, { first: [{ type: 'join-call', id: 'early' }] });
	await client.next('call_joined');
	await client.next('ack');
	assert.deepEqual(client.types().slice(0, 2), ['user_joined', 'welcome']);
	assert.equal(client.welcome.peers.find((peer) => peer.session_id === client.session), undefined);
	await watcher.next('call_joined');
	assert.deepEqual(watcher.types().slice(2), ['user_joined', 'call_joined']);
});

test('many frames sent as soon as the client is connected are all dealt with, in order', async () => {
	const watcher = await enter(inst, room.id, host);
	const first = Array.from({ length: 100 }, (_, n) => ({ type: 'message', data: n }));
	const client = await connect(inst, room.id, { token: guest.access, first });
	await welcomed(client, guest);
	await watcher.next((frame) => frame.data === 99);
	assert.deepEqual(watcher.frames.filter((frame) => frame.type === 'message').map((frame) => frame.data),
		Array.from({ length: 100 }, (_, n) => n));
});

test('frames right behind the auth frame are dealt with after the join', async () => {
	const first = [{ type: 'auth', token: guest.access }, { type: 'join-call' }, { type: 'ping', id: 1 }];
	const client = await connect(inst, room.id, { protocols: ['unio.v1'], first });
	await welcomed(client, guest);
	await client.next('call_joined');
	await client.next('pong');
	assert.deepEqual(client.types(), ['user_joined', 'welcome', 'call_joined', 'pong']);
});
