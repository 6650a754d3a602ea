// What the signaling servers are asked to do, and what unio-signald aims at.

const PAIRS = 1000;
const HALLS = 10;
const HALL = 50;
const range = (from, n) => Array.from({ length: n }, (_, k) => from + k);

/** A meeting: its id, and its members, the first of whom is its host. */
const pairs = range(1, PAIRS).map((id) => ({ id, host: 2 * id - 1, members: [2 * id - 1, 2 * id] }));
const halls = range(0, HALLS).map((n) => ({ id: PAIRS + 1 + n, host: 1 + n * HALL, members: range(1 + n * HALL, HALL) }));

export const USERS = 2 * PAIRS;
export const MEETINGS = [...pairs, ...halls];

/** Whom the check needs (check.mjs). */
export const CAST = { room: halls[0].id, users: halls[0].members.slice(0, 3), outsider: HALL + 1, other: { room: 1, user: 1 } };

/**
 * window: messages on their way from each client in the closed loop; rate: sent a second in the open loop; memory: it is
 * looked at as well; aim: the least that unio-signald should be of each other's messages for a second of CPU.
 */
export const SCENARIOS = [
	{ name: 'relay-100', label: 'relay, 100 rooms × 2, candidates', meetings: pairs.slice(0, 100), what: 'candidates', size: 250,
		window: 4, rate: 2000, aim: { floor: 0.75, go: 9, node: 10 } },
	{ name: 'relay-1000', label: 'relay, 1,000 rooms × 2, candidates', meetings: pairs, what: 'candidates', size: 250,
		window: 4, rate: 2000, aim: { floor: 0.70, go: 6, node: 8 } },
	{ name: 'sdp-1000', label: 'relay, 1,000 rooms × 2, SDP of 2.5 KB', meetings: pairs, what: 'offers', size: 2500, window: 4,
		rate: 1000, memory: true, aim: { floor: 0.67, go: 14, node: 8 } },
	{ name: 'fan-out', label: 'fan-out, 10 rooms × 50, candidates', meetings: halls, what: 'candidates', size: 250, window: 4,
		rate: 100, aim: { floor: 0.90, go: 4.5, node: 7 } },
	{ name: 'joins', label: 'joins: handshake, token, access', meetings: pairs.slice(0, 100), what: 'joins',
		aim: { floor: 0.40, go: 2, node: 6 } },
];
