// After the call: why it is over, and where to go.

import { fill, h } from './dom.js';
import { words } from './words.js';

/**
 * @param {HTMLElement} root
 * @param {any} meeting
 * @param {string} why
 * @param {() => void} again
 */
export function overView(root, meeting, why, again) {
	const heading = h('h1', { tabIndex: -1 }, why);
	fill(root, h('main', { class: 'narrow over' },
		h('img', { src: 'icon.svg', alt: '', width: 56, height: 56 }),
		heading,
		h('p', { class: 'quiet' }, meeting.title),
		h('div', { class: 'actions' },
			h('button', { class: 'primary', type: 'button', onclick: again }, words.rejoin),
			h('a', { class: 'button', href: `#/meeting/${meeting.id}` }, words.details),
			h('a', { class: 'button', href: '#/' }, words.back))));
	heading.focus();
}
