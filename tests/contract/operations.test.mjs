// What many operations of docs/openapi.yaml refuse alike is refused by each of them: no token, no JSON, too much of it, an
// id of nobody, too often, no database, a damaged one. (That each reply is as described, request() looks at by itself.)
import assert from 'node:assert/strict';
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { test } from 'node:test';

import { childrenOf } from '../fault/support.mjs';
import { newUser, request, useInstance } from '../lib/api.mjs';
import { contract } from '../lib/contract.mjs';
import { startInstance, until } from '../lib/instance.mjs';

/** An id that nothing has. */
const NOBODY = 999_999_999;
/** More than docs/openapi.yaml allows of a body. */
const TOO_LARGE = 'x'.repeat(65 * 1024);

/** A body that every operation can do something with. */
const FULL = { email: 'new@test.example', password: 'long enough', full_name: 'Somebody', current_password: 'long enough',
	new_password: 'long enough', refresh: 'r', title: 'T', meeting_id: 1, call_id: 1 };

const inst = await useInstance();
const strict = await useInstance({ conf: { api_rate: 1, login_rate: 1 } });
const user = await newUser(inst);
const eager = await newUser(strict);
const { operations } = contract().table;
const me = operations.find(({ name }) => name === 'GET /auth/me');

/** One operation, with ids of nobody in its path. */
function ask(instance, { method, segments }, options = {}) {
	const path = segments.map((part) => part.replace(/^\{.*\}$/, NOBODY)).join('/');
	return request(instance, method, `${instance.basePath}/api/${path}`, options);
}

/** One test for all operations that document a status and `concern` picks; at least `least` of them. */
function each(title, status, concern, least, reply) {
	test(title, async () => {
		const list = operations.filter((operation) => operation.responses[status] && concern(operation));
		assert.ok(list.length >= least, `only ${list.map(({ name }) => name)}`);
		for (const operation of list) {
			const { status: got, text } = await reply(operation);
			assert.equal(got, status, `${operation.name}: ${text}`);
		}
	});
}

each('without a token 401', 401, (operation) => !operation.public, 24, (operation) => ask(inst, operation));

each('a body that is no JSON is 400', 400, ({ body }) => body, 14,
	(operation) => ask(inst, operation, { token: user.access, body: '{' }));

each('a parameter that is none is 400', 400, ({ parameters }) => parameters.some(({ in: where }) => where === 'query'), 2,
	({ method, segments, parameters }) => ask(inst, {
		method,
		segments: [`${segments.join('/')}?${parameters.find(({ in: where }) => where === 'query').name}=%21`],
	}, { token: user.access }));

each('an Idempotency-Key that is none is 400', 400, ({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'), 6,
	(operation) => ask(inst, operation, { token: user.access, json: {}, headers: { 'Idempotency-Key': 'k'.repeat(256) } }));

each('an Idempotency-Key that came with another request is 409', 409, ({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'), 6,
	async (operation) => {
		const headers = { 'Idempotency-Key': `of-${operation.name}` };
		await request(inst, 'POST', '/api/meetings', { token: user.access, json: { title: 'First' }, headers });
		return ask(inst, operation, { token: user.access, json: { title: 'Second' }, headers });
	});

each('a body that says it is something else is 415', 415, () => true, 14,
	(operation) => ask(inst, operation, { token: user.access, body: '{}', headers: { 'Content-Type': 'text/plain' } }));

each('a body over 64 KiB is 413', 413, () => true, 14,
	(operation) => ask(inst, operation, { token: user.access, json: { title: TOO_LARGE } }));

each('what nobody has is 404', 404, ({ segments }) => segments.some((part) => part.startsWith('{')), 12,
	(operation) => ask(inst, operation, { token: user.access, json: operation.body ? { email: user.email } : undefined }));

each('what somebody asks for too often is 429', 429, () => true, 25, async (operation) => {
	// Until somebody is at the rate; the operations for nobody in particular have an address's rate, and are at it by themselves.
	const options = operation.public ? { json: {} } : { token: eager.access };
	const first = operation.public ? operation : me;
	while ((await ask(strict, first, options)).status !== 429);
	return ask(strict, operation, { ...options, json: operation.body ? {} : undefined });
});

test('without a database 503, and what needs none goes on', async () => {
	renameSync(inst.dbPath, `${inst.dbPath}.away`);
	await renewWorkers(inst);
	for (const operation of operations) {
		const { status, text } = await ask(inst, operation, { token: user.access, json: operation.body ? {} : undefined });
		assert.equal(status, operation.responses[503] ? 503 : 200, `${operation.name}: ${text}`);
	}
	renameSync(`${inst.dbPath}.away`, inst.dbPath);
	await inst.waitReady();
});

test('with a damaged database 500, and what needs none goes on', async () => {
	const broken = await startInstance({ conf: { registration: 'open' } });
	try {
		const { access } = await newUser(broken);
		damage(broken);
		await renewWorkers(broken);
		for (const operation of operations.filter(({ name }) => name !== 'GET /health/ready')) {
			const { status, text } = await ask(broken, operation, { token: access, json: operation.body ? FULL : undefined });
			assert.equal(status, operation.responses[500] ? 500 : 200, `${operation.name}: ${text}`);
		}
	} finally {
		await broken.stop();
	}
});

/** Overwrites where each table and index begins. */
function damage(instance) {
	instance.sql('PRAGMA wal_checkpoint(TRUNCATE)');
	const [{ page_size: size }] = instance.sql('PRAGMA page_size');
	const file = openSync(instance.dbPath, 'r+');
	for (const { rootpage } of instance.sql('SELECT rootpage FROM sqlite_schema WHERE rootpage > 0'))
		writeSync(file, Buffer.alloc(size, 0xff), 0, size, (rootpage - 1) * size);
	closeSync(file);
}

/** Workers that have opened nothing yet. */
async function renewWorkers(instance) {
	const before = childrenOf(instance.pid('api'));
	for (const pid of before)
		process.kill(pid, 'SIGKILL');
	await until(() => {
		const now = childrenOf(instance.pid('api'));
		return now.length === before.length && !now.some((pid) => before.includes(pid));
	}, 'there are others');
}
