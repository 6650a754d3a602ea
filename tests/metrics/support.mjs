// What the tests of the metrics share: an instance that tells them on sockets of its own, and "this moved, by so much".
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

import { useInstance } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';
import { assertNeverBack, metricsIn, scrape } from '../lib/metrics.mjs';

/** An instance, with `signald()`, `api()` and `hookd()`, which scrape it; no counter of any may ever go back. */
export async function metricsInstance(conf = {}) {
	const directory = mkdtempSync(join(tmpdir(), 'unio-metrics-'));
	const where = metricsIn(directory);
	const inst = await useInstance({ conf: { ...where, ...conf } });
	after(() => rmSync(directory, { recursive: true }));
	const last = {};
	const look = (key) => async () => {
		const figures = await scrape(inst.metrics[key]);
		if (last[key])
			assertNeverBack(last[key], figures);
		last[key] = figures;
		return figures;
	};
	inst.metrics = { ...where, ...conf };
	inst.signald = look('signald_metrics');
	inst.api = look('api_metrics');
	inst.hookd = look('hookd_metrics');
	/** The daemon has been started anew: it counts from nothing. */
	inst.forget = () => { delete last.signald_metrics; };
	return inst;
}

/**
 * Does something, then waits until the figure has moved by so much, which it must not exceed.
 * @param {() => Promise<import('../lib/metrics.mjs').Figures>} look
 */
export async function moves(look, by, name, labels, work) {
	const before = (await look()).sum(name, labels);
	const result = await work();
	const now = async () => (await look()).sum(name, labels) - before;
	await until(async () => (await now()) >= by, `${name} ${JSON.stringify(labels)} rises by ${by}`, 5000);
	assert.equal(await now(), by, `${name} ${JSON.stringify(labels)}`);
	return result;
}

/** One command to the daemon's control socket, and its answer. */
export async function askControl(path, command) {
	const socket = net.connect(path).setEncoding('utf8');
	let text = '';
	socket.on('data', (part) => { text += part; });
	socket.write(`${JSON.stringify(command)}\n`);
	while (!text.includes('\n'))
		await once(socket, 'data');
	socket.destroy();
	return JSON.parse(text);
}
