// A pretended RTCPeerConnection: the rules of its states (W3C webrtc, section 4.4) without any media. What a
// browser would refuse is refused here, and remembered as a mistake of the client.

export class World {
	connections = [];
	mistakes = [];
	offers = 0;

	constructor(clock) {
		const world = this;
		this.clock = clock;
		/** Takes the place of the browser's. */
		this.RTCPeerConnection = class extends Connection {
			constructor(configuration) {
				super(world, configuration);
			}
		};
		this.MediaStream = Stream;
	}

	get open() {
		return this.connections.filter((pc) => pc.signalingState !== 'closed');
	}

	/** The network under the media changes: connections are 'disconnected' until ICE has found a new way. */
	disturb() {
		for (const pc of this.open.filter(({ connectionState }) => connectionState === 'connected')) {
			pc.route = null;
			pc.become('disconnected');
		}
	}
}

class Stream {
	#tracks;

	constructor(tracks = []) {
		this.#tracks = [...tracks];
	}

	getTracks() {
		return [...this.#tracks];
	}

	getAudioTracks() {
		return this.#tracks.filter(({ kind }) => kind === 'audio');
	}

	getVideoTracks() {
		return this.#tracks.filter(({ kind }) => kind === 'video');
	}

	addTrack(track) {
		if (!this.#tracks.includes(track))
			this.#tracks.push(track);
	}

	removeTrack(track) {
		this.#tracks = this.#tracks.filter((other) => other !== track);
	}
}

/** A camera's or a microphone's track. */
export function track(kind) {
	return { kind, enabled: true, stop() {}, addEventListener() {} };
}

export function stream() {
	return new Stream([track('audio'), track('video')]);
}

let names = 0;

class Connection {
	signalingState = 'stable';
	connectionState = 'new';
	localDescription = null;
	remoteDescription = null;
	#stable = null;
	#lanes = [];
	#wantsRestart = false;
	#needs = false;

	constructor(world, configuration) {
		this.world = world;
		this.configuration = configuration;
		this.name = `pc${names += 1}`;
		this.generation = 0;
		world.connections.push(this);
	}

	setConfiguration(configuration) {
		this.configuration = configuration;
	}

	addTransceiver(trackOrKind, { direction }) {
		const kind = trackOrKind.kind ?? trackOrKind;
		return this.#lane(kind, direction, trackOrKind.kind ? trackOrKind : null);
	}

	#lane(kind, direction, sent) {
		const lane = { mid: null, direction, receiver: { track: { kind, from: this.name }, getSynchronizationSources: () => [] },
			sender: { track: sent, replaceTrack: async (next) => { lane.sender.track = next; }, setStreams() {} } };
		this.#lanes.push(lane);
		this.#negotiationNeeded();
		return lane;
	}

	getTransceivers() {
		return [...this.#lanes];
	}

	restartIce() {
		this.#wantsRestart = true;
		this.#negotiationNeeded();
	}

	#negotiationNeeded() {
		this.#needs = true;
		queueMicrotask(() => {
			if (this.#needs && this.signalingState === 'stable')
				this.onnegotiationneeded?.();
		});
	}

	async setLocalDescription() {
		await null;
		this.#mustBeOpen();
		this.#needs = false;
		if (this.signalingState === 'have-remote-offer') {
			this.localDescription = this.#describe('answer');
			this.#becomeStable();
			return;
		}
		if (this.#wantsRestart)
			this.generation += 1;
		this.#wantsRestart = false;
		if (this.signalingState === 'stable')
			this.#stable = this.localDescription;
		this.#lanes.forEach((lane, i) => { lane.mid ??= String(i); });
		this.localDescription = this.#describe('offer');
		this.world.offers += 1;
		this.signalingState = 'have-local-offer';
		this.#gather();
	}

	async setRemoteDescription({ type, sdp }) {
		await null;
		this.#mustBeOpen();
		const expected = type === 'offer' ? ['stable', 'have-local-offer'] : ['have-local-offer'];
		if (!expected.includes(this.signalingState))
			this.#mistake(`${type} while ${this.signalingState}`);
		if (type === 'offer' && this.signalingState === 'have-local-offer') {
			this.localDescription = this.#stable; // the implicit rollback: what it was for is still to do
			this.#needs = true;
		}
		const needs = this.#needs;
		const remote = JSON.parse(sdp);
		if (this.remote && this.remote.name !== remote.name)
			this.#mistake('another connection\'s description');
		this.remote = remote;
		this.remoteDescription = { type, sdp };
		if (type === 'answer') {
			this.#becomeStable();
			return;
		}
		this.signalingState = 'have-remote-offer';
		for (const [i, kind] of remote.lanes.entries()) {
			const lane = this.#lanes.find(({ mid }) => mid === String(i)) ?? this.#lane(kind, 'recvonly', null);
			lane.mid = String(i);
			this.ontrack?.({ track: lane.receiver.track });
		}
		this.#needs = needs; // a lane that answers one of theirs is no reason to offer
	}

	async addIceCandidate() {
		await null;
		if (this.remoteDescription === null)
			this.#mistake('a candidate before the remote description');
	}

	async getStats() {
		return new Map();
	}

	close() {
		const other = this.world.open.find(({ remote }) => remote?.name === this.name);
		this.world.clock.setTimeout(() => other?.become('disconnected'), 5000); // the other end hears no more
		this.signalingState = 'closed';
		this.connectionState = 'closed';
		this.onnegotiationneeded = null;
	}

	become(state) {
		if (this.connectionState === state || this.signalingState === 'closed')
			return;
		this.connectionState = state;
		this.onconnectionstatechange?.();
	}

	#describe(type) {
		return { type, sdp: JSON.stringify({ name: this.name, generation: this.generation, lanes: this.#lanes.map((lane) =>
			lane.receiver.track.kind) }) };
	}

	#gather() {
		for (const n of [1, 2])
			queueMicrotask(() => this.onicecandidate?.({ candidate: { candidate: `c${n}`, toJSON: () => ({ candidate: `c${n}` }) } }));
		queueMicrotask(() => this.onicecandidate?.({ candidate: null }));
	}

	#becomeStable() {
		this.signalingState = 'stable';
		if (this.localDescription.type === 'offer') {
			this.#lanes.forEach((lane) => this.ontrack?.({ track: lane.receiver.track }));
		} else
			this.#gather();
		if (this.#needs)
			this.#negotiationNeeded();
		this.become(this.connectionState === 'connected' ? 'connected' : 'connecting');
		this.world.clock.setTimeout(() => this.#meet(), 5);
	}

	/** Connected as soon as each has the other's present description. */
	#meet() {
		const other = this.world.open.find(({ name }) => name === this.remote?.name);
		if (!other || this.signalingState === 'closed' || other.remote?.name !== this.name)
			return;
		if (other.remote.generation !== this.generation || this.remote.generation !== other.generation)
			return;
		this.become('connected');
		other.become('connected');
	}

	#mustBeOpen() {
		if (this.signalingState === 'closed')
			throw new Error('InvalidStateError: closed');
	}

	#mistake(what) {
		this.world.mistakes.push(`${this.name}: ${what}`);
		throw new Error(what);
	}
}
