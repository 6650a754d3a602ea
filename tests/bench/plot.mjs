// What a bench found as a picture: panels of bars, each to its own linear scale, so that a length is what it says.
// SVG that stands in a README: it brings its own ground, light or dark as the reader's system is.

const COLUMNS = 2;
const PANEL = 424;
const GUTTER = 12;
const LEFT = 126;
const BARS = 170;
const BAR = 14;
const STEP = 20;
const HEAD = 64;
const PANEL_HEAD = 44;

const STYLE = `
.ground { fill: #ffffff } text { fill: #24292f } .quiet { fill: #57606a }
.unio { fill: #1a7f4b } .floor { fill: #9aa5b1 } .other { fill: #d4935f }
text.us { font-weight: bold }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9aa4af }
.unio { fill: #3fb572 } .floor { fill: #6e7781 } .other { fill: #c98a55 }
}`;

const escape = (said) => said.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const text = (x, y, said, more = '') => `<text x="${x}" y="${y}"${more && ` ${more}`}>${escape(said)}</text>`;

/** Ours stands out, the floor is grey; all others are alike. */
const colourOf = (name) => (['unio', 'floor'].includes(name) ? name : 'other');

function bar(x, y, most, { name, label, value, said }) {
	const us = name === 'unio' ? ' us' : '';
	const wide = Math.max(1.5, (BARS * value) / most);
	return [text(x + LEFT - 8, y + 11, label, `text-anchor="end"${us && ' class="us"'}`),
		`<rect x="${x + LEFT}" y="${y}" width="${wide.toFixed(1)}" height="${BAR}" rx="2" class="${colourOf(name)}"/>`,
		text((x + LEFT + wide + 6).toFixed(1), y + 11, said, us && 'class="us"')];
}

function panel(x, y, { title, unit, bars }) {
	const shown = bars.filter(({ value }) => value > 0);
	const most = Math.max(...shown.map(({ value }) => value));
	return [text(x, y + 14, title, 'font-weight="bold"'), text(x, y + 30, unit, 'class="quiet"'),
		...shown.flatMap((one, n) => bar(x, y + PANEL_HEAD + n * STEP, most, one))];
}

/**
 * @param {{title: string, subtitle: string, panels: {title: string, unit: string, bars: {name: string, label: string,
 *   value: number, said: string}[]}[]}} what
 */
export function plot({ title, subtitle, panels }) {
	const out = [text(16, 28, title, 'font-size="17" font-weight="bold"'), text(16, 48, subtitle, 'class="quiet"')];
	let y = HEAD;
	for (let at = 0; at < panels.length; at += COLUMNS) {
		const row = panels.slice(at, at + COLUMNS);
		row.forEach((one, n) => out.push(...panel(16 + n * (PANEL + GUTTER), y, one)));
		y += PANEL_HEAD + 16 + STEP * Math.max(...row.map(({ bars }) => bars.length));
	}
	const wide = 32 + COLUMNS * PANEL + GUTTER;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${y}" width="${wide}" height="${y}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${escape(title)}</title>
<style>${STYLE}
</style>
<rect class="ground" width="100%" height="100%" rx="6"/>
${out.join('\n')}
</svg>
`;
}
