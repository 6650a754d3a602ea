// What the programs tell Prometheus: fetched over HTTP from a loopback port or a unix socket, and read.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';

/** GET of a path at "127.0.0.1:PORT", "[::1]:PORT" or a socket's path; resolves with status, headers and text. */
export function get(address, path = '/metrics', { method = 'GET', timeout = 10_000 } = {}) {
	const [, host, port] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(address) ?? [];
	const where = address.startsWith('/') ? { socketPath: address } : { host, port };
	return new Promise((resolve, reject) => {
		const request = http.request({ ...where, path, method, agent: false, timeout }, (response) => {
			let text = '';
			response.setEncoding('utf8').on('data', (part) => { text += part; })
				.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }))
				.on('error', reject);
		});
		request.on('timeout', () => request.destroy(new Error(`no answer from ${address} within ${timeout} ms`)));
		request.on('error', reject).end();
	});
}

/** One scrape, read: Figures. */
export async function scrape(address) {
	const { status, headers, text } = await get(address);
	assert.equal(status, 200);
	assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
	return new Figures(text);
}

export class Figures {
	/** name{labels} as told => number */
	samples = new Map();
	types = new Map();

	constructor(text) {
		this.text = text;
		for (const line of text.split('\n')) {
			const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
			if (name)
				this.types.set(name, type);
			if (line === '' || line.startsWith('#'))
				continue;
			const [, key, value] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? assert.fail(`no sample: ${line}`);
			assert.ok(!this.samples.has(key), `twice: ${key}`);
			assert.ok(Number.isFinite(Number(value)), line);
			this.samples.set(key, Number(value));
		}
	}

	/** The sum of a name's samples that have these labels. */
	sum(name, labels = {}) {
		const found = [...this.samples].filter(([key]) => key.replace(/\{.*/, '') === name &&
			Object.entries(labels).every(([label, value]) => key.includes(`${label}="${value}"`)));
		assert.ok(found.length > 0, `no ${name} with ${JSON.stringify(labels)}`);
		return found.reduce((total, [, value]) => total + value, 0);
	}

	/** Counters and the parts of histograms, which never go back. */
	get counters() {
		return [...this.samples].filter(([key]) => {
			const name = key.replace(/\{.*/, '');
			return this.types.get(name) === 'counter' || this.types.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram';
		});
	}
}

/** Fails if a counter of `before` is less in `after`, or gone. */
export function assertNeverBack(before, after) {
	for (const [key, value] of before.counters)
		assert.ok(after.samples.get(key) >= value, `${key}: ${value}, then ${after.samples.get(key)}`);
}

/** What promtool, which knows the format and the conventions of names, says about a scrape: nothing. */
export function assertLinted(text) {
	const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
	assert.equal(`${stdout}${stderr}`, '');
	assert.equal(status, 0);
}

/** Buckets rise, the last one is the count, and the sum fits between what they allow. */
export function assertHistograms(figures) {
	const names = [...figures.types].filter(([, type]) => type === 'histogram').map(([name]) => name);
	assert.ok(names.length > 0);
	for (const name of names) {
		const series = new Map();
		for (const [key, value] of figures.samples) {
			if (!key.startsWith(`${name}_bucket{`))
				continue;
			const le = /le="([^"]*)"/.exec(key)[1];
			const of = key.slice(`${name}_bucket`.length).replace(/,?le="[^"]*"/, '').replace('{}', '');
			series.set(of, [...(series.get(of) ?? []), [le === '+Inf' ? Infinity : Number(le), value]]);
		}
		for (const [of, buckets] of series) {
			let least = 0;
			for (let i = 1; i < buckets.length; i++) {
				assert.ok(buckets[i][0] > buckets[i - 1][0] && buckets[i][1] >= buckets[i - 1][1], `${name}${of}`);
				least += (buckets[i][1] - buckets[i - 1][1]) * buckets[i - 1][0];
			}
			const [bound, count] = buckets.at(-1);
			assert.equal(bound, Infinity);
			assert.equal(figures.samples.get(`${name}_count${of}`), count);
			assert.ok(figures.samples.get(`${name}_sum${of}`) >= least * 0.999999, `${name}_sum${of} is less than its buckets say`);
		}
	}
}

/** The keys with a socket of its own for each program, in a directory of the test's. */
export function metricsIn(directory) {
	return Object.fromEntries(['api', 'signald', 'hookd'].map((name) => [`${name}_metrics`, join(directory, `${name}-metrics.sock`)]));
}
