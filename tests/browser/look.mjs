// A look at the page in three sizes: nothing sticks out, and axe-core finds no serious issue. SHOTS=DIR keeps pictures.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const SIZES = { phone: { width: 360, height: 740 }, laptop: { width: 1280, height: 800 }, wide: { width: 1920, height: 1080 } };

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const axePath = resolve(here, '../node_modules/axe-core/axe.min.js');
const axe = existsSync(axePath) ? readFileSync(axePath, 'utf8') : null;

/** The page as it is now, in each size. `check` is called with the name of each. */
export async function look({ page }, name, { sizes = SIZES, hasAxe = true, check = async () => {} } = {}) {
	for (const [size, viewport] of Object.entries(sizes)) {
		await page.setViewportSize(viewport);
		const { inner, wide } = await page.evaluate(() => ({ inner: innerWidth, wide: document.documentElement.scrollWidth }));
		assert.ok(wide <= inner, `${name} is ${wide} wide on a ${size}`);
		await check(`${name} on a ${size}`);
		if (process.env.SHOTS)
			await page.screenshot({ path: join(process.env.SHOTS, `${name}-${size}.png`) });
		if (!axe || !hasAxe)
			continue;
		const found = await page.evaluate(`${axe}; axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)`);
		assert.deepEqual(found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
			.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`), [], `${name} on a ${size}`);
	}
}
