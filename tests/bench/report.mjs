// What a bench found: medians, ratios, a table for people, a file for programs, a plot.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { plot } from './plot.mjs';

export function median(values) {
	const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	if (sorted.length === 0)
		return NaN;
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One line for each scenario and server, of its medians. `ratio`: unio's per CPU second to this one's, run by run. */
export function summary({ servers, scenarios, results }) {
	return scenarios.flatMap((scenario) => {
		const of = (server) => results.filter((result) => result.scenario === scenario.name && result.server === server.name);
		const load = (result) => result.closed ?? result.joins;
		const perCpu = (result) => load(result).count / load(result).cpu;
		const unio = of({ name: 'unio' });
		return servers.map((server) => {
			const runs = of(server);
			const latency = (key) => median(runs.map((result) => (result.open ?? result.joins)[key]));
			return {
				scenario: scenario.name, server: server.name,
				per_cpu_second: median(runs.map(perCpu)),
				per_second: median(runs.map((result) => load(result).count / load(result).seconds)),
				p50_us: latency('p50_us'), p99_us: latency('p99_us'), p999_us: latency('p999_us'),
				bytes_per_client: median(runs.map((result) => result.bytes_per_client)),
				ratio: median(unio.map((result, run) => perCpu(result) / perCpu(runs[run]))),
			};
		});
	});
}

export const number = (value, digits = 0) => (Number.isFinite(value) ? value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits }) : '-');

export function time(us) {
	if (!Number.isFinite(us))
		return '-';
	return us < 1000 ? `${number(us)} µs` : `${number(us / 1000, us < 100_000 ? 1 : 0)} ms`;
}

const HEADS = ['', 'per CPU s', 'unio is ×', 'per s', 'p50', 'p99', 'p99.9', 'bytes/client'];

const cells = (line, label) => [label, number(line.per_cpu_second), number(line.ratio, 2), number(line.per_second), time(line.p50_us),
	time(line.p99_us), time(line.p999_us), number(line.bytes_per_client)];

export function printTable(report) {
	const lines = summary(report);
	for (const scenario of report.scenarios) {
		console.log(`\n${scenario.label}${scenario.rate ? `; latencies at ${number(scenario.rate)} a second` : ''}`);
		const rows = [HEADS, ...lines.filter((line) => line.scenario === scenario.name)
			.map((line) => cells(line, report.servers.find(({ name }) => name === line.server).label))];
		printRows(rows);
	}
}

export function printRows(rows) {
	for (const row of rows)
		console.log(row.map((cell, at) => (at === 0 ? cell.padEnd(30) : cell.padStart(13))).join(''));
}

function machine() {
	const said = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n')[0];
	return { cpu: cpus()[0].model, cores: cpus().length, kernel: said('uname', '-sr'), node: process.version,
		go: said('go', 'version'), daphne: said('dpkg-query', '-W', '-f', '${Version}', 'daphne') };
}

/** signaling.json and signaling.svg. */
export function writeResults(report, directory) {
	const plain = (list) => list.map(({ name, label }) => ({ name, label }));
	const lines = summary(report);
	write(directory, 'signaling', { transport: report.transport, runs: report.runs, seconds: report.seconds,
		servers: plain(report.servers), scenarios: plain(report.scenarios), summary: lines, results: report.results }, {
		title: 'Signaling', unit: 'messages (or joins) for each second of the server\'s CPU',
		groups: report.scenarios.map(({ name, label }) => ({ label, bars: lines.filter(({ scenario }) => scenario === name)
			.map((line) => ({ name: line.server, label: report.servers.find((server) => server.name === line.server).label,
				value: line.per_cpu_second, ratio: line.ratio })) })),
	});
}

/** A JSON file with what was measured where and when, and its plot. */
export function write(directory, name, what, picture) {
	mkdirSync(directory, { recursive: true });
	const whole = { date: new Date().toISOString().slice(0, 10), machine: machine(), ...what };
	writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(whole, null, '\t')}\n`);
	writeFileSync(join(directory, `${name}.svg`), plot(picture));
}
