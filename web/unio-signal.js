// The way to the server: one session in a meeting's room, over as many WebSockets as it takes.
//
// A lost connection is resumed: frames are counted on both sides, so that after a return each side sends
// what the other has missed, in order and none twice. Where that cannot be (too late, the server was
// restarted, an older server) the room is joined afresh, and the owner is told by another `welcome`.

import { Credentials, Refusal } from './unio-credential.js';
import { Ledger } from './unio-ledger.js';
import { closeReason, endsSession, isFinal, ownReason } from './unio-reasons.js';

/** @import { Reason } from './unio-reasons.js' */
/** @typedef {Record<string, any> & {type: string}} Frame */

/**
 * What a browser has and a test replaces.
 * @typedef {object} Surroundings
 * @property {typeof WebSocket} WebSocket
 * @property {typeof fetch} fetch
 * @property {() => number} random     0 up to 1
 * @property {() => number} now        milliseconds that only rise
 * @property {(job: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/**
 * @typedef {object} SignalOwner
 * @property {(frame: Frame) => void} welcome   the room as it is, after each fresh join
 * @property {() => void} resumed               back, and nothing was missed
 * @property {(frame: Frame) => void} frame     any other frame
 * @property {(frames: Frame[]) => void} unsure  what the server may or may not have taken of a session that has ended
 * @property {(reason: Reason, attempt: number, delayMs: number) => void} waiting  away; the next attempt is after delayMs
 * @property {(reason: Reason) => void} closed  over for good
 */

/** The first wait is at most this long, then twice as long each time up to the longest. */
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 15_000;
/** About eight minutes without a server. */
const ATTEMPTS = 64;
/** From the start of a connection to its welcome. */
const ENTER_MS = 15_000;
/** A connection that held this long was a good one: the next loss is a first one. */
const STABLE_MS = 10_000;
/** How often life is asked for, and how long an answer may take; the server itself pings every 25 s. */
const PING_MS = 15_000;
const PONG_MS = 8_000;
const PONG_NUDGED_MS = 3_000;

export class Signal {
	#options;
	#owner;
	#env;
	/** @type {WebSocket | null} */
	#socket = null;
	/** @type {'idle' | 'entering' | 'joined' | 'waiting' | 'closed'} */
	#state = 'idle';
	/** Sockets given up on. A close frame would end the session, so they stay until it lives elsewhere. @type {WebSocket[]} */
	#stale = [];
	#turn = 0;
	#attempt = 0;
	#joinedAt = 0;
	/** Was the token of this attempt a fresh one, so that its refusal is final? */
	#refreshed = false;
	#wantsRefresh = false;
	/** @type {Frame | null} */
	#farewell = null;
	/** @type {Record<string, any>} */
	#timers = {};
	#credentials;
	/** The session, while there is one to come back to. */
	#ledger = new Ledger();
	// What this client has seen of the meeting, for a fresh join.
	/** @type {number | undefined} */
	#lastEvent;
	/** @type {string | undefined} */
	#epoch;

	/**
	 * @param {{url: string, meetingId: number, clientId: string,
	 *   getToken: (how: {refresh: boolean}) => Promise<string> | string}} options
	 * @param {SignalOwner} owner
	 * @param {Surroundings} env
	 */
	constructor(options, owner, env) {
		this.#options = options;
		this.#owner = owner;
		this.#env = env;
		this.#credentials = new Credentials(options, env.fetch);
	}

	get isJoined() {
		return this.#state === 'joined';
	}

	/** Can a session of this server be resumed? Then `user_left` is for good. */
	get isResumable() {
		return this.#ledger.isOpen;
	}

	open() {
		if (this.#state === 'idle')
			this.#connect();
	}

	/** Says goodbye; nothing comes after it. */
	close() {
		if (this.#state === 'closed')
			return;
		if (this.#socket)
			this.#stale.unshift(this.#socket);
		this.#end();
	}

	/**
	 * Sends a frame, now or, if the session can be resumed, after the return.
	 * @param {Frame} frame
	 * @returns {boolean} false: it will not be sent
	 */
	send(frame) {
		if (this.#state === 'closed' || (this.#state !== 'joined' && !this.isResumable))
			return false;
		const text = JSON.stringify(frame);
		this.#ledger.keep(text);
		if (this.#state === 'joined')
			this.#socket?.send(text);
		if (this.#ledger.wantsAnswer && this.#state === 'joined')
			this.#ask();
		return true;
	}

	/** The network may have changed: tries at once what would be tried later. */
	nudge() {
		if (this.#state === 'waiting')
			this.#connect();
		else
			this.doubt();
	}

	/** The connection may be dead: it is asked at once, and has little time to answer. */
	doubt() {
		if (this.#state === 'joined')
			this.#ping(PONG_NUDGED_MS);
	}

	// ---- entering ---------------------------------------------------------------

	async #connect() {
		const turn = this.#begin('entering');
		this.#after('enter', ENTER_MS, () => this.#lost(closeReason(1006)));
		try {
			const first = this.isResumable
				? { type: 'resume', resume_token: this.#ledger.token, seq: this.#ledger.seq }
				: await this.#authFrame();
			if (turn === this.#turn)
				this.#openSocket(turn, first);
		} catch (error) {
			if (turn === this.#turn)
				this.#failed(error);
		}
	}

	/**
	 * @param {number} turn
	 * @param {Frame} first
	 */
	#openSocket(turn, first) {
		const address = new URL(`ws/meeting/${this.#options.meetingId}/`, this.#options.url);
		address.protocol = address.protocol.replace('http', 'ws');
		const socket = new this.#env.WebSocket(address.href, ['unio.v1']);
		this.#socket = socket;
		this.#farewell = null;
		socket.onopen = () => socket.send(JSON.stringify(first));
		socket.onmessage = ({ data }) => {
			if (turn === this.#turn && typeof data === 'string')
				this.#receive(JSON.parse(data), turn);
		};
		socket.onclose = ({ code }) => {
			if (turn === this.#turn)
				this.#closed(code);
		};
	}

	/** The first frame of a fresh join. @returns {Promise<Frame>} */
	async #authFrame() {
		const refresh = this.#wantsRefresh;
		this.#refreshed = refresh;
		this.#wantsRefresh = false;
		return {
			type: 'auth',
			...await this.#credentials.get(refresh),
			client_id: this.#options.clientId,
			...(this.#lastEvent === undefined ? {} : { last_event_id: this.#lastEvent, epoch: this.#epoch }),
		};
	}

	/** @param {unknown} error */
	#failed(error) {
		if (error instanceof Refusal && isFinal(error.close))
			this.#giveUp(closeReason(error.close, error.code));
		else
			this.#lost(ownReason('unreachable'), error instanceof Refusal ? error.retryAfterMs : 0);
	}

	// ---- what comes -------------------------------------------------------------

	/**
	 * @param {Frame} frame
	 * @param {number} turn
	 */
	#receive(frame, turn) {
		this.#alive();
		if (frame.type === 'error' && 'close' in frame)
			this.#farewell = frame;
		else if (frame.type === 'resume_failed')
			this.#joinInstead(turn);
		else if (frame.type === 'resumed')
			this.#resumed(frame);
		else if (frame.type === 'welcome')
			this.#welcome(frame);
		else if (this.#state === 'joined')
			this.#deliver(frame); // before that there is only the word of our own arrival
	}

	/** @param {Frame} frame */
	#deliver(frame) {
		this.#ledger.seq++;
		if (frame.type === 'pong') {
			this.#ledger.tookUpTo(frame.id);
			return;
		}
		if (typeof frame.event_id === 'number') {
			if (this.#lastEvent !== undefined && frame.event_id <= this.#lastEvent)
				return; // the picture of the welcome held it already
			this.#lastEvent = frame.event_id;
		}
		this.#owner.frame(frame);
	}

	/** @param {number} turn */
	async #joinInstead(turn) {
		this.#forgetSession();
		try {
			const frame = await this.#authFrame();
			if (turn === this.#turn)
				this.#socket?.send(JSON.stringify(frame));
		} catch (error) {
			if (turn === this.#turn)
				this.#failed(error);
		}
	}

	/** @param {Frame} frame */
	#welcome(frame) {
		this.#ledger.begin(frame.resume_token ?? '', frame.seq ?? 0);
		// With the same history the missed events follow; with another, the picture is all there is.
		if (this.#lastEvent === undefined || frame.epoch !== this.#epoch || frame.events_truncated)
			this.#lastEvent = frame.event_id;
		this.#epoch = frame.epoch;
		this.#joined();
		this.#owner.welcome(frame);
	}

	/** @param {Frame} frame */
	#resumed(frame) {
		this.#ledger.tookUpTo(frame.received);
		this.#joined();
		for (const text of this.#ledger.untaken)
			this.#socket?.send(text);
		this.#owner.resumed();
	}

	#joined() {
		this.#state = 'joined';
		this.#joinedAt = this.#env.now();
		this.#refreshed = false;
		this.#closeStale();
		this.#clear('enter');
		this.#alive();
	}

	// ---- life -------------------------------------------------------------------

	/** Something came: the connection lives, and is asked again after a while. */
	#alive() {
		this.#clear('pong');
		if (this.#state === 'joined')
			this.#after('ping', PING_MS, () => this.#ping(PONG_MS));
	}

	/** @param {number} patienceMs */
	#ping(patienceMs) {
		this.#after('pong', patienceMs, () => this.#lost(closeReason(1006)));
		this.#ask();
	}

	/** The answer says that the server has taken all that was sent before. */
	#ask() {
		this.send({ type: 'ping', id: this.#ledger.ask() });
	}

	// ---- losing it --------------------------------------------------------------

	/** @param {number} code */
	#closed(code) {
		const close = this.#farewell?.close ?? code;
		const reason = closeReason(close, this.#farewell?.code, this.#farewell?.message);
		if (close === 4401 && !this.#refreshed)
			this.#wantsRefresh = true; // the token may just have expired
		else if (isFinal(close) || this.#farewell?.action === 'disconnect') {
			this.#giveUp(reason);
			return;
		}
		if (endsSession(close))
			this.#forgetSession();
		this.#lost(reason, this.#farewell?.retry_after_ms ?? 0);
	}

	/**
	 * Waits and tries again: full jitter, and not before the server wants it.
	 * @param {Reason} reason
	 * @param {number} [retryAfterMs]
	 */
	#lost(reason, retryAfterMs = 0) {
		if (this.#state === 'joined' && this.#env.now() - this.#joinedAt > STABLE_MS)
			this.#attempt = 0;
		if (this.#socket)
			this.#stale.push(this.#socket);
		this.#begin('waiting');
		if (!this.isResumable)
			this.#closeStale();
		if (this.#attempt >= ATTEMPTS) {
			this.#giveUp(reason);
			return;
		}
		const jitter = this.#env.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** this.#attempt);
		const delay = Math.round(retryAfterMs + jitter);
		this.#attempt++;
		this.#after('retry', delay, () => this.#connect());
		this.#owner.waiting(reason, this.#attempt, delay);
	}

	/** It cannot be known of the last frames whether they were taken: sent again they might come twice. */
	#forgetSession() {
		const frames = this.#ledger.untaken.map((text) => JSON.parse(text));
		this.#ledger.forget();
		if (frames.length > 0)
			this.#owner.unsure(frames);
	}

	/** @param {Reason} reason */
	#giveUp(reason) {
		this.#end();
		this.#owner.closed(reason);
	}

	#end() {
		this.#begin('closed');
		this.#closeStale();
		this.#ledger.forget();
	}

	#closeStale() {
		for (const socket of this.#stale.splice(0))
			socket.close(1000);
	}

	/**
	 * A new state in which nothing of the old one speaks any more.
	 * @param {'entering' | 'waiting' | 'closed'} state
	 */
	#begin(state) {
		this.#state = state;
		this.#socket = null;
		for (const name of Object.keys(this.#timers))
			this.#clear(name);
		return ++this.#turn;
	}

	/**
	 * @param {string} name
	 * @param {number} ms
	 * @param {() => void} job
	 */
	#after(name, ms, job) {
		this.#clear(name);
		this.#timers[name] = this.#env.setTimeout(job, ms);
	}

	/** @param {string} name */
	#clear(name) {
		this.#env.clearTimeout(this.#timers[name]);
		delete this.#timers[name];
	}
}
