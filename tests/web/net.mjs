// A network and a server that are only pretended: frames take time, keep their order on one connection and
// none other, and connections break. The server keeps to docs/PROTOCOL.md: rooms, sessions, resume, events.

const KEPT_MAX = 256;

/** The network's browser side. */
class Socket {
	static OPEN = 1;

	constructor(net, url, protocols) {
		Object.assign(this, { net, url, protocols, readyState: 0 });
		net.opened.push(this);
		this.up = { at: 0 };
		this.down = { at: 0 };
		net.later(this.up, () => net.server.accept(this));
	}

	send(text) {
		if (this.readyState !== 1)
			throw new Error('InvalidStateError');
		this.net.sent.push(text);
		this.net.later(this.up, () => this.isCut || this.peer?.receive(text));
	}

	close(code = 1005) {
		if (this.readyState >= 2)
			return;
		this.readyState = 2;
		this.net.later(this.up, () => this.isCut || this.peer?.closedByClient(code));
	}

	// What the server does to it.

	accepted(peer) {
		this.peer = peer;
		this.net.later(this.down, () => {
			if (this.isCut || this.readyState !== 0)
				return;
			this.readyState = 1;
			this.onopen?.();
		});
	}

	deliver(text) {
		this.net.later(this.down, () => this.isCut || (this.readyState === 1 && this.onmessage?.({ data: text })));
	}

	/** The server's close, or the end of the line. */
	end(code) {
		this.net.later(this.down, () => {
			if (this.isCut || this.readyState === 3)
				return;
			this.readyState = 3;
			this.onclose?.({ code });
		});
	}

	/** The line breaks: what is on it is lost, and both sides learn of it. */
	cut({ isSilent = false } = {}) {
		if (this.isCut || this.readyState === 3)
			return;
		this.isCut = true;
		this.peer?.lost();
		if (!isSilent) {
			this.readyState = 3;
			this.onclose?.({ code: 1006 });
		}
	}
}

export class Net {
	opened = [];
	sent = [];
	requests = [];
	isDown = false;
	latency = () => 10;

	constructor(clock, server) {
		this.clock = clock;
		this.server = server;
		const net = this;
		/** Takes the place of the browser's. */
		this.WebSocket = class {
			constructor(url, protocols) {
				return new Socket(net, url, protocols);
			}
		};
		this.fetch = async (url, options = {}) => {
			this.requests.push({ url: String(url), ...options });
			await new Promise((done) => setImmediate(done));
			if (this.isDown)
				throw new TypeError('Failed to fetch');
			const { status, headers = {}, body = {} } = server.answer(String(url), options);
			return { status, ok: status < 300, headers: new Map(Object.entries(headers)), json: async () => body };
		};
	}

	/** In order on one way of one connection, each frame with a delay of its own. */
	later(way, job) {
		way.at = Math.max(way.at, this.clock.now + this.latency());
		this.clock.setTimeout(job, way.at - this.clock.now);
	}

	/** The connections that live. */
	get live() {
		return this.opened.filter((socket) => socket.readyState === 1 && !socket.isCut);
	}
}

/** One session of the room. */
class Member {
	sent = 0;
	taken = 0;
	kept = [];
	state = null;
	inCall = false;

	push(frame, { counts = true, keeps = true } = {}) {
		const text = JSON.stringify(frame);
		if (counts)
			this.sent += 1;
		if (counts && keeps)
			this.kept.push({ seq: this.sent, text });
		this.kept.splice(0, Math.max(0, this.kept.length - KEPT_MAX));
		this.connection?.socket.deliver(text);
	}
}

/** The server's end of a connection. */
class Connection {
	constructor(server, socket) {
		Object.assign(this, { server, socket, member: null });
	}

	receive(text) {
		const frame = JSON.parse(text);
		if (this.member)
			this.server.take(this.member, frame);
		else if (frame.type === 'resume')
			this.server.resume(this, frame);
		else if (frame.type === 'auth')
			this.server.join(this, frame);
		else
			this.server.refuse(this, 4401, 'unauthorized');
	}

	closedByClient(code) {
		if (this.member?.connection === this)
			this.server.leave(this.member);
		this.socket.end(code);
	}

	lost() {
		if (this.member?.connection !== this)
			return;
		this.member.connection = null;
		if (!this.server.resumes)
			this.server.leave(this.member);
		else
			this.member.timer = this.server.clock.setTimeout(() => this.server.leave(this.member), this.server.resumeTtl);
	}
}

export class Server {
	members = [];
	resumes = true;
	resumeTtl = 30_000;
	hasTickets = true;
	events = [];
	epoch = 'e1';
	refusal = null;
	isUp = true;
	iceServers = [];
	icePolicy = 'all';
	tickets = new Map();
	#count = 0;

	/** @param users  {token: {user_id, full_name}} */
	constructor(clock, users) {
		this.clock = clock;
		this.users = users;
	}

	// ---- REST ----

	answer(url, { headers = {} }) {
		const token = headers.Authorization?.slice('Bearer '.length);
		if (url.endsWith('/ice-servers'))
			return { status: 200, body: { iceServers: this.iceServers } };
		if (!this.hasTickets)
			return { status: 404 };
		if (this.ticketReply)
			return this.ticketReply;
		if (!(token in this.users))
			return { status: 401 };
		const ticket = `ticket-${this.#count += 1}`;
		this.tickets.set(ticket, token);
		return { status: 201, body: { ticket, expires_in: 30, ws_url: 'ws://elsewhere.example/' } };
	}

	// ---- the room ----

	accept(socket) {
		if (!this.isUp)
			socket.end(1006);
		else
			socket.accepted(new Connection(this, socket));
	}

	refuse(connection, close, code, more = {}) {
		const action = close >= 4400 ? 'disconnect' : 'reconnect';
		connection.socket.deliver(JSON.stringify({ type: 'error', code, message: code, close, action, ...more }));
		connection.socket.end(close);
	}

	join(connection, frame) {
		const token = frame.ticket ? this.tickets.get(frame.ticket) : frame.token;
		this.tickets.delete(frame.ticket);
		const user = this.users[token];
		if (this.refusal || !user) {
			this.refuse(connection, ...this.refusal ?? (frame.ticket ? [4004, 'ticket_stale'] : [4401, 'unauthorized']));
			return;
		}
		const member = Object.assign(new Member(), { ...user, email: `${user.user_id}@x.example`, connection,
			client_id: frame.client_id, session_id: `s${this.#count += 1}`, token: `r${this.#count}`, joined_seq: this.#count });
		connection.member = member;
		const others = [...this.members];
		this.members.push(member);
		this.tell({ type: 'user_joined', ...person(member), client_id: member.client_id, devices: 1 });
		member.sent += 1;
		member.kept = [];
		connection.socket.deliver(JSON.stringify({ type: 'welcome', session_id: member.session_id,
			self: { user_id: member.user_id, role: 'participant' }, meeting: { id: 1, ice_policy: this.icePolicy }, call: null,
			peers: others.map((other) => ({ ...person(other), client_id: other.client_id, joined_seq: other.joined_seq,
				in_call: other.inCall, state: other.state })),
			iceServers: this.iceServers, joined_seq: member.joined_seq, event_id: this.events.length, epoch: this.epoch,
			...(this.resumes ? { resume_token: member.token, resume_ttl: 30, seq: member.sent } : {}) }));
		if (frame.epoch === this.epoch && frame.last_event_id !== undefined)
			this.events.slice(frame.last_event_id).forEach((event) => member.push(event));
	}

	resume(connection, { resume_token: token, seq }) {
		const member = this.members.find((other) => other.token === token);
		const isKept = member && (member.kept.length === 0 ? seq === member.sent : seq >= member.kept[0].seq - 1);
		if (!member || !isKept) {
			connection.socket.deliver(JSON.stringify({ type: 'resume_failed', reason: member ? 'gap' : 'expired' }));
			return;
		}
		this.clock.clearTimeout(member.timer);
		if (member.connection)
			this.refuse(member.connection, 4409, 'resumed_elsewhere');
		member.connection = connection;
		connection.member = member;
		member.kept = member.kept.filter((frame) => frame.seq > seq);
		connection.socket.deliver(JSON.stringify({ type: 'resumed', replayed: member.kept.length, received: member.taken }));
		member.kept.forEach(({ text }) => connection.socket.deliver(text));
	}

	take(member, frame) {
		member.taken += 1;
		const from = { from_user: member.user_id, from_session: member.session_id };
		const to = frame.target_session ? this.members.filter(({ session_id: id }) => id === frame.target_session)
			: this.members.filter((other) => other !== member);
		const send = (relayed) => to.forEach((other) => other.push({ ...relayed, ...from }));
		if (frame.type === 'offer')
			send({ type: 'webrtc_offer', offer: frame.offer });
		else if (frame.type === 'answer')
			send({ type: 'webrtc_answer', answer: frame.answer });
		else if (frame.type === 'ice-candidate')
			send({ type: 'ice_candidate', candidate: frame.candidate });
		else if (frame.type === 'message')
			send({ type: 'message', data: frame.data, full_name: member.full_name, timestamp: 'now' });
		else if (frame.type === 'state') {
			member.state = frame.state;
			to.forEach((other) => other.push({ type: 'state', state: frame.state, session_id: member.session_id }));
		} else if (frame.type === 'ping')
			member.push({ type: 'pong', id: frame.id });
		else if (frame.type === 'join-call' || frame.type === 'leave-call') {
			member.inCall = frame.type === 'join-call';
			this.tell({ type: member.inCall ? 'call_joined' : 'call_left', ...person(member) });
		}
	}

	leave(member) {
		if (!this.members.includes(member))
			return;
		this.members = this.members.filter((other) => other !== member);
		this.clock.clearTimeout(member.timer);
		this.tell({ type: 'user_left', ...person(member), client_id: member.client_id, devices: 0 });
	}

	tell(frame) {
		this.members.forEach((member) => member.push(frame));
	}

	/** Something that the API did. */
	event(type, body = {}) {
		this.events.push({ type, ...body, event_id: this.events.length + 1 });
		this.tell(this.events.at(-1));
	}

	/** All sessions are gone; those who were connected are told to come again. */
	restart({ retryAfterMs = 0 } = {}) {
		const members = this.members;
		this.members = [];
		for (const member of members) {
			this.clock.clearTimeout(member.timer);
			if (member.connection)
				this.refuse(member.connection, 1012, 'restarting', { action: 'reconnect', retry_after_ms: retryAfterMs });
		}
	}
}

function person({ user_id, full_name, email, session_id }) {
	return { user_id, full_name, email, session_id };
}
