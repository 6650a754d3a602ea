// Before the call: camera, microphone, a look in the mirror. Then the call, in the same place.

import { callView } from './call.js';
import { Devices } from './devices.js';
import { announce, fill, h, icon } from './dom.js';
import { backLink, frame } from './frame.js';
import { LevelMeter } from './level.js';
import { session } from './session.js';
import { words } from './words.js';

/** @type {import('./main.js').View} */
export function joinView(root, id) {
	const devices = new Devices();
	/** @type {(() => void) | null} */
	let leaveStep = null;
	let isGone = false;
	const show = async () => {
		try {
			const meeting = await session.api('GET', `api/meetings/${id}`);
			if (!isGone)
				leaveStep = prejoin(root, meeting, devices, start);
		} catch (error) {
			fill(root, '');
			frame(root, backLink(), h('p', { class: 'alert', role: 'alert' }, error instanceof Error ? error.message : ''));
		}
	};
	const start = (/** @type {any} */ meeting) => {
		leaveStep?.();
		leaveStep = callView(root, meeting, devices, () => {
			leaveStep?.();
			leaveStep = null;
			show();
		});
	};
	show();
	return () => {
		isGone = true;
		leaveStep?.();
		devices.stop();
	};
}

/**
 * @param {HTMLElement} root
 * @param {any} meeting
 * @param {Devices} devices
 * @param {(meeting: any) => void} start
 */
function prejoin(root, meeting, devices, start) {
	document.title = `${meeting.title} – ${words.name}`;
	const video = h('video', { class: 'mirror', muted: true, autoplay: true, playsInline: true, 'aria-label': words.preview });
	const blank = h('p', { class: 'blank' }, words.cameraIsOff);
	const meter = new LevelMeter();
	const problem = h('p', { class: 'alert', role: 'alert' });
	const mic = toggle(() => devices.setMic(!devices.isMicOn));
	const camera = toggle(() => devices.setCamera(!devices.isCameraOn));
	const cameras = chooser('video', words.camera, devices);
	const microphones = chooser('audio', words.microphone, devices);
	const join = h('button', { class: 'primary wide', type: 'button', onclick: () => start(meeting) }, words.join);

	const refresh = () => {
		const { video: picture, audio: sound } = devices.tracks;
		video.srcObject = picture ? new MediaStream([picture]) : null;
		video.hidden = !picture;
		blank.hidden = picture !== null;
		meter.listen(devices.isMicOn ? sound : null);
		setToggle(mic, devices.isMicOn, 'mic', words.mute, words.unmute);
		setToggle(camera, devices.isCameraOn, 'camera', words.cameraOff, words.cameraOn);
		problem.textContent = devices.problem;
	};
	devices.onchange = refresh;

	frame(root, backLink(),
		h('div', { class: 'prejoin' },
			h('div', { class: 'mirror-box' }, video, blank, h('div', { class: 'mirror-controls' }, mic, camera)),
			h('section', { class: 'form' },
				h('h1', {}, meeting.title),
				h('p', { class: 'quiet' }, words.ready),
				cameras.box, microphones.box,
				h('div', { class: 'level', role: 'img', 'aria-label': words.inputLevel }, meter.element),
				problem, join)));
	refresh();
	(async () => {
		if (!devices.tracks.audio && !devices.tracks.video)
			await devices.open();
		refresh();
		await Promise.all([cameras.refresh(), microphones.refresh()]);
		if (devices.problem)
			announce(devices.problem);
	})();
	const plugged = () => { cameras.refresh(); microphones.refresh(); };
	navigator.mediaDevices?.addEventListener('devicechange', plugged);
	return () => {
		navigator.mediaDevices?.removeEventListener('devicechange', plugged);
		meter.stop();
		video.srcObject = null;
		devices.onchange = () => {};
	};
}

/** @param {() => void} change */
function toggle(change) {
	return h('button', { class: 'round', type: 'button', onclick: change });
}

/**
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
