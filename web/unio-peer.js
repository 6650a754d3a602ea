// One other device in the meeting, and the connection to it.
//
// Perfect negotiation: either side may offer at any time; when both do, the one who came later gives way.
// The connection outlives the loss of the signaling: whoever comes back with the same client id goes on
// with it. Each description names the connection that it is of, and the other end that it is for, so that
// one who comes back with another connection, or without any, is recognised.

/** @typedef {Record<string, any> & {type: string}} Frame */
/** @typedef {'audio' | 'video'} Kind */

/**
 * @typedef {object} PeerOwner
 * @property {typeof RTCPeerConnection | undefined} RTCPeerConnection   none: signaling alone, as in Node
 * @property {() => RTCConfiguration} configuration
 * @property {() => Record<Kind, MediaStreamTrack | null>} tracks   what is sent
 * @property {() => MediaStream} localStream                        what groups it
 * @property {() => MediaStream} newStream
 * @property {(frame: Frame) => boolean} send
 * @property {(job: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {(code: number, text: string) => void} iceFailed   a STUN or TURN server refused, RFC 8656 section 18
 * @property {(peer: Peer) => void} connectionChanged
 * @property {(peer: Peer) => void} streamChanged
 */

/** @type {Kind[]} */
const KINDS = ['audio', 'video'];
/** How long each state may last before a new way is looked for: an interruption often heals by itself. */
const HEAL_MS = { connecting: 15_000, disconnected: 1_500, failed: 0 };
const HEAL_AGAIN_MS = 10_000;
const CANDIDATES_MAX = 256;
/** Each picture goes to each peer by itself: what is sent of it is shared among them. */
const VIDEO_BITS = 3_000_000;
const VIDEO_BITS_MAX = 1_500_000;
const VIDEO_BITS_MIN = 150_000;

export class Peer {
	/** Its name in this client, as long as it is here: the user and the device. @type {string} */
	id;
	/** @type {number} */
	userId;
	/** @type {string} */
	email;
	/** @type {string} */
	name;
	/** Changes when the device joins afresh. @type {string} */
	sessionId;
	/** Is it in the call, not only in the room? */
	inCall = false;
	/** What it says of itself: {muted, camera, screen, hand, …}. @type {Record<string, any>} */
	state = {};
	/** What it sends; the same object for as long as the peer is here. @type {MediaStream} */
	stream;

	#owner;
	/** @type {RTCPeerConnection | null} */
	#pc = null;
	#pcName = '';
	#theirPcName = '';
	#isPolite = true;
	#ignoresOffer = false;
	/** @type {(RTCIceCandidateInit | null)[]} */
	#early = [];
	/** @type {Partial<Record<Kind, RTCRtpTransceiver>>} */
	#lanes = {};
	#work = Promise.resolve();
	/** @type {any} */
	#healTimer;

	/**
	 * @param {string} id
	 * @param {{user_id: number, email: string, full_name: string, session_id: string}} person
	 * @param {PeerOwner} owner
	 */
	constructor(id, person, owner) {
		this.id = id;
		this.userId = person.user_id;
		this.email = person.email;
		this.name = person.full_name;
		this.sessionId = person.session_id;
		this.#owner = owner;
		this.stream = owner.newStream();
	}

	/** How the media fare: 'new' until there is a connection. @returns {RTCPeerConnectionState} */
	get connection() {
		return this.#pc?.connectionState ?? 'new';
	}

	/**
	 * The device is in the room under this session, now or again.
	 * @param {string} sessionId
	 * @param {boolean} isNewcomer  it came after us: the offer is ours to make, and it gives way
	 */
	bind(sessionId, isNewcomer) {
		this.sessionId = sessionId;
		this.#isPolite = !isNewcomer;
		if (!this.#owner.RTCPeerConnection)
			return;
		const lacking = this.#pc === null || this.connection !== 'connected';
		if (this.#pc !== null && this.#pc.signalingState !== 'stable')
			this.#enqueue(() => this.#offerAgain());
		else if (isNewcomer && lacking)
			this.#enqueue(() => this.#offer({ iceRestart: this.#pc !== null }));
	}

	/** Finds a new way through the network. */
	restart() {
		this.#pc?.restartIce();
	}

	/** New servers, or new credentials for them. */
	reconfigure() {
		this.#pc?.setConfiguration(this.#owner.configuration());
	}

	/**
	 * Sends another track, or nothing, in place of the last of its kind; the other side need not be asked.
	 * @param {Kind} kind
	 * @param {MediaStreamTrack | null} track
	 */
	async replaceTrack(kind, track) {
		await this.#lanes[kind]?.sender.replaceTrack(track);
	}

	/** Takes a fair part of what can be sent. @param {number} peers  how many there are */
	async share(peers) {
		const sender = this.#lanes.video?.sender;
		const parameters = sender?.getParameters?.();
		const bits = Math.round(Math.min(VIDEO_BITS_MAX, Math.max(VIDEO_BITS_MIN, VIDEO_BITS / peers)));
		if (!sender || !parameters?.encodings?.[0] || parameters.encodings[0].maxBitrate === bits)
			return;
		parameters.encodings[0].maxBitrate = bits;
		await sender.setParameters(parameters).catch(() => {}); // in the middle of a negotiation; the next will do
	}

	/** @returns {Promise<RTCStatsReport | null>} */
	async stats() {
		return this.#pc ? this.#pc.getStats() : null;
	}

	/** How loud the peer is right now, 0 to 1. */
	get level() {
		const sources = this.#lanes.audio?.receiver.getSynchronizationSources?.() ?? [];
		return sources[0]?.audioLevel ?? 0;
	}

	/** @param {Frame} frame  webrtc_offer, webrtc_answer or ice_candidate from this peer */
	receive(frame) {
		if (!this.#owner.RTCPeerConnection)
			return;
		if (frame.type === 'ice_candidate')
			this.#enqueue(() => this.#addCandidate(frame.candidate));
		else
			this.#enqueue(() => this.#describe(frame.offer ?? frame.answer));
	}

	close() {
		this.#owner.clearTimeout(this.#healTimer);
		if (this.#pc === null)
			return;
		this.#pc.onnegotiationneeded = this.#pc.onicecandidate = this.#pc.ontrack = null;
		this.#pc.onconnectionstatechange = null;
		this.#pc.close();
		this.#pc = null;
		this.#lanes = {};
		this.#early = [];
		this.#theirPcName = '';
	}

	// ---- one thing after the other ------------------------------------------------

	/** @param {() => Promise<void> | void} job */
	#enqueue(job) {
		this.#work = this.#work.then(job).catch((error) => {
			if (this.#pc !== null && !this.#ignoresOffer)
				console.warn(`unio: ${this.name}: ${error.message}`);
		});
	}

	#open() {
		if (this.#pc !== null)
			return this.#pc;
		const pc = new /** @type {typeof RTCPeerConnection} */ (this.#owner.RTCPeerConnection)(this.#owner.configuration());
		this.#pc = pc;
		this.#pcName = Math.random().toString(36).slice(2, 12);
		pc.onicecandidate = ({ candidate }) => {
			if (candidate?.candidate)
				this.#say({ type: 'ice-candidate', candidate: candidate.toJSON() });
		};
		pc.onnegotiationneeded = () => this.#enqueue(() => {
			if (this.#pc === pc && pc.signalingState === 'stable')
				return this.#offer();
		});
		pc.ontrack = ({ track }) => this.#take(track);
		pc.onicecandidateerror = ({ errorCode, errorText }) => this.#owner.iceFailed(errorCode, errorText);
		pc.onconnectionstatechange = () => this.#connectionChanged(pc);
		this.#healAfter(HEAL_MS.connecting);
		return pc;
	}

	/** @param {{iceRestart?: boolean}} [options] */
	async #offer({ iceRestart = false } = {}) {
		const pc = this.#open();
		const tracks = this.#owner.tracks();
		for (const kind of KINDS) {
			// A lane for each kind even while there is nothing to send: a track can be put in later.
			this.#lanes[kind] ??= pc.addTransceiver(tracks[kind] ?? kind,
				{ direction: 'sendrecv', streams: [this.#owner.localStream()] });
		}
		if (iceRestart)
			pc.restartIce();
		await pc.setLocalDescription();
		this.#sayDescription(pc);
	}

	/** @param {RTCSessionDescriptionInit & {pc?: string, to?: string}} description */
	async #describe(description) {
		const isOffer = description.type === 'offer';
		const isForAnother = Boolean(description.to) && description.to !== this.#pcName;
		if (!isOffer && (isForAnother || this.#pc?.signalingState !== 'have-local-offer'))
			return; // to an offer that we took back, or of another device of ours
		if (isForAnother) {
			// It goes on with a connection that we have no more: it learns so from the offer of a new one.
			if (this.#pc?.signalingState !== 'have-local-offer')
				await this.#offerAnew();
			return;
		}
		if (isOffer && this.#theirPcName !== '' && this.#theirPcName !== description.pc)
			this.close(); // it has a new connection: ours leads nowhere
		const pc = this.#open();
		const collides = isOffer && pc.signalingState !== 'stable';
		this.#ignoresOffer = collides && !this.#isPolite;
		if (this.#ignoresOffer)
			return;
		this.#theirPcName = description.pc ?? '';
		await pc.setRemoteDescription({ type: description.type, sdp: description.sdp });
		for (const candidate of this.#early.splice(0))
			await this.#addCandidate(candidate);
		if (!isOffer)
			return;
		await this.#fillLanes(pc);
		await pc.setLocalDescription();
		this.#sayDescription(pc);
	}

	/** Puts our tracks where the other side's offer has room for them. @param {RTCPeerConnection} pc */
	async #fillLanes(pc) {
		for (const kind of KINDS) {
			const lane = pc.getTransceivers().find(({ mid, receiver }) => mid !== null && receiver.track.kind === kind);
			if (!lane || lane === this.#lanes[kind])
				continue;
			this.#lanes[kind] = lane;
			lane.direction = 'sendrecv';
			lane.sender.setStreams?.(this.#owner.localStream());
			await lane.sender.replaceTrack(this.#owner.tracks()[kind]);
		}
	}

	/** @param {RTCIceCandidateInit | null} candidate */
	async #addCandidate(candidate) {
		if (!this.#pc?.remoteDescription) {
			if (this.#early.length < CANDIDATES_MAX)
				this.#early.push(candidate);
		} else if (candidate !== null) {
			// One of an earlier generation is refused by the browser, and rightly.
			await this.#pc.addIceCandidate(candidate).catch(() => {});
		}
	}

	/** @param {RTCPeerConnection} pc */
	#sayDescription(pc) {
		const description = pc.localDescription;
		if (description === null)
			return;
		const { type, sdp } = description;
		const named = { type, sdp, pc: this.#pcName, to: this.#theirPcName };
		this.#say(type === 'offer' ? { type: 'offer', offer: named } : { type: 'answer', answer: named });
	}

	/** @param {Frame} frame */
	#say(frame) {
		this.#owner.send({ ...frame, target_session: this.sessionId });
	}

	/** @param {MediaStreamTrack} track */
	#take(track) {
		for (const old of this.stream.getTracks()) {
			if (old.kind === track.kind && old !== track)
				this.stream.removeTrack(old);
		}
		this.stream.addTrack(track);
		this.#owner.streamChanged(this);
	}

	/** @param {RTCPeerConnection} pc */
	#connectionChanged(pc) {
		this.#owner.clearTimeout(this.#healTimer);
		const { connectionState: state } = pc;
		if (state === 'connecting' || state === 'disconnected' || state === 'failed')
			this.#healAfter(HEAL_MS[state]);
		this.#owner.connectionChanged(this);
	}

	/** Looks for a new way, again and again, for as long as there is none. @param {number} ms */
	#healAfter(ms) {
		this.#owner.clearTimeout(this.#healTimer);
		this.#healTimer = this.#owner.setTimeout(() => {
			if (this.#pc?.signalingState === 'stable')
				this.#pc.restartIce();
			else
				this.#enqueue(() => this.#offerAgain()); // what was said last may not have been heard
			this.#healAfter(HEAL_AGAIN_MS);
		}, ms);
	}

	async #offerAnew() {
		this.close();
		await this.#offer();
	}

	async #offerAgain() {
		if (this.#pc?.signalingState === 'have-local-offer')
			await this.#offer();
	}
}
