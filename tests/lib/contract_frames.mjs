// Holds what goes over a WebSocket against docs/asyncapi.yaml.
//
// A client's frame that the description does not allow must be refused. Whether it was is known at the latest when the
// server answers a later frame that has an `id`: by then an error must have come for it.
import { contract, flaw, saw, violated } from './contract.mjs';

/** Of RFC 6455 or the client's own report, whatever the server does. */
const OF_THE_PROTOCOL = new Set([1002, 1005, 1006, 1007]);

/** Errors about frames that are as described. */
const NOT_THE_FORM = new Set(['target_not_found', 'too_large', 'rate_limited']);

export class FrameWatch {
	#sent = 0;
	/** When a frame with this id was sent, as the number of the frame. */
	#asked = new Map();
	/** What was sent against the description and has not been refused yet: [number, why]. */
	#wrong = [];
	#closing = false;
	/** Frames are dropped without a word: nothing can be told any more. */
	#blind = false;

	/** The client has sent a text. */
	sent(text) {
		const number = this.#sent += 1;
		const { frame, type, problem } = readFrame('client', text);
		if (problem)
			this.#wrong.push([number, problem]);
		else
			saw(`client.${type}`);
		if (frame?.id !== undefined)
			this.#asked.set(JSON.stringify(frame.id), number);
	}

	/** The client has sent a close frame: what follows is its own doing. */
	closing() {
		this.#closing = true;
	}

	/** The server has sent a text. */
	received(text) {
		const { frame, type, problem } = readFrame('server', text);
		if (problem) {
			violated(`not as docs/asyncapi.yaml has it: ${problem}\n${text.slice(0, 300)}`);
			return;
		}
		saw(`server.${type}`);
		if (type === 'error')
			this.#refused(frame);
		else if (type === 'ack' || type === 'pong')
			this.#answered(frame);
	}

	#refused({ code }) {
		if (code === 'rate_limited')
			this.#blind = true;
		if (!NOT_THE_FORM.has(code))
			this.#wrong.shift();
	}

	#answered({ id }) {
		const number = this.#asked.get(JSON.stringify(id));
		while (!this.#blind && number !== undefined && this.#wrong[0]?.[0] <= number)
			violated(`the server took a frame that docs/asyncapi.yaml does not allow: ${this.#wrong.shift()[1]}`);
	}

	/** The connection is over; `code` null if there was no close frame. */
	closed(code, reason) {
		const name = contract().table.closes[code];
		// The answer to the client's own close frame says what that said.
		if (name !== undefined && (name === reason || (code === 1000 && this.#closing)))
			saw(`close ${code}`);
		else if (!this.#closing && code !== null && !OF_THE_PROTOCOL.has(code))
			violated(`closed with ${code} (${reason}), which docs/asyncapi.yaml ${name ? `calls ${name}` : 'does not have'}`);
	}
}

/** The frame, the name of its description, and what is wrong with it. */
function readFrame(side, text) {
	let frame;
	try {
		frame = JSON.parse(text);
	} catch {
		return { problem: 'it is no JSON' };
	}
	const type = side === 'server' && frame?.type === 'error' && 'close' in frame ? 'closing' : frame?.type;
	const known = contract().table.frames[side];
	if (typeof type !== 'string' || !Object.hasOwn(known, type))
		return { frame, problem: `${side} frames have no type ${JSON.stringify(type)}` };
	const problem = flaw(known[type], frame);
	return { frame, type, problem: problem && `in ${side === 'client' ? 'a client\'s' : 'the server\'s'} ${type} ${problem}` };
}
