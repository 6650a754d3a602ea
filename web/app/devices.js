// The user's camera and microphone: opened, chosen, switched off and on.

import { words } from './words.js';

const STORE = 'unio.devices';

/** @typedef {'audio' | 'video'} Kind */
/** @typedef {{audio: string, video: string, mic: boolean, camera: boolean}} Choice */

/** @returns {Choice} */
function remembered() {
	const none = { audio: '', video: '', mic: true, camera: true };
	try {
		return { ...none, ...JSON.parse(localStorage.getItem(STORE) ?? '{}') };
	} catch {
		return none;
	}
}

export class Devices {
	choice = remembered();
	/** What there is, once it may be used. @type {Record<Kind, MediaStreamTrack | null>} */
	tracks = { audio: null, video: null };
	/** What went wrong, in words. */
	problem = '';
	/** Called when a track has come, gone or been replaced. @type {(kind: Kind) => void} */
	onchange = () => {};

	/** Opens what was chosen the last time; what cannot be had is left out. */
	async open() {
		if (!navigator.mediaDevices) {
			this.problem = words.mediaErrors.insecure;
			return;
		}
		const { choice } = this;
		if (choice.camera && choice.mic) {
			// Together first, so that the browser asks once.
			await this.#get({ audio: wanted('audio', choice.audio), video: wanted('video', choice.video) });
			if (this.tracks.audio || this.tracks.video)
				return;
		}
		const before = this.problem;
		await this.#get({ audio: wanted('audio', choice.audio) });
		if (this.tracks.audio && !choice.mic)
			this.tracks.audio.enabled = false;
		if (choice.camera)
			await this.#get({ video: wanted('video', choice.video) });
		this.problem ||= before;
	}

	/** @param {Partial<Record<Kind, MediaTrackConstraints>>} constraints */
	async #get(constraints) {
		try {
			const stream = await getUserMedia(constraints);
			this.problem = '';
			for (const track of stream.getTracks())
				this.#put(/** @type {Kind} */ (track.kind), track);
		} catch (error) {
			const name = error instanceof Error ? error.name : '';
			this.problem = words.mediaErrors[name] ?? words.mediaErrors.other;
		}
	}

	/**
	 * @param {Kind} kind
	 * @param {MediaStreamTrack | null} track
	 */
	#put(kind, track) {
		this.tracks[kind]?.stop();
		this.tracks[kind] = track;
		if (kind === 'audio' && track)
			track.enabled = this.choice.mic;
		track?.addEventListener('ended', () => {
			// Pulled out, or taken away by the user.
			if (this.tracks[kind] === track)
				this.#put(kind, null);
		});
		this.onchange(kind);
	}

	get isMicOn() {
		return this.choice.mic && this.tracks.audio !== null;
	}

	get isCameraOn() {
		return this.tracks.video !== null;
	}

	/** A silenced microphone stays open: it is back at once. @param {boolean} on */
	async setMic(on) {
		this.choice.mic = on;
		this.#remember();
		if (on && !this.tracks.audio)
			await this.#get({ audio: wanted('audio', this.choice.audio) });
		if (this.tracks.audio)
			this.tracks.audio.enabled = on;
		this.onchange('audio');
	}

	/** A camera that is off is really off, its light too. @param {boolean} on */
	async setCamera(on) {
		this.choice.camera = on;
		this.#remember();
		if (on && !this.tracks.video)
			await this.#get({ video: wanted('video', this.choice.video) });
		else if (!on)
			this.#put('video', null);
	}

	/**
	 * @param {Kind} kind
	 * @param {string} deviceId
	 */
	async choose(kind, deviceId) {
		this.choice[kind] = deviceId;
		this.#remember();
		if (this.tracks[kind])
			await this.#get({ [kind]: wanted(kind, deviceId) });
	}

	/** @param {Kind} kind */
	async list(kind) {
		const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
		return devices.filter((device) => device.kind === `${kind}input` && device.deviceId !== '');
	}

	stop() {
		this.onchange = () => {};
		for (const kind of /** @type {Kind[]} */ (['audio', 'video'])) {
			this.tracks[kind]?.stop();
			this.tracks[kind] = null;
		}
	}

	/** A stream of what is on, for showing and sending. */
	stream() {
		return new MediaStream(Object.values(this.tracks).filter((track) => track !== null));
	}

	#remember() {
		localStorage.setItem(STORE, JSON.stringify(this.choice));
	}
}

/**
 * A device that was chosen and is no longer there gives way to any other.
 * @param {Partial<Record<Kind, MediaTrackConstraints>>} constraints
 */
async function getUserMedia(constraints) {
	try {
		return await navigator.mediaDevices.getUserMedia(constraints);
	} catch (error) {
		if (!(error instanceof Error) || error.name !== 'OverconstrainedError')
			throw error;
		const any = Object.entries(constraints).map(([kind, { deviceId, ...rest }]) => [kind, rest]);
		return navigator.mediaDevices.getUserMedia(Object.fromEntries(any));
	}
}

/**
 * @param {Kind} kind
 * @param {string} deviceId
 * @returns {MediaTrackConstraints}
 */
function wanted(kind, deviceId) {
	// Exactly that one: as a mere wish it would be weighed against the size of the picture.
	const device = deviceId ? { deviceId: { exact: deviceId } } : {};
	return kind === 'audio'
		? { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true }
		: { ...device, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
}
