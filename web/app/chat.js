// Messages of the call, shown as the text that they are.

import { alertLine, announce, h, icon } from './dom.js';
import { formatTime } from './format.js';
import { words } from './words.js';

/** More than this would only be scrolled past. */
const KEPT = 500;
const LENGTH_MAX = 4000;

export class Chat {
	#log = h('div', { class: 'log', role: 'log', 'aria-label': words.chat, tabIndex: 0 });
	#input = h('input', { id: 'chat-text', placeholder: words.messageTo, maxLength: LENGTH_MAX, autocomplete: 'off' });
	#line = alertLine();
	#hint = h('p', { class: 'quiet hint' }, words.noMessages);

	/** @param {(text: string) => boolean} send */
	constructor(send) {
		const submit = (/** @type {Event} */ event) => {
			event.preventDefault();
			const text = this.#input.value.trim();
			if (text === '')
				return;
			this.#line.textContent = '';
			if (!send(text)) {
				this.#line.textContent = words.notSent;
				return;
			}
			this.#input.value = '';
			this.add(words.self, text, new Date().toISOString(), true);
		};
		this.element = h('div', { class: 'chat' }, this.#log, this.#hint, this.#line,
			h('form', { onsubmit: submit },
				h('label', { class: 'hidden-text', htmlFor: 'chat-text' }, words.message), this.#input,
				h('button', { class: 'round small', type: 'submit', 'aria-label': words.send, title: words.send }, icon('send'))));
	}

	/**
	 * @param {string} name
	 * @param {string} text
	 * @param {string} timestamp
	 * @param {boolean} [isOwn]
	 */
	add(name, text, timestamp, isOwn = false) {
		this.#hint.hidden = true;
		this.#log.append(h('div', { class: isOwn ? 'own' : '' },
			h('p', { class: 'meta' }, h('strong', {}, name), ' ', h('time', { dateTime: timestamp }, formatTime(timestamp))),
			h('p', { class: 'text', dir: 'auto' }, text)));
		while (this.#log.childElementCount > KEPT)
			this.#log.firstElementChild?.remove();
		this.#log.scrollTop = this.#log.scrollHeight;
		if (!isOwn && !this.element.isConnected)
			announce(words.messageFrom(name));
	}

	/** @param {string} text */
	warn(text) {
		this.#line.textContent = text;
	}

	focus() {
		this.#log.scrollTop = this.#log.scrollHeight;
		this.#input.focus();
	}
}

/**
 * The text of a message, of this page or of another client; null if it is none.
 * @param {any} data
 * @returns {string | null}
 */
export function chatText(data) {
	const text = typeof data === 'string' ? data : data?.kind === 'chat' ? data.text : null;
	return typeof text === 'string' ? text.slice(0, LENGTH_MAX) : null;
}

