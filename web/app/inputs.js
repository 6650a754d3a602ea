// What is pressed and chosen before a call and in it.

import { fill, h, icon } from './dom.js';
import { words } from './words.js';

/** @typedef {import('./devices.js').Devices} Devices */

/** A round button for an icon. @param {() => void} change */
export function roundButton(change) {
	return h('button', { class: 'round', type: 'button', onclick: change });
}

/**
 * Shows a device as on or off.
 * @param {HTMLButtonElement} button
 * @param {boolean} isOn
 * @param {string} name   of the icon
 * @param {string} off    what a press does while it is on
 * @param {string} on
 */
export function setToggle(button, isOn, name, off, on) {
	const label = isOn ? off : on;
	button.classList.toggle('off', !isOn);
	button.setAttribute('aria-label', label);
	button.title = label;
	fill(button, icon(isOn ? name : `${name}-off`));
}

/**
 * A list of the devices of a kind to choose from.
 * @param {'audio' | 'video'} kind
 * @param {string} label
 * @param {Devices} devices
 */
export function chooser(kind, label, devices) {
	const select = h('select', { id: `choose-${kind}`, onchange: () => devices.choose(kind, select.value) });
	const refresh = async () => {
		const list = await devices.list(kind);
		const current = devices.tracks[kind]?.getSettings().deviceId ?? devices.choice[kind];
		fill(select, list.map((device, i) => h('option', { value: device.deviceId, selected: device.deviceId === current },
			device.label || `${label} ${i + 1}`)));
		if (list.length === 0)
			fill(select, h('option', { value: '' }, kind === 'audio' ? words.noMicrophone : words.noCamera));
		select.disabled = list.length < 2;
	};
	return { box: h('div', { class: 'field' }, h('label', { htmlFor: select.id }, label), select), refresh };
}
