// The panel beside the pictures (over them on a telephone): one of its contents, or closed.

import { fill, h, icon } from './dom.js';
import { words } from './words.js';

/** @type {Record<string, string>} */
const TITLES = { chat: words.chat, people: words.whoIsHere };

export class Panel {
	/** @type {string | null} */
	open = null;
	/** @type {(name: string) => void} */
	onopen = () => {};
	/** @type {(name: string | null) => void} */
	onchange = () => {};
	#contents;

	/** @param {Record<string, HTMLElement>} contents */
	constructor(contents) {
		this.#contents = contents;
		this.element = h('aside', { class: 'panel', hidden: true });
		this.element.addEventListener('keydown', (event) => {
			if (event.key === 'Escape')
				this.toggle(null);
		});
	}

	/** @param {string | null} name  open already: closes it */
	toggle(name) {
		this.open = this.open === name ? null : name;
		this.element.hidden = this.open === null;
		if (this.open !== null) {
			this.element.setAttribute('aria-label', TITLES[this.open]);
			fill(this.element,
				h('div', { class: 'panel-head' }, h('h2', {}, TITLES[this.open]),
					h('button', { class: 'round small plain', type: 'button', 'aria-label': words.close, title: words.close,
						onclick: () => this.toggle(null) }, icon('close'))),
				this.#contents[this.open]);
			this.onopen(this.open);
		} else
			fill(this.element);
		this.onchange(this.open);
	}
}
