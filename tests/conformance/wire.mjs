// One end of a WebSocket, byte for byte (RFC 6455): it sends what it is given, in pieces of any size, and keeps every
// frame that comes as it came. A server's frame that is masked, reserved or longer than it must be is a fault by itself.
import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';

import { DEADLINE } from '../lib/ws_inbox.mjs';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const HEAD_END = '\r\n\r\n';

export class Wire {
	/** {opcode, fin, payload} in the order of their arrival. */
	frames = [];
	faults = [];
	status = null;
	headers = {};
	/** Did the connection end with a FIN, and not with a reset? */
	clean = false;
	#bytes = Buffer.alloc(0);
	#watchers = new Set();

	constructor(where) {
		this.key = randomBytes(16).toString('base64');
		this.socket = net.connect(where).setNoDelay(true);
		this.socket.on('data', (chunk) => this.#receive(chunk));
		this.socket.on('end', () => { this.clean = true; this.socket.end(); });
		this.socket.on('error', () => {});
		this.ended = new Promise((resolve) => {
			this.socket.on('close', () => { this.over = true; this.#changed(); resolve(); });
		});
	}

	/** The upgrade request; a header set to undefined is left out. Resolves when it is answered, or the connection over. */
	async upgrade(path, changes = {}, line = `GET ${path} HTTP/1.1`) {
		const headers = {
			Host: '127.0.0.1', Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13',
			'Sec-WebSocket-Key': this.key, ...changes,
		};
		const lines = Object.entries(headers).filter(([, value]) => value !== undefined)
			.map(([name, value]) => `${name}: ${value}\r\n`);
		this.socket.write(`${line}\r\n${lines.join('')}\r\n`);
		await this.until(() => this.status !== null || this.over, 'an answer to the upgrade');
		return this.status;
	}

	/** What Sec-WebSocket-Accept must be (RFC 6455 §4.2.2). */
	get accept() {
		return createHash('sha1').update(this.key + GUID).digest('base64');
	}

	/** Sends the buffers, each by itself, or all of it in pieces of `chop` bytes. */
	async send(buffers, chop = 0) {
		const all = Buffer.concat(buffers);
		const pieces = chop === 0 ? [all] : chop === Infinity ? buffers
			: Array.from({ length: Math.ceil(all.length / chop) }, (_, i) => all.subarray(i * chop, (i + 1) * chop));
		for (const piece of pieces) {
			if (this.over || this.socket.destroyed)
				return;
			if (!this.socket.write(piece))
				await Promise.race([new Promise((resolve) => { this.socket.once('drain', resolve); }), this.ended]);
			else if (pieces.length > 1)
				await new Promise(setImmediate);
		}
	}

	/** Waits until `condition` holds of what has come. */
	until(condition, what, ms = DEADLINE) {
		if (condition())
			return Promise.resolve();
		return new Promise((resolve, reject) => {
			const watcher = () => {
				if (condition())
					finish(resolve);
			};
			const timer = setTimeout(() => finish(() => reject(new Error(`no ${what}; got ${this}`))), ms);
			const finish = (how) => {
				clearTimeout(timer);
				this.#watchers.delete(watcher);
				how();
			};
			this.#watchers.add(watcher);
		});
	}

	/** The payload of the close frame; undefined if none has come. */
	get closing() {
		return this.frames.find(({ opcode }) => opcode === 8)?.payload;
	}

	toString() {
		const frames = this.frames.map(({ opcode, payload }) => `${opcode}:${payload.toString('latin1').slice(0, 60)}`);
		return `status ${this.status}, frames [${frames.join(' ')}]${this.over ? `, ${this.clean ? 'end' : 'reset'}` : ''}`;
	}

	destroy() {
		this.socket.destroy();
		return this.ended;
	}

	#changed() {
		for (const watcher of [...this.#watchers])
			watcher();
	}

	#receive(chunk) {
		this.#bytes = this.#bytes.length ? Buffer.concat([this.#bytes, chunk]) : chunk;
		if (this.status === null)
			this.#parseHead();
		while (this.status === 101 && this.#parseFrame());
		this.#changed();
	}

	#parseHead() {
		const end = this.#bytes.indexOf(HEAD_END);
		if (end < 0)
			return;
		const [first, ...rest] = this.#bytes.subarray(0, end).toString('latin1').split('\r\n');
		for (const line of rest) {
			const colon = line.indexOf(':');
			this.headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
		}
		this.#bytes = this.#bytes.subarray(end + HEAD_END.length);
		this.status = Number(first.split(' ')[1]);
	}

	#parseFrame() {
		const bytes = this.#bytes;
		if (bytes.length < 2)
			return false;
		const short = bytes[1] & 0x7f;
		const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
		if (bytes.length < head)
			return false;
		const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
		if (bytes.length < head + length)
			return false;
		this.#bytes = bytes.subarray(head + length);
		this.#checkHead(bytes, short, length);
		this.frames.push({ opcode: bytes[0] & 15, fin: Boolean(bytes[0] & 0x80), payload: bytes.subarray(head, head + length) });
		return true;
	}

	#checkHead(bytes, short, length) {
		if (bytes[0] & 0x70)
			this.faults.push('a reserved bit');
		if (bytes[1] & 0x80)
			this.faults.push('a mask');
		if ((short === 126 && length < 126) || (short === 127 && length < 65536))
			this.faults.push(`${length} bytes with too long a length`);
		if (this.closing !== undefined)
			this.faults.push('a frame after the close frame');
	}
}
