// Where the answer is not the strict one, and why. libwebsockets 4.1.6 reads the frames by itself and tells nobody of
// control frames and of faults: what it does with them no callback can change. (What a callback can change, wire.c does.)
// Each exception names its cases and widens what is accepted: of close codes, control frames or answers; null is the end
// without a close frame, which RFC 6455 §7.1.7 allows ("SHOULD"), undefined that the connection goes on.

const byteByByte = ['4.1.1d', '4.1.2d', '4.1.3d', '4.1.4d', '4.1.5d', '4.2.1d', '4.2.2d', '4.2.3d', '4.2.4d', '4.2.5d', '3.4',
	'5.11', '5.14'];
const failed = (id) => /^(3|4)\./.test(id) || ['5.15', '5.18', '5.1', '5.2'].includes(id);

export const LIBRARY = [
	{
		cause: 'A control frame of more than 125 bytes, or a length whose highest bit is set, ends the connection without a frame.',
		applies: (id) => ['2.5', '7.3.6', '5.2 (RFC)'].includes(id),
		close: [1002, null],
	},
	{
		cause: 'While one pong waits to be sent, other pings are dropped (§5.5.3 would have the newest answered).',
		applies: (id) => ['2.10b', '2.11', '5.20'].includes(id),
		control: 'some',
	},
	{
		cause: 'Frames that are not masked are taken (§5.1). Masks keep a browser from deceiving intermediaries; the server is not harmed.',
		applies: (id) => id.startsWith('5.1 (RFC)'),
		close: [1002, undefined], control: 'some', data: 'some',
	},
	{
		cause: 'The codes 1012 to 1014, registered later than the library knows, are answered with 1002.',
		applies: (id) => ['7.7.10', '7.7.11', '7.7.12'].includes(id),
		close: [1002],
	},
	{
		cause: 'After a fault it goes on to read what follows; another fault there ends the connection before the close frame is out.',
		applies: (id) => byteByByte.includes(id),
		close: [1002, null],
	},
	{
		cause: 'Its close frame may be out before this turn\'s answers are; then these are left out, for nothing may follow it (§5.5.1).',
		applies: failed,
		data: 'some',
	},
];

/** What holds of a case: its own word, widened by every exception that applies. */
export function widened({ id, close, control = [], data = [] }, exceptions) {
	const applying = exceptions.filter(({ applies }) => applies(id));
	return {
		closes: [close, ...applying.flatMap((one) => one.close ?? [])],
		control: { frames: control, some: applying.some((one) => one.control === 'some') },
		data: { frames: data, some: applying.some((one) => one.data === 'some') },
	};
}
