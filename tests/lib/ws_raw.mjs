// A WebSocket client without manners: it sends the bytes it is told to, masks only if told to, and
// answers no ping; at a close frame it ends the connection. Frames are those of RFC 6455 section 5.2.
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { FrameWatch } from './contract_frames.mjs';
import { Inbox, DEADLINE } from './ws_inbox.mjs';

export const OP = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

const HEADER_END = '\r\n\r\n';

/** One frame as bytes. `length` overrides the length that the header claims. */
export function encodeFrame(payload, { opcode = OP.text, fin = true, rsv = 0, mask = true, length } = {}) {
	const body = Buffer.from(payload);
	const claimed = length ?? body.length;
	const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
	const bit = mask ? 0x80 : 0;
	let header;
	if (claimed < 126) {
		header = Buffer.from([first, bit | claimed]);
	} else if (claimed < 65536) {
		header = Buffer.from([first, bit | 126, claimed >> 8, claimed & 255]);
	} else {
		header = Buffer.alloc(10);
		header.set([first, bit | 127]);
		header.writeBigUInt64BE(BigInt(claimed), 2);
	}
	if (!mask)
		return Buffer.concat([header, body]);
	const key = randomBytes(4);
	return Buffer.concat([header, key, body.map((byte, i) => byte ^ key[i & 3])]);
}

export class RawClient extends Inbox {
	watch = new FrameWatch();
	/** Control frames: pings, pongs and closes as {type: 'ping'|'pong'|'close', payload}. */
	controls = new Inbox();
	/** Promise<{code, reason}>; code is null when the server sent no close frame. */
	closed;
	status = null;
	responseHeaders = {};
	#bytes = Buffer.alloc(0);
	#parts = [];
	#close = { code: null, reason: '' };

	constructor(where) {
		super();
		this.socket = net.connect(where);
		this.socket.setNoDelay(true);
		this.socket.on('error', () => {});
		this.answered = new Promise((resolve) => { this.#onStatus = resolve; });
		this.closed = new Promise((resolve) => {
			this.socket.on('close', () => {
				this.#onStatus(this.status ?? 0);
				this.watch.closed(this.#close.code, this.#close.reason);
				this.end(`the connection ended, close code ${this.#close.code}`);
				this.controls.end('the connection ended');
				resolve(this.#close);
			});
		});
		this.socket.on('data', (chunk) => this.#receive(chunk));
	}

	#onStatus;

	/** Sends the upgrade request; the HTTP status of its answer, 0 when there was none. */
	upgrade(path, headers, protocols) {
		const lines = [
			`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Upgrade: websocket', 'Connection: Upgrade',
			'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
			...(protocols.length ? [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`] : []),
			...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
		];
		this.socket.write(lines.join('\r\n') + HEADER_END);
		const timer = setTimeout(() => this.socket.destroy(), DEADLINE);
		return this.answered.finally(() => clearTimeout(timer));
	}

	/** Bytes as they are; what the server makes of them is for the test to say. */
	write(bytes) {
		this.watch.closing();
		return this.socket.write(bytes);
	}

	/** One frame, see encodeFrame for the options. */
	frame(payload, options) {
		return this.write(encodeFrame(payload, options));
	}

	send(message) {
		this.watch.sent(JSON.stringify(message));
		return this.frame(JSON.stringify(message));
	}

	/** Stops reading: what the server sends piles up. */
	pause() {
		this.socket.pause();
	}

	resume() {
		this.socket.resume();
	}

	/** Of what this client did not write itself nothing is on its way (see Client in ws.mjs). */
	settled() {}

	terminate() {
		this.socket.destroy();
		return this.closed;
	}

	#receive(chunk) {
		this.#bytes = this.#bytes.length ? Buffer.concat([this.#bytes, chunk]) : chunk;
		if (this.status === null && !this.#parseHead())
			return;
		while (this.status === 101 && this.#parseFrame());
	}

	#parseHead() {
		const end = this.#bytes.indexOf(HEADER_END);
		if (end < 0)
			return false;
		const [first, ...rest] = this.#bytes.subarray(0, end).toString('latin1').split('\r\n');
		for (const line of rest) {
			const colon = line.indexOf(':');
			this.responseHeaders[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
		}
		this.#bytes = this.#bytes.subarray(end + HEADER_END.length);
		this.status = Number(first.split(' ')[1]);
		this.#onStatus(this.status);
		return true;
	}

	#parseFrame() {
		const bytes = this.#bytes;
		if (bytes.length < 2)
			return false;
		const short = bytes[1] & 0x7f;
		const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
		if (bytes.length < head)
			return false;
		const length = short === 126 ? bytes.readUInt16BE(2)
			: short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
		if (bytes.length < head + length)
			return false;
		this.#bytes = bytes.subarray(head + length);
		this.#gotFrame(bytes[0] & 15, Boolean(bytes[0] & 0x80), bytes.subarray(head, head + length));
		return true;
	}

	#gotFrame(opcode, fin, payload) {
		if (opcode === OP.close && payload.length >= 2)
			this.#close = { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() };
		if (opcode === OP.close)
			this.socket.end();
		if (opcode >= OP.close) {
			const type = { 8: 'close', 9: 'ping', 10: 'pong' }[opcode] ?? `opcode ${opcode}`;
			this.controls.take(JSON.stringify({ type, payload: payload.toString('latin1') }));
			return;
		}
		this.#parts.push(payload);
		if (fin) {
			this.take(Buffer.concat(this.#parts).toString(), opcode === OP.binary);
			this.#parts = [];
		}
	}
}
