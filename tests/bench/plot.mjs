// A plot of what a bench found, as SVG: for each scenario a bar for each server, on a logarithmic scale.

const WIDTH = 860;
const LEFT = 190;
const RIGHT = 130;
const BAR = 16;
const STEP = 20;
const HEAD = 58;
const GAP = 34;

/** Ours, the floor, the others: distinguishable in grey and by the colour-blind too. */
const COLOURS = { unio: '#0b6e4f', floor: '#9aa5b1' };
const OTHER = '#d08c60';

const escape = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
const text = (x, y, said, more = '') => `<text x="${x}" y="${y}" ${more}>${escape(said)}</text>`;

/**
 * @param {{title: string, unit: string, groups: {label: string, bars: {name: string, label: string, value: number,
 *   ratio: number}[]}[]}} what  ratio: how often ours is as much
 */
export function plot({ title, unit, groups }) {
	const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value)).filter((value) => value > 0);
	const low = Math.floor(Math.log10(Math.min(...values)));
	const high = Math.log10(Math.max(...values));
	const wide = (value) => Math.max(2, (WIDTH - LEFT - RIGHT) * (Math.log10(value) - low) / (high - low));
	const out = [text(16, 26, title, 'font-size="17" font-weight="bold"'), text(16, 44, `${unit}, logarithmic scale; in brackets how many times as much unio's is`)];
	let y = HEAD;
	for (const { label, bars } of groups) {
		y += GAP - STEP;
		out.push(text(16, y + 12, label, 'font-weight="bold"'));
		y += STEP;
		for (const { name, label: server, value, ratio } of bars.filter((bar) => bar.value > 0)) {
			out.push(text(LEFT - 8, y + 12, server, 'text-anchor="end"'));
			out.push(`<rect x="${LEFT}" y="${y}" width="${wide(value).toFixed(1)}" height="${BAR}" rx="2" fill="${COLOURS[name] ?? OTHER}"/>`);
			const times = name === 'unio' || !Number.isFinite(ratio) ? '' : ` (${ratio.toPrecision(ratio < 100 ? 2 : 3)})`;
			out.push(text((LEFT + wide(value) + 6).toFixed(1), y + 12, `${Math.round(value).toLocaleString('en')}${times}`));
			y += STEP;
		}
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 16}" font-family="sans-serif" font-size="12" fill="#222">
<rect width="100%" height="100%" fill="#fff"/>
${out.join('\n')}
</svg>
`;
}
