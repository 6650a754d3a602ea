// Lays the pictures out: as large as they can be, all of one size, centred.

const GAP = 12;
/** Width to height. Pictures come as 16:9 and may be cut to what fits better, on a telephone even upright. */
const WIDEST = 16 / 9;
const TALLEST = 4 / 3;
const TALLEST_UPRIGHT = 3 / 4;

/**
 * The columns and the size of each of `count` tiles in a space, the largest there is.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @returns {{columns: number, width: number, height: number}}
 */
export function fit(count, width, height) {
	const tallest = height > width ? TALLEST_UPRIGHT : TALLEST;
	let best = { columns: 1, width: 0, height: 0 };
	for (let columns = 1; columns <= count; columns++) {
		const rows = Math.ceil(count / columns);
		const w = (width - GAP * (columns - 1)) / columns;
		const h = (height - GAP * (rows - 1)) / rows;
		const tile = w / h > WIDEST ? { width: h * WIDEST, height: h } : { width: w, height: Math.min(h, w / tallest) };
		if (tile.width * tile.height > best.width * best.height)
			best = { columns, width: Math.floor(tile.width), height: Math.floor(tile.height) };
	}
	return best;
}

/** Keeps the children of `grid` laid out while it or they change. @param {HTMLElement} grid */
export function keepFitted(grid) {
	const layout = () => {
		const { width, height } = fit(grid.childElementCount, grid.clientWidth, grid.clientHeight);
		grid.style.setProperty('--tile-width', `${width}px`);
		grid.style.setProperty('--tile-height', `${height}px`);
	};
	const resized = new ResizeObserver(layout);
	resized.observe(grid);
	const changed = new MutationObserver(layout);
	changed.observe(grid, { childList: true });
	return () => { resized.disconnect(); changed.disconnect(); };
}
