// The REST side of an instance, for tests: one plain request, logins, and fresh users and meetings.
//
// Nothing here follows a redirect, retries, or keeps a connection: what a test sees is what the server said.
// Every password and token that passes through is noted, so that stopping the instance can look for it in the logs.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { after, afterEach } from 'node:test';

import { assertContract, checkReply } from './contract.mjs';
import { startInstance } from './instance.mjs';
import { noteSecret } from './secrets.mjs';

/** The three users of the demo data. */
export const demo = {
	admin: { email: 'admin@unio.app', password: 'admin123', full_name: 'Admin User', id: 1 },
	user: { email: 'user@unio.app', password: 'user123', full_name: 'Regular User', id: 2 },
	guest: { email: 'guest@unio.app', password: 'guest123', full_name: 'Guest User', id: 3 },
};

/** How long any one request may take, sanitizers and a busy machine included. */
const requestDeadline = 30_000;

/** RFC 3339 in UTC with microseconds, as docs/PROTOCOL.md writes every time. */
export const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Starts the instance of a test file, proves it alive after each test and stops it at the end. */
export async function useInstance(options) {
	const inst = await startInstance(options);
	afterEach(() => {
		inst.assertAlive();
		assertContract();
	});
	after(() => inst.stop());
	return inst;
}

/**
 * One request on a connection of its own. `json` is sent as JSON with its Content-Type, `body` (string or
 * Buffer) as it is without one. `chunked` sends the body without a length.
 */
export function request(inst, method, path, { token, json, body, headers = {}, chunked = false } = {}) {
	const payload = json === undefined ? body : JSON.stringify(json);
	const sent = { ...headers };
	if (token !== undefined) sent.Authorization = `Bearer ${token}`;
	if (json !== undefined && !hasHeader(sent, 'content-type')) sent['Content-Type'] = 'application/json';
	if (payload !== undefined && !chunked) sent['Content-Length'] = Buffer.byteLength(payload);
	else if (chunked) sent['Transfer-Encoding'] = 'chunked';

	return new Promise((resolve, reject) => {
		const req = http.request({
			host: '127.0.0.1',
			port: inst.port,
			agent: false,
			method,
			path,
			headers: sent,
		});
		let answered = false;
		req.setTimeout(requestDeadline, () => req.destroy(new Error(`${method} ${path}: no reply in time`)));
		// A server may refuse a large body before it has read it; the reply then counts, not the reset.
		req.on('error', (error) => answered || reject(error));
		req.on('response', (res) => {
			answered = true;
			const parts = [];
			res.on('data', (part) => parts.push(part));
			res.on('error', reject);
			res.on('end', () => {
				const reply = readReply(res, Buffer.concat(parts));
				try {
					checkReply({ method, path, basePath: inst.basePath, body: payload }, reply);
					resolve(reply);
				} catch (error) {
					reject(error);
				}
			});
		});
		req.end(payload);
	});
}

function hasHeader(headers, name) {
	return Object.keys(headers).some((key) => key.toLowerCase() === name);
}

function readReply(res, bytes) {
	const text = bytes.toString('utf8');
	let json = null;
	if (/^application\/json\b/.test(res.headers['content-type'] ?? '')) {
		try {
			json = JSON.parse(text);
		} catch {
			json = null;
		}
	}
	for (const name of ['access', 'refresh', 'ticket']) if (typeof json?.[name] === 'string') noteSecret(json[name]);
	return { status: res.statusCode, headers: res.headers, rawHeaders: res.rawHeaders, json, text, bytes };
}

/** The same requests in the name of one user (anything with `access`) or, without one, of nobody. */
export function as(inst, user) {
	const verb =
		(method) =>
		(path, options = {}) =>
			request(inst, method, path, user ? { token: user.access, ...options } : options);
	const sending =
		(method) =>
		(path, json, options = {}) =>
			verb(method)(path, { json, ...options });
	return {
		get: verb('GET'),
		del: verb('DELETE'),
		post: sending('POST'),
		patch: sending('PATCH'),
		put: sending('PUT'),
	};
}

/** Asserts the error shape of docs/PROTOCOL.md and returns the body. `code` and `field` are checked when given. */
export function assertError(reply, status, { code, field, message } = {}) {
	assert.equal(
		reply.status,
		status,
		`expected ${status}, got ${reply.status}: ${reply.text.slice(0, 300)}`,
	);
	assert.match(reply.headers['content-type'] ?? '', /^application\/json\b/);
	assert.ok(reply.json, `the body of a ${status} is a JSON object: ${reply.text.slice(0, 300)}`);
	assert.equal(typeof reply.json.error, 'string');
	assert.notEqual(reply.json.error, '');
	assert.match(reply.json.code, /^[a-z][a-z0-9_]*$/);
	assert.equal(typeof reply.json.request_id, 'string');
	assert.notEqual(reply.json.request_id, '');
	assert.equal(reply.json.request_id, reply.headers['x-request-id']);
	if (status === 401) assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer\b/);
	if (status === 429) assertRetryAfter(reply);
	if (code !== undefined) assert.equal(reply.json.code, code);
	if (field !== undefined) assert.equal(reply.json.field, field);
	if (message !== undefined) assert.equal(reply.json.error, message);
	return reply.json;
}

/** Asserts that Retry-After is a whole number of seconds, at least one. */
export function assertRetryAfter(reply) {
	assert.match(reply.headers['retry-after'] ?? '', /^[1-9]\d*$/);
}

/** Asserts a status and shows the body when it is another. Returns the JSON. */
export function assertStatus(reply, status) {
	assert.equal(
		reply.status,
		status,
		`expected ${status}, got ${reply.status}: ${reply.text.slice(0, 300)}`,
	);
	return reply.json;
}

/** POST /api/auth/login; the reply as it is. */
export function tryLogin(inst, email, password, options = {}) {
	noteSecret(password);
	return request(inst, 'POST', `${inst.basePath ?? ''}/api/auth/login`, {
		json: { email, password },
		...options,
	});
}

/** A login that must succeed: {access, refresh, user, …}. */
export async function loginWith(inst, email, password, options) {
	return assertStatus(await tryLogin(inst, email, password, options), 200);
}

const demoLogins = new WeakMap();

/** The login of a demo user ('admin', 'user' or 'guest'), made once for each instance. */
export function login(inst, who = 'admin') {
	if (!demoLogins.has(inst)) demoLogins.set(inst, new Map());
	const cache = demoLogins.get(inst);
	if (!cache.has(who)) cache.set(who, loginWith(inst, demo[who].email, demo[who].password));
	return cache.get(who);
}

let userCount = 0;

/** An address that no other test uses. */
export function newEmail() {
	userCount += 1;
	return `u${userCount}-${randomBytes(5).toString('hex')}@test.example`;
}

/** A password that no other test uses, so that the logs can be searched for it. */
export function newPassword() {
	const password = `Pw-${randomBytes(9).toString('base64url')}`;
	noteSecret(password);
	return password;
}

/** A fresh user, logged in: {id, email, password, full_name, access, refresh}. */
export async function newUser(inst, { name, admin = false } = {}) {
	const email = newEmail();
	const password = newPassword();
	const full_name = name ?? `Test Person ${userCount}`;
	const args = ['user', 'add', email, '--name', full_name];
	if (admin) args.push('--admin');
	const added = await inst.ctl(args, { input: `${password}\n` });
	assert.equal(added.code, 0, `unioctl user add failed: ${added.stderr}`);
	const { access, refresh, user } = await loginWith(inst, email, password);
	return { id: user.id, email, password, full_name, access, refresh };
}

/** A fresh meeting of `host` (a newUser or login result) with `participants` (users) in it. */
export async function newMeeting(inst, host, { title = 'A test meeting', participants = [], ...rest } = {}) {
	const ids = participants.map((user) => user.id ?? user.user.id);
	const reply = await request(inst, 'POST', `${inst.basePath ?? ''}/api/meetings`, {
		token: host.access,
		json: { title, participants: ids, ...rest },
	});
	return assertStatus(reply, 201);
}
