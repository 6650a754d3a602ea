// docs/PROTOCOL.md: lengths and types of a meeting's fields; a mistake names the field and changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertError, assertStatus, newMeeting, newUser, useInstance } from '../lib/api.mjs';

const inst = await useInstance();
const user = await newUser(inst);
const api = as(inst, user);
const target = await newMeeting(inst, user, { title: 'Untouched' });

const lengths = [
	['title', 1, 'x', true],
	['title', 200, 'x', true],
	['title', 201, 'x', false],
	['title', 200, 'é', true],
	['title', 201, 'é', false],
	['title', 200, '🙂', true],
	['title', 201, '🙂', false],
	['title', 0, 'x', false],
	['description', 0, 'x', true],
	['description', 4000, 'x', true],
	['description', 4001, 'x', false],
	['description', 4000, '🙂', true],
	['description', 4001, '🙂', false],
];
for (const [field, length, letter, fits] of lengths)
	test(`a ${field} of ${length} times ${letter} is ${fits ? 'kept' : 'refused'}`, async () => {
		const value = letter.repeat(length);
		const body = { title: 'T', [field]: value };
		if (fits) {
			const owner = await newUser(inst);
			const made = assertStatus(await as(inst, owner).post('/api/meetings', body), 201);
			assert.equal(made[field], value);
			const changed = await as(inst, owner).patch(`/api/meetings/${made.id}`, { [field]: value });
			assert.equal(assertStatus(changed, 200)[field], value);
			return;
		}
		assertError(await api.post('/api/meetings', body), 400, { field });
		assertError(await api.patch(`/api/meetings/${target.id}`, body), 400, { field });
		await assertUntouched();
	});

async function assertUntouched() {
	const { results } = assertStatus(await api.get('/api/meetings'), 200);
	assert.deepEqual(results, [target]);
}

const wrong = [
	['title', 7],
	['title', true],
	['title', null],
	['title', ['a']],
	['title', { a: 1 }],
	['description', 7],
	['description', false],
	['description', ['a']],
	['description', {}],
	['scheduled_at', 7],
	['scheduled_at', true],
	['scheduled_at', {}],
	['scheduled_at', ''],
	['scheduled_at', 'tomorrow'],
	['scheduled_at', '2030-01-02'],
	['scheduled_at', '2030-01-02T03:04:05'],
	['scheduled_at', '2030-13-02T03:04:05Z'],
	['scheduled_at', '2030-02-30T03:04:05Z'],
	['scheduled_at', '2030-01-02T24:04:05Z'],
	['scheduled_at', '2030-01-02T03:60:05Z'],
	['scheduled_at', '2030-01-02 03:04:05 GMT'],
	['scheduled_at', '2030-01-02T03:04:05Zjunk'],
	['scheduled_at', '2030-01-02T03:04:05+25:00'],
	['scheduled_at', '02030-01-02T03:04:05Z'],
	['scheduled_at', '2030-1-2T3:4:5Z'],
	['scheduled_at', '1893553445'],
	['ice_policy', 'none'],
	['ice_policy', 7],
	['ice_policy', ''],
	['ice_policy', null],
];
for (const [field, value] of wrong)
	test(`${field} ${JSON.stringify(value)} is refused and named`, async () => {
		const body = { title: 'T', [field]: value };
		if (field !== 'ice_policy') assertError(await api.post('/api/meetings', body), 400, { field });
		assertError(await api.patch(`/api/meetings/${target.id}`, body), 400, { field });
		await assertUntouched();
	});

const badParticipants = [
	7,
	'a@test.example',
	{},
	true,
	[null],
	[true],
	[1.5],
	[0],
	[-1],
	[{ id: 1 }],
	[[1]],
	[''],
];
for (const participants of badParticipants)
	test(`participants ${JSON.stringify(participants)} are refused and named`, async () => {
		const reply = await api.post('/api/meetings', { title: 'T', participants });
		assertError(reply, 400, { field: 'participants' });
		await assertUntouched();
	});

test('a missing title is named', async () => {
	assertError(await api.post('/api/meetings', {}), 400, { field: 'title', message: 'title is required' });
	assertError(await api.post('/api/meetings', { description: 'no title' }), 400, { field: 'title' });
	await assertUntouched();
});

const times = [
	['2030-01-02T03:04:05Z', '2030-01-02T03:04:05.000000Z'],
	['2030-01-02T03:04:05.5Z', '2030-01-02T03:04:05.500000Z'],
	['2030-01-02T03:04:05.123456Z', '2030-01-02T03:04:05.123456Z'],
	['2030-01-02T03:04:05+00:00', '2030-01-02T03:04:05.000000Z'],
	['2030-01-02T03:04:05-05:30', '2030-01-02T08:34:05.000000Z'],
	['2032-02-29T23:59:59+14:00', '2032-02-29T09:59:59.000000Z'],
	['2031-12-31T23:00:00-02:00', '2032-01-01T01:00:00.000000Z'],
];
for (const [sent, kept] of times)
	test(`the scheduled time ${sent} is kept as ${kept}`, async () => {
		const meeting = await newMeeting(inst, await newUser(inst), { scheduled_at: sent });
		assert.equal(meeting.scheduled_at, kept);
	});

const controls = [
	['title', 'a\u0007b', false],
	['title', 'two\nlines', false],
	['title', '\u001b[31mred', false],
	['title', 'a\u0085b', false],
	['title', 'a\u007f', false],
	['title', 'no\u00a0break', true],
	['description', 'two\nlines\tand a tab', true],
	['description', 'a\r\nb', true],
	['description', 'a\u0000b', false],
	['description', 'a\u009bb', false],
];
for (const [field, value, fits] of controls)
	test(`a ${field} of ${JSON.stringify(value)} is ${fits ? 'kept' : 'refused'}`, async () => {
		const body = { title: 'T', [field]: value };
		if (fits) {
			const made = assertStatus(await as(inst, await newUser(inst)).post('/api/meetings', body), 201);
			assert.equal(made[field], value);
			return;
		}
		// an escaped NUL is refused with the whole body
		const named = value.includes('\0') ? {} : { field };
		assertError(await api.post('/api/meetings', body), 400, named);
		assertError(await api.patch(`/api/meetings/${target.id}`, body), 400, named);
		await assertUntouched();
	});

test('a full name with a control character is refused', async () => {
	const reply = await api.patch('/api/auth/me', { full_name: 'Ada\nLovelace' });
	assertError(reply, 400, { field: 'full_name' });
});
