// Elements from plain calls. Text goes in as text, never as markup: nothing that a person wrote can be more.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [props]  `on…` is a listener, `class` the class, a known property is set, the rest are attributes
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(props)) {
		if (value === undefined || value === null || value === false)
			continue;
		if (name.startsWith('on'))
			element.addEventListener(name.slice(2), value);
		else if (name === 'class')
			element.className = value;
		else if (name in element && !name.includes('-') && name !== 'role' && name !== 'list')
			/** @type {any} */ (element)[name] = value;
		else
			element.setAttribute(name, value === true ? '' : String(value));
	}
	fill(element, ...children);
	return element;
}

/**
 * Replaces all that is inside.
 * @param {Element} element
 * @param {...(Child | Child[])} children
 */
export function fill(element, ...children) {
	element.replaceChildren(...children.flat()
		.filter((child) => child !== null && child !== undefined && child !== false && child !== '')
		.map((child) => (child instanceof Node ? child : String(child))));
}

/** Drawn in 24 by 24, with a round pen. @type {Record<string, string>} */
const ICONS = {
	'mic': 'M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5 11.5a7 7 0 0 0 14 0M12 18.5V22',
	'mic-off': 'M9 9v3a3 3 0 0 0 4.6 2.5M15 11V6a3 3 0 0 0-5.7-1.3M5 11.5a7 7 0 0 0 11.2 5.6M19 11.5c0 .9-.2 1.7-.5 2.5M12 18.5V22M3.5 3.5l17 17',
	'camera': 'M3 7.5A1.5 1.5 0 0 1 4.5 6h9A1.5 1.5 0 0 1 15 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16.5ZM15 10.5l6-3.5v10l-6-3.5',
	'camera-off': 'M9.5 6h4A1.5 1.5 0 0 1 15 7.5v4M15 15.5v1a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16.5v-9A1.5 1.5 0 0 1 4.5 6M17 11.8 21 7v10l-2.5-1.5M3.5 3.5l17 17',
	'screen': 'M3 5.5h18v11H3ZM9 20.5h6M12 16.5v4M12 14V8.5M9.5 10.5 12 8l2.5 2.5',
	'hand': 'M8 12.5V6a1.5 1.5 0 0 1 3 0v5-6.5a1.5 1.5 0 0 1 3 0V11V6a1.5 1.5 0 0 1 3 0v8.5c0 4-2.5 6.5-5.8 6.5-2.7 0-4.2-1.2-5.4-3.6L3.7 13.6a1.5 1.5 0 0 1 2.5-1.6L8 14.5',
	'chat': 'M4 5.5h16v11H11l-4.5 4v-4H4Z',
	'people': 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.5 2.9-6 6.5-6s6.5 2.5 6.5 6M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.5c2.1.8 3.5 2.8 3.5 5.5',
	'leave': 'M3 14.5c5-5 13-5 18 0l-2.5 2.5-3.8-1.8v-2.6a9 9 0 0 0-5.4 0v2.6L5.5 17Z',
	'plus': 'M12 5v14M5 12h14',
	'back': 'M14.5 5.5 8 12l6.5 6.5',
	'copy': 'M8.5 8.5h11v11h-11ZM15.5 8.5v-4h-11v11h4',
	'download': 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
	'send': 'M4 12 20 4.5 15 20l-3.5-6.5ZM11.5 13.5 20 4.5',
	'close': 'M6 6l12 12M18 6 6 18',
	'settings': 'M4 7h9M17 7h3M15 4.8v4.4M4 17h3M11 17h9M9 14.8v4.4',
	'sun': 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
};

/** @param {string} name */
export function icon(name) {
	const space = 'http://www.w3.org/2000/svg';
	const svg = document.createElementNS(space, 'svg');
	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('class', 'icon');
	svg.setAttribute('aria-hidden', 'true');
	const path = document.createElementNS(space, 'path');
	path.setAttribute('d', ICONS[name]);
	svg.append(path);
	return svg;
}

/** Says something to who cannot see it. @param {string} text */
export function announce(text) {
	const announcer = document.getElementById('announcer');
	if (announcer)
		announcer.textContent = text;
}

/** A line for what went wrong, empty until then. */
export function alertLine() {
	return h('p', { class: 'alert', role: 'alert' });
}

/**
 * A button that is busy while its job runs, and shows what went wrong.
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} line   of alertLine()
 * @param {() => Promise<void> | void} job
 */
export async function busy(button, line, job) {
	line.textContent = '';
	button.disabled = true;
	try {
		await job();
	} catch (error) {
		line.textContent = error instanceof Error ? error.message : String(error);
	} finally {
		button.disabled = false;
	}
}
