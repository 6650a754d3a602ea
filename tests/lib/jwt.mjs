// JSON web tokens made by hand, good and bad, for tests of the server's checks (RFC 7515, RFC 7519).
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { request } from './api.mjs';
import { noteSecret } from './secrets.mjs';

const part = (value) =>
	Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** The claims of a token, unverified. */
export function claimsOf(token) {
	return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString('utf8'));
}

/** A token of `claims` (an object, or text as it is) under `header`, signed with HMAC `hash`; '' leaves it unsigned. */
export function makeToken(claims, key, { header = { alg: 'HS256', typ: 'JWT' }, hash = 'sha256' } = {}) {
	const text = `${part(header)}.${part(claims)}`;
	const signature = hash === '' ? '' : createHmac(hash, key).update(text).digest('base64url');
	const token = `${text}.${signature}`;
	noteSecret(token);
	return token;
}

/**
 * The key that signs this instance's tokens. How the file spells it is the server's affair: the readings are tried
 * until one gives a token that the server takes. `goodToken` is one that it made itself.
 */
export async function signingKey(inst, goodToken) {
	const bytes = readFileSync(path.join(inst.varDir, 'secret.key'));
	const text = bytes.toString('latin1').trim();
	const readings = [
		Buffer.from(text, 'latin1'),
		bytes,
		Buffer.from(text, 'hex'),
		Buffer.from(text, 'base64'),
	];
	const [head, body, signature] = goodToken.split('.');
	for (const key of readings)
		if (createHmac('sha256', key).update(`${head}.${body}`).digest('base64url') === signature) {
			const own = makeToken({ ...claimsOf(goodToken) }, key);
			const reply = await request(inst, 'GET', '/api/auth/me', { token: own });
			assert.equal(reply.status, 200, "a token signed with the instance's own key is accepted");
			return key;
		}
	return assert.fail('secret.key does not sign the tokens of this instance in any known spelling');
}
