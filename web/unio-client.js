// Unio's client: a video meeting in a few lines.
//
//	import { UnioMeeting } from './unio-client.js';
//
//	const meeting = new UnioMeeting({ url: 'https://meet.example', meetingId: 1, getToken: () => accessToken });
//	meeting.on('stream', (peer, stream) => { videoOf(peer).srcObject = stream; });
//	meeting.on('peer-left', (peer) => videoOf(peer).remove());
//	meeting.on('closed', ({ message }) => alert(message));
//	await meeting.join(await navigator.mediaDevices.getUserMedia({ audio: true, video: true }));
//
// A peer is one device of one user: somebody with a telephone and a laptop is two peers. What happens to
// the network in between is mended inside; `reconnecting` and `reconnected` tell of it, `closed` is the end.

import { ownReason } from './unio-reasons.js';
import { IceServers } from './unio-ice.js';
import { Peer } from './unio-peer.js';
import { Room } from './unio-room.js';
import { Signal } from './unio-signal.js';

export { Peer };

/** @import { Reason } from './unio-reasons.js' */
/** @import { Kind } from './unio-peer.js' */
/** @import { Frame, Surroundings } from './unio-signal.js' */

/**
 * What `on` may be asked for, and what is then called with what.
 * @typedef {object} UnioEvents
 * @property {(welcome: Frame) => void} joined          in the room: {session_id, self, meeting, call, …}; again after each fresh join
 * @property {(peer: Peer) => void} peer                somebody's device is here
 * @property {(peer: Peer) => void} peer-left           and gone
 * @property {(peer: Peer) => void} peer-changed        it is in the call or not, or its connection changed
 * @property {(peer: Peer, stream: MediaStream) => void} stream   something to see or hear
 * @property {(peer: Peer, state: Record<string, any>) => void} state   what a peer says of itself
 * @property {(message: {from: Peer | null, name: string, data: any, timestamp: string}) => void} message
 * @property {(notice: {message: string, timestamp: string}) => void} notice   from the operator, to the room
 * @property {(event: Frame) => void} meeting           call_started, call_ended, meeting_status, meeting_updated, participant_added, …
 * @property {(again: {reason: Reason, attempt: number, delayMs: number}) => void} reconnecting
 * @property {() => void} reconnected
 * @property {(data: any[]) => void} unsure             what was sent just before the connection was lost, and may not have come
 * @property {(error: Frame) => void} error             the server refused a frame, or a TURN server the credentials: {code, message}
 * @property {(reason: Reason) => void} closed          the end, with a reason for people
 */

/**
 * @typedef {object} UnioOptions
 * @property {string} [url]        where Unio is, with its base path if it has one, also as the page would name it; by default where the page is
 * @property {number} meetingId
 * @property {(how: {refresh: boolean}) => Promise<string> | string} getToken
 *   an access token; with `refresh` the last one was refused. Nothing: the user is signed out
 * @property {RTCIceTransportPolicy} [iceTransportPolicy]   in place of the meeting's own ice_policy
 * @property {Partial<Surroundings> & Partial<{RTCPeerConnection: any, MediaStream: any, window: any}>} [env]  for tests, and for Node
 */

const MEETING_EVENTS = new Set(['call_started', 'call_ended', 'meeting_status', 'meeting_updated', 'meeting_deleted',
	'participant_added', 'participant_removed']);

export class UnioMeeting {
	#env;
	#signal;
	#ice;
	/** @type {Map<keyof UnioEvents, Set<Function>>} */
	#listeners = new Map();
	#room;
	/** @type {Record<Kind, MediaStreamTrack | null>} */
	#tracks = { audio: null, video: null };
	/** @type {MediaStreamTrack | null} */
	#camera = null;
	/** @type {MediaStream | null} */
	#screen = null;
	/** @type {MediaStream | null} */
	#localStream = null;
	/** @type {Record<string, any>} */
	#state = {};
	#welcome = /** @type {Frame | null} */ (null);
	#hasEnded = false;
	#clientId = randomId();
	/** @type {{resolve: (welcome: Frame) => void, reject: (error: Error) => void} | null} */
	#joining = null;
	/** @type {[target: any, type: string, listener: () => void][]} */
	#watched = [];

	/** @param {UnioOptions} options */
	constructor({ url = globalThis.document?.baseURI, meetingId, getToken, iceTransportPolicy, env = {} }) {
		if (!url)
			throw new TypeError('url: where is Unio?');
		const page = globalThis.document?.baseURI;
		const base = new URL(url.endsWith('/') || page === url ? url : `${url}/`, page).href;
		const scope = /** @type {any} */ (globalThis);
		this.#env = {
			WebSocket: scope.WebSocket,
			RTCPeerConnection: scope.RTCPeerConnection,
			MediaStream: scope.MediaStream,
			window: scope.window,
			fetch: scope.fetch?.bind(scope),
			random: Math.random,
			now: () => performance.now(),
			/** @type {Surroundings['setTimeout']} */
			setTimeout: (job, ms) => setTimeout(job, ms),
			/** @type {Surroundings['clearTimeout']} */
			clearTimeout: (timer) => clearTimeout(timer),
			...env,
		};
		this.#signal = new Signal({ url: base, meetingId, clientId: this.#clientId, getToken }, {
			welcome: (frame) => this.#welcomed(frame),
			resumed: () => this.#emit('reconnected'),
			unsure: (frames) => this.#emit('unsure', frames.filter(({ type }) => type === 'message').map(({ data }) => data)),
			frame: (frame) => this.#receive(frame),
			waiting: (reason, attempt, delayMs) => this.#emit('reconnecting', { reason, attempt, delayMs }),
			closed: (reason) => this.#end(reason),
		}, this.#env);
		this.#ice = new IceServers({ url: base, getToken, iceTransportPolicy },
			() => this.#room.peers.forEach((peer) => peer.reconfigure()), this.#env);
		this.#room = new Room({
			peers: {
				RTCPeerConnection: this.#env.RTCPeerConnection,
				configuration: () => this.#ice.configuration,
				tracks: () => this.#tracks,
				localStream: () => /** @type {MediaStream} */ (this.#localStream),
				newStream: () => this.#newStream(),
				send: (frame) => this.#signal.send(frame),
				iceFailed: (code, text) => this.#iceFailed(code, text),
				setTimeout: this.#env.setTimeout,
				clearTimeout: this.#env.clearTimeout,
			},
			isForGood: () => this.#signal.isResumable,
			mediaLost: () => this.#signal.doubt(), // the way to the server may be as dead, and the new one leads over it
			tell: (type, ...details) => this.#emit(type, ...details),
		});
	}

	// ---- coming and going ---------------------------------------------------------

	/**
	 * Enters the room and the call.
	 * @param {MediaStream | null} [stream]  what is sent; null: only to see and hear
	 * @returns {Promise<Frame>} the welcome; rejected with the reason when the meeting cannot be entered
	 */
	join(stream = null) {
		if (this.#joining || this.#hasEnded)
			return Promise.reject(new Error('a meeting can be joined once'));
		this.#localStream = stream ?? this.#newStream();
		this.#tracks = { audio: stream?.getAudioTracks()[0] ?? null, video: stream?.getVideoTracks()[0] ?? null };
		this.#watch();
		return new Promise((resolve, reject) => {
			this.#joining = { resolve, reject };
			this.#signal.open();
		});
	}

	/** Leaves. The tracks that were given to `join` stay the caller's. */
	leave() {
		if (this.#hasEnded)
			return;
		this.#signal.send({ type: 'leave-call' });
		this.#signal.close();
		this.#end(ownReason('left'));
	}

	/** The devices in the room but this one. */
	get peers() {
		return [...this.#room.peers.values()];
	}

	/** What this client says of itself. */
	get state() {
		return { ...this.#state };
	}

	/** The last welcome: self, meeting, call. */
	get welcome() {
		return this.#welcome;
	}

	/**
	 * @template {keyof UnioEvents} T
	 * @param {T} type
	 * @param {UnioEvents[T]} listener
	 * @returns {() => void} ends it
	 */
	on(type, listener) {
		const listeners = this.#listeners.get(type) ?? new Set();
		this.#listeners.set(type, listeners.add(listener));
		return () => void listeners.delete(listener);
	}

	// ---- what is sent ---------------------------------------------------------------

	/**
	 * Silences the microphone or blanks the camera, and says so.
	 * @param {Kind} kind
	 * @param {boolean} isMuted
	 */
	setMuted(kind, isMuted) {
		const track = kind === 'video' ? this.#camera ?? this.#tracks.video : this.#tracks.audio;
		if (track)
			track.enabled = !isMuted;
		this.setState(kind === 'audio' ? { muted: isMuted } : { camera: !isMuted });
	}

	/**
	 * Sends another track in place of the last of its kind: another device, or none.
	 * @param {Kind} kind
	 * @param {MediaStreamTrack | null} track
	 */
	async replaceTrack(kind, track) {
		if (kind === 'video' && this.#screen) {
			this.#camera = track; // seen again when the screen is not
			return;
		}
		await this.#sendTrack(kind, track);
	}

	/** Sends the screen in place of the camera; resolves with the stream, rejects if the user says no. */
	async shareScreen() {
		const screen = await navigator.mediaDevices.getDisplayMedia({ video: true });
		const [track] = screen.getVideoTracks();
		this.#camera = this.#screen ? this.#camera : this.#tracks.video;
		this.#screen = screen;
		track.addEventListener('ended', () => this.#screen === screen && this.stopSharing());
		await this.#sendTrack('video', track);
		this.setState({ screen: true });
		return screen;
	}

	async stopSharing() {
		const screen = this.#screen;
		this.#screen = null;
		screen?.getTracks().forEach((track) => track.stop());
		this.setState({ screen: false });
		await this.#sendTrack('video', this.#camera);
		this.#camera = null;
	}

	/**
	 * Says something about this client to all: {muted, camera, hand, …}; whoever comes later learns it too.
	 * @param {Record<string, any>} change
	 */
	setState(change) {
		this.#state = { ...this.#state, ...change };
		this.#signal.send({ type: 'state', state: this.#state });
	}

	/**
	 * Sends any JSON to everybody in the room, or to one of them.
	 * @param {any} data
	 * @param {Peer} [peer]
	 * @returns {boolean} false: there is no connection to send it on
	 */
	send(data, peer) {
		return this.#signal.send({ type: 'message', data, ...(peer ? { target_session: peer.sessionId } : {}) });
	}

	/**
	 * @param {Kind} kind
	 * @param {MediaStreamTrack | null} track
	 */
	async #sendTrack(kind, track) {
		this.#tracks[kind] = track;
		await Promise.all(this.peers.map((peer) => peer.replaceTrack(kind, track)));
	}

	// ---- the room -------------------------------------------------------------------

	/** @param {Frame} welcome */
	#welcomed(welcome) {
		const isAgain = this.#welcome !== null;
		this.#welcome = welcome;
		this.#ice.set(welcome.iceServers ?? [], welcome.meeting?.ice_policy);
		if (Object.keys(this.#state).length > 0)
			this.#signal.send({ type: 'state', state: this.#state });
		this.#signal.send({ type: 'join-call' });
		this.#room.see(welcome);
		this.#emit('joined', welcome);
		if (isAgain)
			this.#emit('reconnected');
		this.#joining?.resolve(welcome);
	}

	/** @type {Record<string, (frame: Frame) => void>} */
	#handlers = {
		user_joined: (frame) => {
			if (frame.session_id !== this.#welcome?.session_id)
				this.#room.enter(frame, true);
		},
		user_left: (frame) => this.#room.leave(frame.session_id),
		webrtc_offer: (frame) => this.#room.bySession(frame.from_session)?.receive(frame),
		webrtc_answer: (frame) => this.#room.bySession(frame.from_session)?.receive(frame),
		ice_candidate: (frame) => this.#room.bySession(frame.from_session)?.receive(frame),
		call_joined: (frame) => this.#room.setInCall(this.#room.bySession(frame.session_id), true),
		call_left: (frame) => this.#room.setInCall(this.#room.bySession(frame.session_id), false),
		state: (frame) => this.#room.setState(frame),
		message: (frame) => this.#emit('message', {
			from: this.#room.bySession(frame.from_session) ?? null,
			name: frame.full_name,
			data: frame.data,
			timestamp: frame.timestamp,
		}),
		notice: ({ message, timestamp }) => this.#emit('notice', { message, timestamp }),
		error: (frame) => this.#emit('error', frame),
	};

	/** @param {Frame} frame */
	#receive(frame) {
		if (MEETING_EVENTS.has(frame.type)) {
			if (frame.type === 'call_ended')
				this.#room.peers.forEach((peer) => this.#room.setInCall(peer, false));
			if (frame.type === 'call_started') // the end of the last one took everybody out
				this.#signal.send({ type: 'join-call' });
			this.#emit('meeting', frame);
		} else if (Object.hasOwn(this.#handlers, frame.type))
			this.#handlers[frame.type](frame);
	}

	// ---- the surroundings -------------------------------------------------------------

	#watch() {
		const page = this.#env.window;
		/** @type {any} */
		const network = page?.navigator?.connection;
		const changed = () => {
			this.#signal.nudge();
			this.#room.peers.forEach((peer) => peer.connection !== 'new' && peer.restart());
		};
		this.#listen(page, 'online', changed);
		let kind = network?.type;
		this.#listen(network, 'change', () => {
			// It tells of every new estimate of the speed as well; another kind of network is what counts.
			if (network.type !== kind)
				changed();
			kind = network.type;
		});
		this.#listen(page, 'pagehide', () => this.leave());
		this.#listen(page?.document, 'visibilitychange', () => this.#signal.nudge());
	}

	/**
	 * @param {any} target
	 * @param {string} type
	 * @param {() => void} listener
	 */
	#listen(target, type, listener) {
		target?.addEventListener?.(type, listener);
		this.#watched.push([target, type, listener]);
	}

	/** @param {Reason} reason */
	#end(reason) {
		this.#hasEnded = true;
		for (const [target, type, listener] of this.#watched.splice(0))
			target?.removeEventListener?.(type, listener);
		this.#ice.stop();
		this.#screen?.getTracks().forEach((track) => track.stop());
		this.#room.close();
		if (!this.#welcome)
			this.#joining?.reject(Object.assign(new Error(reason.message), { reason }));
		this.#emit('closed', reason);
	}

	/**
	 * A TURN server that refuses the credentials is worth a word: without it some never connect.
	 * @param {number} code
	 * @param {string} text
	 */
	async #iceFailed(code, text) {
		if (code !== 401 && code !== 403)
			return;
		if (await this.#ice.refused())
			this.#room.peers.forEach((peer) => peer.connection !== 'connected' && peer.restart());
		else if (!this.#hasEnded)
			this.#emit('error', { type: 'error', code: 'turn_refused', message: `the TURN server refused: ${code} ${text}` });
	}

	/** @returns {MediaStream} */
	#newStream() {
		return this.#env.MediaStream ? new this.#env.MediaStream() : /** @type {any} */ (null);
	}

	/**
	 * @param {keyof UnioEvents} type
	 * @param {...any} details
	 */
	#emit(type, ...details) {
		for (const listener of [...this.#listeners.get(type) ?? []]) {
			try {
				listener(...details);
			} catch (error) {
				console.error(error); // one listener's mistake is not the meeting's end
			}
		}
	}
}

/** 22 characters that no other client in the room has; they are no secret. */
function randomId() {
	const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
	return Array.from({ length: 22 }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
}
