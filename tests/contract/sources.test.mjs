// docs/openapi.yaml and docs/asyncapi.yaml against the sources' own tables, both ways: routes and what they want, the codes
// of errors, frames and their fields, close codes. What the server really says is watched by every test (lib/contract.mjs).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { contract, flaw } from '../lib/contract.mjs';
import { readDescriptions } from '../lib/contract_table.mjs';
import { root } from '../lib/instance.mjs';

const source = (name) => readFileSync(join(root, name), 'utf8');
const found = (text, pattern) => [...text.matchAll(pattern)].map((match) => match.slice(1));
const sorted = (list) => [...new Set(list)].sort();

const { openapi, asyncapi } = readDescriptions();
const { operations } = contract().table;
const messages = Object.entries(asyncapi.components.messages);

/** Every object in a description, however deep. */
function* objects(node) {
	if (node === null || typeof node !== 'object')
		return;
	yield node;
	for (const child of Object.values(node))
		yield* objects(child);
}

/** The values that a schema of one property allows. */
const allowed = (schema) => schema.enum ?? [schema.const];

/** fcgi-api/route.c: "METHOD /path" to who may, what body, and whether it heeds an Idempotency-Key. */
const routes = new Map(found(source('fcgi-api/route.c'),
	/\{ "([A-Z]+)",\s+"\/api(\/[^"]+)",\s+\w+,\s+([PU]),\s+(NONE|MAY|JSON),\s+\w+,\s+(true|false)/g)
	.map(([method, path, who, body, idempotent]) => [`${method} ${path}`, { who, body, idempotent }]));

/** The same out of docs/openapi.yaml. */
const described = new Map(operations.map((operation) => [operation.name.replaceAll(/\{\w+\}/g, '{id}'), {
	who: operation.public ? 'P' : 'U',
	body: !operation.body ? 'NONE' : operation.body.required ? 'JSON' : 'MAY',
	idempotent: String(operation.parameters.some(({ name }) => name === 'Idempotency-Key')),
}]));

test('the routes of fcgi-api/route.c and the operations of docs/openapi.yaml are the same', () => {
	assert.ok(routes.size >= 31, [...routes.keys()].join());
	assert.deepEqual(sorted(described.keys()), sorted(routes.keys()));
});

test('each operation says of login, body and Idempotency-Key what the route does', () => {
	for (const [name, route] of routes)
		assert.deepEqual(described.get(name), route, name);
});

test('every operation has an id of its own, and a tag that is explained', () => {
	const all = Object.values(openapi.paths).flatMap((item) => Object.values(item)).filter(({ operationId }) => operationId);
	assert.equal(new Set(all.map(({ operationId }) => operationId)).size, operations.length);
	const tags = openapi.tags.map(({ name }) => name);
	assert.deepEqual(all.flatMap(({ tags: own }) => own).filter((name) => !tags.includes(name)), []);
});

test('the codes of errors by HTTP are those of the sources, under the same statuses', () => {
	const api = readdirSync(join(root, 'fcgi-api')).filter((name) => name.endsWith('.c')).map((name) => source(`fcgi-api/${name}`)).join('');
	const said = [
		...found(api, /(?:reply_error|error_v)\([^;]*?(\d{3}), "(\w+)"/g).map(([status, code]) => `${status} ${code}`),
		...found(api, /\] = \{ (\d{3}), "(\w+)",/g).map(([status, code]) => `${status} ${code}`),
		...found(api, /reply_unauthorized\(\w+, "(\w+)"/g).map(([code]) => `401 ${code}`),
		...found(api, /reply_unavailable\(\w+, "(\w+)"/g).map(([code]) => `503 ${code}`),
		// answered with the daemon's words (ws-daemon/closing.c)
		'429 too_many_sessions', '429 room_full',
	];
	assert.ok(sorted(said).length >= 30, sorted(said).join());
	assert.deepEqual(sorted(describedCodes()), sorted(said));
});

/** "STATUS code" for all replies of docs/openapi.yaml. */
function describedCodes() {
	const of = { Preflight: 204, BadPath: 400, OriginRefused: 403, MethodNotAllowed: 405 };
	const lines = [];
	const look = (status, response) => {
		const { $ref } = response;
		const target = $ref ? openapi.components.responses[$ref.split('/').at(-1)] : response;
		for (const { properties } of objects(target.content ?? {}))
			if (properties?.code)
				lines.push(...allowed(properties.code).map((code) => `${status} ${code}`));
	};
	for (const item of Object.values(openapi.paths))
		for (const { responses } of Object.values(item))
			for (const [status, response] of Object.entries(responses ?? {}))
				look(status, response);
	for (const [name, status] of Object.entries(of))
		look(status, openapi.components.responses[name]);
	return lines;
}

test('every object of a reply or of a server\'s frame says which members it has, and no others', () => {
	const free = [];
	const look = (name, schema) => {
		for (const node of objects(schema))
			if (node.properties && node.type && node.additionalProperties !== false)
				free.push(name);
	};
	const requests = ['Credentials', 'Nothing'];
	for (const [name, schema] of Object.entries(openapi.components.schemas))
		if (!requests.includes(name))
			look(name, { ...schema, if: null, then: null, else: null });
	for (const [path, item] of Object.entries(openapi.paths))
		for (const operation of Object.values(item))
			look(path, operation.responses);
	for (const [name, { payload }] of messages.filter(([key]) => key.startsWith('server.')))
		look(name, { ...payload, oneOf: null });
	assert.deepEqual(free, []);
});

test('the frames of ws-daemon/frame.c and the client\'s messages of docs/asyncapi.yaml are the same', () => {
	const rules = found(source('ws-daemon/frame.c'),
		/\[FRAME_\w+\]\s*= \{ \{ WORD\("([\w-]+)"\) \}, \{ WORD\("(\w*)"\) \},\s+(\w+),\s+\w+,\s+TARGET_(\w+) \}/g);
	assert.equal(rules.length, 8);
	const hello = [['auth'], ['resume']];
	const own = messages.filter(([key]) => key.startsWith('client.'));
	assert.deepEqual(sorted(own.map(([key]) => key)), sorted([...rules, ...hello].map(([type]) => `client.${type}`)));
	for (const [type, field, , target] of rules) {
		const { payload, name } = asyncapi.components.messages[`client.${type}`];
		assert.equal(name, type);
		assert.equal(payload.properties.type.const, type);
		assert.deepEqual(sorted(payload.required), sorted(['type', field].filter(Boolean)), type);
		assert.equal('target_id' in payload.properties, target !== 'NONE', type);
		assert.equal('target_session' in payload.properties, target !== 'NONE', type);
		assert.equal('anyOf' in payload, target === 'REQUIRED', type);
	}
});

test('what ws-daemon/say.c can say and the server\'s messages of docs/asyncapi.yaml are the same', () => {
	const say = source('ws-daemon/say.c');
	const said = [
		...found(say, /begin\(hub, (?:joined \? )?"(\w+)"/g), ...found(say, /joined \? "\w+" : "(\w+_left)"/g),
		...found(say, /\\"type\\":\\"(\w+)\\"/g), ...found(source('shared/event.c'), /\{ "(\w+)", true \}/g),
	].flat();
	const types = messages.filter(([key]) => key.startsWith('server.')).map(([, { payload }]) => payload.properties.type.const);
	assert.deepEqual(sorted(types), sorted(said));
	for (const [key, { name, payload }] of messages) {
		assert.equal(name, payload.properties.type.const, key);
		assert.ok(key === 'server.closing' || key.split('.')[1] === name, key);
	}
});

test('the codes and reasons of frames are those of the sources', () => {
	const errors = found(source('ws-daemon/frame.c'), /\[FRAME_\w+\]\s*= "(\w+)"/g).flat().filter((code) => code !== 'ok');
	const properties = (key) => asyncapi.components.messages[key].payload.properties;
	assert.deepEqual(sorted(properties('server.error').code.enum), sorted(errors));
	const reasons = found(source('ws-daemon/rejoin.c'), /static const char\s+\w+\[\] = "(\w+)"/g).flat();
	assert.deepEqual(sorted(properties('server.resume_failed').reason.enum), sorted(reasons));
});

test('the close codes are those of ws-daemon/closing.c, each with its action and whether it says when to come back', () => {
	const numbers = new Map(found(source('ws-daemon/closing.h'), /CLOSING_(\w+)\s*= (\d+)/g));
	const table = found(source('ws-daemon/closing.c'), /\{ CLOSING_(\w+),\s*"(\w+)",\s*(again|never|NULL),\s*(?:NULL|"[^"]*"), (\d+) \}/g)
		.map(([name, code, action, wait]) => ({
			close: Number(numbers.get(name)), code, wait: wait !== '0',
			...(action !== 'NULL' && { action: action === 'again' ? 'reconnect' : 'disconnect' }),
		}))
		.filter(({ code }) => code !== 'client' && code !== 'lost');
	assert.ok(table.length >= 17);
	assert.deepEqual(
		asyncapi.channels.room['x-close-codes'].map(({ why, ...rest }) => rest).sort((a, b) => a.close - b.close),
		table.map(({ wait, ...rest }) => rest).sort((a, b) => a.close - b.close),
	);
	const told = asyncapi.components.messages['server.closing'].payload.oneOf.map(({ properties: { close, code, action }, required }) =>
		({ close: close.const, code: code.const, wait: required?.includes('retry_after_ms') ?? false, action: action.const }));
	assert.deepEqual(told, table.filter(({ action }) => action).sort((a, b) => a.close - b.close));
});

test('every message is of exactly one operation, and of the right direction', () => {
	const used = Object.values(asyncapi.operations).flatMap(({ action, messages: list }) =>
		list.map(({ $ref }) => [action === 'receive' ? 'client' : 'server', $ref.split('/').at(-1)]));
	assert.deepEqual(used.map(([, key]) => key).sort(), messages.map(([key]) => key).sort());
	assert.deepEqual(sorted(Object.keys(asyncapi.channels.room.messages)), sorted(messages.map(([key]) => key)));
	assert.deepEqual(used.filter(([side, key]) => !key.startsWith(`${side}.`)), []);
});

test('the examples of frames are as their schemas say', () => {
	const shown = messages.filter(([, { payload }]) => payload.examples);
	assert.ok(shown.length >= 12);
	for (const [key, { payload }] of shown)
		for (const example of payload.examples)
			assert.equal(flaw(contract().table.frames[key.split('.')[0]][key.split('.')[1]], example), null, key);
});

test('a schema that both descriptions have is the same in both', () => {
	const both = Object.keys(asyncapi.components.schemas).filter((name) => name in openapi.components.schemas);
	assert.ok(both.length >= 14, both.join());
	for (const name of both.filter((one) => !['RequestId', 'Ticket'].includes(one)))
		assert.deepEqual(asyncapi.components.schemas[name], openapi.components.schemas[name], name);
});

test('the versions are the program\'s', () => {
	const [[version]] = found(source('Makefile'), /^VERSION\s*:= (\S+)/gm);
	assert.equal(openapi.info.version, version);
	assert.equal(asyncapi.info.version, version);
});
