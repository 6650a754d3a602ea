// A front server's side of FastCGI, by hand: what lighttpd would never send (FastCGI 1.0, 3.3 and 5).
import { once } from 'node:events';
import net from 'node:net';

const BEGIN_REQUEST = 1;
const PARAMS = 4;
const STDIN = 5;
const STDOUT = 6;
const KEEP_CONN = 1;

/** One record of request 1. */
export function record(type, content = Buffer.alloc(0)) {
	const head = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]);
	return Buffer.concat([head, content]);
}

/** The records that begin a request, its variables included; `keep` asks for the connection to be kept. */
export function begin(variables, { keep = false } = {}) {
	const pairs = Object.entries(variables).map(([name, value]) =>
		Buffer.concat([length(name), length(value), Buffer.from(name + value)]),
	);
	return Buffer.concat([
		record(BEGIN_REQUEST, Buffer.from([0, 1, keep ? KEEP_CONN : 0, 0, 0, 0, 0, 0])),
		record(PARAMS, Buffer.concat(pairs)),
		record(PARAMS),
	]);
}

/** A piece of the body, or without an argument its end. */
export const stdin = (content) => record(STDIN, content);

/** Lengths below 128 have one byte, longer ones four. */
function length(text) {
	const n = Buffer.byteLength(text);
	if (n < 128) return Buffer.from([n]);
	const four = Buffer.alloc(4);
	four.writeUInt32BE((n | 0x80000000) >>> 0);
	return four;
}

/** A connection to the program's own socket. */
export async function connect(path) {
	const socket = net.createConnection(path);
	await once(socket, 'connect');
	return socket;
}

/** What standard output came until the other side closed, be it while we sent: {status, text}. */
export async function reply(socket) {
	const parts = [];
	socket.on('data', (part) => parts.push(part));
	socket.on('error', () => {});
	await new Promise((resolve) => socket.on('close', resolve));
	let rest = Buffer.concat(parts);
	let text = '';
	while (rest.length >= 8) {
		const size = rest.readUInt16BE(4);
		if (rest[1] === STDOUT) text += rest.toString('utf8', 8, 8 + size);
		rest = rest.subarray(8 + size + rest[6]);
	}
	return { status: Number(/^Status: (\d+)/.exec(text)?.[1]), text };
}
