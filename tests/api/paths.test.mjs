// docs/PROTOCOL.md: ids in paths are positive integers, and a path is cut at slashes before it is decoded.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	as,
	assertError,
	assertStatus,
	login,
	newMeeting,
	newUser,
	request,
	useInstance,
} from '../lib/api.mjs';

const inst = await useInstance();
const user = await newUser(inst);
const meeting = await newMeeting(inst, user, { title: 'The only one' });
const admin = await login(inst, 'admin');

const noIds = [
	'0',
	'-1',
	'1.0',
	'1e0',
	'+1',
	'0x1',
	'one',
	'1a',
	'%201',
	'1%20',
	'%2B1',
	'9223372036854775807',
	'9223372036854775808',
	'18446744073709551617',
	'4294967297',
	'99999999999999999999999999999999',
	'1;2',
	'1,2',
	'null',
	'%E2%82%81',
	'%D9%A1',
];
const places = [
	['GET', (id) => `/api/meetings/${id}`],
	['PATCH', (id) => `/api/meetings/${id}`],
	['DELETE', (id) => `/api/meetings/${id}`],
	['POST', (id) => `/api/meetings/${id}/participants`],
	['GET', (id) => `/api/calls/${id}`],
	['GET', (id) => `/api/calls/${id}/attendance.csv`],
	['POST', (id) => `/api/calls/${id}/end`],
	['DELETE', (id) => `/api/meetings/${meeting.id}/participants/${id}`],
];
for (const id of noIds)
	test(`the id ${id} names nothing, anywhere`, async () => {
		for (const [method, path] of places) {
			const json = { POST: { user_id: 2 }, PATCH: { title: 'Hit' } }[method];
			const token = path(id).includes('participants/') ? user.access : admin.access;
			assertError(await request(inst, method, path(id), { token, json }), 404);
		}
		assertStatus(await request(inst, 'GET', '/api/meetings/1', { token: admin.access }), 200);
	});

/** What is refused here may be refused by the front server in its own words; it must not be found, nor be our fault. */
const strange = [
	['an encoded slash for a real one', (id) => `/api/meetings%2F${id}`],
	['a lower-case encoded slash', (id) => `/api/meetings%2f${id}`],
	['an encoded slash at the end', (id) => `/api/meetings/${id}%2F`],
	['an encoded slash inside an id', (id) => `/api/meetings/${id}%2F${id}`],
	['a doubly encoded slash', (id) => `/api/meetings%252F${id}`],
	['an encoded NUL after the id', (id) => `/api/meetings/${id}%00`],
	['an encoded NUL before the id', (id) => `/api/meetings/%00${id}`],
	['an encoded NUL in a word', (id) => `/api/meet%00ings/${id}`],
	['half an escape', (id) => `/api/meetings/${id}%`],
	['half an escape with a digit', (id) => `/api/meetings/${id}%2`],
	['an escape of no digits', (id) => `/api/meetings/${id}%zz`],
	['an escaped line break', (id) => `/api/meetings/${id}%0d%0aX-Evil:%201`],
	['bad UTF-8', (id) => `/api/meetings/${id}%ff%fe`],
	['an encoded question mark', (id) => `/api/meetings/${id}%3Flimit=1`],
	['a backslash', (id) => `/api/meetings\\${id}`],
];
for (const [what, path] of strange)
	test(`a path with ${what} finds nothing`, async () => {
		const reply = await request(inst, 'GET', path(meeting.id), { token: user.access });
		assert.ok([400, 404].includes(reply.status), `got ${reply.status}: ${reply.text}`);
		assert.ok(!reply.text.includes('The only one'));
		assert.equal(reply.headers['x-evil'], undefined);
	});

test('letters and digits may be escaped', async () => {
	const digits = [...String(meeting.id)].map((digit) => `%3${digit}`).join('');
	for (const path of [
		`/api/%6Deetings/${meeting.id}`,
		`/api/meetings/${digits}`,
		`/%61pi/meetings/${meeting.id}`,
	])
		assert.equal(assertStatus(await as(inst, user).get(path), 200).id, meeting.id);
	const page = assertStatus(await as(inst, user).get('/api/meetings?%6Cimit=%31'), 200);
	assert.deepEqual(page.results, [meeting]);
});

test('a path of 10,000 characters is refused without harm', async () => {
	const reply = await request(inst, 'GET', `/api/${'x'.repeat(10_000)}`, { token: user.access });
	// 403: Apache, when it looks for a CGI program of that name.
	assert.ok([400, 403, 404, 414, 431].includes(reply.status), `got ${reply.status}`);
});

test('a path of 1,000 segments is 404', async () => {
	assertError(await request(inst, 'GET', `/api${'/x'.repeat(1000)}`, { token: user.access }), 404);
});

test('what stands in the query does not change the route', async () => {
	const path = `/api/meetings/${meeting.id}?x=/api/auth/me&y=%2F&id=1&_method=DELETE`;
	assert.equal(assertStatus(await as(inst, user).get(path), 200).id, meeting.id);
});

test('a method in a header does not change the method', async () => {
	const headers = { 'X-HTTP-Method-Override': 'DELETE' };
	assertStatus(await as(inst, user).get(`/api/meetings/${meeting.id}`, { headers }), 200);
	assertStatus(await as(inst, user).get(`/api/meetings/${meeting.id}`), 200);
});

test('a header that looks like a variable of the server changes nothing', async () => {
	const headers = {
		Proxy: 'http://127.0.0.1:9',
		'Gateway-Interface': 'CGI/1.1',
		'Remote-User': 'admin',
		'Script-Name': '/x',
	};
	assert.equal(assertStatus(await as(inst, user).get('/api/auth/me', { headers }), 200).id, user.id);
});
