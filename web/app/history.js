// The past calls of a meeting: when, how long, who was there, and that as a file.

import { alertLine, busy, fill, h, icon } from './dom.js';
import { formatDateTime, formatDuration, formatTime } from './format.js';
import { session } from './session.js';
import { words } from './words.js';

const PAGE = 10;

/** @param {number} meetingId */
export function historyOf(meetingId) {
	const list = h('ul', { class: 'history' });
	const line = alertLine();
	const more = h('button', { class: 'plain', type: 'button', hidden: true }, words.more);
	let cursor = '';
	const load = () => busy(more, line, async () => {
		const page = await session.api('GET',
			`api/calls?meeting_id=${meetingId}&limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
		list.append(...page.results.map(callRow));
		if (list.childElementCount === 0)
			list.append(h('li', { class: 'quiet' }, words.noHistory));
		cursor = page.next_cursor ?? '';
		more.hidden = cursor === '';
	});
	more.addEventListener('click', load);
	load();
	return h('div', {}, list, line, more);
}

/** @param {any} call */
function callRow(call) {
	const details = h('div', { class: 'attendance' });
	const about = call.status === 'active' ? words.runningNow
		: [formatDuration(call.duration), words.endedBecause[call.ended_reason]].filter(Boolean).join(' · ');
	const fold = h('details', {},
		h('summary', {}, h('span', {}, formatDateTime(call.started_at)), ' ', h('span', { class: 'quiet' }, about)), details);
	fold.addEventListener('toggle', () => {
		if (fold.open)
			showAttendance(details, call.id);
	});
	return h('li', {}, fold);
}

/**
 * @param {HTMLElement} box
 * @param {number} callId
 */
async function showAttendance(box, callId) {
	const line = alertLine();
	try {
		const call = await session.api('GET', `api/calls/${callId}`);
		const download = h('button', { type: 'button', onclick: () => busy(download, line, () => saveCsv(callId)) },
			icon('download'), words.csv);
		fill(box, call.attendance.length > 0 ? attendanceTable(call.attendance) : h('p', { class: 'quiet' }, words.nobodyCame),
			download, line);
	} catch (error) {
		fill(box, line);
		line.textContent = error instanceof Error ? error.message : '';
	}
}

/** @param {any[]} attendance */
function attendanceTable(attendance) {
	const rows = attendance.flatMap(({ user, intervals, total_seconds: total }) =>
		intervals.map((/** @type {any} */ interval, /** @type {number} */ i) => h('tr', {},
			h('td', {}, i === 0 ? user.full_name : ''),
			h('td', {}, formatTime(interval.joined_at)),
			h('td', {}, interval.left_at ? formatTime(interval.left_at) : words.still),
			h('td', {}, i === 0 ? formatDuration(total) : ''))));
	const heads = [words.person, words.cameAt, words.leftAt, words.present];
	return h('table', {}, h('caption', { class: 'hidden-text' }, words.attendance),
		h('thead', {}, h('tr', {}, heads.map((head) => h('th', { scope: 'col' }, head)))), h('tbody', {}, rows));
}

/** With the token in a header, so not by a link. @param {number} callId */
async function saveCsv(callId) {
	const reply = await session.request('GET', `api/calls/${callId}/attendance.csv`);
	if (!reply.ok)
		throw new Error(words.serverError);
	const address = URL.createObjectURL(await reply.blob());
	h('a', { href: address, download: `call-${callId}-attendance.csv` }).click();
	URL.revokeObjectURL(address);
}
