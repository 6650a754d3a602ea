// What opens a meeting's room: a ticket, or the token itself for a server that has no tickets yet. It goes
// into the first frame of a connection, so neither ever stands in an address.

/** @typedef {{url: string, meetingId: number, getToken: (how: {refresh: boolean}) => Promise<string> | string}} Access */

/** The server said no, or not now. */
export class Refusal extends Error {
	/**
	 * @param {number} close          the close code that says the same; 0: not now
	 * @param {number} [retryAfterMs]
	 * @param {string} [code]         what the server called it
	 */
	constructor(close, retryAfterMs = 0, code = undefined) {
		super('refused');
		this.close = close;
		this.code = code;
		this.retryAfterMs = retryAfterMs;
	}
}

export class Credentials {
	#access;
	#fetch;
	#knowsTickets = true;

	/**
	 * @param {Access} access
	 * @param {typeof fetch} fetch
	 */
	constructor(access, fetch) {
		this.#access = access;
		this.#fetch = fetch;
	}

	/**
	 * @param {boolean} refresh  the last token was refused
	 * @returns {Promise<{ticket: string} | {token: string}>}  a Refusal is thrown
	 */
	async get(refresh) {
		const token = await this.#access.getToken({ refresh });
		if (!token)
			throw new Refusal(4401);
		if (!this.#knowsTickets)
			return { token };
		const reply = await this.#fetch(new URL(`api/meetings/${this.#access.meetingId}/ticket`, this.#access.url),
			{ method: 'POST', headers: { Authorization: `Bearer ${token}` } });
		switch (reply.status) {
		case 201:
			return { ticket: (await reply.json()).ticket };
		case 404: // an older server, or no such meeting: the room itself will say
		case 405:
			this.#knowsTickets = false;
			return { token };
		case 401:
			if (!refresh)
				return this.get(true);
			throw new Refusal(4401);
		case 403: {
			const { code } = await reply.json().catch(() => ({}));
			throw new Refusal(code === 'banned' ? 4407 : 4403, 0, code);
		}
		default:
			throw new Refusal(0, 1000 * Number(reply.headers.get('Retry-After') ?? 0));
		}
	}
}
