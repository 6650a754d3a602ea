// An identity provider: keys, the file of their public halves, and tokens signed by npm jose (or, where that
// declines to make what a forger would, by hand).
import { createSign, randomUUID } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

import { SignJWT, exportJWK, generateKeyPair } from 'jose';

import { newEmail } from './api.mjs';
import { noteSecret } from './secrets.mjs';

export const issuer = 'https://login.example.org/realms/school';
export const audience = 'unio';

const part = (value) =>
	Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString('base64url');

/** A pair of keys with its JWK: {alg, privateKey, publicKey, jwk}. */
export async function makeKey(alg, kid, options = {}) {
	const pair = await generateKeyPair(alg, { extractable: true, ...options });
	const jwk = { ...await exportJWK(pair.publicKey), alg, use: 'sig', ...(kid === undefined ? {} : { kid }) };
	return { alg, kid, jwk, ...pair };
}

/** The claims of somebody new, as a provider makes them; what is `undefined` is left out. */
export function person(changes = {}) {
	const now = Math.floor(Date.now() / 1000);
	return {
		iss: issuer, aud: audience, sub: randomUUID(), sid: randomUUID(), iat: now, exp: now + 300,
		name: 'Pat Provided', email: newEmail(), email_verified: true, ...changes,
	};
}

/** A token by npm jose. `header` is added to alg, typ and kid; undefined takes one away. */
export async function sign(key, claims, header = {}) {
	const token = await new SignJWT(claims)
		.setProtectedHeader({ alg: key.alg, typ: 'JWT', kid: key.kid, ...header })
		.sign(key.privateKey, { crit: { b64: true } });
	noteSecret(token);
	return token;
}

/** A token of any header and payload (objects, or texts and bytes as they are), properly signed over what it is. */
export function signRaw(key, payload, header = { alg: key.alg, typ: 'JWT', kid: key.kid }, dsaEncoding = 'ieee-p1363') {
	const text = `${part(header)}.${part(payload)}`;
	const signature = createSign('sha256').update(text).sign({ key: key.privateKey, dsaEncoding });
	const token = `${text}.${signature.toString('base64url')}`;
	noteSecret(token);
	return token;
}

/** A file of keys, and what the server must be told of it. */
export class KeyFile {
	constructor(...keys) {
		this.dir = mkdtempSync(join(tmpdir(), 'unio-idp-'));
		this.path = join(this.dir, 'jwks.json');
		this.write(...keys);
		after(() => rmSync(this.dir, { recursive: true, force: true }));
	}

	get conf() {
		return { jwks_file: this.path, jwks_issuer: issuer, jwks_audience: audience };
	}

	/** In one step, as it should be done. */
	write(...keys) {
		this.writeText(JSON.stringify({ keys: keys.map((key) => key.jwk ?? key) }));
	}

	writeText(text) {
		writeFileSync(`${this.path}.new`, text);
		renameSync(`${this.path}.new`, this.path);
	}
}
