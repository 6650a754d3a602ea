// Before the call: camera, microphone, a look in the mirror. Then the call, in the same place.

import { callView } from './call.js';
import { Devices } from './devices.js';
import { announce, h } from './dom.js';
import { backLink, frame } from './frame.js';
import { chooser, roundButton, setToggle } from './inputs.js';
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
	const mic = roundButton(() => devices.setMic(!devices.isMicOn));
	const camera = roundButton(() => devices.setCamera(!devices.isCameraOn));
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
