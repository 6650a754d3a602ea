// Why a meeting is over, or why it is being joined again: close codes in words a person understands.

/**
 * @typedef {object} Reason
 * @property {number} close    the WebSocket's close code, or 0 for what the client itself decided
 * @property {string} code     for programs: 'kicked', 'room_full', …
 * @property {string} message  for people, in English; translate by `code`
 */

/** @type {Record<number, [code: string, message: string]>} */
const CLOSES = {
	1012: ['restarting', 'The server is restarting.'],
	4001: ['draining', 'The server is being maintained.'],
	4002: ['slow_consumer', 'The connection is too slow to keep up.'],
	4003: ['rate_limited', 'Too many messages were sent in a short time.'],
	4004: ['ticket_stale', 'The ticket for the meeting was no longer valid.'],
	4005: ['misdirected', 'The server sent this meeting the wrong way.'],
	4401: ['unauthorized', 'You are not signed in any more.'],
	4403: ['forbidden', 'You are not invited to this meeting, or no longer.'],
	4404: ['not_found', 'There is no such meeting.'],
	4405: ['kicked', 'You were removed from the meeting.'],
	4406: ['revoked', 'You were signed out.'],
	4407: ['banned', 'You are banned from this meeting.'],
	4409: ['resumed_elsewhere', 'This meeting was continued in another window.'],
	4410: ['meeting_deleted', 'The meeting was deleted.'],
	4412: ['too_many_sessions', 'You are in this meeting on too many devices at once.'],
	4413: ['room_full', 'The meeting is full.'],
};

/**
 * Where a code says more than the close code that is nearest to it.
 * @type {Record<string, string>}
 */
const CODES = {
	origin_refused: 'The server does not let pages of this address in.',
};

/** @type {Record<string, string>} */
const OWN = {
	left: 'You left the meeting.',
	lost: 'The connection was lost.',
	unreachable: 'The server cannot be reached.',
};

/**
 * @param {number} close    a close code
 * @param {string} [code]   what the server itself called it
 * @param {string} [message]  what the server itself said, for codes that are not known here
 * @returns {Reason}
 */
export function closeReason(close, code, message) {
	const [known, words] = CLOSES[close] ?? ['lost', message || OWN.lost];
	return { close, code: code ?? known, message: CODES[code ?? known] ?? words };
}

/**
 * @param {keyof typeof OWN} code
 * @returns {Reason}
 */
export function ownReason(code) {
	return { close: 0, code, message: OWN[code] };
}

/** Does the server want to see the client again after this close code? @param {number} close */
export function isFinal(close) {
	return close >= 4400 && close <= 4499;
}

/** Does the session end with this close code, so that there is nothing to resume? @param {number} close */
export function endsSession(close) {
	return close === 1012 || (close >= 4000 && close <= 4099);
}
