// The page: which view is shown for which address (the part after #), and for whom.

import { h } from './dom.js';
import { words } from './words.js';
import { session } from './session.js';
import { signInView } from './signin.js';
import { homeView } from './home.js';
import { meetingView } from './meeting.js';
import { joinView } from './join.js';

/**
 * A view fills `root`; what it returns is called when it goes.
 * @typedef {(root: HTMLElement, id: number) => (() => void) | void} View
 */

/** @type {[RegExp, View][]} */
const ROUTES = [
	[/^#\/meeting\/(\d+)\/join$/, joinView],
	[/^#\/meeting\/(\d+)$/, meetingView],
	[/^/, homeView],
];

const root = /** @type {HTMLElement} */ (document.getElementById('app'));
/** @type {(() => void) | void} */
let leave;

function show() {
	leave?.();
	leave = undefined;
	root.replaceChildren();
	document.title = words.name;
	if (!session.user) {
		leave = signInView(root, show);
		return;
	}
	for (const [pattern, view] of ROUTES) {
		const match = pattern.exec(location.hash);
		if (match) {
			leave = view(root, Number(match[1]));
			break;
		}
	}
	const heading = root.querySelector('h1');
	if (heading) {
		heading.tabIndex = -1;
		heading.focus({ preventScroll: true });
	}
}

session.onend = show;
addEventListener('hashchange', show);
if (!('RTCPeerConnection' in globalThis))
	root.before(h('p', { class: 'alert' }, words.mediaErrors.other));
show();
