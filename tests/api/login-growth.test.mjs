// docs/PROTOCOL.md: wrong passwords for one account from many addresses, and from one address for many accounts, make
// further attempts wait, longer each time; but not the account's owner where he has signed in before.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertError, assertStatus, newEmail, newPassword, newUser, tryLogin, useInstance } from '../lib/api.mjs';
import { defaults } from '../lib/instance.mjs';

const inst = await useInstance({
	conf: { login_account_failures: 4, login_address_failures: 6, login_failures: 5, login_window: '1h', login_wait_max: '8s' },
});

let host = 0;
const anywhere = () => `198.51.${++host >> 8}.${host & 255}`;
const from = (address) => ({ headers: { 'X-Forwarded-For': address } });
/** A wrong password; the reply must be `status`. */
const wrong = async (email, address, status = 401) =>
	assertError(await tryLogin(inst, email, newPassword(), from(address)), status);
/** How long the next attempt must wait, in seconds, as it is said. */
const wait = async (email, address) => {
	const reply = await tryLogin(inst, email, newPassword(), from(address));
	assertError(reply, 429, { code: 'too_many_failures' });
	return Number(reply.headers['retry-after']);
};
/** As if what is counted had happened so much earlier: no test sleeps for it. */
const later = (seconds) => inst.sql(`UPDATE login_limit SET failed_at = failed_at - ${seconds}000000`);

test('an account that is tried from many addresses gets slow everywhere, by waits that double up to the longest', async () => {
	const user = await newUser(inst);
	for (let i = 0; i < 4; i++) await wrong(user.email, anywhere());
	const waits = [];
	for (let i = 0; i < 5; i++) {
		waits.push(await wait(user.email, anywhere()));
		await later(waits.at(-1));
		await wrong(user.email, anywhere());
	}
	assert.deepEqual(waits, [1, 2, 4, 8, 8]);
	assertError(await tryLogin(inst, user.email, user.password, from(anywhere())), 429);
	await later(8);
	assertStatus(await tryLogin(inst, user.email, user.password, from(anywhere())), 200);
});

test('its owner is not kept out where he has signed in before, not even beside an attacker of his own /64', async () => {
	const user = await newUser(inst);
	const home = '2001:db8:1:2::5';
	assertStatus(await tryLogin(inst, user.email, user.password, from(home)), 200);
	for (let i = 0; i < 4; i++) await wrong(user.email, anywhere());
	await wait(user.email, anywhere());
	assertStatus(await tryLogin(inst, user.email, user.password, from('2001:db8:1:2::6')), 200);
	assertError(await tryLogin(inst, user.email, user.password, from('2001:db8:1:3::6')), 429);
	await inst.sql(`UPDATE login_known SET used_at = used_at - ${91 * 86400}000000 WHERE user_id = ${user.id}`);
	assertError(await tryLogin(inst, user.email, user.password, from(home)), 429);
});

test('where he is known he is locked by his own failures alone, as before', async () => {
	const user = await newUser(inst);
	const home = anywhere();
	assertStatus(await tryLogin(inst, user.email, user.password, from(home)), 200);
	for (let i = 0; i < 5; i++) await wrong(user.email, home);
	assertError(await tryLogin(inst, user.email, user.password, from(home)), 429);
});

test('an address that nobody has is slowed down just the same', async () => {
	const email = newEmail();
	for (let i = 0; i < 4; i++) await wrong(email, anywhere());
	assert.equal(await wait(email.toUpperCase(), anywhere()), 1);
});

test('an address that tries many accounts gets slow for all of them, an IPv6 /64 as one', async () => {
	const user = await newUser(inst);
	for (let i = 0; i < 6; i++) await wrong(newEmail(), `2001:db8:7:7::${i}`);
	assert.equal(await wait(newEmail(), '2001:db8:7:7::ffff'), 1);
	assertError(await tryLogin(inst, user.email, user.password, from('2001:db8:7:7::9')), 429);
	assertStatus(await tryLogin(inst, user.email, user.password, from('2001:db8:7:8::9')), 200);
	await later(1);
	await wrong(newEmail(), '2001:db8:7:7::1');
	assert.equal(await wait(newEmail(), '2001:db8:7:7::2'), 2);
});

test('what is quiet is forgotten bit by bit', async () => {
	const email = newEmail();
	for (let i = 0; i < 4; i++) await wrong(email, anywhere());
	await wait(email, anywhere());
	await later(3601);
	await wrong(email, anywhere());
	await wait(email, anywhere());
	await later(5 * 3600);
	for (let i = 0; i < 4; i++) await wrong(email, anywhere());
});

test('a restart of the API forgives nothing', { skip: defaults.api === 'cgi' && 'every request of a CGI program is one' }, async () => {
	const email = newEmail();
	for (let i = 0; i < 5; i++) await wrong(email, anywhere(), i < 4 ? 401 : 429);
	const pid = inst.pid('api');
	inst.kill('api', 'SIGTERM');
	for (let alive = true; alive; ) {
		try { process.kill(pid, 0); } catch { alive = false; }
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	await inst.waitReady();
	await inst.sql('UPDATE login_limit SET failed_at = failed_at + 60000000');
	await wait(email, anywhere());
});

test('whatever is tried, the tables do not grow beyond their bounds', async () => {
	await inst.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20100)
		INSERT INTO login_failure SELECT 'flood' || i || '@test.example', '192.0.2.1', 1, 1000000 * strftime('%s', 'now') - i FROM n`);
	await wrong(newEmail(), anywhere());
	const [{ n }] = await inst.sql('SELECT count(*) AS n FROM login_failure');
	assert.ok(n <= 20_001, `${n} rows`);
	const user = await newUser(inst);
	for (let i = 0; i < 22; i++)
		assertStatus(await tryLogin(inst, user.email, user.password, from(anywhere())), 200);
	const [known] = await inst.sql(`SELECT count(*) AS n FROM login_known WHERE user_id = ${user.id}`);
	assert.equal(known.n, 20);
	const [{ most }] = await inst.sql('SELECT max(slot) AS most FROM login_limit');
	assert.ok(most < 2 * 65536);
});

test('entries of X-Forwarded-For that the client made up do not make it another address', async () => {
	const real = '2001:db8:9:9::1';
	for (let i = 0; i < 6; i++) await wrong(newEmail(), `203.0.113.${i}, ${real}`);
	await wait(newEmail(), `${anywhere()}, ${real}`);
});
