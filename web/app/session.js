// Who is signed in, in this tab, and the requests made in that person's name.
//
// In the tab's own storage: two windows of one browser may be two people. A copied tab has its first one's
// refresh token, which can be used once only, so tabs tell each other when they have changed it.

import { words } from './words.js';

/** @typedef {{id: number, email: string, full_name: string}} User */
/** @typedef {{access: string, refresh: string, expiresAt: number, user: User}} Login */

const STORE = 'unio.login';
/** A token this close to its end is changed before it is used. */
const MARGIN_MS = 60_000;

/** Where Unio is, with its base path. */
export const base = new URL('.', document.baseURI).href;

/** What the server refused, in its own words. */
export class ApiError extends Error {
	/**
	 * @param {number} status
	 * @param {{error?: string, code?: string, field?: string}} body
	 */
	constructor(status, { error, code, field }) {
		super((code && words.apiErrors[code]) || (error ? sentence(error) : words.serverError));
		this.status = status;
		this.code = code ?? '';
		this.field = field;
	}
}

class Session {
	/** @type {Login | null} */
	#login = JSON.parse(sessionStorage.getItem(STORE) ?? 'null');
	/** @type {Promise<string> | null} */
	#refreshing = null;
	#tabs = new BroadcastChannel('unio.login');
	/** Called when the login has ended. */
	onend = () => {};

	constructor() {
		this.#tabs.onmessage = ({ data }) => {
			if (this.#login && data.used === this.#login.refresh)
				this.#keep(data.login);
		};
	}

	/** @returns {User | null} */
	get user() {
		return this.#login?.user ?? null;
	}

	/**
	 * @param {string} email
	 * @param {string} password
	 */
	async signIn(email, password) {
		this.#keep(loginOf(await json(await send('POST', 'api/auth/login', { email, password }))));
	}

	async signOut() {
		try {
			await this.api('POST', 'api/auth/logout');
		} catch {
			// Signed out here in any case; the tokens end by themselves.
		} finally {
			this.#end();
		}
	}

	/**
	 * An access token that is good for a while; '' if nobody is signed in any more.
	 * @param {{refresh?: boolean}} [how]
	 * @returns {Promise<string>}
	 */
	async token({ refresh = false } = {}) {
		if (!this.#login)
			return '';
		if (!refresh && this.#login.expiresAt - Date.now() > MARGIN_MS)
			return this.#login.access;
		this.#refreshing ??= this.#refresh(this.#login).finally(() => { this.#refreshing = null; });
		return this.#refreshing;
	}

	/**
	 * A request in the user's name; resolves with the JSON of the reply.
	 * @param {string} method
	 * @param {string} path  below the base, without a leading slash
	 * @param {object} [body]
	 */
	async api(method, path, body) {
		return json(await this.request(method, path, body));
	}

	/**
	 * @param {string} method
	 * @param {string} path
	 * @param {object} [body]
	 */
	async request(method, path, body) {
		const reply = await send(method, path, body, await this.token());
		if (reply.status !== 401)
			return reply;
		const token = await this.token({ refresh: true });
		return token ? send(method, path, body, token) : reply;
	}

	/** @param {Login} login */
	async #refresh(login) {
		const reply = await send('POST', 'api/auth/refresh', { refresh: login.refresh });
		if (reply.status === 401 || reply.status === 403) {
			this.#end();
			return '';
		}
		const next = { ...loginOf(await json(reply)), user: login.user };
		this.#keep(next);
		this.#tabs.postMessage({ used: login.refresh, login: next });
		return next.access;
	}

	/** @param {Login} login */
	#keep(login) {
		this.#login = login;
		sessionStorage.setItem(STORE, JSON.stringify(login));
	}

	#end() {
		if (!this.#login)
			return;
		this.#login = null;
		sessionStorage.removeItem(STORE);
		this.onend();
	}
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @param {string} [token]
 * @returns {Promise<Response>}
 */
async function send(method, path, body, token) {
	/** @type {Record<string, string>} */
	const headers = {};
	if (token)
		headers.Authorization = `Bearer ${token}`;
	if (body)
		headers['Content-Type'] = 'application/json';
	try {
		return await fetch(new URL(path, base), { method, headers, body: body && JSON.stringify(body) });
	} catch {
		throw new Error(words.unreachable);
	}
}

/** The body of a reply that is no refusal. @param {Response} reply */
async function json(reply) {
	const body = reply.status === 204 ? null : await reply.json().catch(() => ({}));
	if (!reply.ok)
		throw new ApiError(reply.status, body);
	return body;
}

/**
 * @param {any} body  of a login or refresh
 * @returns {Login}
 */
function loginOf({ access, refresh, expires_in: seconds, user }) {
	return { access, refresh, expiresAt: Date.now() + seconds * 1000, user };
}

/** The server speaks in sentences without their capital and full stop. @param {string} text */
function sentence(text) {
	return `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

export const session = new Session();
