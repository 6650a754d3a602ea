// unioctl(8): what the programs do now, `top`: on a terminal anew every second, elsewhere one picture; and what `stats` has of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';

import { childrenOf } from '../fault/support.mjs';
import { request, useInstance } from '../lib/api.mjs';
import { assertDone, exitCode } from '../lib/ctl.mjs';
import { buildDir, until } from '../lib/instance.mjs';
import { metricsIn } from '../lib/metrics.mjs';

const directory = mkdtempSync(join(tmpdir(), 'unio-top-'));
after(() => rmSync(directory, { recursive: true }));
const inst = await useInstance({ conf: metricsIn(directory) });
const without = await useInstance();

const terminals = new Set();
afterEach(() => {
	terminals.forEach(({ child }) => child.kill('SIGKILL'));
	terminals.clear();
});

const ENTER = '\x1b[?1049h';
const LEAVE = '\x1b[?25h\x1b[?1049l';

/** `unioctl top` on a terminal of so many lines and columns; what it writes is in `output`. */
function onTerminal(target, { rows = 40, columns = 120 } = {}) {
	const command = `stty rows ${rows} cols ${columns}; ${join(buildDir, 'unioctl')} -c ${target.confPath} top; echo "ended with $?"; stty -a`;
	const child = spawn('script', ['-qfec', command, '/dev/null'], { env: { ...target.env, TERM: 'xterm' } });
	const terminal = { child, output: '', ended: once(child, 'close') };
	child.stdout.setEncoding('utf8').on('data', (text) => { terminal.output += text; });
	terminals.add(terminal);
	return terminal;
}

const shows = (terminal, pattern) => until(() => pattern.test(terminal.output), `${pattern} in ${JSON.stringify(terminal.output)}`);

/** The process that draws, below the terminal's shell. */
async function drawer(terminal) {
	await shows(terminal, /signaling:/);
	const [shell] = childrenOf(terminal.child.pid);
	return childrenOf(shell)[0];
}

test('on a terminal it draws anew every second, q ends it, and the terminal is as it was', async () => {
	const terminal = onTerminal(inst);
	await shows(terminal, /signaling: 0 rooms/);
	assert.ok(terminal.output.includes(ENTER));
	assert.match(terminal.output, /API: +\d of \d workers/);
	const drawn = () => terminal.output.split('\x1b[H').length;
	const first = drawn();
	await until(() => drawn() >= first + 2, 'drawn again');
	terminal.child.stdin.write('q');
	await terminal.ended;
	assert.match(terminal.output.slice(terminal.output.indexOf(LEAVE)), /ended with 0[^]* icanon [^]* echo /);
});

test('what happens is seen as a rate', async () => {
	const terminal = onTerminal(inst);
	await shows(terminal, /signaling:/);
	const asking = setInterval(() => request(inst, 'GET', '/api/health/').catch(() => {}), 20);
	await shows(terminal, /requests +([1-9]\d*\.\d) /).finally(() => clearInterval(asking));
	terminal.child.stdin.write('q');
	await terminal.ended;
});

test('a small terminal gets what fits, and no line is longer', async () => {
	const terminal = onTerminal(inst, { rows: 5, columns: 30 });
	await shows(terminal, /signaling:/);
	await until(() => terminal.output.split('\x1b[H').length > 2, 'drawn again');
	const [, picture] = terminal.output.split('\x1b[H');
	const lines = picture.split(/\r+\n/);
	assert.ok(lines.length <= 5, picture);
	for (const line of lines)
		assert.ok(line.replaceAll(/\x1b\[[\d?;]*[A-Za-z]/g, '').length <= 30, line);
	terminal.child.stdin.write('q');
	await terminal.ended;
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	test(`${signal} ends it, and the terminal is as it was`, async () => {
		const terminal = onTerminal(inst);
		process.kill(await drawer(terminal), signal);
		await terminal.ended;
		assert.match(terminal.output.slice(terminal.output.indexOf(LEAVE)), /ended with 0[^]* icanon [^]* echo /);
	});

test('where nobody looks it is one picture, of one second', async () => {
	const out = assertDone(await inst.ctl(['top']));
	assert.match(out, /^unio \d+\.\d+\.\d+ {2}\d{4}-/);
	assert.match(out, /^signaling: 0 rooms, 0 sessions/m);
	assert.match(out, /^requests +\d+\.\d +\d+/m);
	assert.ok(!out.includes('\x1b'), out);
	assert.equal(assertDone(await inst.ctl(['top', '-1'])).split('\n')[1], out.split('\n')[1]);
});

test('in JSON it is one object', async () => {
	const { seconds, counters, ...now } = JSON.parse(assertDone(await inst.ctl(['top', '--json'])));
	assert.ok(seconds >= 1 && seconds < 5, String(seconds));
	assert.equal(now.sessions, 0);
	assert.equal(now.daemons_up, 1);
	assert.ok(now.workers > 0);
	assert.ok(counters.requests.total > 0);
	assert.deepEqual(Object.keys(counters.joins), ['per_second', 'total']);
});

test('without api_metrics it says what it does not know', async () => {
	assert.match(assertDone(await without.ctl(['top', '--once'])), /^API: +not known, since the key api_metrics is not set$/m);
	const { api_up: up, workers } = JSON.parse(assertDone(await without.ctl(['top', '--json'])));
	assert.deepEqual([up, workers], [false, undefined]);
});

test('without a daemon it says so, and ends with 5', async () => {
	const { code, stdout } = await inst.ctl(['top', '--once', '-c', inst.confPath], {});
	assert.equal(code, 0, stdout);
	const env = inst.env;
	inst.env = { ...env, UNIO_CONTROL_SOCKET: join(directory, 'nobody.sock') };
	const down = await inst.ctl(['top', '--once']).finally(() => { inst.env = env; });
	assert.equal(down.code, exitCode.busy);
	assert.match(down.stdout, /^signaling: 0 of 1 daemons answer$/m);
	assert.match(down.stdout, /^API: +\d of \d workers/m);
});

test('whoever answers in place of the API has no say over the terminal, and no figure that is none', async () => {
	const text = 'unio_api_errors_total{code="\x1b]0;title\x07\x9b1m"} 5\nunio_api_workers NaN\nunio_api_workers_busy 1e300\n';
	const server = createServer((socket) => socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${text}`, 'latin1')));
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const env = without.env;
	without.env = { ...env, UNIO_API_METRICS: `127.0.0.1:${server.address().port}` };
	const [shown, told] = await Promise.all([without.ctl(['top', '--once']), without.ctl(['top', '--json'])])
		.finally(() => { without.env = env; server.close(); });
	assert.match(assertDone(shown), /^refused requests: \?\]0;title\?\?1m 5$/m);
	assert.ok(!/[^\n -~]/.test(shown.stdout), JSON.stringify(shown.stdout));
	const { workers, workers_busy: busy } = JSON.parse(assertDone(told));
	assert.deepEqual([workers, busy], [0, 0]);
});

test('stats has the same figures: of the signaling daemon always, of the API where it tells them', async () => {
	const stats = JSON.parse(assertDone(await inst.ctl(['stats', '--json'])));
	assert.ok(stats.requests.answered > 0);
	assert.equal(stats.traffic.joins, 0);
	assert.ok(stats.traffic.database_jobs > 0);
	const blind = JSON.parse(assertDone(await without.ctl(['stats', '--json'])));
	assert.equal(blind.requests, undefined);
	assert.ok(blind.traffic.database_jobs > 0);
});
