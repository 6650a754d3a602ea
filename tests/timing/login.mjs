// Does the time of a failed login tell whether there is such an account? Not a test, since a machine with other things
// to do fails none honestly: it measures, and prints what an attacker with these many attempts could know.
//
//	make login-timing   ATTEMPTS=2000 (of each kind)   CHEAP=1 (passwords that cost nothing: what is left shows more)
//
// Passwords cost what they cost by default. Attempts come one after the other over one connection, in pairs whose
// order is drawn, so that whatever else the machine does meets both alike.
import { Agent, request as httpRequest } from 'node:http';
import { once } from 'node:events';

import { noteSecret } from '../lib/secrets.mjs';
import { startInstance } from '../lib/instance.mjs';

const ATTEMPTS = Number(process.env.ATTEMPTS ?? 2000);
const EMAILS = 100; // of each kind; each is tried as often as any other
const conf = {
	...(process.env.CHEAP ? {} : { password_passes: 2, password_memory: '19m' }), workers: 1, registration: 'open', login_failures: 1_000_000, log_level: 'warn',
};

const inst = await startInstance({ conf });
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

async function post(path, json) {
	const body = JSON.stringify(json);
	const request = httpRequest(inst.origin + path, {
		method: 'POST', agent, headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
	}).end(body);
	const [reply] = await once(request, 'response');
	reply.resume();
	await once(reply, 'end');
	return reply.statusCode;
}

async function time(email) {
	const begin = performance.now();
	const status = await post('/api/auth/login', { email, password: 'not the password' });
	if (status !== 401)
		throw new Error(`status ${status}`);
	return performance.now() - begin;
}

const emails = { known: [], unknown: [] };
for (let i = 0; i < EMAILS; i++) {
	emails.known.push(`person-${i}@timing.example`);
	emails.unknown.push(`nobody-${i}@timing.example`);
	noteSecret('a good password');
	await post('/api/auth/register', { email: emails.known[i], password: 'a good password', full_name: 'A Person' });
}
const times = { known: [], unknown: [] };
for (let i = -20; i < ATTEMPTS; i++) {
	const order = Math.random() < 0.5 ? ['known', 'unknown'] : ['unknown', 'known'];
	for (const kind of order) {
		const ms = await time(emails[kind][((i % EMAILS) + EMAILS) % EMAILS]);
		if (i >= 0)
			times[kind].push(ms);
	}
}
await inst.stop();

const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;
const variance = (values) => sum(values.map((value) => (value - mean(values)) ** 2)) / (values.length - 1);
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
const sortedOf = (values) => [...values].sort((a, b) => a - b);

/** Two-sided p of a standard normal (Abramowitz and Stegun 26.2.17). */
function normalP(z) {
	const t = 1 / (1 + 0.2316419 * Math.abs(z));
	const tail = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI)
		* t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
	return 2 * tail;
}

function mannWhitney(a, b) {
	const all = [...a.map((value) => [value, 0]), ...b.map((value) => [value, 1])].sort((x, y) => x[0] - y[0]);
	const rankSum = sum(all.flatMap(([, which], i) => which === 0 ? [i + 1] : []));
	const u = rankSum - a.length * (a.length + 1) / 2;
	const z = (u - a.length * b.length / 2) / Math.sqrt(a.length * b.length * (a.length + b.length + 1) / 12);
	return { z, p: normalP(z), better: u / (a.length * b.length) };
}

/** 95 % of where the difference of the medians lies, by drawing again from the pairs. */
function bootstrap(a, b, rounds = 2000) {
	const differences = [];
	for (let i = 0; i < rounds; i++) {
		const drawn = Array.from({ length: a.length }, () => Math.floor(Math.random() * a.length));
		differences.push(quantile(sortedOf(drawn.map((n) => a[n])), 0.5) - quantile(sortedOf(drawn.map((n) => b[n])), 0.5));
	}
	const sorted = sortedOf(differences);
	return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

const line = (name, values) => {
	const sorted = sortedOf(values);
	console.log(`${name.padEnd(8)} ${values.length} attempts: median ${quantile(sorted, 0.5).toFixed(3)} ms, mean ${mean(values).toFixed(3)} ms, `
		+ `p5 ${quantile(sorted, 0.05).toFixed(3)}, p95 ${quantile(sorted, 0.95).toFixed(3)}`);
};
line('known', times.known);
line('unknown', times.unknown);
const t = (mean(times.known) - mean(times.unknown))
	/ Math.sqrt(variance(times.known) / ATTEMPTS + variance(times.unknown) / ATTEMPTS);
const ranks = mannWhitney(times.known, times.unknown);
const [low, high] = bootstrap(times.known, times.unknown);
const medians = quantile(sortedOf(times.known), 0.5) - quantile(sortedOf(times.unknown), 0.5);
console.log(`difference of the medians ${(1000 * medians).toFixed(0)} us, 95 % within ${(1000 * low).toFixed(0)} to ${(1000 * high).toFixed(0)} us`);
console.log(`Welch's t ${t.toFixed(2)} (p ${normalP(t).toFixed(3)}); Mann-Whitney z ${ranks.z.toFixed(2)} (p ${ranks.p.toFixed(3)}); `
	+ `a known one took longer than an unknown one in ${(100 * ranks.better).toFixed(1)} % of all pairs`);
