// A bot: is in a meeting without camera or microphone, says what happens there as one JSON object a line, and answers
// those who write "ping". It stays through restarts of the server, until the meeting's end or Ctrl-C.
//
//	npm install path/to/unio/web ws
//	UNIO_PASSWORD=… node bot.mjs https://meet.example.org bot@example.org 1

import { UnioMeeting } from 'unio-client';
import WebSocket from 'ws';

const [address, email, meetingId] = process.argv.slice(2);
if (!meetingId)
	throw new Error('usage: node bot.mjs ADDRESS EMAIL MEETING');
const url = address.replace(/\/$/, '');

async function post(path, body) {
	const reply = await fetch(`${url}/api/${path}`,
		{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
	const json = await reply.json();
	if (!reply.ok)
		throw new Error(json.error);
	return json;
}

let login = await post('auth/login', { email, password: process.env.UNIO_PASSWORD });

/** The library asks for a token when it needs one, and says when the last one was not good any more. */
async function getToken({ refresh }) {
	if (refresh)
		login = await post('auth/refresh', { refresh: login.refresh });
	return login.access;
}

const log = (event, details) => console.log(JSON.stringify({ time: new Date().toISOString(), event, ...details }));
const meeting = new UnioMeeting({ url, meetingId: Number(meetingId), getToken, env: { WebSocket } });

meeting.on('joined', ({ meeting: { title } }) => log('joined', { title }));
meeting.on('peer', ({ name }) => log('came', { name }));
meeting.on('peer-left', ({ name }) => log('left', { name }));
meeting.on('state', ({ name }, state) => log('state', { name, state }));
meeting.on('meeting', ({ type, event_id: id }) => log(type, { id }));
meeting.on('reconnecting', ({ reason, delayMs }) => log('reconnecting', { why: reason.message, delayMs }));
meeting.on('reconnected', () => log('reconnected'));
meeting.on('message', ({ from, name, data }) => {
	log('message', { name, data });
	if (from && data?.text === 'ping')
		meeting.send({ kind: 'chat', text: 'pong' }, from);
});
meeting.on('closed', ({ code, message }) => log('closed', { code, message }));

process.on('SIGINT', () => meeting.leave());
await meeting.join().catch(() => { process.exitCode = 1; }); // `closed` has said why
