// Chance that can be had again: every random test prints its seed and takes it from SEED.

/** A generator of numbers in [0, 1), the same for the same seed (a linear congruential one, then mixed). */
export function seeded(seed = Number(process.env.SEED ?? Date.now() % 1_000_000)) {
	let state = (seed ^ 0x5deece66) >>> 0;
	const random = () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		let x = state;
		x = Math.imul(x ^ (x >>> 16), 0x45d9f3b) >>> 0;
		x = Math.imul(x ^ (x >>> 13), 0x45d9f3b) >>> 0;
		return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
	};
	return {
		seed,
		random,
		/** A whole number of [from, to). */
		between: (from, to) => from + Math.floor(random() * (to - from)),
		one: (list) => list[Math.floor(random() * list.length)],
		chance: (p) => random() < p,
	};
}
