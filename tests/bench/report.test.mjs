// What make bench says of what it measured: medians, ratios within a run, failures that leave the rest standing, and a
// picture whose words stay inside it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { plot } from './plot.mjs';
import { results } from './report.mjs';
import { picture, summary, tables } from './signaling.mjs';
import { median, rotated, time, times } from './statistics.mjs';

const servers = [{ name: 'unio', label: 'unio-signald', short: 'unio-signald' }, { name: 'go', label: 'Go, gorilla/websocket', short: 'Go' }];
const scenarios = [{ name: 'sdp', label: 'SDP', rate: 10, memory: true, aim: { go: 2 } }];
const run = (server, n, perCpu) => ({ scenario: 'sdp', server, run: n, clients: 10, closed: { count: perCpu, cpu: 1, seconds: 2 },
	open: { p50_us: 100, p99_us: 1000 + n, p999_us: 2e6 }, memory_start: 1000, memory_few: 2000, memory_idle: 21_000, memory_spoken: 31_000, memory_traffic: 41_000 });
const found = { servers, scenarios, results: [run('unio', 0, 900), run('unio', 1, 3000), run('unio', 2, 1000), run('go', 0, 100), run('go', 2, 500)] };

test('a ratio is that of the same run, and a run that failed is left out', () => {
	const [unio, go] = summary(found);
	assert.equal(unio.per_cpu_second, 1000);
	assert.equal(unio.ratio, 1);
	assert.equal(go.per_cpu_second, 300);
	assert.equal(go.ratio, median([900 / 100, 1000 / 500]));
	assert.equal(unio.p99_us, 1001);
	assert.equal(unio.bytes_idle, 2000);
	assert.equal(unio.bytes_spoken, 3000);
	assert.equal(unio.bytes_few, 2000);
});

test('a server without a single run has a line of dashes', () => {
	const report = { servers, scenarios, results: found.results.filter(({ server }) => server === 'unio') };
	const [table] = tables({ ...report, lines: summary(report) });
	assert.deepEqual(table.rows.at(-1), ['Go, gorilla/websocket', '-', '-', '≥ 2', '-', '-', '-', '-']);
});

test('everything that is in the picture is inside it', () => {
	const lines = summary(found).map((line) => ({ ...line, per_cpu_second: line.per_cpu_second * 9e5 }));
	const svg = plot(picture({ servers, scenarios, lines }));
	const [, wide, high] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg).map(Number);
	const words = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"([^>]*)>([^<]*)</g)];
	assert.ok(words.length > 10);
	for (const [, x, y, more, said] of words) {
		const end = Number(x) + (more.includes('end') ? 0 : said.length * 6.8);
		assert.ok(end <= wide && Number(y) < high, `${said} ends at ${end} of ${wide}, ${y} of ${high}`);
	}
	assert.ok(svg.includes('prefers-color-scheme: dark') && svg.includes('class="ground"'));
});

test('RESULTS.md has the tables of every JSON file that is there', () => {
	const dir = mkdtempSync(join(tmpdir(), 'unio-bench-'));
	try {
		const what = { date: '2026-01-02', machine: { cpu: 'A CPU', cores: 2, kernel: 'Linux' }, runs: 5,
			tables: [{ title: 'Calls', rows: [['', 'one'], ['GET', '1']] }] };
		writeFileSync(join(dir, 'rest.json'), JSON.stringify(what));
		assert.match(results(dir), /`make bench`, rest[^]*A CPU[^]*### Calls[^]*\|  \| one \|\n\| --- \| ---: \|\n\| GET \| 1 \|/);
		assert.ok(!results(dir).includes('growth'));
		assert.equal(readFileSync(join(dir, 'rest.json'), 'utf8'), JSON.stringify(what));
	} finally {
		rmSync(dir, { recursive: true });
	}
});

test('figures are said as people read them, and runs take turns', () => {
	assert.deepEqual([0.9, 412.3, 1234, 345_678].map(time), ['0.9 µs', '412 µs', '1.2 ms', '346 ms']);
	assert.deepEqual([0.814, 9.736, 24.31, 311.7].map(times), ['0.81', '9.74', '24.3', '312']);
	assert.deepEqual([0, 1, 2, 3].map((n) => rotated(['a', 'b', 'c'], n).join('')), ['abc', 'bca', 'cab', 'abc']);
});
