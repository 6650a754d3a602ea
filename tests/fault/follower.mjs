// A client that always comes back, and keeps account of every meeting event it is told: over all of its
// connections each must come once, in order, and none may be missing.
import WebSocket from 'ws';
import { setTimeout as pause } from 'node:timers/promises';

import { FrameWatch } from '../lib/contract_frames.mjs';
import { noteSecret } from '../lib/secrets.mjs';

const RETRY_MS = 40;

/** Closes after which there is nothing to come back to. */
const FINAL = { 4404: 'not found', 4410: 'deleted' };

/** Closes that a fault may cause. 1005 and 1006: the connection ended without a word. */
const EXPECTED = new Set([1000, 1001, 1005, 1006, 1012, 4001, 4002, 4409, 4410, 4404]);

const isCounted = (frame) => !(frame.type === 'resumed' || (frame.type === 'error' && 'close' in frame));

let followers = 0;

export class Follower {
	/** Ids of all meeting events it was told, in order of arrival. */
	events = [];
	/** What it takes to be the case in the meeting: {title, call, status}. */
	view = {};
	/** What should not have happened, in words. */
	problems = [];
	joined = 0;
	resumed = 0;
	relayed = 0;
	/** Why it will not come back: one of FINAL; null while it may. */
	gone = null;
	inCall = false;
	#ended = false;
	#heard = new Map();
	#ws = null;
	#watch = null;
	#live = false;
	#resume = null;

	/**
	 * @param {{passing?: boolean, watched?: boolean}} options  passing: the meeting may be deleted, and its sessions with
	 *   it; watched: each frame is held against the description, which thousands of followers have no time for
	 */
	constructor(inst, meetingId, user, { passing = false, watched = true } = {}) {
		Object.assign(this, { inst, meetingId, user, passing, watched });
		this.clientId = `follower-${followers += 1}`;
		noteSecret(user.access);
		this.living = this.#follow();
	}

	/** Is it in the room right now? */
	get isLive() {
		return this.#live;
	}

	async #follow() {
		while (!this.#ended && this.gone === null) {
			const code = await this.#once();
			this.#live = false;
			if (code in FINAL)
				this.gone = FINAL[code];
			else if (code !== null && !EXPECTED.has(code))
				this.#complain(`closed with ${code}`);
			await pause(RETRY_MS);
		}
	}

	/** One connection from beginning to end: its close code, or null if it came to none. */
	#once() {
		return new Promise((done) => {
			const query = new URLSearchParams({ client_id: this.clientId });
			const ws = new WebSocket(`${this.inst.wsOrigin}/ws/meeting/${this.meetingId}/?${query}`, ['unio.v1'],
				{ perMessageDeflate: false, handshakeTimeout: 5_000 });
			this.#ws = ws;
			this.#watch = this.watched ? new FrameWatch() : null;
			ws.on('error', () => {});
			ws.on('open', () => this.#say(this.#resume ? { type: 'resume', ...this.#resume, ...this.#last() } : this.#auth()));
			ws.on('message', (data) => {
				this.#watch?.received(data.toString());
				this.#take(JSON.parse(data));
			});
			ws.on('close', (code) => done(this.joined + this.resumed > 0 || code >= 4000 ? code : null));
		});
	}

	#auth() {
		return { type: 'auth', token: this.user.access, client_id: this.clientId, ...this.#last() };
	}

	#last() {
		return this.epoch ? { last_event_id: this.events.at(-1) ?? this.first, epoch: this.epoch } : {};
	}

	#say(frame) {
		if (this.#ws.readyState !== WebSocket.OPEN)
			return;
		this.#watch?.sent(JSON.stringify(frame));
		this.#ws.send(JSON.stringify(frame));
	}

	#take(frame) {
		if (this.#resume && isCounted(frame))
			this.#resume.seq += 1;
		if (frame.event_id !== undefined && frame.type !== 'welcome')
			this.#event(frame);
		else if (frame.type === 'welcome')
			this.#welcome(frame);
		else if (frame.type === 'resumed')
			this.#enter('resumed');
		else if (frame.type === 'resume_failed')
			this.#rejoin(frame);
		else if (frame.type === 'ice_candidate')
			this.#candidate(frame);
		else if (frame.type === 'error' && !('close' in frame) && frame.code !== 'target_not_found')
			this.#complain(`error ${JSON.stringify(frame)}`);
	}

	#enter(how) {
		this[how] += 1;
		this.#live = true;
	}

	#rejoin({ reason }) {
		this.#resume = null;
		if (reason === 'revoked' && !this.passing)
			this.#complain('its session was revoked');
		this.#say(this.#auth());
	}

	#welcome(frame) {
		if (frame.resume_token) {
			noteSecret(frame.resume_token);
			this.#resume = { resume_token: frame.resume_token, seq: frame.seq };
		}
		if (this.epoch !== undefined && this.epoch !== frame.epoch)
			this.#complain(`the epoch was ${this.epoch} and is ${frame.epoch}`);
		if (frame.events_truncated)
			this.#complain('events are missing: truncated');
		if (this.first === undefined)
			this.view = { title: frame.meeting.title, status: frame.meeting.status, call: frame.call?.id ?? null };
		this.first ??= frame.event_id;
		this.epoch = frame.epoch;
		this.#enter('joined');
		if (this.inCall)
			this.#say({ type: 'join-call' });
	}

	#event(frame) {
		const last = this.events.at(-1) ?? this.first ?? 0;
		if (frame.event_id <= last)
			this.#complain(`event ${frame.event_id} after ${last}`);
		this.events.push(frame.event_id);
		if (frame.type === 'call_started')
			this.view.call = frame.call.id;
		if (frame.type === 'call_ended')
			this.#callEnded();
		if (frame.type === 'meeting_updated')
			this.view.title = frame.meeting.title;
		if (frame.type === 'meeting_status')
			this.view.status = frame.status;
	}

	/** At a call's end everyone is out of it. */
	#callEnded() {
		this.view.call = null;
		this.inCall = false;
	}

	/** Candidates may be lost with a connection, but none may come twice or out of order. */
	#candidate({ candidate, from_session: from }) {
		const number = candidate.sdpMLineIndex;
		if (number <= (this.#heard.get(from) ?? -1))
			this.#complain(`candidate ${number} after ${this.#heard.get(from)}`);
		this.#heard.set(from, number);
		this.relayed += 1;
	}

	#complain(what) {
		this.problems.push(`${this.clientId} in meeting ${this.meetingId}: ${what}`);
	}

	/** Says something if it is in the room. */
	send(frame) {
		if (this.#live)
			this.#say(frame);
	}

	/** Numbered over its whole life, sent to all others. */
	sendCandidate() {
		this.candidates = (this.candidates ?? -1) + 1;
		this.send({ type: 'ice-candidate', candidate: { candidate: '', sdpMLineIndex: this.candidates, sdpMid: '0' } });
	}

	joinCall() {
		this.inCall = true;
		this.send({ type: 'join-call' });
	}

	leaveCall() {
		this.inCall = false;
		this.send({ type: 'leave-call' });
	}

	/** Its connection breaks; it comes back by itself. */
	stumble() {
		this.#ws.terminate();
	}

	/** Leaves for good. */
	async end() {
		this.#ended = true;
		this.#ws.close();
		setTimeout(() => this.#ws.terminate(), 2_000).unref();
		await this.living;
	}
}
