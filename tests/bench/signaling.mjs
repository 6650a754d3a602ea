// What make bench found of the signaling servers: one line for each scenario and server, as tables and as a picture.
import { median, number, time, times } from './statistics.mjs';

/** One line for each scenario and server, of its medians. `ratio`: unio's per CPU second to this one's, run by run. */
export function summary({ servers, scenarios, results }) {
	return scenarios.flatMap((scenario) => {
		const of = (name) => results.filter((result) => result.scenario === scenario.name && result.server === name);
		const load = (result) => result.closed ?? result.joins;
		const perCpu = (result) => load(result).count / load(result).cpu;
		const ratios = (name) => of('unio').map((unio) => {
			const other = of(name).find(({ run }) => run === unio.run);
			return other ? perCpu(unio) / perCpu(other) : NaN;
		});
		return servers.map(({ name }) => {
			const runs = of(name);
			const latency = (key) => median(runs.map((result) => (result.open ?? result.joins)[key]));
			return {
				scenario: scenario.name, server: name,
				per_cpu_second: median(runs.map(perCpu)),
				per_second: median(runs.map((result) => load(result).count / load(result).seconds)),
				p50_us: latency('p50_us'), p99_us: latency('p99_us'), p999_us: latency('p999_us'),
				ratio: median(ratios(name)),
				...(scenario.memory ? memory(runs) : {}),
			};
		});
	});
}

/** Bytes for each client, from those of the start on; and of the whole server with the first few. */
function memory(runs) {
	const each = (when) => median(runs.map((run) => (run[`memory_${when}`] - run.memory_start) / run.clients));
	return { bytes_idle: each('idle'), bytes_spoken: each('spoken'), bytes_traffic: each('traffic'),
		bytes_few: median(runs.map((run) => run.memory_few)) };
}

const HEADS = ['server', 'per CPU second', 'unio is ×', 'aim', 'per second', 'p50', 'p99', 'p99.9'];
const MEMORY_HEADS = ['server', 'idle', 'after one SDP', 'after traffic', 'all, 100 sessions'];

const labelOf = (servers, name) => servers.find((server) => server.name === name).label;

/** [{title, text, rows}] */
export function tables({ servers, scenarios, lines }) {
	const out = scenarios.map((scenario) => ({
		title: scenario.label,
		text: scenario.rate ? `Latencies at ${number(scenario.rate)} messages a second, from when each was due.` : 'Latencies from `connect()` to the welcome.',
		rows: [HEADS, ...lines.filter((line) => line.scenario === scenario.name).map((line) => [labelOf(servers, line.server),
			number(line.per_cpu_second), line.server === 'unio' ? '' : times(line.ratio), scenario.aim[line.server] ? `≥ ${scenario.aim[line.server]}` : '',
			number(line.per_second), time(line.p50_us), time(line.p99_us), time(line.p999_us)])],
	}));
	const remembered = lines.filter((line) => 'bytes_idle' in line);
	if (remembered.length > 0)
		out.push({
			title: 'memory',
			text: 'Private resident bytes (RssAnon) for each session of 2,000, beyond those of the server without any; and of the whole server with 100.',
			rows: [MEMORY_HEADS, ...remembered.map((line) => [labelOf(servers, line.server), number(line.bytes_idle), number(line.bytes_spoken),
				number(line.bytes_traffic), number(line.bytes_few)])],
		});
	return out;
}

/** For plot(). */
export function picture({ servers, scenarios, lines }) {
	const bars = (of, value, said) => lines.filter(of).map((line) => ({ name: line.server, label: servers.find(({ name }) => name === line.server).short,
		value: value(line), said: said(line) }));
	const panels = scenarios.map(({ name, label }) => ({
		title: label, unit: `${name === 'joins' ? 'joins' : 'messages'} for each second of CPU`,
		bars: bars(({ scenario }) => scenario === name, (line) => line.per_cpu_second,
			(line) => `${number(line.per_cpu_second)}${line.server === 'unio' ? '' : ` (${times(line.ratio)}×)`}`),
	}));
	if (lines.some((line) => 'bytes_idle' in line))
		panels.push({ title: 'memory of an idle session', unit: 'bytes; shorter is better', bars: bars((line) => 'bytes_idle' in line,
			(line) => line.bytes_idle, (line) => number(line.bytes_idle)) });
	return { title: 'unio-signald beside other WebSocket servers that do the same work',
		subtitle: 'Longer is better; in brackets how many times as much unio-signald does. The floor is bare epoll in C that checks nothing.', panels };
}
