// The buttons below the pictures.

import { fill, h, icon } from './dom.js';
import { openDialog } from './frame.js';
import { chooser, roundButton, setToggle } from './inputs.js';
import { words } from './words.js';

/** @typedef {import('../unio-client.js').UnioMeeting} UnioMeeting */
/** @typedef {import('./devices.js').Devices} Devices */

export class CallControls {
	#unio;
	#devices;
	#panel;
	#owner;
	/** @type {MediaStream | null} */
	#screen = null;
	#unread = 0;
	#mic = roundButton(() => this.#devices.setMic(!this.#devices.isMicOn));
	#camera = roundButton(() => this.#devices.setCamera(!this.#devices.isCameraOn));
	#share = roundButton(() => this.#toggleScreen());
	#hand = roundButton(() => this.#toggleHand());
	#chat = roundButton(() => this.#panel.toggle('chat'));
	#people = roundButton(() => this.#panel.toggle('people'));
	#settings = roundButton(() => this.#openSettings());

	/**
	 * @param {UnioMeeting} unio
	 * @param {Devices} devices
	 * @param {import('./panel.js').Panel} panel
	 * @param {{isHost: boolean, changed: () => void, leave: () => void, endForAll: () => void}} owner
	 */
	constructor(unio, devices, panel, owner) {
		this.#unio = unio;
		this.#devices = devices;
		this.#panel = panel;
		this.#owner = owner;
		const leave = h('button', { class: 'round leave', type: 'button', 'aria-label': words.leave, title: words.leave,
			onclick: () => (owner.isHost ? this.#askLeave() : owner.leave()) }, icon('leave'));
		const canShare = 'getDisplayMedia' in (navigator.mediaDevices ?? {});
		this.element = h('div', { class: 'controls', role: 'toolbar', 'aria-label': words.callControls },
			this.#mic, this.#camera, canShare && this.#share, this.#hand,
			h('span', { class: 'divider' }), this.#chat, this.#people, this.#settings,
			h('span', { class: 'divider' }), leave);
		fixed(this.#chat, 'chat', words.chat);
		fixed(this.#people, 'people', words.whoIsHere);
		fixed(this.#settings, 'settings', words.settings);
		devices.onchange = (kind) => this.#deviceChanged(kind);
		panel.onchange = () => this.#draw();
	}

	start() {
		this.#unio.setState({ muted: !this.#devices.isMicOn, camera: this.#devices.isCameraOn, screen: false, hand: false });
		this.#draw();
	}

	/** What the user sees of himself. */
	ownStream() {
		return this.#screen ?? (this.#devices.tracks.video ? new MediaStream([this.#devices.tracks.video]) : null);
	}

	/** @param {number} [n]  in place of one more */
	countUnread(n) {
		this.#unread = n ?? (this.#panel.open === 'chat' ? 0 : this.#unread + 1);
		this.#chat.classList.add('unread');
		if (this.#unread === 0)
			delete this.#chat.dataset.count;
		else
			this.#chat.dataset.count = this.#unread > 9 ? '9+' : String(this.#unread);
	}

	/** @param {number} n */
	countPeople(n) {
		this.#people.dataset.count = String(n);
	}

	stop() {
		this.#devices.onchange = () => {};
		document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
	}

	/** @param {'audio' | 'video'} kind */
	#deviceChanged(kind) {
		this.#unio.replaceTrack(kind, this.#devices.tracks[kind]);
		this.#unio.setState({ muted: !this.#devices.isMicOn, camera: this.#devices.isCameraOn });
		this.#draw();
	}

	async #toggleScreen() {
		if (this.#screen) {
			await this.#unio.stopSharing();
			this.#screen = null;
		} else {
			try {
				const screen = await this.#unio.shareScreen();
				this.#screen = screen;
				screen.getVideoTracks()[0].addEventListener('ended', () => {
					if (this.#screen === screen) {
						this.#screen = null;
						this.#draw();
					}
				});
			} catch {
				return; // the user thought better of it
			}
		}
		this.#draw();
	}

	#toggleHand() {
		this.#unio.setState({ hand: !this.#unio.state.hand });
		this.#draw();
	}

	#openSettings() {
		const choosers = [chooser('video', words.camera, this.#devices), chooser('audio', words.microphone, this.#devices)];
		const dialog = openDialog(words.settings, h('div', { class: 'form' }, choosers.map(({ box }) => box),
			h('div', { class: 'actions' },
				h('button', { class: 'primary', type: 'button', onclick: () => dialog.close() }, words.close))));
		choosers.forEach(({ refresh }) => refresh());
	}

	#askLeave() {
		const choose = (/** @type {() => void} */ job) => () => { dialog.close(); job(); };
		const dialog = openDialog(words.leaveQuestion, h('p', { class: 'quiet' }, words.leaveHint),
			h('div', { class: 'actions' },
				h('button', { class: 'plain', type: 'button', onclick: () => dialog.close() }, words.cancel),
				h('button', { class: 'danger', type: 'button', onclick: choose(this.#owner.endForAll) }, words.endForAll),
				h('button', { class: 'primary', type: 'button', onclick: choose(this.#owner.leave) }, words.leave)));
	}

	#draw() {
		const { hand } = this.#unio.state;
		setToggle(this.#mic, this.#devices.isMicOn, 'mic', words.mute, words.unmute);
		setToggle(this.#camera, this.#devices.isCameraOn, 'camera', words.cameraOff, words.cameraOn);
		pressed(this.#share, this.#screen !== null);
		fixed(this.#share, 'screen', this.#screen ? words.stopShare : words.share);
		pressed(this.#hand, hand);
		fixed(this.#hand, 'hand', hand ? words.lower : words.raise);
		pressed(this.#chat, this.#panel.open === 'chat');
		pressed(this.#people, this.#panel.open === 'people');
		this.#owner.changed();
	}
}

/**
 * @param {HTMLButtonElement} element
 * @param {string} name
 * @param {string} label
 */
function fixed(element, name, label) {
	element.setAttribute('aria-label', label);
	element.title = label;
	fill(element, icon(name));
}

/**
 * @param {HTMLButtonElement} element
 * @param {boolean} isPressed
 */
function pressed(element, isPressed) {
	element.setAttribute('aria-pressed', String(Boolean(isPressed)));
}
