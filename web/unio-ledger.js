// What both sides have counted of a session's frames, so that it can be resumed without a hole or a double.

/** Own frames that the server may not have taken: so many are kept, and after so many it is asked. */
const UNTAKEN_MAX = 512;
const UNTAKEN_ASK = 32;

export class Ledger {
	/** What the session is resumed with; '' while there is none. */
	token = '';
	/** The number of the last frame that has come. */
	seq = 0;
	#taken = 0;
	/** @type {string[]} */
	#untaken = [];
	#asked = false;

	/**
	 * A session begins.
	 * @param {string} token
	 * @param {number} seq  of its welcome
	 */
	begin(token, seq) {
		this.forget();
		this.token = token;
		this.seq = seq;
	}

	/** There is nothing to come back to. */
	forget() {
		this.token = '';
		this.seq = 0;
		this.#taken = 0;
		this.#untaken = [];
		this.#asked = false;
	}

	get isOpen() {
		return this.token !== '';
	}

	/** Keeps an own frame until the server is known to have it. @param {string} text */
	keep(text) {
		if (!this.isOpen)
			return;
		this.#untaken.push(text);
		if (this.#untaken.length > UNTAKEN_MAX)
			this.forget(); // more than can be sent again: a fresh join then
	}

	/** Should the server be asked how far it is? */
	get wantsAnswer() {
		return !this.#asked && this.#untaken.length >= UNTAKEN_ASK;
	}

	/** The number that the next own frame will have; its answer means that all up to it are taken. */
	ask() {
		this.#asked = true;
		return this.#taken + this.#untaken.length + 1;
	}

	/** @param {unknown} count  own frames that the server has taken */
	tookUpTo(count) {
		this.#asked = false;
		if (!this.isOpen || typeof count !== 'number')
			return;
		this.#untaken.splice(0, Math.max(0, count - this.#taken));
		this.#taken = Math.max(this.#taken, count);
	}

	/** The own frames that are to be sent again, in order. */
	get untaken() {
		return [...this.#untaken];
	}
}
