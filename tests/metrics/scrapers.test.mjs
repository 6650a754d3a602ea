// Who asks for the metrics disturbs nobody: neither slow nor silent nor in a crowd; and there are none where none are wanted.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';

import { assertStatus, request, useInstance } from '../lib/api.mjs';
import { freePort, SLOWER, until } from '../lib/instance.mjs';
import { get, scrape } from '../lib/metrics.mjs';
import { closeAll } from '../lib/ws.mjs';
import { newFullRoom } from '../ws/support.mjs';
import { metricsInstance } from './support.mjs';

const ports = [await freePort(), await freePort()];
const inst = await metricsInstance({ api_metrics: `127.0.0.1:${ports[0]}`, signald_metrics: `[::1]:${ports[1]}` });
const hosts = { api_metrics: '127.0.0.1', signald_metrics: '::1' };
const sockets = new Set();

test.afterEach(() => {
	closeAll();
	sockets.forEach((socket) => socket.destroy());
	sockets.clear();
});

/** A connection that says this and then reads nothing. */
async function silent(key, text = '') {
	const socket = net.connect({ host: hosts[key], port: ports[key === 'api_metrics' ? 0 : 1] });
	sockets.add(socket);
	socket.on('error', () => {});
	await once(socket, 'connect');
	socket.pause();
	socket.write(text);
	return socket;
}

for (const key of Object.keys(hosts)) {
	test(`${key} may be a loopback address and its port`, async () => {
		assert.ok((await scrape(inst.metrics[key])).sum('unio_build_info') === 1);
	});

	test(`${key} answers GET /metrics alone`, async () => {
		assert.equal((await get(inst.metrics[key], '/')).status, 404);
		assert.equal((await get(inst.metrics[key], '/metrics/')).status, 404);
		const { status, headers } = await get(inst.metrics[key], '/metrics', { method: 'POST' });
		assert.deepEqual([status, headers.allow], [405, 'GET']);
	});

	test(`while some hold ${key} and say nothing, or do not read, others are answered, and people notice nothing`, async () => {
		const { clients: [ann, bob] } = await newFullRoom(inst, 2);
		for (let i = 0; i < 15; i++)
			await silent(key, i % 2 ? 'GET /metrics HTTP/1.1\r\n\r\n' : 'GET /met');
		const started = Date.now();
		await scrape(inst.metrics[key]);
		ann.send({ type: 'message', data: 'still there' });
		await bob.next('message');
		assertStatus(await request(inst, 'GET', '/api/health/ready'), 200);
		assert.ok(Date.now() - started < 2000 * SLOWER, `${Date.now() - started} ms`);
	});
}

test('a crowd that holds all places is hung up on in time, and then others have their turn', async () => {
	const held = [];
	for (const key of Object.keys(hosts))
		for (let i = 0; i < 20; i++)
			held.push((await silent(key, 'GET')).resume());
	const started = Date.now();
	await Promise.all(Object.keys(hosts).map((key) => scrape(inst.metrics[key])));
	assert.ok(Date.now() - started < 9000);
	await until(() => held.filter(({ readableEnded }) => readableEnded).length >= 32, 'hung up');
});

test('a reload moves the daemon\'s metrics, ends them, and takes them up again', async () => {
	const written = readFileSync(inst.confPath, 'utf8');
	const other = `127.0.0.1:${await freePort()}`;
	const use = (line) => {
		writeFileSync(inst.confPath, written.replace(/^signald_metrics = .*$/m, line));
		process.kill(inst.pid('signald'), 'SIGHUP');
	};
	const told = (address) => get(address).then(({ status }) => status === 200, () => false);
	use(`signald_metrics = ${other}`);
	await until(() => told(other), 'at the other address');
	assert.equal(await told(inst.metrics.signald_metrics), false);
	use('');
	await until(async () => !await told(other), 'nowhere');
	use(`signald_metrics = ${inst.metrics.signald_metrics}`);
	await until(() => told(inst.metrics.signald_metrics), 'where it was');
});

test('an address that somebody else has costs the metrics, and nothing else', async () => {
	const holder = net.createServer().listen(0, '127.0.0.1');
	await once(holder, 'listening');
	const address = `127.0.0.1:${holder.address().port}`;
	const poor = await useInstance({ conf: { api_metrics: address, signald_metrics: address.replace('127.0.0.1', '127.0.0.2') } });
	assertStatus(await request(poor, 'GET', '/api/health/ready'), 200);
	await newFullRoom(poor, 2);
	await until(() => /no_metrics/.test(poor.logs()), 'the log says so');
	await scrape(address.replace('127.0.0.1', '127.0.0.2'));
	holder.close();
	await until(() => get(address).then(({ status }) => status === 200, () => false), 'the API tells, once it can', 15_000);
});

test('by default nothing is told, and no process is there to do it', async () => {
	const plain = await useInstance();
	assert.doesNotMatch(plain.logs(), /teller_start/);
	assert.match(readFileSync(`${plain.varDir}/run/effective.conf`, 'utf8'), /^api_metrics = *\nsignald_metrics = *$/m);
});
