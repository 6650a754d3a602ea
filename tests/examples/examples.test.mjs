// The examples of docs/examples/ work as they stand.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { newMeeting, newUser } from '../lib/api.mjs';
import { root, startInstance, until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';
import { launch } from '../browser/page.mjs';
import { Visitor } from '../browser/visitor.mjs';

const example = (name) => join(root, 'docs/examples', name);

let inst;
let browser;

before(async () => {
	inst = await startInstance({ conf: { base_path: '/unio', registration: 'open' } });
	browser = await launch();
});
afterEach(() => inst.assertAlive());
after(async () => {
	await browser?.close();
	await inst?.stop();
});

/** A site of somebody's own: the example page, that site's tokens, and Unio below /unio/. */
async function startSite(tokenOf) {
	const forward = ({ url: path, method, headers }) => httpRequest({ host: '127.0.0.1', port: inst.port, path, method, headers });
	const server = createServer((request, reply) => {
		if (request.url === '/my-token')
			reply.end(tokenOf(request.headers.cookie));
		else if (!request.url.startsWith('/unio/'))
			reply.setHeader('Content-Type', 'text/html').end(readFileSync(example('call.html')));
		else
			request.pipe(forward(request).on('response', (from) => from.pipe(reply.writeHead(from.statusCode, from.headers))));
	});
	server.on('upgrade', (request, socket) => {
		forward(request).on('upgrade', (from, far) => {
			const lines = from.rawHeaders.map((word, i) => (i % 2 ? `${word}\r\n` : `${word}: `)).join('');
			socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n`);
			for (const [one, other] of [[socket, far], [far, socket]])
				one.on('error', () => {}).on('close', () => other.destroy()).pipe(other);
		}).end();
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

test('call.html: twenty lines make a call on a site of one\'s own', async () => {
	assert.ok(readFileSync(example('call.html'), 'utf8').trim().split('\n').length <= 20);
	const users = [await newUser(inst, { name: 'Ann' }), await newUser(inst, { name: 'Bob' })];
	const meeting = await newMeeting(inst, users[0], { participants: [users[1]] });
	const site = await startSite((cookie) => users.find(({ id }) => cookie === `user=${id}`).access);
	const visitors = [];
	for (const user of users) {
		const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
		await context.addCookies([{ name: 'user', value: String(user.id), url: site.origin }]);
		visitors.push(await Visitor.open(browser, { origin: site.origin, basePath: '' }, { name: user.full_name },
			{ context, path: `/#${meeting.id}` }));
	}
	await Promise.all(visitors.map((visitor) => visitor.sees(1)));
	const [ann, bob] = visitors;
	await ann.page.locator('video[title=Bob]').waitFor();
	assert.equal(await ann.page.locator('video').count(), 2);
	await bob.close();
	await ann.page.locator('video[title=Bob]').waitFor({ state: 'detached' });
	await inst.ctl(['user', 'disable', users[0].email]);
	await ann.page.getByText('You were signed out.').waitFor();
	assert.deepEqual(visitors.flatMap(({ complaints }) => complaints), []);
	await ann.close();
	site.close();
});

test('bot.mjs: a Node program is in the meeting, logs it, answers, and stays through a restart', async () => {
	const [host, bot] = [await newUser(inst, { name: 'Ann' }), await newUser(inst, { name: 'Bot' })];
	const meeting = await newMeeting(inst, host, { title: 'With a bot', participants: [bot] });
	const dir = mkdtempSync(join(tmpdir(), 'unio-bot-'));
	mkdirSync(join(dir, 'node_modules')); // as npm install would
	symlinkSync(join(root, 'web'), join(dir, 'node_modules/unio-client'));
	symlinkSync(join(root, 'tests/node_modules/ws'), join(dir, 'node_modules/ws'));
	copyFileSync(example('bot.mjs'), join(dir, 'bot.mjs'));
	const child = spawn(process.execPath, ['bot.mjs', `${inst.origin}/unio`, bot.email, String(meeting.id)],
		{ cwd: dir, env: { ...process.env, UNIO_PASSWORD: bot.password } });
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text) => { output += text; });
	const said = () => output.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
	const hears = (event, fields = {}) => until(() => said().find((entry) => entry.event === event
		&& Object.entries(fields).every(([key, value]) => entry[key] === value)), `${event} of ${output}`);
	try {
		await hears('joined', { title: 'With a bot' });
		const ann = await connect(inst, meeting.id, { token: host.access, path: `/unio/ws/meeting/${meeting.id}/` });
		await hears('came', { name: 'Ann' });
		ann.send({ type: 'message', data: { kind: 'chat', text: 'ping' } });
		assert.equal((await ann.next('message')).data.text, 'pong');
		ann.send({ type: 'state', state: { hand: true } });
		await hears('state', { name: 'Ann' });
		ann.close();
		await hears('left', { name: 'Ann' });
		inst.kill('signald');
		await hears('reconnected');
		await inst.waitReady();
		const ended = once(child, 'close');
		child.kill('SIGINT');
		assert.deepEqual(await ended, [0, null]);
		assert.equal(said().at(-1).code, 'left');
	} finally {
		child.kill('SIGKILL');
		rmSync(dir, { recursive: true, force: true });
	}
});

test('meeting.sh: the whole life of a meeting with curl', async () => {
	const child = spawn('sh', [example('meeting.sh'), `${inst.origin}/unio`], { stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text) => { output += text; });
	const [code] = await once(child, 'close');
	assert.equal(code, 0, output);
	const requests = output.match(/^# .*$/gm);
	assert.equal(requests.length, 18, output);
	for (const [what, reply] of [['POST /meetings ', /"status":"scheduled"/], ['GET /meetings?', /"title":"Monday"/],
		['/ticket', /"ws_url":"ws:/], ['POST /calls ', /"status":"active"/], ['/end', /"ended_reason":"ended"/],
		['GET /calls?', /"results":\[\{/], ['.csv', /^user_id,email/m]])
		assert.match(output.split(/^(?=# )/m).find((part) => part.split('\n')[0].includes(what)), reply);
	assert.doesNotMatch(output, /"(password|access|refresh|ticket)":"[^…]/);
});
