// Meetings with ice_policy "relay" (docs/PROTOCOL.md): nobody learns another's address. Candidates that are not a TURN
// server's are dropped, their lines are taken out of session descriptions, and all else is passed on byte for byte.
import assert from 'node:assert/strict';
import test from 'node:test';

import { noteSecret } from '../lib/secrets.mjs';
import { rawOf } from '../lib/ws_inbox.mjs';
import { api, assertNone, enter, newRoom, wsInstance } from './support.mjs';

const inst = await wsInstance();

/** A room of that policy with two sessions: {a, b, room}. */
async function pair(policy = 'relay') {
	const room = await newRoom(inst, 2);
	if (policy !== 'all')
		assert.equal((await api(inst, room.host, 'PATCH', `/api/meetings/${room.id}`, { ice_policy: policy })).ice_policy, policy);
	const a = await enter(inst, room.id, room.people[0]);
	const b = await enter(inst, room.id, room.people[1]);
	return { a, b, room };
}

/** The candidate of a type, at an address that nothing else has. */
const line = (type, address, rest = '') => `candidate:842163049 1 udp 1677729535 ${address} 46154 typ ${type}${rest}`;

const host = line('host', '192.168.7.31');
const mdns = line('host', '0b8b9f0e-6d3c-4d6f-9f5c-0f6a3f1d2c4e.local');
const srflx = line('srflx', '203.0.113.77', ' raddr 192.168.7.31 rport 46154 generation 0');
const prflx = line('prflx', '203.0.113.78', ' raddr 0.0.0.0 rport 9');
const relay = line('relay', '198.51.100.9', ' raddr 0.0.0.0 rport 0 generation 0 ufrag abcd network-cost 999');
noteSecret(host, mdns, srflx, prflx, relay);

const dropped = { host, mdns, srflx, prflx, 'host over TCP': line('host', '192.168.7.31', ' tcptype active'),
	'IPv6 host': line('host', '2001:db8::31'), 'a name in the place of the type': line('relayed', '192.168.7.31'),
	'relay as another word': line('host', '192.168.7.31', ' ufrag relay'), 'no candidate': 'hello 192.168.7.31',
	'one in other letters': host.replaceAll(' ', '\t') };
for (const [what, candidate] of Object.entries(dropped))
	test(`a candidate that is no relay's (${what}) reaches nobody, and is acknowledged like any other`, async () => {
		const { a, b } = await pair();
		noteSecret(candidate);
		a.send({ type: 'ice-candidate', candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 }, id: 1 });
		a.send({ type: 'ice-candidate', candidate: { candidate, sdpMid: '0' }, target_session: b.session, id: 2 });
		await a.next((frame) => frame.type === 'ack' && frame.id === 2);
		await assertNone('ice_candidate', a, b);
	});

const kept = {
	'a relay candidate': `{ "candidate" : "${relay}","sdpMid":"0", "sdpMLineIndex":0 ,"x":[1.50,"\\u00e9"]}`,
	'a relay candidate that ends with its type': `{"candidate":"${line('relay', '198.51.100.9')}"}`,
	'the end of candidates': '{"candidate":"","sdpMid":"0"}',
	'null': 'null',
	'an object without one': '{"sdpMid":"0"}',
};
for (const [what, value] of Object.entries(kept))
	test(`${what} is passed on byte for byte`, async () => {
		const { a, b } = await pair();
		a.sendRaw(`{"type":"ice-candidate","candidate":${value}}`);
		const frame = await b.next('ice_candidate');
		assert.ok(rawOf(frame).includes(`"candidate":${value},`), rawOf(frame));
		assert.equal(frame.from_session, a.session);
	});

/** A description with candidate lines of every type, in `end` line ends. */
function sdp(end, lines) {
	return ['v=0', 'o=- 4611731400430051336 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111',
		'c=IN IP4 0.0.0.0', ...lines.map((text) => `a=${text}`), 'a=ice-ufrag:abcd', 'a=mid:0', 'a=sendrecv', '']
		.join(end);
}

for (const [what, end] of Object.entries({ 'CR LF': '\r\n', 'LF alone': '\n' }))
	for (const type of ['offer', 'answer'])
		test(`candidate lines that are no relay's are taken out of an ${type} (line ends: ${what})`, async () => {
			const { a, b } = await pair();
			a.send({ type, [type]: { type, sdp: sdp(end, [host, relay, srflx, mdns, prflx]) }, target_session: b.session });
			const frame = await b.next(`webrtc_${type}`);
			assert.deepEqual(frame[type], { type, sdp: sdp(end, [relay]) });
		});

test('what stands around the candidate lines stays byte for byte', async () => {
	const { a, b } = await pair();
	const rest = ['{ "type":"offer" ,"sdp":"v=0\\r\\ns=\\u00e9\\/\\"x\\"\\\\n\\r\\n', 'a=mid:0\\r\\n","n":1.500, "deep":[{}] }'];
	a.sendRaw(`{"type":"offer","offer":${rest[0]}a=${host}\\r\\na=${srflx}\\r\\n${rest[1]}}`);
	const frame = await b.next('webrtc_offer');
	assert.ok(rawOf(frame).includes(`"offer":${rest.join('')},`), rawOf(frame));
});

const at = '203.0.113.99';
const tricky = {
	'a candidate with the words later': `{"candidate":"${line('host', at, ' generation 0 typ relay')}"}`,
	'a candidate that is given twice': `{"candidate":"${relay}","candidate":"${line('host', at)}"}`,
	'a candidate beside a key given twice': `{"x":1,"x":2,"candidate":"${line('host', at)}"}`,
	'a candidate among 65 members': `{${Array.from({ length: 65 }, (_, i) => `"k${i}":1,`).join('')}"candidate":"${line('host', at)}"}`,
	'a candidate in an array': `{"candidates":["${line('host', at)}"]}`,
	'a candidate of another kind': `{"candidate":{"candidate":"${line('host', at)}"}}`,
};
for (const [what, value] of Object.entries(tricky))
	test(`${what} tells no address`, async () => {
		const { a, b } = await pair();
		a.sendRaw(`{"type":"ice-candidate","candidate":${value},"id":1}`);
		await a.next((frame) => frame.type === 'ack' || frame.type === 'error');
		await a.sync();
		await b.sync();
		assert.ok(!b.frames.some((frame) => rawOf(frame).includes(at)), JSON.stringify(b.frames));
	});

const cand = `candidate:1 1 udp 1 ${at} 5 typ host`;
const lines = {
	'with an escaped letter': `v=0\\r\\n\\u0061=${cand}\\r\\n`,
	'behind an escaped line end': `v=0\\u000aa=${cand}\\u000d\\u000a`,
	'behind a lone CR': `a=${relay}\\ra=${cand}\\r`,
	'for the other side': `a=remote-candidates:1 ${at} 5\\r\\n`,
	'as the origin': `v=0\\r\\no=- 1 2 IN IP4 ${at}\\r\\n`,
};
for (const [what, text] of Object.entries(lines))
	test(`a line of a description (${what}) tells no address`, async () => {
		const { a, b } = await pair();
		a.sendRaw(`{"type":"offer","offer":{"type":"offer","sdp":"${text}s=-\\r\\n"}}`);
		const frame = await b.next('webrtc_offer');
		assert.ok(!rawOf(frame).includes(at), rawOf(frame));
		assert.ok(frame.offer.sdp.endsWith('s=-\r\n'), rawOf(frame));
	});

test('the address from which the TURN server was reached is hidden, in candidates and in descriptions', async () => {
	const { a, b } = await pair();
	const [open, hidden] = ['203.0.113.77', '0.0.0.0']
		.map((address) => line('relay', '198.51.100.9', ` raddr ${address} rport 46154 generation 0`));
	noteSecret(open);
	a.send({ type: 'ice-candidate', candidate: { candidate: open, sdpMid: '0' } });
	assert.deepEqual((await b.next('ice_candidate')).candidate, { candidate: hidden, sdpMid: '0' });
	a.send({ type: 'offer', offer: { type: 'offer', sdp: sdp('\r\n', [open]) } });
	assert.equal((await b.next('webrtc_offer')).offer.sdp, sdp('\r\n', [hidden]));
});

test('the default address of a description is hidden', async () => {
	const { a, b } = await pair();
	const text = (four, six) => sdp('\r\n', [`rtcp:9 IN IP4 ${four}`])
		.replace('c=IN IP4 0.0.0.0', `c=IN IP4 ${four}`).replace('a=mid:0', `c=IN IP6 ${six}`);
	a.send({ type: 'answer', answer: { type: 'answer', sdp: text('203.0.113.77', '2001:db8::7') }, target_session: b.session });
	assert.equal((await b.next('webrtc_answer')).answer.sdp, text('0.0.0.0', '::'));
});

test('a description whose last line is a candidate keeps its end', async () => {
	const { a, b } = await pair();
	a.sendRaw(`{"type":"offer","offer":{"type":"offer","sdp":"v=0\\r\\na=${host}"},"id":1}`);
	assert.deepEqual((await b.next('webrtc_offer')).offer, { type: 'offer', sdp: 'v=0\r\n' });
});

test('a description without candidates passes whole', async () => {
	const { a, b } = await pair();
	a.send({ type: 'offer', offer: { type: 'offer', sdp: sdp('\r\n', []) } });
	assert.equal((await b.next('webrtc_offer')).offer.sdp, sdp('\r\n', []));
});

test('messages and states are nobody\'s candidates and pass as they are', async () => {
	const { a, b } = await pair();
	a.sendRaw(`{"type":"message","data":"a=${host}"}`);
	a.sendRaw(`{"type":"state","state":{"x":"a=${srflx}"}}`);
	assert.equal((await b.next('message')).data, `a=${host}`);
	assert.equal((await b.next('state')).state.x, `a=${srflx}`);
});

test('in a meeting with ice_policy "all" every candidate and line is passed on', async () => {
	const { a, b } = await pair('all');
	a.send({ type: 'offer', offer: { type: 'offer', sdp: sdp('\r\n', [host, srflx]) } });
	assert.equal((await b.next('webrtc_offer')).offer.sdp, sdp('\r\n', [host, srflx]));
	a.send({ type: 'ice-candidate', candidate: { candidate: host } });
	assert.equal((await b.next('ice_candidate')).candidate.candidate, host);
});

test('a policy that changes while people are in the room counts from then on', async () => {
	const { a, b, room } = await pair('all');
	await api(inst, room.host, 'PATCH', `/api/meetings/${room.id}`, { ice_policy: 'relay' });
	await a.next('meeting_updated');
	a.send({ type: 'ice-candidate', candidate: { candidate: host }, id: 1 });
	a.send({ type: 'ice-candidate', candidate: { candidate: relay }, id: 2 });
	assert.equal((await b.next('ice_candidate')).candidate.candidate, relay);
	await api(inst, room.host, 'PATCH', `/api/meetings/${room.id}`, { ice_policy: 'all' });
	await a.next('meeting_updated');
	a.send({ type: 'ice-candidate', candidate: { candidate: host }, id: 3 });
	assert.equal((await b.next('ice_candidate')).candidate.candidate, host);
});

test('a meeting can be made with the policy', async () => {
	const { host: user } = await newRoom(inst, 1);
	const meeting = await api(inst, user, 'POST', '/api/meetings', { title: 'Hidden', ice_policy: 'relay' });
	assert.equal(meeting.ice_policy, 'relay');
});
