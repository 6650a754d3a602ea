// Signing in.

import { alertLine, busy, fill, h } from './dom.js';
import { ApiError, session } from './session.js';
import { words } from './words.js';

/**
 * @param {HTMLElement} root
 * @param {() => void} done
 */
export function signInView(root, done) {
	const line = alertLine();
	const email = h('input', { id: 'email', type: 'email', autocomplete: 'username', required: true });
	const password = h('input', { id: 'password', type: 'password', autocomplete: 'current-password', required: true });
	const button = h('button', { class: 'primary wide', type: 'submit' }, words.signIn);
	const submit = (/** @type {Event} */ event) => {
		event.preventDefault();
		busy(button, line, async () => {
			try {
				await session.signIn(email.value.trim(), password.value);
			} catch (error) {
				throw new Error(refusal(error));
			}
			done();
		});
	};
	fill(root, h('main', { class: 'narrow' },
		h('img', { src: 'icon.svg', alt: '', width: 56, height: 56 }),
		h('h1', {}, words.name),
		h('p', { class: 'quiet' }, words.tagline),
		h('form', { class: 'card form', onsubmit: submit },
			h('label', { htmlFor: 'email' }, words.email), email,
			h('label', { htmlFor: 'password' }, words.password), password,
			line, button)));
	email.focus();
}

/** @param {unknown} error */
function refusal(error) {
	if (error instanceof ApiError && error.status === 401)
		return words.wrongLogin;
	if (error instanceof ApiError && error.status === 429)
		return words.tooManyLogins;
	return error instanceof Error ? error.message : words.serverError;
}
