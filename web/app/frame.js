// What stands around every view but the call: the bar on top.

import { fill, h, icon } from './dom.js';
import { session } from './session.js';
import { words } from './words.js';

/**
 * @param {HTMLElement} root
 * @param {...any} children
 */
export function frame(root, ...children) {
	fill(root,
		h('header', { class: 'bar' },
			h('a', { class: 'brand', href: '#/' }, h('img', { src: 'icon.svg', alt: '', width: 28, height: 28 }), words.name),
			h('span', { class: 'spacer' }),
			h('span', { class: 'who' }, session.user?.full_name),
			h('button', { class: 'plain', type: 'button', onclick: () => session.signOut() }, words.signOut)),
		h('main', { class: 'page' }, ...children));
}

/** The way back to the list. */
export function backLink() {
	return h('a', { class: 'back', href: '#/' }, icon('back'), words.back);
}

/** @param {string} status */
export function statusChip(status) {
	return h('span', { class: `chip ${status}` }, words.status[status] ?? status);
}

/**
 * A dialog over the page; gone when it is closed.
 * @param {string} title
 * @param {...any} children
 */
export function openDialog(title, ...children) {
	const dialog = h('dialog', { class: 'card', 'aria-label': title }, h('h2', {}, title), ...children);
	dialog.addEventListener('close', () => dialog.remove());
	document.body.append(dialog);
	dialog.showModal();
	return dialog;
}
