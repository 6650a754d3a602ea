// What a bench has found, for people and for programs: tables on the terminal, JSON, a picture, and RESULTS.md, which is
// made anew from all JSON files there are.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { plot } from './plot.mjs';

export function printRows(rows) {
	const wide = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
	for (const row of rows)
		console.log(row.map((cell, at) => (at === 0 ? cell.padEnd(wide[at]) : cell.padStart(wide[at] + 2))).join(''));
}

function machine() {
	const said = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n')[0];
	return { cpu: cpus()[0].model, cores: cpus().length, kernel: said('uname', '-sr').replace(/-.*/, ''), node: process.version,
		go: said('go', 'version'), daphne: said('dpkg-query', '-W', '-f', '${Version}', 'daphne') };
}

/**
 * NAME.json with `what` was measured, where and when, NAME.svg if there is a picture, and RESULTS.md. What is for people
 * is in `tables`: [{title, text, rows}], the first row being the heads.
 */
export function write(directory, name, what, picture) {
	mkdirSync(directory, { recursive: true });
	const whole = { date: new Date().toISOString().slice(0, 10), machine: machine(), ...what };
	writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(whole, null, '\t')}\n`);
	if (picture)
		writeFileSync(join(directory, `${name}.svg`), plot(picture));
	writeFileSync(join(directory, 'RESULTS.md'), results(directory));
}

/** In this order. */
const NAMES = { signaling: 'make bench', rest: 'make bench', cores: 'make bench-cores', share: 'make bench-share', growth: 'make bench-growth', profile: 'make profile' };

export function results(directory) {
	const out = ['# Results', '', 'Written by the commands that are named below; [README.md](README.md) says what is measured and how.', ''];
	for (const [name, command] of Object.entries(NAMES)) {
		const found = read(join(directory, `${name}.json`));
		if (found === null)
			continue;
		const { date, machine: { cpu, cores, kernel }, runs, tables } = found;
		out.push(`## \`${command}\`, ${name}`, '', `${date}, ${cores} cores of ${cpu}, ${kernel}; medians of ${runs} runs.`, '');
		for (const table of tables)
			out.push(`### ${table.title}`, '', ...(table.text ? [table.text, ''] : []), ...markdown(table.rows), '');
	}
	return `${out.join('\n').trimEnd()}\n`;
}

function read(file) {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		if (error.code === 'ENOENT')
			return null;
		throw error;
	}
}

const line = (cells) => `| ${cells.join(' | ')} |`;

function markdown([heads, ...rows]) {
	return [line(heads), line(heads.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)];
}
