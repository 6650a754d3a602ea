// Who is in the room: the peers, those who may come back to their connection, and the way of each frame to
// the peer that it is about.

import { Peer } from './unio-peer.js';

/** @import { Frame } from './unio-signal.js' */
/** @import { PeerOwner } from './unio-peer.js' */

/**
 * @typedef {object} RoomOwner
 * @property {Omit<PeerOwner, 'connectionChanged' | 'streamChanged'>} peers   what each of them is given
 * @property {() => boolean} isForGood   is one who has left gone for good, because the server has waited already?
 * @property {() => void} mediaLost   a connection that worked does not any more
 * @property {(type: 'peer' | 'peer-left' | 'peer-changed' | 'stream' | 'state', peer: Peer, detail?: any) => void} tell
 */

/** How long the connection to one who has gone without a word is kept for the return. */
const RETURN_MS = 10_000;

export class Room {
	/** By id, those in the room. @type {Map<string, Peer>} */
	peers = new Map();
	/** By id, those who may come back to their connection, and the end of the waiting. @type {Map<string, {peer: Peer, timer: any}>} */
	#away = new Map();
	#owner;

	/** @param {RoomOwner} owner */
	constructor(owner) {
		this.#owner = owner;
	}

	/**
	 * The room as a welcome shows it. One whom it does not show is not back yet: what happened to us may have
	 * happened to all.
	 * @param {Frame} welcome
	 */
	see(welcome) {
		const here = new Set();
		for (const person of welcome.peers)
			here.add(this.enter(person, person.joined_seq > welcome.joined_seq).id);
		for (const peer of this.peers.values()) {
			if (!here.has(peer.id))
				this.#expect(peer);
		}
	}

	/**
	 * @param {any} person          of a welcome or a user_joined
	 * @param {boolean} isNewcomer  it came after us
	 */
	enter(person, isNewcomer) {
		// The user's id is the server's word, the client's id only the client's: nobody slips into another's connection.
		const id = `${person.user_id}/${person.client_id || person.session_id}`;
		const known = this.peers.get(id);
		const peer = known ?? this.#away.get(id)?.peer ?? new Peer(id, person, {
			...this.#owner.peers,
			connectionChanged: (changed) => this.#connectionChanged(changed),
			streamChanged: (changed) => this.peers.has(id) && this.#owner.tell('stream', changed, changed.stream),
		});
		this.#owner.peers.clearTimeout(this.#away.get(id)?.timer);
		this.#away.delete(id);
		peer.inCall = person.in_call ?? peer.inCall;
		peer.state = person.state ?? peer.state;
		this.peers.set(id, peer);
		peer.bind(person.session_id, isNewcomer);
		this.#owner.tell(known ? 'peer-changed' : 'peer', peer);
		if (!known && peer.stream?.getTracks().length > 0)
			this.#owner.tell('stream', peer, peer.stream);
		return peer;
	}

	/** @param {Peer} peer */
	#connectionChanged(peer) {
		this.peers.forEach((other) => other.share(this.peers.size));
		if (peer.connection === 'disconnected')
			this.#owner.mediaLost();
		if (this.peers.has(peer.id))
			this.#owner.tell('peer-changed', peer);
	}

	/** @param {string} sessionId */
	bySession(sessionId) {
		return [...this.peers.values()].find((peer) => peer.sessionId === sessionId);
	}

	/** @param {string} sessionId */
	leave(sessionId) {
		const peer = this.bySession(sessionId);
		if (!peer)
			return;
		this.peers.delete(peer.id);
		peer.inCall = false;
		if (this.#owner.isForGood())
			peer.close();
		else
			this.#expect(peer);
		this.#owner.tell('peer-left', peer);
	}

	/**
	 * @param {Peer | undefined} peer
	 * @param {boolean} inCall
	 */
	setInCall(peer, inCall) {
		if (!peer || peer.inCall === inCall)
			return;
		peer.inCall = inCall;
		this.#owner.tell('peer-changed', peer);
	}

	/** @param {Frame} frame  state */
	setState({ session_id: sessionId, state }) {
		const peer = this.bySession(sessionId);
		if (!peer)
			return;
		peer.state = state;
		this.#owner.tell('state', peer, state);
	}

	close() {
		this.#away.forEach(({ peer, timer }) => {
			this.#owner.peers.clearTimeout(timer);
			peer.close();
		});
		this.peers.forEach((peer) => peer.close());
		this.#away.clear();
		this.peers.clear();
	}

	/** Keeps the connection for a while to one who may come back. @param {Peer} peer */
	#expect(peer) {
		this.#owner.peers.clearTimeout(this.#away.get(peer.id)?.timer);
		const timer = this.#owner.peers.setTimeout(() => {
			this.#away.delete(peer.id);
			peer.close();
			if (this.peers.delete(peer.id))
				this.#owner.tell('peer-left', peer);
		}, RETURN_MS);
		this.#away.set(peer.id, { peer, timer });
	}
}
