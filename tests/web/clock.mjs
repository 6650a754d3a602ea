// Time that passes only when a test says so.

export class Clock {
	now = 0;
	#timers = new Map();
	#next = 1;

	setTimeout = (job, ms) => {
		this.#timers.set(this.#next, { at: this.now + Math.max(0, ms), job });
		return this.#next++;
	};

	clearTimeout = (id) => {
		this.#timers.delete(id);
	};

	/** Runs all that is due within `ms`, each at its time. */
	async advance(ms) {
		const end = this.now + ms;
		await settle();
		for (;;) {
			const due = [...this.#timers].filter(([, { at }]) => at <= end)
				.sort(([a, { at }], [b, { at: other }]) => at - other || a - b)[0];
			if (!due)
				break;
			const [id, { at, job }] = due;
			this.#timers.delete(id);
			this.now = Math.max(this.now, at);
			job();
			await settle();
		}
		this.now = end;
	}

	/** How long until each timer, for a look. */
	get pending() {
		return [...this.#timers.values()].map(({ at }) => at - this.now).sort((a, b) => a - b);
	}
}

/** Lets everything run that waits for nothing but its turn; a request takes one turn. */
export async function settle() {
	for (let turn = 0; turn < 3; turn += 1)
		await new Promise((done) => setImmediate(done));
}

/** Numbers from 0 up to 1 that are the same for the same seed (xorshift32). */
export function seeded(seed) {
	let state = seed * 2654435761 >>> 0 || 1;
	return () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		state >>>= 0;
		return state / 2 ** 32;
	};
}
