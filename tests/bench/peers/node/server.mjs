// The rooms of Unio on Node with npm's `ws`, as one would write them: for `make bench`.
//
//	node server.mjs PORT|PATH DATABASE SECRET_FILE
//
// Checks the token and who may enter, tells the room of who comes and goes, passes candidates and offers on. It has no
// limits, no resume and no events.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import Database from 'better-sqlite3';
import { WebSocketServer } from 'ws';

const [address, database, secretFile] = process.argv.slice(2);
const secret = readFileSync(secretFile);
const access = new Database(database, { readonly: true }).prepare(`
	SELECT a.id, a.email, a.full_name, m.title, b.role FROM account a
	JOIN login l ON l.id = ? AND l.user_id = a.id AND l.revoked_at IS NULL
	JOIN meeting m ON m.id = ? JOIN member b ON b.meeting_id = m.id AND b.user_id = a.id
	WHERE a.id = ? AND a.disabled_at IS NULL`);

/** What goes on under which name, and in which field. */
const RELAYED = {
	'ice-candidate': ['ice_candidate', 'candidate'],
	offer: ['webrtc_offer', 'offer'],
};

const QUEUE_MAX = 1 << 20;

/** Meeting id → its sessions. */
const rooms = new Map();

function claimsOf(token) {
	const [head, body, signature] = token.split('.');
	const given = Buffer.from(signature ?? '', 'base64url');
	const right = createHmac('sha256', secret).update(`${head}.${body}`).digest();
	if (given.length !== right.length || !timingSafeEqual(given, right))
		return null;
	const claims = JSON.parse(Buffer.from(body, 'base64url'));
	return claims.token_type === 'access' && claims.exp * 1000 > Date.now() ? claims : null;
}

function send(socket, text) {
	if (socket.bufferedAmount > QUEUE_MAX)
		socket.terminate();
	else
		socket.send(text);
}

function broadcast(room, message, but) {
	const text = JSON.stringify(message);
	for (const session of room)
		if (session !== but)
			send(session.socket, text);
}

function enter(socket, meeting, person) {
	const room = rooms.get(meeting) ?? new Set();
	const who = { user_id: person.id, email: person.email, full_name: person.full_name, session_id: randomBytes(16).toString('base64url') };
	const session = { socket, who };
	rooms.set(meeting, room);
	const peers = Array.from(room, (other) => other.who);
	room.add(session);
	broadcast(room, { type: 'user_joined', ...who, message: `${who.full_name} joined the meeting` });
	send(socket, JSON.stringify({ type: 'welcome', session_id: who.session_id, self: { user_id: person.id, role: person.role },
		meeting: { id: meeting, title: person.title }, peers }));
	socket.on('message', (data, isBinary) => relay(room, session, isBinary ? '' : data));
	socket.on('close', () => {
		room.delete(session);
		if (room.size === 0)
			rooms.delete(meeting);
		broadcast(room, { type: 'user_left', ...who, message: `${who.full_name} left the meeting` });
	});
}

function relay(room, session, data) {
	let frame;
	try {
		frame = JSON.parse(data);
	} catch {
		return send(session.socket, '{"type":"error","code":"invalid_json"}');
	}
	const [type, field] = RELAYED[frame.type] ?? [];
	if (type === undefined || typeof frame[field] !== 'object')
		return send(session.socket, '{"type":"error","code":"unknown_type"}');
	const { who } = session;
	const message = { type, [field]: frame[field], from_user: who.user_id, from_session: who.session_id };
	if (type === 'webrtc_offer')
		message.from_email = who.email;
	return broadcast(room, message, session);
}

const server = createServer((request, response) => response.writeHead(426).end());
const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 << 10, perMessageDeflate: false,
	handleProtocols: (offered) => offered.has('unio.v1') && 'unio.v1' });

server.on('upgrade', (request, socket, head) => {
	const meeting = Number(/^\/ws\/meeting\/(\d+)\/?$/.exec(request.url)?.[1]);
	const claims = claimsOf((request.headers.authorization ?? '').replace(/^Bearer /, ''));
	const person = claims && access.get(claims.sid, meeting, claims.user_id);
	if (!person)
		return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
	return sockets.handleUpgrade(request, socket, head, (webSocket) => enter(webSocket, meeting, person));
});
server.listen(/^\d+$/.test(address) ? { host: '127.0.0.1', port: Number(address), backlog: 4096 } : { path: address, backlog: 4096 });
