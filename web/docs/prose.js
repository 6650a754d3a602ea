// The prose of a description: paragraphs, and code between backticks. Nothing else of Markdown is used there.

import { h } from '../app/dom.js';

/** One paragraph, as texts and code. @param {string} text @returns {(string | HTMLElement)[]} */
export function prose(text) {
	return text.split('`').map((part, i) => (i % 2 === 1 ? h('code', {}, part) : part)).filter((part) => part !== '');
}

/** All of it. @param {string} [text] @returns {HTMLElement[]} */
export function paragraphs(text = '') {
	return text.trim().split(/\n\s*\n/).filter(Boolean).map((part) => h('p', {}, ...prose(part.replaceAll(/\s+/g, ' '))));
}
