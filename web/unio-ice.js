// The STUN and TURN servers, and their credentials, which are renewed before they expire.

/** @import { Surroundings } from './unio-signal.js' */

/** Renewed when this part of their life is over. */
const RENEW_AT = 0.8;
const RETRY_MS = 30_000;
const TIMER_MAX_MS = 2 ** 31 - 1;

export class IceServers {
	/** @type {RTCIceServer[]} */
	#servers = [];
	/** @type {RTCIceTransportPolicy | undefined} */
	#policy;
	#options;
	#changed;
	#env;
	/** @type {any} */
	#timer;
	#askedAt = -Infinity;
	/** @type {Promise<boolean> | null} */
	#asking = null;

	/**
	 * @param {{url: string, getToken: (how: {refresh: boolean}) => Promise<string> | string,
	 *   iceTransportPolicy?: RTCIceTransportPolicy}} options
	 * @param {() => void} changed
	 * @param {Surroundings} env
	 */
	constructor(options, changed, env) {
		this.#options = options;
		this.#changed = changed;
		this.#env = env;
	}

	/** @returns {RTCConfiguration} */
	get configuration() {
		const iceTransportPolicy = this.#options.iceTransportPolicy ?? this.#policy;
		return { iceServers: this.#servers, ...(iceTransportPolicy ? { iceTransportPolicy } : {}) };
	}

	/**
	 * @param {RTCIceServer[]} servers  as the server names them
	 * @param {RTCIceTransportPolicy} [policy]  of the meeting
	 */
	set(servers, policy = this.#policy) {
		this.#servers = servers;
		this.#policy = policy;
		this.#changed();
		this.#renewBefore(expiry(servers));
	}

	/**
	 * A server has refused the credentials. They may be too old (a computer that slept), so new ones are fetched.
	 * @returns {Promise<boolean>} there are others; false: those are new, and refused all the same
	 */
	async refused() {
		if (this.#asking === null && this.#env.now() - this.#askedAt < RETRY_MS)
			return false;
		return this.#renew();
	}

	stop() {
		this.#env.clearTimeout(this.#timer);
	}

	/** @param {number} expiresAt  seconds since 1970; Infinity: never */
	#renewBefore(expiresAt) {
		const leftMs = expiresAt * 1000 - Date.now();
		if (Number.isFinite(leftMs))
			this.#renewIn(Math.max(RETRY_MS, leftMs * RENEW_AT));
		else
			this.stop();
	}

	/** @param {number} ms */
	#renewIn(ms) {
		this.stop();
		this.#timer = this.#env.setTimeout(() => this.#renew(), Math.min(ms, TIMER_MAX_MS));
	}

	/** @returns {Promise<boolean>} are there new ones? */
	#renew() {
		this.#asking ??= this.#ask().finally(() => { this.#asking = null; });
		return this.#asking;
	}

	/** @returns {Promise<boolean>} */
	async #ask() {
		this.#askedAt = this.#env.now();
		try {
			const token = await this.#options.getToken({ refresh: false });
			const reply = await this.#env.fetch(new URL('api/ice-servers', this.#options.url),
				{ headers: { Authorization: `Bearer ${token}` } });
			if (reply.status === 404)
				return false; // an older server: what the welcome said is all there is
			if (!reply.ok)
				throw new Error(`ice-servers: ${reply.status}`);
			this.set((await reply.json()).iceServers);
			return true;
		} catch {
			this.#renewIn(RETRY_MS);
			return false;
		}
	}
}

/** When the first of them expires: TURN REST credentials begin with that time. @param {RTCIceServer[]} servers */
function expiry(servers) {
	return Math.min(...servers.map(({ username }) => Number(/^\d+(?=:)/.exec(username ?? '')?.[0] ?? Infinity)));
}
