// WebSocket clients for the tests: `connect` wraps npm ws, a client that nobody here wrote;
// `rawConnect` is a bare socket past the upgrade, for frames made by hand (see ws_raw.mjs).
//
// A client keeps every frame in `frames`, in order, from before the upgrade on. `next` takes the
// oldest frame that matches and that no `next` has taken yet, so frames that may come in either
// order can be awaited in either order; tests of order look at `frames` itself.
import { once } from 'node:events';
import WebSocket from 'ws';
import { FrameWatch } from './contract_frames.mjs';
import { Inbox, DEADLINE } from './ws_inbox.mjs';
import { RawClient } from './ws_raw.mjs';
import { noteSecret } from './secrets.mjs';

export { DEADLINE } from './ws_inbox.mjs';
export { OP, encodeFrame } from './ws_raw.mjs';

const open = new Set();

/** Ends every connection that the tests of this process still hold. */
export function closeAll() {
	for (const client of open)
		client.terminate();
	open.clear();
}

class Client extends Inbox {
	watch = new FrameWatch();
	/** Promise<{code, reason}>, fulfilled when the connection is gone, however that happens. */
	closed;
	/** Pings that the server sent (npm ws answers them by itself). */
	pings = 0;

	constructor(url, { protocols, headers, first = [], autoPong = true }) {
		super();
		this.ws = new WebSocket(url, protocols, {
			headers, autoPong, perMessageDeflate: false, handshakeTimeout: DEADLINE,
		});
		this.opened = new Promise((resolve, reject) => {
			this.ws.on('upgrade', (response) => { this.responseHeaders = response.headers; });
			this.ws.on('open', () => {
				for (const frame of first)
					typeof frame === 'string' ? this.sendRaw(frame) : this.send(frame);
				resolve(this);
			});
			this.ws.on('unexpected-response', (_request, response) => {
				reject(refusal(response.statusCode, response.headers));
				response.resume();
				this.ws.terminate();
			});
			this.ws.on('error', reject);
		});
		this.opened.catch(() => {});
		this.closed = new Promise((resolve) => {
			this.ws.on('close', (code, reason) => {
				open.delete(this);
				this.watch.closed(code, reason.toString());
				resolve({ code, reason: reason.toString() });
				this.end(`closed with ${code} ${reason}`);
			});
		});
		this.ws.on('message', (data, binary) => this.take(data.toString(), binary));
		this.ws.on('ping', () => { this.pings += 1; });
		open.add(this);
	}

	get protocol() {
		return this.ws.protocol;
	}

	/** Sends an object as one text frame. */
	send(message) {
		noteSecret(message.offer?.sdp);
		noteSecret(message.answer?.sdp);
		noteSecret(message.candidate?.candidate);
		noteSecret(message.token);
		this.sendRaw(JSON.stringify(message));
	}

	/** Sends the string as one text frame, or a Buffer as a binary one. */
	sendRaw(text) {
		if (typeof text === 'string')
			this.watch.sent(text);
		this.ws.send(text);
	}

	/** A close frame, then the end; resolves like `closed`. */
	close(code = 1000, reason = '') {
		this.watch.closing();
		this.ws.close(code, reason);
		return this.closed;
	}

	/**
	 * Nothing of this client is on its way any more, no pong either: twice there and back, because what came with the
	 * first pong may have been a ping. lighttpd (1.4.69) does not pass on an end that comes with the last bytes.
	 */
	async settled() {
		for (let round = 0; round < 2; round += 1) {
			const pong = once(this.ws, 'pong', { signal: AbortSignal.timeout(DEADLINE) });
			this.ws.ping();
			await pong;
		}
	}

	/** The connection just breaks. */
	terminate() {
		this.ws.terminate();
		return this.closed;
	}
}

function refusal(status, headers) {
	return Object.assign(new Error(`the upgrade was answered with HTTP ${status}`), { status, headers });
}

function target(meetingId, { token, query = {}, headers = {}, path = `/ws/meeting/${meetingId}/` }) {
	noteSecret(token);
	noteSecret(query.token);
	const search = new URLSearchParams(query).toString();
	return {
		path: search ? `${path}?${search}` : path,
		headers: token === undefined ? headers : { Authorization: `Bearer ${token}`, ...headers },
	};
}

/**
 * Connects with npm ws; fulfilled when the upgrade is done (not yet the access check), rejected with
 * an error that has `status` and `headers` when it is refused by HTTP.
 * @param {object} inst a running instance
 * @param {number|string} meetingId
 * @param {object} [options] token (sent as Authorization), query {…}, headers {…}, protocols [...],
 *   path (in place of /ws/meeting/ID/), first [frames sent as soon as the upgrade is done], autoPong
 */
export async function connect(inst, meetingId, options = {}) {
	const { path, headers } = target(meetingId, options);
	const { protocols = [], first, autoPong } = options;
	return new Client(inst.wsOrigin + path, { protocols, headers, first, autoPong }).opened;
}

/**
 * The same as `connect`, over a bare socket that answers nothing by itself.
 * @param {object} [options] those of `connect`, and socketPath: a unix socket in place of the front server
 * @returns {Promise<RawClient>}
 */
export async function rawConnect(inst, meetingId, options = {}) {
	const { path, headers } = target(meetingId, options);
	const { protocols = [], socketPath } = options;
	const client = new RawClient(socketPath ? { path: socketPath } : { host: '127.0.0.1', port: inst.port });
	open.add(client);
	client.closed.then(() => open.delete(client));
	const status = await client.upgrade(path, headers, protocols);
	if (status !== 101)
		throw refusal(status, client.responseHeaders);
	return client;
}
