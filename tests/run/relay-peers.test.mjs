// The configuration of coturn in docs/TURN.md: whoever has an account may use the relay, so it must lead out into the
// world alone. Asked as a client would (RFC 8656), by hand, since no browser asks for such things.
import assert from 'node:assert/strict';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { after, test } from 'node:test';

import { startCoturn } from '../lib/coturn.mjs';

const secret = 'a secret of at least 16 bytes';
const coturn = await startCoturn({ secrets: [secret] });
after(() => coturn.stop());

const username = `${Math.floor(Date.now() / 1000) + 3600}:7`;
const password = createHmac('sha1', secret).update(username).digest('base64');
const [udp, tcp] = [17, 6].map((protocol) => attribute(0x0019, Buffer.from([protocol, 0, 0, 0])));
const [allocate, permit] = [0x0003, 0x0008];

function number(value) {
	return Buffer.from([value >> 8, value & 0xff]);
}

function attribute(type, value) {
	return Buffer.concat([number(type), number(value.length), value, Buffer.alloc(-value.length & 3)]);
}

/** XOR-PEER-ADDRESS (RFC 8489 14.2). */
function peer(address) {
	const cookie = [0x21, 0x12, 0xa4, 0x42];
	return attribute(0x0012, Buffer.from([0, 1, 0x21, 0x12 ^ 80, ...address.split('.').map((part, i) => Number(part) ^ cookie[i])]));
}

/** A request; signed (RFC 8489 14.5) if there is a challenge to answer. */
function request(method, body, challenge) {
	const id = randomBytes(12);
	const message = (n) => Buffer.concat([number(method), number(n), Buffer.from('2112a442', 'hex'), id, body]);
	if (!challenge)
		return message(body.length);
	body = Buffer.concat([body, attribute(0x0006, Buffer.from(username)), attribute(0x0014, challenge.realm), attribute(0x0015, challenge.nonce)]);
	const key = createHash('md5').update(`${username}:${challenge.realm}:${password}`).digest();
	const covered = message(body.length + 24);
	return Buffer.concat([covered, attribute(0x0008, createHmac('sha1', key).update(covered).digest())]);
}

/** What an answer says: {error (0: it was granted), realm, nonce}. */
function read(answer) {
	const said = { error: 0 };
	for (let at = 20; at < answer.length;) {
		const [type, n] = [answer.readUInt16BE(at), answer.readUInt16BE(at + 2)];
		const value = answer.subarray(at + 4, at + 4 + n);
		if (type === 0x0009)
			said.error = value[2] * 100 + value[3];
		else if (type === 0x0014)
			said.realm = value;
		else if (type === 0x0015)
			said.nonce = value;
		at += 4 + n + (-n & 3);
	}
	return said;
}

/** A connection to the relay with an allocation of that kind: {error, ask}. */
async function relay(t, transport) {
	const socket = net.connect(coturn.port, coturn.host);
	t.after(() => socket.destroy());
	await once(socket, 'connect');
	const send = async (bytes) => {
		socket.write(bytes);
		return read((await once(socket, 'data'))[0]);
	};
	const challenge = await send(request(allocate, transport));
	const { error } = await send(request(allocate, transport, challenge));
	return { error, ask: (method, body) => send(request(method, body, challenge)) };
}

test('nobody gets from the relay to an address that is not everybody\'s', async (t) => {
	const { error, ask } = await relay(t, udp);
	assert.equal(error, 0);
	assert.equal((await ask(permit, peer('8.8.8.8'))).error, 0);
	for (const address of ['0.1.2.3', '10.1.2.3', '100.64.0.1', '169.254.169.254', '172.31.0.1', '192.0.0.192', '192.168.1.1', '198.19.0.1',
		'224.0.0.1', '255.255.255.255'])
		assert.equal((await ask(permit, peer(address))).error, 403, address);
});

test('nor by TCP to anybody', async (t) => {
	assert.equal((await relay(t, tcp)).error, 442);
});
