// HTTP by hand: what no well-behaved client would send, byte for byte.
import net from 'node:net';

/**
 * Sends `parts` (strings in latin1, or Buffers) one after the other and collects what comes back until the server
 * closes. `halfClose` ends our side after the last part. Resolves to {text, reset, statuses}: `reset` when the
 * connection broke instead of ending, `statuses` the status of every reply in it.
 */
export function rawRequest(inst, parts, { halfClose = false, deadline = 10_000 } = {}) {
	return new Promise((resolve, reject) => {
		const received = [];
		const socket = net.connect({ host: '127.0.0.1', port: inst.port });
		socket.setNoDelay();
		const finish = (reset) => {
			clearTimeout(timer);
			socket.destroy();
			const text = Buffer.concat(received).toString('utf8');
			const statuses = [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((match) => Number(match[1]));
			resolve({ text, reset, statuses });
		};
		const timer = setTimeout(() => {
			socket.destroy();
			reject(
				new Error(
					`the server did not close; it sent: ${Buffer.concat(received).toString('latin1').slice(0, 500)}`,
				),
			);
		}, deadline);
		socket.on('data', (part) => received.push(part));
		socket.on('error', () => finish(true));
		socket.on('end', () => finish(false));
		for (const part of [parts].flat())
			socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
		if (halfClose) socket.end();
	});
}

/** The body of the only reply in `text`, parsed; null when it is not JSON. */
export function rawJson(text) {
	const [head, body] = cut(text, '\r\n\r\n');
	try {
		return JSON.parse(/^transfer-encoding: chunked\r?$/im.test(head) ? unchunked(body) : body);
	} catch {
		return null;
	}
}

/** The pieces of a chunked body (RFC 9112 §7.1), without their sizes; of ASCII alone. */
function unchunked(text) {
	const [size, rest] = cut(text, '\r\n');
	const length = Number.parseInt(size, 16);
	return length > 0 ? rest.slice(0, length) + unchunked(rest.slice(length + 2)) : '';
}

function cut(text, at) {
	const index = text.indexOf(at);
	return [text.slice(0, index), text.slice(index + at.length)];
}
