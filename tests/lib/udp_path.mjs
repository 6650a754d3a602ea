// A bad path for UDP to a server, between two ports of this machine: it loses, delays, is cut, and changes the address
// that the server sees. Needs no rights; what goes through it must go to one server, as to a TURN server.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

class Path {
	#front = createSocket('udp4');
	#target;
	/** By the client's address. */
	#backs = new Map();
	/** Those that the server hears nothing from any more. */
	#old = [];
	#seed = 88675123;
	loss = 0;
	delayMs = 0;
	isCut = false;

	constructor(target) {
		this.#target = target;
		this.#front.on('message', (data, { address, port }) => this.#carry(() => this.#backOf(address, port).send(data, target.port, target.host)));
	}

	async listen() {
		this.#front.bind(0, this.#target.host);
		await once(this.#front, 'listening');
		this.port = this.#front.address().port;
		return this;
	}

	#backOf(address, port) {
		const key = `${address}:${port}`;
		let back = this.#backs.get(key);
		if (!back) {
			back = createSocket('udp4').on('error', () => {});
			back.on('message', (data) => this.#carry(() => this.#front.send(data, port, address)));
			this.#backs.set(key, back);
		}
		return back;
	}

	#carry(job) {
		if (this.isCut || this.#random() < this.loss)
			return;
		if (this.delayMs > 0)
			setTimeout(() => this.isCut || job(), this.delayMs);
		else
			job();
	}

	/** 0 up to 1, the same in each run. */
	#random() {
		this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
		return this.#seed / 2 ** 32;
	}

	/** The server sees all from other ports: the same to it as other addresses. */
	change() {
		const old = [...this.#backs.values()];
		this.#backs.clear();
		for (const back of old)
			back.removeAllListeners('message').on('message', () => {});
		this.#old.push(...old);
	}

	close() {
		for (const socket of [this.#front, ...this.#backs.values(), ...this.#old])
			socket.close();
	}
}

/** A path to {host, port}: {port, loss (0 to 1), delayMs, isCut, change(), close()}. */
export const startUdpPath = (target) => new Path(target).listen();
