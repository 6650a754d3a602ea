// The programs run by hand, without a front server: as a shell, an administrator or a CGI server would.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { checkReply } from './contract.mjs';
import { buildDir, SLOWER } from './instance.mjs';

/** What a sanitized or specially linked build needs from our own environment; nothing else is passed on. */
const passed = /^(ASAN|LSAN|UBSAN|TSAN)_OPTIONS$|^LD_LIBRARY_PATH$|^PATH$|^GCOV_/;

const ownEnvironment = (env) => Object.fromEntries(Object.entries(env).filter(([key]) => passed.test(key)));

/** Runs one of our programs to its end: {code, stdout, stderr, bytes}. It is killed after `deadline` ms; `open`: its input does not end. */
export async function runProgram(name, args, { env = {}, input = '', open = false, cwd, deadline = 20_000 } = {}) {
	const child = spawn(path.join(buildDir, name), args, {
		cwd,
		env: { ...ownEnvironment(process.env), ...env },
	});
	const out = [];
	const err = [];
	child.stdout.on('data', (part) => out.push(part));
	child.stderr.on('data', (part) => err.push(part));
	child.stdin.on('error', () => {}); // it may end without reading its input
	if (open) child.stdin.write(input);
	else child.stdin.end(input);
	const timer = setTimeout(() => child.kill('SIGKILL'), deadline * SLOWER);
	const [code, signal] = await once(child, 'close').finally(() => clearTimeout(timer));
	const bytes = Buffer.concat(out);
	const stderr = Buffer.concat(err).toString('utf8');
	assert.doesNotMatch(stderr, /(Address|Leak|Thread)Sanitizer|runtime error:/, 'a sanitizer complains');
	return { code: code ?? signal, bytes, stdout: bytes.toString('utf8'), stderr };
}

/**
 * One request to `unio-api` as a plain CGI program of the instance (RFC 3875). The reply is shaped like that of
 * request(): {status, headers, json, text}, and `code` and `stderr` of the program.
 */
export async function cgi(inst, method, uri, { token, body, type, args = [], env = {}, length, open } = {}) {
	const [script, query = ''] = uri.split('?', 2);
	const variables = {
		...ownEnvironment(inst.env),
		UNIO_CONF: inst.confPath,
		GATEWAY_INTERFACE: 'CGI/1.1',
		SERVER_PROTOCOL: 'HTTP/1.1',
		SERVER_SOFTWARE: 'a test',
		SERVER_NAME: 'localhost',
		SERVER_PORT: '80',
		REMOTE_ADDR: '127.0.0.1',
		REQUEST_METHOD: method,
		REQUEST_URI: uri,
		SCRIPT_NAME: script,
		QUERY_STRING: query,
	};
	if (token !== undefined) variables.HTTP_AUTHORIZATION = `Bearer ${token}`;
	if (type !== undefined) variables.CONTENT_TYPE = type;
	if (body !== undefined) variables.CONTENT_LENGTH = String(length ?? Buffer.byteLength(body));
	const ran = await runProgram('unio-api', args, { env: { ...variables, ...env }, input: body ?? '', open });
	const reply = parseReply(ran.stdout);
	if (ran.stdout !== '')
		checkReply({ method, path: uri, basePath: inst.basePath, body: body?.slice(0, length) }, reply);
	return { ...reply, code: ran.code, stderr: ran.stderr };
}

function parseReply(text) {
	const end = /\r?\n\r?\n/.exec(text);
	const head = end ? text.slice(0, end.index) : text;
	const body = end ? text.slice(end.index + end[0].length) : '';
	const headers = {};
	for (const line of head.split(/\r?\n/)) {
		const colon = line.indexOf(':');
		if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
	}
	let json = null;
	try {
		json = JSON.parse(body);
	} catch {
		json = null;
	}
	return { status: Number.parseInt(headers.status ?? '200', 10), headers, json, text: body };
}
