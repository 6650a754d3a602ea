// The call: the pictures, the controls below them, and the panel with the chat and the people.

import { UnioMeeting } from '../unio-client.js';
import { CallControls } from './controls.js';
import { Chat, chatText } from './chat.js';
import { announce, fill, h, icon } from './dom.js';
import { formatDuration } from './format.js';
import { LevelMeter } from './level.js';
import { Panel } from './panel.js';
import { People } from './people.js';
import { Stage } from './stage.js';
import { overView } from './over.js';
import { base, session } from './session.js';
import { words } from './words.js';

/** @typedef {import('../unio-client.js').Peer} Peer */

const CLOCK_MS = 1000;
const NOTICE_MS = 5000;

/**
 * @param {HTMLElement} root
 * @param {any} meeting   of the API
 * @param {import('./devices.js').Devices} devices
 * @param {() => void} again   shows the view before this one
 * @returns {() => void}
 */
export function callView(root, meeting, devices, again) {
	const call = new Call(root, meeting, devices, again);
	call.start();
	return () => call.leave();
}

class Call {
	#root;
	#meeting;
	#devices;
	#again;
	#user = /** @type {import('./session.js').User} */ (session.user);
	#unio;
	#stage;
	#controls;
	#panel;
	#people = new People();
	#chat;
	#meter = new LevelMeter();
	#clock = h('time', { class: 'clock' });
	#banner = h('p', { class: 'banner', role: 'status', hidden: true });
	/** What keeps pictures and sound away, for as long as it does. */
	#trouble = h('p', { class: 'banner', role: 'alert', hidden: true });
	#banners = h('div', { class: 'banners' }, this.#banner, this.#trouble);
	#notice = h('p', { class: 'notice', hidden: true, 'aria-hidden': 'true' });
	/** @type {any} */
	#noticeTimer;
	/** @type {any} */
	#clockTimer;
	/** @type {any} */
	#activeCall = null;
	/** The name of who said that the call is about to end. */
	#ender = { name: '', isHost: false };
	#isOver = false;

	/**
	 * @param {HTMLElement} root
	 * @param {any} meeting
	 * @param {import('./devices.js').Devices} devices
	 * @param {() => void} again
	 */
	constructor(root, meeting, devices, again) {
		this.#root = root;
		this.#meeting = meeting;
		this.#devices = devices;
		this.#again = again;
		this.#unio = new UnioMeeting({
			url: base,
			meetingId: meeting.id,
			getToken: (how) => session.token(how),
		});
		this.#stage = new Stage(this.#user, this.#meter);
		this.#chat = new Chat((text) => this.#unio.send({ kind: 'chat', text }));
		this.#panel = new Panel({ chat: this.#chat.element, people: this.#people.element });
		this.#controls = new CallControls(this.#unio, devices, this.#panel, {
			isHost: meeting.host.id === this.#user.id,
			changed: () => this.#showSelf(),
			leave: () => this.leave(),
			endForAll: () => this.#endForAll(),
		});
		this.#listen();
	}

	async start() {
		this.#draw();
		this.#banner.textContent = words.joining;
		this.#banner.hidden = false;
		this.#controls.start();
		try {
			this.#activeCall = await session.api('POST', 'api/calls', { meeting_id: this.#meeting.id });
			if (this.#isOver)
				return;
			await this.#unio.join(this.#devices.stream());
			this.#banner.hidden = true;
		} catch (error) {
			if (!this.#isOver)
				this.#end(error instanceof Error ? error.message : words.serverError);
		}
	}

	/** The user's own way out, or the page's. */
	leave() {
		if (!this.#isOver) {
			this.#unio.leave();
			this.#end(words.over.left);
		}
	}

	// ---- what the meeting says --------------------------------------------------------

	#listen() {
		const unio = this.#unio;
		unio.on('joined', ({ call, iceServers }) => {
			this.#activeCall = call ?? this.#activeCall;
			this.#showPeople();
			if (this.#meeting.ice_policy === 'relay' && !hasRelay(iceServers))
				this.#showTrouble(words.noRelay);
		});
		unio.on('peer', (peer) => {
			this.#say(words.came(peer.name));
			this.#changed(peer);
		});
		unio.on('peer-changed', (peer) => this.#changed(peer));
		unio.on('stream', (peer) => this.#changed(peer));
		unio.on('state', (peer, state) => {
			if (state.hand && !this.#stage.hasHand(peer))
				this.#say(words.raised(peer.name));
			this.#changed(peer);
		});
		unio.on('peer-left', (peer) => {
			this.#say(words.went(peer.name));
			this.#stage.remove(peer);
			this.#showPeople();
		});
		unio.on('unsure', (list) => list.map(chatText).filter((text) => text !== null)
			.forEach((text) => this.#chat.warn(words.unsure(text))));
		unio.on('error', ({ code }) => {
			if (code === 'turn_refused' && unio.peers.every(({ connection }) => connection !== 'connected'))
				this.#showTrouble(words.turnRefused);
		});
		unio.on('notice', ({ message }) => this.#showNews(words.fromOperator(message)));
		unio.on('message', (message) => this.#message(message));
		unio.on('meeting', (event) => this.#meetingEvent(event));
		unio.on('reconnecting', ({ reason }) => {
			const isKnown = reason.code === 'restarting' || reason.code === 'draining';
			this.#banner.textContent = isKnown ? words.reconnectingWhy(reason.message) : words.reconnecting;
			this.#banner.hidden = false;
		});
		unio.on('reconnected', () => {
			this.#banner.hidden = true;
			announce(words.reconnected);
		});
		unio.on('closed', (reason) => {
			if (!this.#isOver)
				this.#end(words.over[reason.code] ?? reason.message);
		});
	}

	/** @param {{from: Peer | null, name: string, data: any, timestamp: string}} message */
	#message({ from, name, data, timestamp }) {
		if (data?.kind === 'ending')
			this.#ender = { name, isHost: from?.userId === this.#meeting.host.id };
		const text = chatText(data);
		if (text === null)
			return;
		this.#chat.add(name, text, timestamp);
		this.#controls.countUnread();
	}

	/** @param {any} event */
	#meetingEvent(event) {
		if (event.type === 'call_started')
			this.#activeCall = event.call;
		else if (event.type === 'call_ended') {
			const { name, isHost } = this.#ender;
			const why = event.call.ended_reason;
			this.#unio.leave();
			this.#end(name && why === 'ended' ? (isHost ? words.endedByHost(name) : words.endedBy(name))
				: words.over[why] ?? words.over.ended);
		} else if (event.type === 'meeting_updated')
			this.#update(event.meeting);
		else if (event.type === 'participant_added')
			this.#update({ participants: [...this.#meeting.participants, event.user] });
		else if (event.type === 'participant_removed') {
			this.#update({ participants: this.#meeting.participants
				.filter((/** @type {any} */ { id }) => id !== event.user.id) });
		}
	}

	/** @param {object} change */
	#update(change) {
		this.#meeting = { ...this.#meeting, ...change };
		const title = this.#root.querySelector('h1');
		if (title)
			title.textContent = this.#meeting.title;
		this.#showPeople();
	}

	async #endForAll() {
		this.#unio.send({ kind: 'ending' });
		const id = this.#activeCall?.id;
		try {
			if (id)
				await session.api('POST', `api/calls/${id}/end`);
		} finally {
			this.leave();
		}
	}

	// ---- what is shown ------------------------------------------------------------------

	#draw() {
		document.title = `${this.#meeting.title} – ${words.call}`;
		fill(this.#root, h('main', { class: 'call' },
			h('header', { class: 'call-bar' },
				h('h1', {}, this.#meeting.title), this.#clock, h('span', { class: 'spacer' }),
				h('button', { class: 'plain', type: 'button', 'aria-label': words.copyLink, onclick: () => this.#copyLink() },
					icon('copy'), h('span', {}, words.copyLink))),
			this.#banners, this.#stage.element, this.#panel.element, this.#notice, this.#controls.element));
		this.#panel.onopen = (name) => {
			if (name === 'chat') {
				this.#chat.focus();
				this.#controls.countUnread(0);
			}
		};
		this.#clockTimer = setInterval(() => this.#tick(), CLOCK_MS);
		this.#stage.start();
	}

	#tick() {
		const since = this.#activeCall?.started_at;
		if (since)
			this.#clock.textContent = formatDuration((Date.now() - Date.parse(since)) / 1000);
	}

	#showSelf() {
		this.#stage.showSelf(this.#unio.state, this.#controls.ownStream());
		this.#meter.listen(this.#devices.isMicOn ? this.#devices.tracks.audio : null);
		this.#showPeople();
	}

	/** @param {Peer} peer */
	#changed(peer) {
		this.#stage.show(peer);
		if (peer.connection === 'connected')
			this.#trouble.hidden = true;
		this.#showPeople();
	}

	#showPeople() {
		const self = { userId: this.#user.id, name: this.#user.full_name, isSelf: true, inCall: true, state: this.#unio.state };
		const others = this.#unio.peers.map(({ userId, name, inCall, state }) =>
			({ userId, name, isSelf: false, inCall, state: state ?? {} }));
		this.#people.show([self, ...others], [this.#meeting.host, ...this.#meeting.participants], this.#meeting.host.id);
		this.#controls.countPeople(1 + others.filter(({ inCall }) => inCall).length);
	}

	/** A word about something that happened, for a moment. @param {string} text */
	#say(text) {
		announce(text);
		this.#notice.textContent = text;
		this.#notice.hidden = false;
		clearTimeout(this.#noticeTimer);
		this.#noticeTimer = setTimeout(() => { this.#notice.hidden = true; }, NOTICE_MS);
	}

	/** Stays until it is put away. @param {string} text */
	#showNews(text) {
		const line = h('p', { class: 'banner news' }, h('span', {}, text),
			h('button', { class: 'round small plain', type: 'button', 'aria-label': words.close, onclick: () => line.remove() }, icon('close')));
		this.#banners.append(line);
		announce(text);
	}

	/** @param {string} text */
	#showTrouble(text) {
		this.#trouble.textContent = text;
		this.#trouble.hidden = false;
	}

	async #copyLink() {
		await navigator.clipboard?.writeText(new URL(`#/meeting/${this.#meeting.id}/join`, base).href);
		this.#say(words.linkCopied);
	}

	/** @param {string} why */
	#end(why) {
		this.#isOver = true;
		clearInterval(this.#clockTimer);
		clearTimeout(this.#noticeTimer);
		this.#controls.stop();
		this.#meter.stop();
		this.#stage.stop();
		this.#devices.stop();
		overView(this.#root, this.#meeting, why, this.#again);
		announce(why);
	}
}

/** @param {RTCIceServer[]} servers */
function hasRelay(servers) {
	return servers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)));
}
