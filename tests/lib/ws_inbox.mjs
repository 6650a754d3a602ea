// What a test client has received: JSON frames in order, and waiting for one of them.

/** How long a test waits for something that must come, in milliseconds; a sanitized build is slow. */
export const DEADLINE = process.env.SANITIZE ? 20_000 : 5_000;

const texts = new WeakMap();

/** The text of a frame exactly as it came over the wire. */
export const rawOf = (frame) => texts.get(frame);

export class Inbox {
	/** Looks at everything that comes, if it is of a server (see contract_frames.mjs). */
	watch = null;
	/** Every frame so far, parsed; nothing is ever taken out of it. */
	frames = [];
	#waiting = [];
	#untaken = new Set();
	#ended = null;
	#syncs = 0;

	/** A frame has come. */
	take(text, binary = false) {
		let frame;
		try {
			frame = JSON.parse(text);
		} catch {
			frame = { type: '(no JSON)', text };
		}
		if (binary)
			frame = { type: '(binary)', text };
		texts.set(frame, text);
		this.watch?.received(text);
		this.frames.push(frame);
		this.#untaken.add(frame);
		const index = this.#waiting.findIndex((waiter) => waiter.matches(frame));
		if (index >= 0) {
			this.#untaken.delete(frame);
			this.#waiting.splice(index, 1)[0].resolve(frame);
		}
	}

	/** Nothing more will come: who waits is told why. */
	end(why) {
		this.#ended = why;
		for (const waiter of this.#waiting.splice(0))
			waiter.fail(why);
	}

	/**
	 * The oldest frame that matches and was not yet taken, waiting for it if need be.
	 * @param {string|function} match a frame's type, or a predicate
	 */
	next(match, ms = DEADLINE) {
		const matches = typeof match === 'function' ? match : (frame) => frame.type === match;
		for (const frame of this.#untaken) {
			if (matches(frame)) {
				this.#untaken.delete(frame);
				return Promise.resolve(frame);
			}
		}
		const called = new Error();
		return new Promise((resolve, reject) => {
			const fail = (why) => {
				clearTimeout(timer);
				called.message = `no frame ${match}: ${why}; got ${JSON.stringify(this.frames.slice(-12))}`;
				reject(called);
			};
			const waiter = { matches, fail, resolve: (frame) => { clearTimeout(timer); resolve(frame); } };
			const timer = setTimeout(() => {
				this.#waiting = this.#waiting.filter((other) => other !== waiter);
				fail(`none within ${ms} ms`);
			}, ms);
			if (this.#ended)
				fail(this.#ended);
			else
				this.#waiting.push(waiter);
		});
	}

	/** How many frames of a type have come. */
	count(type) {
		return this.frames.filter((frame) => frame.type === type).length;
	}

	/** The types of all frames, in order. */
	types() {
		return this.frames.map((frame) => frame.type);
	}

	/**
	 * A ping and its pong: what this client sent before has been dealt with, and what the server
	 * had for it by then has arrived. The way to show that something does NOT come.
	 */
	async sync() {
		const id = `sync-${this.#syncs += 1}`;
		this.send({ type: 'ping', id });
		return this.next((frame) => frame.id === id);
	}
}
