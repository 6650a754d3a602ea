// A small client that keeps its media while its signaling comes and goes: it resumes its session, or joins
// afresh under its own client_id, and builds a connection to a peer only for a client_id that it has none to.

/* eslint-env browser */

/** How many RTCPeerConnections this page has ever made. */
let connectionsMade = 0;
window.RTCPeerConnection = class extends RTCPeerConnection {
	constructor(configuration) {
		super(configuration);
		this.number = connectionsMade += 1;
	}
};

const RETRY_MS = 100;

class Keeper {
	constructor(address, token, clientId) {
		Object.assign(this, { address, token, clientId });
		/** client_id → {pc, session, stream} */
		this.peers = new Map();
		this.frames = []; // all that came, over all connections
		this.opened = this.resumed = this.joined = 0;
		this.unsent = [];
	}

	async start() {
		this.stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
		this.connect();
	}

	connect() {
		const query = new URLSearchParams({ client_id: this.clientId });
		if (this.epoch)
			query.set('epoch', this.epoch);
		if (this.lastEvent)
			query.set('last_event_id', this.lastEvent);
		this.ws = new WebSocket(`${this.address}?${query}`, ['unio.v1']);
		this.live = false;
		this.ws.onopen = () => { this.opened += 1; this.say(this.resumeToken ? this.resumeFrame() : this.authFrame()); };
		this.ws.onmessage = ({ data }) => this.take(JSON.parse(data));
		this.ws.onclose = () => setTimeout(() => this.connect(), RETRY_MS);
	}

	say(frame) {
		this.ws.send(JSON.stringify(frame));
	}

	/** A frame of the session, said now or when the session is back. */
	send(frame) {
		if (this.live && this.ws.readyState === WebSocket.OPEN)
			this.say(frame);
		else
			this.unsent.push(frame);
	}

	authFrame() {
		const { token, clientId: client_id, lastEvent: last_event_id, epoch } = this;
		return { type: 'auth', token, client_id, last_event_id, epoch };
	}

	resumeFrame() {
		const { resumeToken: resume_token, seq, lastEvent: last_event_id, epoch } = this;
		return { type: 'resume', resume_token, seq, last_event_id, epoch };
	}

	take(frame) {
		this.frames.push(frame);
		const isSaidBeforeClose = frame.type === 'error' && 'close' in frame;
		if (frame.type === 'welcome')
			this.seq = frame.seq;
		else if (frame.type !== 'resumed' && !isSaidBeforeClose)
			this.seq += 1;
		if (frame.event_id && frame.type !== 'welcome')
			this.lastEvent = frame.event_id;
		const name = `on_${frame.type}`;
		if (name in this)
			this[name](frame);
	}

	on_resumed() {
		this.resumed += 1;
		this.goLive();
	}

	on_resume_failed() {
		delete this.resumeToken;
		this.say(this.authFrame());
	}

	on_welcome(frame) {
		this.joined += 1;
		this.session = frame.session_id;
		this.resumeToken = frame.resume_token;
		this.epoch = frame.epoch;
		this.lastEvent ??= frame.event_id;
		for (const { client_id: id, session_id: session } of frame.peers)
			this.peer(id).session = session;
		this.goLive();
	}

	goLive() {
		this.live = true;
		for (const frame of this.unsent.splice(0))
			this.say(frame);
	}

	/** Those in the room make the offer to a newcomer, unless they have a connection to that client. */
	async on_user_joined({ client_id: id, session_id: session }) {
		if (id === this.clientId)
			return;
		const known = this.peers.has(id);
		const peer = this.peer(id);
		peer.session = session;
		if (known)
			return;
		await peer.pc.setLocalDescription();
		this.send({ type: 'offer', offer: peer.pc.localDescription, target_session: session });
	}

	async on_webrtc_offer({ offer, from_session: session }) {
		const peer = this.peerOf(session);
		await peer.pc.setRemoteDescription(offer);
		await peer.pc.setLocalDescription();
		this.send({ type: 'answer', answer: peer.pc.localDescription, target_session: session });
	}

	async on_webrtc_answer({ answer, from_session: session }) {
		await this.peerOf(session).pc.setRemoteDescription(answer);
	}

	async on_ice_candidate({ candidate, from_session: session }) {
		await this.peerOf(session).pc.addIceCandidate(candidate);
	}

	peerOf(session) {
		return [...this.peers.values()].find((peer) => peer.session === session);
	}

	/** The peer of that client_id, with a connection of its own. */
	peer(id) {
		if (!this.peers.has(id)) {
			const peer = { pc: new RTCPeerConnection({ iceServers: [] }), session: null };
			peer.pc.onicecandidate = ({ candidate }) =>
				candidate && this.send({ type: 'ice-candidate', candidate, target_session: peer.session });
			peer.pc.ontrack = ({ streams: [stream] }) => { play(stream); };
			for (const track of this.stream.getTracks())
				peer.pc.addTrack(track, this.stream);
			this.peers.set(id, peer);
		}
		return this.peers.get(id);
	}

	/** Cuts itself off as a page does that is closed. */
	stop() {
		this.ws.onclose = null;
		this.ws.close();
	}
}

function play(stream) {
	if ([...document.querySelectorAll('video')].some(({ srcObject }) => srcObject === stream))
		return;
	const video = Object.assign(document.createElement('video'), { srcObject: stream, autoplay: true, muted: true });
	document.body.append(video);
}

/** What a test wants to know, in one go. */
async function picture() {
	const { keeper } = window;
	const peers = await Promise.all([...keeper.peers].map(async ([id, { pc }]) => {
		let frames = 0;
		(await pc.getStats()).forEach((report) => {
			if (report.type === 'inbound-rtp' && report.kind === 'video')
				frames = report.framesDecoded ?? 0;
		});
		return { id, number: pc.number, state: pc.connectionState, frames };
	}));
	const { opened, resumed, joined, live } = keeper;
	return { peers, connectionsMade, opened, resumed, joined, live: live && keeper.ws.readyState === WebSocket.OPEN };
}
