// A TCP proxy of the test's own between a client and an instance: a network that can be cut.
import { once } from 'node:events';
import net from 'node:net';

class Proxy {
	#server;
	#pairs = new Set();
	#down = false;

	constructor(port) {
		this.#server = net.createServer((client) => this.#accept(client, port));
	}

	async listen(host) {
		this.#server.listen(0, host);
		await once(this.#server, 'listening');
		this.port = this.#server.address().port;
		this.origin = `http://${host}:${this.port}`;
		this.wsOrigin = `ws://${host}:${this.port}`;
		return this;
	}

	#accept(client, port) {
		if (this.#down) {
			client.resetAndDestroy();
			return;
		}
		const server = net.connect(port, '127.0.0.1');
		const pair = [client, server];
		this.#pairs.add(pair);
		for (const [from, to] of [pair, [server, client]]) {
			from.setNoDelay(true);
			from.on('error', () => {});
			from.on('close', () => { this.#pairs.delete(pair); to.destroy(); });
			from.pipe(to);
		}
	}

	/** How many connections go through it now. */
	get size() {
		return this.#pairs.size;
	}

	/** Breaks the connections that `wanted` picks, all without it; both ends see it, neither is told why. */
	cut(wanted = () => true) {
		for (const pair of [...this.#pairs].filter(wanted))
			for (const socket of pair)
				socket.resetAndDestroy();
	}

	/** Breaks all, and lets nobody through until up(). */
	down() {
		this.#down = true;
		this.cut();
	}

	up() {
		this.#down = false;
	}

	close() {
		this.down();
		this.#server.close();
	}
}

/** A proxy in front of an instance, on an address of this machine: {port, origin, wsOrigin, cut, down, up, close}. */
export const startProxy = (inst, host = '127.0.0.1') => new Proxy(inst.port).listen(host);

/** The instance as it is seen through a proxy. */
export const through = (proxy, inst) => Object.create(inst, Object.fromEntries(
	['port', 'origin', 'wsOrigin'].map((key) => [key, { value: proxy[key] }])));
