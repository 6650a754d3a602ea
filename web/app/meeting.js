// One meeting: its people, inviting, its past calls.

import { alertLine, announce, busy, h, icon } from './dom.js';
import { formatDateTime, hue, initials } from './format.js';
import { backLink, frame, openDialog, statusChip } from './frame.js';
import { historyOf } from './history.js';
import { base, session } from './session.js';
import { words } from './words.js';

/** @type {import('./main.js').View} */
export function meetingView(root, id) {
	const load = async () => {
		try {
			draw(root, await session.api('GET', `api/meetings/${id}`), load);
		} catch (error) {
			frame(root, backLink(), h('p', { class: 'alert', role: 'alert' }, error instanceof Error ? error.message : ''));
		}
	};
	load();
}

/**
 * @param {HTMLElement} root
 * @param {any} meeting
 * @param {() => void} reload
 */
function draw(root, meeting, reload) {
	const isHost = meeting.host.id === session.user?.id;
	document.title = `${meeting.title} – ${words.name}`;
	frame(root, backLink(),
		h('div', { class: 'head' },
			h('div', {}, h('h1', {}, meeting.title), h('p', { class: 'quiet' }, statusChip(meeting.status), ' ',
				meeting.scheduled_at && formatDateTime(meeting.scheduled_at))),
			h('div', { class: 'actions' }, copyButton(meeting.id),
				meeting.status !== 'cancelled' && h('a', { class: 'button primary', href: `#/meeting/${meeting.id}/join` }, words.join))),
		meeting.description && h('p', { class: 'description' }, meeting.description),
		h('div', { class: 'columns' },
			h('section', { class: 'card' }, h('h2', {}, words.participants),
				peopleList(meeting, isHost, reload), isHost && inviteForm(meeting, reload)),
			h('section', { class: 'card' }, h('h2', {}, words.history), historyOf(meeting.id))),
		isHost && h('p', {}, h('button', { class: 'plain danger-text', type: 'button', onclick: () => askDelete(meeting) },
			words.deleteMeeting)));
}

/** @param {number} id */
function copyButton(id) {
	const label = h('span', {}, words.copyLink);
	return h('button', { type: 'button', onclick: async () => {
		await navigator.clipboard?.writeText(new URL(`#/meeting/${id}/join`, base).href);
		label.textContent = words.linkCopied;
		announce(words.linkCopied);
	} }, icon('copy'), label);
}

/**
 * @param {any} meeting
 * @param {boolean} isHost
 * @param {() => void} reload
 */
function peopleList(meeting, isHost, reload) {
	const line = alertLine();
	const rows = [meeting.host, ...meeting.participants].map((user) => {
		const notes = [user.id === meeting.host.id && words.host, user.id === session.user?.id && words.you, user.email];
		const remove = h('button', { class: 'round small plain', type: 'button', 'aria-label': words.removePerson(user.full_name),
			title: words.remove, onclick: () => busy(remove, line, async () => {
				await session.api('DELETE', `api/meetings/${meeting.id}/participants/${user.id}`);
				reload();
			}) }, icon('close'));
		return h('li', {},
			h('span', { class: `face ${hue(user.id)}`, 'aria-hidden': 'true' }, initials(user.full_name)),
			h('span', { class: 'about' }, h('span', {}, user.full_name),
				h('span', { class: 'quiet' }, notes.filter(Boolean).join(' · '))),
			isHost && user.id !== meeting.host.id && remove);
	});
	return h('div', {}, h('ul', { class: 'people' }, rows), line);
}

/**
 * @param {any} meeting
 * @param {() => void} reload
 */
function inviteForm(meeting, reload) {
	const line = alertLine();
	const email = h('input', { id: 'invite', type: 'email', required: true, autocomplete: 'off' });
	const button = h('button', { type: 'submit' }, words.invite);
	const submit = (/** @type {Event} */ event) => {
		event.preventDefault();
		busy(button, line, async () => {
			const address = email.value.trim();
			const user = await session.api('POST', `api/meetings/${meeting.id}/participants`, { email: address })
				.catch((error) => { throw error.status === 404 ? new Error(words.nobodyHas(address)) : error; });
			announce(words.invited(user.full_name));
			reload();
		});
	};
	return h('form', { class: 'form', onsubmit: submit },
		h('label', { htmlFor: 'invite' }, words.inviteOne),
		h('div', { class: 'joined' }, email, button), line);
}

/** @param {any} meeting */
function askDelete(meeting) {
	const line = alertLine();
	const sure = h('button', { class: 'danger', type: 'button', onclick: () => busy(sure, line, async () => {
		await session.api('DELETE', `api/meetings/${meeting.id}`);
		dialog.close();
		location.hash = '#/';
	}) }, words.deleteMeeting);
	const dialog = openDialog(`${words.deleteMeeting}?`, h('p', { class: 'quiet' }, words.deleteSure), line,
		h('div', { class: 'actions' },
			h('button', { class: 'plain', type: 'button', onclick: () => dialog.close() }, words.cancel), sure));
}
