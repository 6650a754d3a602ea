// The pictures of all who are in the call, and what is measured of them.

import { h } from './dom.js';
import { keepFitted } from './grid.js';
import { judge, sample } from './quality.js';
import { Tile } from './tile.js';
import { words } from './words.js';

/** @typedef {import('../unio-client.js').Peer} Peer */
/** @typedef {{tile: Tile, peer: Peer, before: import('./quality.js').Sample | null}} Seat */

const SPEAKING_MS = 150;
const QUALITY_MS = 2000;

export class Stage {
	#self;
	#meter;
	/** By the peer's id. @type {Map<string, Seat>} */
	#seats = new Map();
	#spot = h('div', { class: 'spot', hidden: true });
	#grid = h('div', { class: 'grid' });
	#alone = h('p', { class: 'alone' }, h('strong', {}, words.alone), ' ', words.aloneHint);
	/** @type {any[]} */
	#timers = [];
	#unfit = () => {};
	#isBlocked = false;

	/**
	 * @param {import('./session.js').User} user
	 * @param {import('./level.js').LevelMeter} meter
	 */
	constructor(user, meter) {
		this.#self = new Tile({ name: user.full_name, userId: user.id, isSelf: true });
		this.#meter = meter;
		this.element = h('section', { class: 'stage', 'aria-label': words.videos }, this.#spot, this.#grid, this.#alone);
		this.#grid.append(this.#self.element);
	}

	start() {
		this.#unfit = keepFitted(this.#grid);
		this.#timers = [setInterval(() => this.#listen(), SPEAKING_MS), setInterval(() => this.#measure(), QUALITY_MS)];
	}

	stop() {
		this.#timers.forEach(clearInterval);
		this.#unfit();
		this.#seats.forEach(({ tile }) => tile.remove());
		this.#self.remove();
	}

	/**
	 * @param {Record<string, any>} state
	 * @param {MediaStream | null} stream
	 */
	showSelf(state, stream) {
		this.#self.update(state);
		this.#self.show(stream);
		this.#arrange();
	}

	/** A peer as it is now; one who is not in the call has no picture. @param {Peer} peer */
	show(peer) {
		if (!peer.inCall && peer.stream.getTracks().length === 0) {
			this.remove(peer);
			return;
		}
		const seat = this.#seats.get(peer.id) ?? this.#seat(peer);
		seat.tile.update(peer.state ?? {});
		seat.tile.setConnection(peer.connection);
		seat.tile.show(peer.stream);
		this.#arrange();
	}

	/** @param {Peer} peer */
	remove(peer) {
		this.#seats.get(peer.id)?.tile.remove();
		this.#seats.delete(peer.id);
		this.#arrange();
	}

	/** Was the hand up when it was last shown? @param {Peer} peer */
	hasHand(peer) {
		return this.#seats.get(peer.id)?.tile.hasHand ?? false;
	}

	/** @param {Peer} peer */
	#seat(peer) {
		const tile = new Tile({ name: peer.name, userId: peer.userId, isSelf: false });
		tile.onblocked = () => this.#askForClick();
		/** @type {Seat} */
		const seat = { tile, peer, before: null };
		this.#seats.set(peer.id, seat);
		this.#grid.append(tile.element);
		return seat;
	}

	/** A shared screen is what everybody looks at: it is large, the people beside it small. */
	#arrange() {
		const tiles = [this.#self, ...[...this.#seats.values()].map(({ tile }) => tile)];
		const shared = tiles.find((tile) => tile.isSharing && !tile.isSelf) ?? tiles.find((tile) => tile.isSharing);
		for (const tile of tiles) {
			const place = tile === shared ? this.#spot : this.#grid;
			if (tile.element.parentElement !== place) {
				place.append(tile.element);
				tile.play(); // moving an element pauses it
			}
		}
		this.#spot.hidden = shared === undefined;
		this.element.classList.toggle('sharing', shared !== undefined);
		this.#alone.hidden = this.#seats.size > 0;
	}

	#listen() {
		this.#self.setLevel(this.#meter.level);
		this.#seats.forEach(({ tile, peer }) => tile.setLevel(peer.state?.muted ? 0 : peer.level));
	}

	#measure() {
		this.#seats.forEach(async (seat) => {
			const report = await seat.peer.stats().catch(() => null);
			const now = sample(report ? report.values() : []);
			seat.tile.setQuality(judge(seat.peer.connection, seat.before, now));
			seat.before = now;
		});
	}

	#askForClick() {
		if (this.#isBlocked)
			return;
		this.#isBlocked = true;
		const hint = h('p', { class: 'alone', role: 'alert' }, words.clickToHear);
		this.element.append(hint);
		addEventListener('click', () => {
			hint.remove();
			this.#isBlocked = false;
			this.#seats.forEach(({ tile }) => tile.play());
		}, { once: true });
	}
}
