// One picture of the call: a person's video, or their initials, with what there is to know.

import { fill, h, icon } from './dom.js';
import { hue, initials } from './format.js';
import { words } from './words.js';

/** Louder than this is speaking. */
const SPEAKING = 0.02;
/** A pause between two words is none. */
const HOLD_MS = 600;

export class Tile {
	#video;
	#marks = h('span', { class: 'marks' });
	#overlay = h('div', { class: 'overlay' });
	#bars = h('span', { class: 'bars unknown', role: 'img' });
	#label;
	#spokeAt = 0;
	isSharing = false;
	hasCamera = true;
	hasHand = false;

	/**
	 * @param {{name: string, userId: number, isSelf: boolean}} who
	 */
	constructor({ name, userId, isSelf }) {
		this.name = name;
		this.isSelf = isSelf;
		this.#video = h('video', { autoplay: true, playsInline: true, muted: isSelf });
		this.#label = h('span', { class: 'name' }, isSelf ? words.self : name);
		this.element = h('div', { class: `tile ${isSelf ? 'self' : ''}`, role: 'group', 'aria-label': isSelf ? words.selfName(name) : name },
			h('div', { class: `avatar ${hue(userId)}`, 'aria-hidden': 'true' }, initials(name)),
			this.#video, this.#overlay,
			h('div', { class: 'caption' }, this.#marks, this.#label, isSelf ? null : this.#bars));
		this.setQuality('unknown');
	}

	/** @param {MediaStream | null} stream */
	show(stream) {
		if (this.#video.srcObject !== stream)
			this.#video.srcObject = stream;
		stream?.getVideoTracks().forEach((track) => {
			track.onmute = track.onunmute = () => this.#showPicture();
		});
		this.#showPicture();
		this.#video.play().catch((error) => error.name === 'NotAllowedError' && this.onblocked());
	}

	/** Called when the browser wants a click before it plays sound. */
	onblocked = () => {};

	play() {
		this.#video.play().catch(() => {});
	}

	/**
	 * What the person says of itself.
	 * @param {{muted?: boolean, camera?: boolean, screen?: boolean, hand?: boolean}} state
	 */
	update(state) {
		this.hasHand = state.hand === true;
		this.isSharing = state.screen === true;
		this.hasCamera = this.isSharing || state.camera !== false;
		this.element.classList.toggle('screen', this.isSharing);
		fill(this.#marks,
			state.hand && h('span', { class: 'mark hand', title: words.handUp, role: 'img', 'aria-label': words.handUp }, icon('hand')),
			state.muted && h('span', { class: 'mark', title: words.muted, role: 'img', 'aria-label': words.muted }, icon('mic-off')));
		this.#label.textContent = this.isSelf ? words.self : this.isSharing ? words.sharing(this.name) : this.name;
		this.#showPicture();
	}

	#showPicture() {
		const stream = /** @type {MediaStream | null} */ (this.#video.srcObject);
		const hasPicture = this.hasCamera && (stream?.getVideoTracks().some((track) => track.readyState === 'live' && !track.muted) ?? false);
		// By a class, for the eye alone: an element that is not displayed may not play its sound.
		this.element.classList.toggle('picture', hasPicture);
	}

	/** @param {string} connection  of the peer */
	setConnection(connection) {
		const isAway = connection === 'disconnected' || connection === 'failed';
		const text = connection === 'connected' ? '' : isAway ? words.reconnectingPeer : words.connecting;
		fill(this.#overlay, text);
	}

	/** @param {import('./quality.js').Quality} quality */
	setQuality(quality) {
		this.#bars.className = `bars ${quality}`;
		this.#bars.setAttribute('aria-label', words.quality[quality]);
		this.#bars.title = words.quality[quality];
	}

	/** @param {number} level  0 to 1 */
	setLevel(level) {
		const now = performance.now();
		if (level > SPEAKING)
			this.#spokeAt = now;
		this.element.classList.toggle('speaking', this.#spokeAt > 0 && now - this.#spokeAt < HOLD_MS);
	}

	remove() {
		this.#video.srcObject = null;
		this.element.remove();
	}
}
