// docs/PROTOCOL.md: which tokens of an external identity provider are worth something: what RFC 7515, RFC 7519 and
// RFC 8725 warn of, and what npm jose tests of itself. Each row makes one from good claims.
import { createHmac, createPublicKey } from 'node:crypto';
import { test } from 'node:test';

import { SignJWT, base64url, exportJWK, exportSPKI, importJWK } from 'jose';

import { assertError, assertStatus, newUser, request, useInstance } from '../lib/api.mjs';
import { audience, issuer, KeyFile, makeKey, person, sign, signRaw } from '../lib/idp.mjs';
import { until } from '../lib/instance.mjs';
import { claimsOf, makeToken, signingKey } from '../lib/jwt.mjs';

const [rsa, ec, stranger, strangerEc] = await Promise.all([
	makeKey('RS256', 'rsa-1'), makeKey('ES256', 'ec-1'), makeKey('RS256', 'rsa-1'), makeKey('ES256', 'ec-1'),
]);
/** Keys of the file that are of no use here, each with the private half that would sign. */
const [rs512, pss, p384, encryption, k256] = await Promise.all([
	makeKey('RS512', 'rs512'), makeKey('PS256', 'pss'),
	makeKey('ES384', 'p384'), makeKey('RS256', 'encryption'), makeKey('ES256K', 'k256'),
]);
encryption.jwk.use = 'enc';
const operations = await makeKey('RS256', 'operations');
operations.jwk.key_ops = ['sign'];
/** RFC 7515's own keys, of appendix A.2 and A.3: known to the whole world, so that their tokens are known as well. */
const a3 = {
	kty: 'EC', crv: 'P-256', kid: 'a3', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
	y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};
const oct = { kty: 'oct', kid: 'oct', k: base64url.encode('0123456789abcdef0123456789abcdef'), alg: 'HS256' };
const file = new KeyFile(rsa, ec, rs512, pss, p384, encryption, k256, operations, a3, oct);
const inst = await useInstance({ conf: { ...file.conf, jwks_provision: 'yes' } });

const local = await newUser(inst);
const secret = await signingKey(inst, local.access);
const now = Math.floor(Date.now() / 1000);
const claims = person();
const me = (token) => request(inst, 'GET', '/api/auth/me', { token });
const part = (value) => base64url.encode(typeof value === 'string' ? value : JSON.stringify(value));
const changed = (changes, key = rsa) => sign(key, { ...claims, ...changes });
const withHeader = (header, key = rsa) => sign(key, claims, header);
/** The payload as text, so that it can say what an object cannot. */
const saying = (from, to, key = rsa) => signRaw(key, JSON.stringify(claims).replace(from, to));
const [head, body, signature] = (await sign(rsa, claims)).split('.');
const [headEc, bodyEc, signatureEc] = (await sign(ec, claims)).split('.');
const hmac = (header, payload, key) => {
	const text = `${part(header)}.${part(payload)}`;
	return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
};
const pem = await exportSPKI(rsa.publicKey);
const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
const raw = Buffer.from(signatureEc, 'base64url');
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const number = (value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const half = (i) => raw.subarray(32 * i, 32 * i + 32);
const otherHalf = number(order - BigInt(`0x${half(1).toString('hex')}`));
const ecSigned = (...parts) => `${headEc}.${bodyEc}.${Buffer.concat(parts).toString('base64url')}`;
const embedded = await exportJWK(stranger.publicKey);

const accepted = {
	'by an RSA key': `${head}.${body}.${signature}`,
	'by a key of P-256': `${headEc}.${bodyEc}.${signatureEc}`,
	'with typ at+jwt': await withHeader({ typ: 'at+jwt' }),
	'with typ application/at+jwt': await withHeader({ typ: 'application/AT+JWT' }),
	'without typ': await withHeader({ typ: undefined }),
	'whose audience is a list with ours in it': await changed({ aud: ['account', audience] }),
	'with its own key in the header, which is not looked at': await withHeader({ jwk: rsa.jwk }),
	'with members that nobody knows': await sign(rsa, { ...claims, realm_access: { roles: ['a'] } }, { x5t: 'abc' }),
	"with an nbf within the clocks' difference": await changed({ nbf: now + 20 }),
	'with nbf in the past': await changed({ nbf: now - 5 }),
	'whose signature is the other of the two that ECDSA has': ecSigned(half(0), otherHalf),
};
const refused = {
	// RFC 8725 2.1, 3.1: the algorithm
	'with alg none and no signature': `${part({ alg: 'none' })}.${body}.`,
	'with alg none and no last part': `${part({ alg: 'none' })}.${body}`,
	'with alg none and the old signature': `${part({ alg: 'none', kid: 'rsa-1' })}.${body}.${signature}`,
	'with alg nOnE': `${part({ alg: 'nOnE', kid: 'rsa-1' })}.${body}.${signature}`,
	'with alg HS256 and the public key in PEM as the secret': hmac({ alg: 'HS256', typ: 'JWT', kid: 'rsa-1' }, claims, pem),
	'with alg HS256, that PEM without its last line end': hmac({ alg: 'HS256', kid: 'rsa-1' }, claims, pem.trim()),
	'with alg HS256, that PEM and no kid': hmac({ alg: 'HS256' }, claims, pem),
	'with alg HS256 and the public key in DER': hmac({ alg: 'HS256', kid: 'rsa-1' }, claims, der),
	'with alg HS256 and the modulus': hmac({ alg: 'HS256', kid: 'rsa-1' }, claims, Buffer.from(rsa.jwk.n, 'base64url')),
	'with alg HS256 and the text of the modulus': hmac({ alg: 'HS256', kid: 'rsa-1' }, claims, rsa.jwk.n),
	'with alg HS256 and an empty key': hmac({ alg: 'HS256', kid: 'rsa-1' }, claims, ''),
	'with alg HS256 and the symmetric key of the file': hmac({ alg: 'HS256', kid: 'oct' }, claims, Buffer.from(oct.k, 'base64url')),
	"with alg HS256, our own secret and the provider's claims": makeToken(claims, secret),
	'with alg RS256 over an HMAC by our own secret': makeToken(claims, secret, { header: { alg: 'RS256', kid: 'rsa-1' } }),
	'with our own claims under RS256': await sign(rsa, claimsOf(local.access)),
	'with our own claims and its issuer under RS256': await sign(rsa, { ...claimsOf(local.access), iss: issuer, aud: 'unio ' }),
	'with alg ES256 and the kid of an RSA key': await sign({ ...ec, kid: 'rsa-1' }, claims),
	'with alg RS256 and the kid of an elliptic one': await sign({ ...rsa, kid: 'ec-1' }, claims),
	'with alg RS384 by the same key': await new SignJWT(claims).setProtectedHeader({ alg: 'RS384', kid: 'rsa-1' })
		.sign(await importJWK({ ...await exportJWK(rsa.privateKey), alg: 'RS384' })),
	'with alg PS256 by the same key': await new SignJWT(claims).setProtectedHeader({ alg: 'PS256', kid: 'rsa-1' })
		.sign(await importJWK({ ...await exportJWK(rsa.privateKey), alg: 'PS256' })),
	'that says RS256 over a signature of PS256': `${head}.${body}.${(await new SignJWT(claims)
		.setProtectedHeader({ alg: 'PS256', kid: 'rsa-1' })
		.sign(await importJWK({ ...await exportJWK(rsa.privateKey), alg: 'PS256' }))).split('.')[2]}`,
	'with alg rs256': `${part({ alg: 'rs256', kid: 'rsa-1' })}.${body}.${signature}`,
	'with alg RS256 and a space': `${part({ alg: 'RS256 ', kid: 'rsa-1' })}.${body}.${signature}`,
	'whose alg is a list': `${part({ alg: ['RS256'], kid: 'rsa-1' })}.${body}.${signature}`,
	'without alg': `${part({ kid: 'rsa-1' })}.${body}.${signature}`,
	'with alg twice': signRaw(rsa, claims, '{"alg":"RS256","kid":"rsa-1","alg":"RS256"}'),
	// keys of the file that are not for this
	'by a key for RS512': await sign(rs512, claims),
	'by a key for PS256': await sign(pss, claims),
	'by a key of P-384': await sign(p384, claims),
	'that says ES256 by a key of P-384': signRaw(p384, claims, { alg: 'ES256', kid: 'p384' }),
	'that says ES256 by a key of another curve': signRaw(k256, claims, { alg: 'ES256', kid: 'k256' }),
	'by a key for encryption': await sign(encryption, claims),
	'by a key that may not verify': await sign(operations, claims),
	// RFC 8725 3.10, RFC 7515 4.1: which key
	'by another key of that kid': await sign(stranger, claims),
	'by another elliptic key of that kid': await sign(strangerEc, claims),
	'by a key that it brings itself (jwk)': await sign(stranger, claims, { jwk: embedded }),
	'by a key that it brings, without a kid': await sign(stranger, claims, { jwk: embedded, kid: undefined }),
	'that points to its key (jku)': await sign(stranger, claims, { jku: 'http://127.0.0.1:1/jwks.json' }),
	'that points to its certificate (x5u)': await sign(stranger, claims, { x5u: 'http://127.0.0.1:1/cert.pem' }),
	'that brings its certificate (x5c)': await sign(stranger, claims, { x5c: ['MIIB'] }),
	'of an unknown kid': await sign({ ...rsa, kid: 'rsa-2' }, claims),
	'without a kid, while there are several keys': await withHeader({ kid: undefined }),
	'whose kid is empty': signRaw(rsa, claims, { alg: 'RS256', kid: '' }),
	'whose kid is a number': signRaw(rsa, claims, { alg: 'RS256', kid: 1 }),
	'whose kid is a path': await sign({ ...stranger, kid: '../../../../../../dev/null' }, claims),
	"whose kid is SQL": await sign({ ...stranger, kid: "x' UNION SELECT 'key" }, claims),
	'whose kid has 4 KB': signRaw(rsa, { sub: 'x' }, { alg: 'RS256', kid: 'x'.repeat(2500) }),
	'with kid twice': signRaw(rsa, claims, '{"alg":"RS256","kid":"rsa-1","kid":"rsa-1"}'),
	"with kid in another case": await sign({ ...rsa, kid: 'RSA-1' }, claims),
	// the rest of the header
	'with crit': signRaw(rsa, claims, { alg: 'RS256', kid: 'rsa-1', crit: ['exp'], exp: now + 60 }),
	'with an empty crit': signRaw(rsa, claims, { alg: 'RS256', kid: 'rsa-1', crit: [] }),
	'with b64 false': signRaw(rsa, claims, { alg: 'RS256', kid: 'rsa-1', b64: false, crit: ['b64'] }),
	'with b64 true and crit': await withHeader({ b64: true, crit: ['b64'] }),
	'with b64 and no crit': signRaw(rsa, claims, { alg: 'RS256', kid: 'rsa-1', b64: false }),
	'that is nested': signRaw(rsa, `${head}.${body}.${signature}`, { alg: 'RS256', kid: 'rsa-1', cty: 'JWT' }),
	'that says it is nested': await withHeader({ cty: 'JWT' }),
	'that is compressed': await withHeader({ zip: 'DEF' }),
	'with typ logout+jwt': await withHeader({ typ: 'logout+jwt' }),
	'with typ dpop+jwt': await withHeader({ typ: 'dpop+jwt' }),
	'whose typ is a number': signRaw(rsa, claims, { alg: 'RS256', kid: 'rsa-1', typ: 1 }),
	'whose header is a list': signRaw(rsa, claims, '["RS256"]'),
	'whose header is no JSON': signRaw(rsa, claims, '{"alg":"RS256","kid":"rsa-1"'),
	'whose header has something behind it': signRaw(rsa, claims, '{"alg":"RS256","kid":"rsa-1"}x'),
	// RFC 7515 3.1, 5.2, RFC 4648: the spelling
	'with an empty signature': `${head}.${body}.`,
	'of four parts': `${head}.${body}.${signature}.${signature}`,
	'of five parts, as a JWE has': `${head}.${body}.${signature}.${body}.${signature}`,
	'with padding': `${head}.${body}.${signature}==`,
	'in base64 instead of base64url': `${head}.${body}.${Buffer.from(signature, 'base64url').toString('base64')}`,
	'with a line end in it': `${head}.${body}.${signature.slice(0, 9)}%0A${signature.slice(9)}`,
	'whose signature ends in other idle bits': ecSigned(raw).replace(/.$/, (c) =>
		'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(c) ^ 1]),
	'of 4,097 bytes': await (async () => {
		let token = await changed({ padding: 'x'.repeat(2000) });
		for (let n = 2000; token.length < 4097; n++) token = await changed({ padding: 'x'.repeat(n) });
		return token;
	})(),
	// the signature
	'with a changed payload': `${head}.${part({ ...claims, sub: 'admin' })}.${signature}`,
	'with a changed header': `${part({ alg: 'RS256', kid: 'rsa-1', x: 1 })}.${body}.${signature}`,
	'with a signature one byte short': `${head}.${body}.${Buffer.from(signature, 'base64url').subarray(1).toString('base64url')}`,
	'with a zero before the signature': `${head}.${body}.${Buffer.concat([Buffer.from([0]), Buffer.from(signature, 'base64url')]).toString('base64url')}`,
	'with ES256 in DER': signRaw(ec, claims, undefined, 'der'),
	'with r and s zero (CVE-2022-21449)': ecSigned(Buffer.alloc(64)),
	'with r zero': ecSigned(Buffer.alloc(32), half(1)),
	'with s zero': ecSigned(half(0), Buffer.alloc(32)),
	'with r the order of the curve': ecSigned(number(order), half(1)),
	'with s the order of the curve': ecSigned(half(0), number(order)),
	'with r one and s one': ecSigned(number(1n), number(1n)),
	'with the halves in the other order': ecSigned(half(1), half(0)),
	'with 63 bytes of ES256': ecSigned(raw.subarray(0, 63)),
	'with 65 bytes of ES256': ecSigned(raw, Buffer.from([0])),
	'with ES256 padded to P-384': ecSigned(Buffer.alloc(16), half(0), Buffer.alloc(16), half(1)),
	// RFC 8725 3.8, 3.9, RFC 7519 4.1: the claims
	'of another issuer': await changed({ iss: 'https://login.example.org/realms/other' }),
	'of the issuer with a slash more': await changed({ iss: `${issuer}/` }),
	'of our own issuer': await changed({ iss: 'unio' }),
	'whose issuer is a list': await changed({ iss: [issuer] }),
	'without issuer': await changed({ iss: undefined }),
	'with issuer twice': saying('{', `{"iss":"${issuer}",`),
	'for another audience': await changed({ aud: 'account' }),
	'for an audience that begins as ours': await changed({ aud: 'unio2' }),
	'for a list of others': await changed({ aud: ['account', 'unio2'] }),
	'for an empty list': await changed({ aud: [] }),
	'for a list with a number': await changed({ aud: [audience, 1] }),
	'for an audience that is an object': await changed({ aud: { unio: true } }),
	'without audience': await changed({ aud: undefined }),
	'without sub': await changed({ sub: undefined }),
	'whose sub is empty': await changed({ sub: '' }),
	'whose sub is a number': await changed({ sub: 1 }),
	'whose sub has 256 characters': await changed({ sub: 'x'.repeat(256) }),
	'whose sub has a control character': await changed({ sub: 'a\nb' }),
	'with sub twice': saying('{', '{"sub":"somebody else",'),
	'with sub twice, once escaped': saying('{', '{"s\\u0075b":"somebody else",'),
	'whose sid is a number': await changed({ sid: 1 }),
	'that has expired': await changed({ iat: now - 600, exp: now - 1 }),
	'that expires this second': await changed({ exp: now }),
	'without exp': await changed({ exp: undefined }),
	'whose exp is a text': saying(/"exp":(\d+)/, '"exp":"$1"'),
	'whose exp is a fraction': saying(/"exp":(\d+)/, '"exp":$1.5'),
	'whose exp is beyond the year 9999': saying(/"exp":\d+/, '"exp":253402300800'),
	'whose exp is beyond 64 bits': saying(/"exp":\d+/, '"exp":99999999999999999999999'),
	'whose exp is infinite': saying(/"exp":\d+/, '"exp":1e999'),
	'whose exp is negative': saying(/"exp":\d+/, '"exp":-1'),
	'whose exp is null': await changed({ exp: null }),
	'with exp twice': saying(/"exp":(\d+)/, '"exp":1,"exp":$1'),
	'without iat': await changed({ iat: undefined }),
	'whose iat is a text': saying(/"iat":(\d+)/, '"iat":"$1"'),
	'whose iat is a fraction': saying(/"iat":(\d+)/, '"iat":$1.5'),
	'issued in ten minutes': await changed({ iat: now + 600, exp: now + 900 }),
	'whose nbf has not come': await changed({ nbf: now + 600 }),
	'whose nbf is a text': await changed({ nbf: String(now - 5) }),
	'whose nbf is huge': saying('{', '{"nbf":1e300,'),
	'whose payload is no JSON': signRaw(rsa, 'claims'),
	'whose payload is a list': signRaw(rsa, [claims]),
	'whose payload is null': signRaw(rsa, 'null'),
	'whose payload is empty': `${part({ alg: 'RS256', kid: 'rsa-1' })}..${signature}`,
	'whose payload has something behind it': signRaw(rsa, `${JSON.stringify(claims)}{}`),
	'whose payload is bad UTF-8': signRaw(rsa, Buffer.from(JSON.stringify(claims).replace('Pat', '\xff'), 'latin1')),
	'whose payload has 1,000 levels': signRaw(rsa, JSON.stringify(claims).replace('{', `{"x":${'['.repeat(500)}${']'.repeat(500)},`)),
	'with an escaped NUL in sub': saying('"sub":"', '"sub":"\\u0000'),
	// RFC 7515 appendix A: well signed, and nothing of ours
	'that is example A.1 of RFC 7515': 'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
	'that is example A.3 of RFC 7515': 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
	'that is example A.5 of RFC 7515 (unsecured)': 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.',
	'that is example A.6 of RFC 7515 (JSON)': JSON.stringify({ payload: body, signatures: [{ protected: head, signature }] }),
};
for (const [what, token] of Object.entries(accepted))
	test(`a token ${what} is accepted`, async () => {
		assertStatus(await me(token), 200);
	});

for (const [what, token] of Object.entries(refused))
	test(`a token ${what} is 401`, async () => {
		assertError(await me(token), 401);
	});

test('while the file has one key, a token without a kid is taken for its', async () => {
	file.write(ec);
	const token = await sign(ec, claims, { kid: undefined });
	await until(async () => (await me(token)).status === 200, 'the file is read again');
	assertError(await me(await sign(strangerEc, claims, { kid: undefined })), 401);
});
