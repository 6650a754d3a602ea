// docs/PROTOCOL.md, "Client address": whom a login session's address names, and whose X-Forwarded-For is believed.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertStatus, loginWith, newUser, useInstance } from '../lib/api.mjs';

const inst = await useInstance();
const behindProxies = await useInstance({
	conf: { trusted_proxies: '127.0.0.1, 203.0.113.0/24, 2001:db8::/32' },
});

async function addressOf(forwarded, inst) {
	const user = await newUser(inst);
	const headers = forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded };
	const session = await loginWith(inst, user.email, user.password, { headers });
	const { results } = assertStatus(await as(inst, session).get('/api/auth/sessions'), 200);
	return results.find((one) => one.current).address;
}

const rows = [
	[undefined, '127.0.0.1'],
	['203.0.113.7', '203.0.113.7'],
	['198.51.100.1, 203.0.113.7', '203.0.113.7'],
	['203.0.113.9,198.51.100.4', '198.51.100.4'],
	['2001:db8::7', '2001:db8::7'],
];
for (const [forwarded, address] of rows)
	test(`through loopback, X-Forwarded-For ${forwarded ?? '(none)'} means ${address}`, async () => {
		assert.equal(await addressOf(forwarded, inst), address);
	});

for (const nonsense of [
	'',
	'unknown',
	'not an address',
	'203.0.113.7.8',
	"'; DROP TABLE login; --",
	'x'.repeat(3000),
	',,,',
])
	test(`X-Forwarded-For of nonsense (${nonsense.slice(0, 20)}) is not believed, and does no harm`, async () => {
		const address = await addressOf(nonsense, inst);
		assert.notEqual(address, nonsense === '' ? undefined : nonsense);
		assert.equal(typeof address, 'string');
	});

const chains = [
	['198.51.100.1, 203.0.113.7', '198.51.100.1'],
	['192.0.2.1, 198.51.100.1, 203.0.113.7, 203.0.113.8', '198.51.100.1'],
	['198.51.100.1, 2001:db8::1', '198.51.100.1'],
	['192.0.2.1, 198.51.100.1', '198.51.100.1'],
];
for (const [forwarded, address] of chains)
	test(`behind proxies that are trusted, X-Forwarded-For ${forwarded} means ${address}`, async () => {
		assert.equal(await addressOf(forwarded, behindProxies), address);
	});
