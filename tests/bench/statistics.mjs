// Medians, and figures as people read them.

export function median(values) {
	const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	if (sorted.length === 0)
		return NaN;
	return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const number = (value, digits = 0) => (Number.isFinite(value)
	? value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits }) : '-');

/** Three figures: 0.81, 9.74, 24.3, 312. */
export const times = (value) => number(value, value < 10 ? 2 : value < 100 ? 1 : 0);

export function time(us) {
	if (!Number.isFinite(us))
		return '-';
	return us < 1000 ? `${number(us, us < 10 ? 1 : 0)} µs` : `${number(us / 1000, us < 100_000 ? 1 : 0)} ms`;
}

/** The runs' order goes round, so that whoever is first or last is another each time, and what the machine does hits all. */
export const rotated = (list, by) => list.map((_, n) => list[(n + by) % list.length]);
