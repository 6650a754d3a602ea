// People who are only pretended, for looking at the page with as many as one likes: their frames are put into the
// page's own socket, and their connections lead to portraits.js. Runs in a page, before all of its scripts.

/* eslint-env browser */

(() => {
	let socket;
	/** Who the next connection is to. */
	const coming = [];

	window.WebSocket = class extends WebSocket {
		constructor(...options) {
			super(...options);
			socket = this;
			this.addEventListener('message', () => {
				window.crowd.isIn = true;
			});
		}

		/** The server is not asked whether it lives: it would not count the pretended frames. */
		send(text) {
			const { type, id } = JSON.parse(text);
			if (type === 'ping')
				queueMicrotask(() => tell({ type: 'pong', id }));
			else
				super.send(text);
		}
	};

	const tell = (frame) => socket.onmessage({ data: JSON.stringify(frame) });

	class Pretended {
		signalingState = 'stable';
		connectionState = 'new';
		localDescription = null;
		#packets = 0;
		#lost = 0;

		constructor() {
			this.person = coming.shift();
			this.person.pc = this;
		}

		addTransceiver(trackOrKind, { direction }) {
			return { mid: null, direction, sender: { replaceTrack: async () => {}, setStreams() {} },
				receiver: { track: null, getSynchronizationSources: () => [{ audioLevel: this.person.level ?? 0 }] } };
		}

		async setLocalDescription() {
			this.localDescription = { type: 'offer', sdp: '' };
			const { portrait, connection = 'connected' } = this.person;
			setTimeout(() => {
				if (portrait !== undefined && this.connectionState === 'new')
					this.ontrack?.({ track: window.portraitStream(portrait, 2).getVideoTracks()[0] });
				this.become(connection);
			});
		}

		become(state) {
			this.connectionState = state;
			this.onconnectionstatechange?.();
		}

		async getStats() {
			const { loss = 0, rttMs = 20 } = this.person;
			this.#packets += 100 * (1 - loss);
			this.#lost += 100 * loss;
			return new Map([
				['in', { type: 'inbound-rtp', packetsReceived: this.#packets, packetsLost: this.#lost }],
				['pair', { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: rttMs / 1000 }],
			]);
		}

		setConfiguration() {}
		restartIce() {}
		close() {}
	}

	window.RTCPeerConnection = Pretended;
	window.crowd = {
		people: new Map(),
		/** Whether the server has said a word: only then can there be others. */
		isIn: false,
		/** Somebody comes: {name, portrait?, state?, connection?, loss?, rttMs?, level?}. */
		add(person) {
			const id = 1000 + this.people.size;
			Object.assign(person, { frame: { user_id: id, session_id: `s${id}`, full_name: person.name, email: `${id}@crowd.example` } });
			this.people.set(person.name, person);
			coming.push(person);
			const about = { ...person.frame, client_id: `c${id}` };
			tell({ type: 'user_joined', ...about, devices: 1, message: '' });
			tell({ type: 'call_joined', ...about, message: '' });
			if (person.state)
				this.state(person.name, person.state);
		},
		state(name, state) {
			tell({ type: 'state', state, ...this.people.get(name).frame });
		},
		say(name, text) {
			const { user_id: id, session_id: session } = this.people.get(name).frame;
			tell({ type: 'message', data: { kind: 'chat', text }, from_user: id, from_session: session, full_name: name,
				timestamp: new Date().toISOString() });
		},
		remove(name) {
			tell({ type: 'user_left', ...this.people.get(name).frame });
		},
	};
})();
