// How loud the own microphone is.

export class LevelMeter {
	element = document.createElement('div');
	/** 0 to 1. */
	level = 0;
	/** @type {AudioContext | null} */
	#context = null;
	/** @type {AnalyserNode | null} */
	#analyser = null;
	/** @type {MediaStreamAudioSourceNode | null} */
	#source = null;
	/** @type {MediaStreamTrack | null} */
	#track = null;
	#timer = setInterval(() => this.#measure(), 100);

	constructor() {
		this.element.className = 'level-bar';
	}

	/** @param {MediaStreamTrack | null} track */
	listen(track) {
		if (track === this.#track)
			return;
		this.#track = track;
		this.#source?.disconnect();
		this.#source = null;
		if (!track)
			return;
		this.#context ??= new AudioContext();
		this.#analyser ??= this.#context.createAnalyser();
		this.#analyser.fftSize = 512;
		this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
		this.#source.connect(this.#analyser);
	}

	stop() {
		clearInterval(this.#timer);
		this.listen(null);
		this.#context?.close();
		this.#context = null;
	}

	#measure() {
		this.level = this.#source && this.#analyser ? loudness(this.#analyser) : 0;
		this.element.style.setProperty('--level', String(this.level));
	}
}

/** @param {AnalyserNode} analyser */
function loudness(analyser) {
	const samples = new Float32Array(analyser.fftSize);
	analyser.getFloatTimeDomainData(samples);
	const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
	return Math.min(1, Math.sqrt(power) * 4);
}
