// The list of meetings, and making one.

import { alertLine, busy, fill, h, icon } from './dom.js';
import { formatDateTime } from './format.js';
import { frame, openDialog, statusChip } from './frame.js';
import { session } from './session.js';
import { words } from './words.js';

const REFRESH_MS = 10_000;
const PAGE = 50;

/** @type {import('./main.js').View} */
export function homeView(root) {
	document.title = `${words.meetings} – ${words.name}`;
	const list = h('ul', { class: 'cards' });
	const line = alertLine();
	const more = h('button', { class: 'plain', type: 'button', hidden: true }, words.more);
	let pages = 1;
	const load = async () => {
		try {
			const { meetings, hasMore } = await firstPages(pages);
			line.textContent = '';
			fill(list, meetings.length > 0 ? meetings.map(meetingCard) : emptyList());
			more.hidden = !hasMore;
		} catch (error) {
			line.textContent = error instanceof Error ? error.message : '';
		}
	};
	more.addEventListener('click', () => { pages += 1; load(); });
	frame(root,
		h('div', { class: 'head' },
			h('h1', {}, words.meetings),
			h('button', { class: 'primary', type: 'button', onclick: () => createDialog() }, icon('plus'), words.newMeeting)),
		line, list, more);
	load();
	const timer = setInterval(() => !document.hidden && load(), REFRESH_MS);
	return () => clearInterval(timer);
}

/** @param {number} count */
async function firstPages(count) {
	const meetings = [];
	let cursor = '';
	for (let page = 0; page < count; page++) {
		const reply = await session.api('GET', `api/meetings?limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
		meetings.push(...reply.results);
		cursor = reply.next_cursor ?? '';
		if (cursor === '')
			break;
	}
	return { meetings, hasMore: cursor !== '' };
}

function emptyList() {
	return h('li', { class: 'empty' }, h('p', {}, words.noMeetings), h('p', { class: 'quiet' }, words.noMeetingsHint));
}

/** @param {any} meeting */
function meetingCard(meeting) {
	const isHost = meeting.host.id === session.user?.id;
	return h('li', { class: 'card meeting' },
		h('div', { class: 'about' },
			h('h2', {}, h('a', { href: `#/meeting/${meeting.id}` }, meeting.title)),
			h('p', { class: 'quiet' },
				[isHost ? words.hostedByYou : words.hostedBy(meeting.host.full_name),
					words.people(meeting.participants.length + 1),
					meeting.scheduled_at && formatDateTime(meeting.scheduled_at)].filter(Boolean).join(' · '))),
		statusChip(meeting.status),
		meeting.status !== 'cancelled' && h('a', {
			class: `button ${meeting.active_call ? 'primary' : ''}`,
			href: `#/meeting/${meeting.id}/join`,
			'aria-label': `${words.join}: ${meeting.title}`,
		}, words.join));
}

function createDialog() {
	const line = alertLine();
	const title = h('input', { id: 'new-title', required: true, maxLength: 200, autocomplete: 'off' });
	const description = h('textarea', { id: 'new-description', rows: 2, maxLength: 4000 });
	const when = h('input', { id: 'new-when', type: 'datetime-local' });
	const people = h('input', { id: 'new-people', autocomplete: 'off', inputMode: 'email' });
	const button = h('button', { class: 'primary', type: 'submit' }, words.create);
	const submit = (/** @type {Event} */ event) => {
		event.preventDefault();
		busy(button, line, async () => {
			const emails = people.value.split(/[\s,;]+/).filter(Boolean);
			const meeting = await session.api('POST', 'api/meetings', {
				title: title.value.trim(),
				description: description.value.trim(),
				participants: emails,
				...(when.value ? { scheduled_at: new Date(when.value).toISOString() } : {}),
			}).catch((error) => { throw namingWhom(error, emails); });
			dialog.close();
			location.hash = `#/meeting/${meeting.id}`;
		});
	};
	const dialog = openDialog(words.newMeeting,
		h('form', { class: 'form', onsubmit: submit },
			h('label', { htmlFor: 'new-title' }, words.title), title,
			h('label', { htmlFor: 'new-description' }, words.description), description,
			h('label', { htmlFor: 'new-when' }, words.when), when,
			h('label', { htmlFor: 'new-people' }, words.inviteMany), people,
			line,
			h('div', { class: 'actions' },
				h('button', { class: 'plain', type: 'button', onclick: () => dialog.close() }, words.cancel), button)));
}

/**
 * The server says which of the invited it does not know; people want to read the address.
 * @param {any} error
 * @param {string[]} emails
 */
function namingWhom(error, emails) {
	const [, index] = /participant (\d+) /i.exec(error.field === 'participants' ? error.message : '') ?? [];
	return index && emails[Number(index) - 1] ? new Error(words.nobodyHas(emails[Number(index) - 1])) : error;
}
