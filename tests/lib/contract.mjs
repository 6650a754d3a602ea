// Holds what the server says, in every test, against docs/openapi.yaml and docs/asyncapi.yaml: replies here, frames in
// contract_frames.mjs. What is said but not described fails the test that got it; so does what the server took (a body, a
// frame) although the descriptions do not allow it. What was seen is kept for the end of a whole run, where
// tests/contract/coverage.mjs asks whether all that is described was seen.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadContract } from './contract_table.mjs';

let loaded;
const seen = new Set();
const violations = [];

/** The table and the validators, made at the first use. */
export function contract() {
	loaded ??= loadContract();
	return loaded;
}

/** Something that is described has been seen. */
export function saw(what) {
	seen.add(what);
}

/** Something was seen that is not described; assertContract() will say so. */
export function violated(what) {
	violations.push(what);
}

/** Fails with what has been violated since the last time. */
export function assertContract() {
	const found = violations.splice(0);
	if (found.length > 0)
		throw new Error(found.join('\n'));
}

/** null, or what is wrong with a value: where and why. */
export function flaw(validator, value) {
	const validate = contract().validators[validator];
	if (validate(value))
		return null;
	// The last error is the one that the others led to; the first says it best.
	const { instancePath, message, params } = validate.errors[0];
	const extra = params.additionalProperty ?? params.allowedValues ?? params.allowedValue;
	return `${instancePath || 'it'} ${message}${extra === undefined ? '' : ` (${JSON.stringify(extra)})`}`;
}

process.on('exit', () => {
	if (process.env.UNIO_SEEN && seen.size > 0)
		appendFileSync(join(process.env.UNIO_SEEN, 'seen'), [...seen].map((what) => `${what}\n`).join(''));
	if (violations.length > 0) {
		console.error(violations.join('\n'));
		process.exitCode = 1;
	}
});

/** What every reply of the program has, and what is HTTP's or the front server's own. */
const ALWAYS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
const OF_HTTP = new Set(['accept-ranges', 'alt-svc', 'connection', 'content-length', 'content-security-policy', 'content-type', 'date',
	'keep-alive', 'permissions-policy', 'access-control-allow-origin', 'access-control-expose-headers', 'referrer-policy', 'server', 'status',
	'transfer-encoding', 'upgrade', 'vary', 'via']);

/** What a front server says by itself. */
const OF_THE_FRONT = new Set([301, 308, 400, 403, 404, 405, 408, 411, 413, 414, 417, 431, 500, 501, 502, 503, 504, 505]);

/**
 * Holds one exchange against the description; throws what is wrong.
 * @param {{method: string, path: string, basePath?: string, body?: string|Buffer}} asked
 * @param {{status: number, headers: object, json: any, text: string}} reply
 */
export function checkReply({ method, path, basePath = '', body }, reply) {
	const problem = replyProblem({ method, path, basePath, body }, reply);
	if (problem)
		throw new Error(`not as docs/openapi.yaml has it: ${method} ${path} ${reply.status}: ${problem}\n${reply.text.slice(0, 300)}`);
}

function replyProblem({ method, path, basePath, body }, reply) {
	const [bare, query = ''] = path.split('?', 2);
	if (!bare.startsWith(`${basePath}/api`))
		return null;
	const { operation, parameters } = findOperation(method === 'HEAD' ? 'GET' : method, bare.slice(`${basePath}/api`.length));
	if (reply.headers['x-request-id'] === undefined)
		return OF_THE_FRONT.has(reply.status) && reply.json?.code === undefined ? null : 'X-Request-Id is missing';
	const anywhere = contract().table.anywhere[reply.status];
	const described = reply.json?.code === 'origin_refused' ? anywhere : operation?.responses[reply.status] ?? anywhere;
	if (!described || (!operation && !anywhere))
		return 'this status is not described';
	const problem = headersProblem(described, reply) ?? (method === 'HEAD' ? null : contentProblem(described, reply))
		?? (operation && reply.status < 300 ? requestProblem(operation, parameters, query, body) : null);
	if (!problem && operation?.responses[reply.status])
		saw(`${operation.name} ${reply.status}`);
	return problem;
}

/** The operation of a path below /api, of the most literal one that matches, and what stands in its placeholders. */
function findOperation(method, path) {
	let segments;
	try {
		segments = path.replace(/\/$/, '').split('/').slice(1).map(decodeURIComponent);
	} catch {
		return {};
	}
	if (segments.some((part) => /[/\0]/.test(part)))
		return {};
	const placeholder = (part) => /^\{(.*)\}$/.exec(part)?.[1];
	const operation = contract().table.operations.find((one) => one.method === method && one.segments.length === segments.length
		&& one.segments.every((part, i) => placeholder(part) || part === segments[i]));
	const parameters = Object.fromEntries((operation?.segments ?? [])
		.map((part, i) => [placeholder(part), segments[i]]).filter(([name]) => name));
	return { operation, parameters };
}

function headersProblem({ headers }, reply) {
	for (const [name, { required, number, schema }] of Object.entries(headers)) {
		const value = reply.headers[name];
		if (value === undefined && required)
			return `the header ${name} is missing`;
		const problem = value !== undefined && flaw(schema, number ? Number(value) : value);
		if (problem)
			return `the header ${name}: ${problem}`;
	}
	for (const [name, value] of Object.entries(ALWAYS))
		if (!(name in headers) && reply.headers[name] !== value)
			return `the header ${name} is not ${value}`;
	const extra = Object.keys(reply.headers).filter((name) => !(name in headers || name in ALWAYS || OF_HTTP.has(name)));
	return extra.length > 0 ? `the header ${extra.join(' and ')} is not described` : null;
}

function contentProblem({ content }, reply) {
	const [type] = (reply.headers['content-type'] ?? '').split(';');
	if (Object.keys(content).length === 0)
		return reply.text === '' && type === '' ? null : 'it has a body';
	if (!(type in content))
		return `its Content-Type is ${type || 'missing'}`;
	return flaw(content[type], type === 'application/json' ? reply.json : reply.text);
}

/** What was asked and granted must be allowed. */
function requestProblem(operation, inPath, query, body) {
	const values = { path: inPath, query: Object.fromEntries([...new URLSearchParams(query)].reverse()) };
	for (const { name, in: where, number, schema } of operation.parameters) {
		const text = values[where]?.[name];
		const problem = text !== undefined && flaw(schema, number ? Number(text) : text);
		if (problem)
			return `it was granted, although ${name} in the ${where}: ${problem}`;
	}
	const text = body?.toString() ?? '';
	if (!operation.body || (text === '' && !operation.body.required))
		return null;
	const problem = flaw(operation.body.content['application/json'], JSON.parse(text));
	return problem && `it was granted, although in the body ${problem}`;
}
