// Who is here: in the call, in the room, or invited and not here.

import { fill, h, icon } from './dom.js';
import { hue, initials } from './format.js';
import { words } from './words.js';

/** @typedef {{userId: number, name: string, isSelf: boolean, inCall: boolean, state: Record<string, any>}} Here */

export class People {
	#list = h('ul', { class: 'people', 'aria-label': words.whoIsHere });
	element = h('div', { class: 'scroll' }, this.#list);

	/**
	 * @param {Here[]} here
	 * @param {{id: number, full_name: string}[]} invited
	 * @param {number} hostId
	 */
	show(here, invited, hostId) {
		const present = new Set(here.map(({ userId }) => userId));
		// What others say of themselves may be anything, also an object that cannot become a number.
		const hands = [...here].sort((a, b) => Number(b.state.hand === true) - Number(a.state.hand === true));
		fill(this.#list,
			hands.map((person) => row(person.userId, person.name,
				[person.isSelf && words.you, person.userId === hostId && words.host, !person.inCall && words.inRoom], person.state)),
			invited.filter(({ id }) => !present.has(id)).map((user) => row(user.id, user.full_name,
				[user.id === hostId && words.host, words.notHere], null)));
	}
}

/**
 * @param {number} userId
 * @param {string} name
 * @param {(string | false)[]} notes
 * @param {Record<string, any> | null} state  null: not here
 */
function row(userId, name, notes, state) {
	return h('li', { class: state ? '' : 'absent' },
		h('span', { class: `face ${hue(userId)}`, 'aria-hidden': 'true' }, initials(name)),
		h('span', { class: 'about' }, h('span', {}, name), h('span', { class: 'quiet' }, notes.filter(Boolean).join(' · '))),
		state?.hand && h('span', { class: 'mark hand', role: 'img', 'aria-label': words.handUp }, icon('hand')),
		state?.muted && h('span', { class: 'mark', role: 'img', 'aria-label': words.muted }, icon('mic-off')));
}
