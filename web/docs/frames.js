// What docs/asyncapi.yaml says of frames and of the end of a connection.

import { h } from '../app/dom.js';
import { prose } from './prose.js';
import { example, members } from './schema.js';

/**
 * @param {string} key @param {any} message @param {import('./schema.js').Document} found
 * @returns {HTMLElement}
 */
export function messageCard(key, message, found) {
	return h('article', { id: `frame-${key}`, class: 'entry' },
		h('h3', {}, h('code', {}, message.name), message.title ? h('small', {}, ` ${message.title}`) : null),
		h('p', { class: 'lead' }, ...prose(message.summary)),
		members(message.payload, found),
		h('pre', { class: 'example' }, JSON.stringify(example(message.payload, found))));
}

/** @param {any} asyncapi @returns {HTMLElement[]} */
export function closeCodes(asyncapi) {
	const { address, description, 'x-close-codes': codes } = asyncapi.channels.room;
	return [
		h('h3', {}, 'Connecting'),
		h('p', {}, h('code', {}, address), '. ', ...prose(description)),
		h('h3', { id: 'close-codes' }, 'Close codes'),
		h('table', {},
			h('thead', {}, h('tr', {}, ...['Close', 'Code', 'Then', 'Why'].map((title) => h('th', { scope: 'col' }, title)))),
			h('tbody', {}, ...codes.map((/** @type {any} */ { close, code, action, why }) => h('tr', {},
				h('th', { scope: 'row' }, close), h('td', {}, h('code', {}, code)), h('td', {}, action ?? ''), h('td', {}, why))))),
	];
}
