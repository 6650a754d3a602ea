// The `id` of a request and what carries it back (docs/PROTOCOL.md).
import assert from 'node:assert/strict';
import test from 'node:test';

import { rawOf } from '../lib/ws_inbox.mjs';
import { assertKeys, assertNone, newCandidate, newFullRoom, newSdp, wsInstance } from './support.mjs';

const inst = await wsInstance();

const requests = {
	offer: { type: 'offer', offer: newSdp() },
	answer: { type: 'answer', answer: newSdp('answer') },
	'ice-candidate': { type: 'ice-candidate', candidate: newCandidate() },
	'join-call': { type: 'join-call' },
	'leave-call': { type: 'leave-call' },
	message: { type: 'message', data: 1 },
	state: { type: 'state', state: {} },
};

for (const [name, frame] of Object.entries(requests)) {
	const targeted = (bob) => (name === 'answer' ? { ...frame, target_id: bob.user.id } : frame);

	test(`${name} with an id is acknowledged with it`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst);
		ann.send({ ...targeted(bob), id: 'first' });
		assert.deepEqual(await ann.next('ack'), { type: 'ack', id: 'first' });
		ann.send({ ...targeted(bob), id: 2 });
		assert.deepEqual(await ann.next('ack'), { type: 'ack', id: 2 });
		await assertNone('ack', bob, bob);
	});

	test(`${name} without an id is not acknowledged`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst);
		ann.send(targeted(bob));
		await assertNone('ack', ann, ann);
	});

	test(`the id of ${name} is not told to others`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst);
		ann.send({ ...targeted(bob), id: 'mine-alone' });
		await ann.next('ack');
		await bob.sync();
		assert.ok(!JSON.stringify(bob.frames).includes('mine-alone'));
	});
}

test('a ping with an id is answered by its pong alone', async () => {
	const { clients: [ann] } = await newFullRoom(inst, 1);
	ann.send({ type: 'ping', id: 'p' });
	const pong = await ann.next('pong');
	assertKeys(pong, ['type', 'timestamp', 'id']);
	assert.equal(pong.id, 'p');
	await assertNone('ack', ann, ann);
});

test('an error carries the id back, and there is no ack besides', async () => {
	const { clients: [ann] } = await newFullRoom(inst, 1);
	ann.send({ type: 'offer', id: 'e' });
	const error = await ann.next('error');
	assert.deepEqual([error.id, error.request_type, error.code], ['e', 'offer', 'missing_field']);
	ann.send({ type: 'nothing', id: 77 });
	assert.equal((await ann.next('error')).id, 77);
	await assertNone('ack', ann, ann);
});

const good = ['"a\\u0062\\"\\\\"', '""', '"é😀"', `"${'x'.repeat(62)}"`, '0', '-1', '1.5', '1e3',
	'12345678901234567890', '9'.repeat(64)];

for (const id of good)
	test(`the id ${id} is carried back`, async () => {
		const { clients: [ann] } = await newFullRoom(inst, 1);
		ann.sendRaw(`{"type":"ping","id":${id}}`);
		const pong = await ann.next('pong');
		assert.deepEqual(pong.id, JSON.parse(id));
		if (/^[-\d]/.test(id))
			assert.match(rawOf(pong), new RegExp(`"id": ?${id.replace('.', '\\.')}[,}]`), 'a number keeps its digits');
	});

for (const id of [`"${'x'.repeat(65)}"`, `"${'é'.repeat(40)}"`, '9'.repeat(65), 'true', '{}', '[]', '[1]'])
	test(`the id ${id} is an invalid_field`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst);
		ann.sendRaw(`{"type":"message","data":1,"id":${id}}`);
		const error = await ann.next('error');
		assert.deepEqual([error.code, error.field], ['invalid_field', 'id']);
		assert.equal(error.id, undefined);
		await assertNone('message', ann, bob);
	});
