// What a site does all day, in a few rooms at once and in a random order: calls are started and ended, people
// added, meetings renamed, made and deleted, candidates relayed. Keeps a ledger of all that was confirmed, so that
// it can be shown afterwards that nothing confirmed was lost and that all parts agree.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { newMeeting, newUser, request } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';
import { Follower } from './follower.mjs';

/** How long the parts may take to agree once all is quiet again: two seconds are promised, the rest is the machine's. */
const AGREE_MS = process.env.SANITIZE ? 30_000 : 8_000;
const PAUSE_MS = 25;

/** What the front server says for a program that is away, without a word of ours. */
const FRONT_STATUS = new Set([500, 502, 503, 504]);

export class Load {
	rooms = [];
	problems = [];
	/** Confirmed changes: what must be found in the database. */
	ledger = { calls: new Set(), ended: new Set(), titles: new Set(), members: new Set(), deleted: new Set() };
	counts = { confirmed: 0, refused: 0, lost: 0 };
	#paused = false;
	#ended = false;
	#idle = 0;
	#titles = 0;

	/** @param chance  see lib/random.mjs */
	constructor(inst, chance) {
		Object.assign(this, { inst, chance });
	}

	/** Makes rooms of three people each, and goes. */
	async start({ rooms = 3 } = {}) {
		this.people = [];
		for (let n = 0; n < 6; n += 1)
			this.people.push(await newUser(this.inst));
		for (let n = 0; n < rooms; n += 1)
			this.rooms.push(await this.#open(this.people[n % 3]));
		this.actors = this.rooms.map((room) => this.#act(room));
		this.actors.push(this.#passing());
		await this.#allIn();
	}

	async #open(host) {
		const participants = this.people.filter((user) => user !== host).slice(0, 2);
		const meeting = await newMeeting(this.inst, host, { participants });
		const followers = [host, ...participants].map((user) => new Follower(this.inst, meeting.id, user));
		return { id: meeting.id, host, followers, call: null, members: new Set() };
	}

	#allIn() {
		const all = this.rooms.flatMap(({ followers }) => followers);
		return until(() => all.every(({ isLive }) => isLive), 'all are in their rooms', AGREE_MS);
	}

	/** What goes on in one room. */
	async #act(room) {
		const { chance } = this;
		const ways = [
			() => this.#startCall(room), () => this.#startCall(room), () => this.#endCall(room),
			() => this.#rename(room), () => this.#add(room),
			() => chance.one(room.followers).joinCall(), () => chance.one(room.followers).leaveCall(),
			() => chance.one(room.followers).sendCandidate(), () => chance.one(room.followers).sendCandidate(),
			() => room.followers.forEach((follower) => follower.sendCandidate()),
		];
		await this.#repeat(() => chance.one(ways)());
	}

	/** Meetings that come and go. */
	#passing() {
		return this.#repeat(async () => {
			const [host, guest] = [this.chance.one(this.people), this.chance.one(this.people)];
			const reply = await this.#ask(host, 'POST', '/api/meetings', { title: 'Passing', participants: [guest.id] });
			if (!reply)
				return;
			const { id } = reply.json;
			const followers = [host, guest].map((user) => new Follower(this.inst, id, user, { passing: true }));
			await this.#ask(host, 'POST', '/api/calls', { meeting_id: id });
			await pause(this.chance.between(0, 400));
			while (!this.ledger.deleted.has(id))
				if (await this.#ask(host, 'DELETE', `/api/meetings/${id}`, undefined, [404]))
					this.ledger.deleted.add(id);
			await Promise.all(followers.map(({ living }) => living));
			this.#collect(followers);
			this.#assertTold(id, followers);
			await pause(this.chance.between(0, 1_000));
		});
	}

	/** Who follows a meeting that is deleted hears all of it in order, or was away and finds it gone. */
	#assertTold(id, followers) {
		const ids = this.#eventIds(id);
		for (const { first, events, gone, clientId } of followers) {
			const later = ids.filter((event) => event > first);
			const told = events.join() === (gone === 'deleted' ? later : later.slice(0, events.length)).join();
			if (first !== undefined && !told)
				this.problems.push(`${clientId} (${gone}) was told ${events}, not ${later} of meeting ${id}`);
		}
	}

	/** Does something over and over, while the load runs. */
	async #repeat(work) {
		while (!this.#ended) {
			if (this.#paused) {
				this.#idle += 1;
				while (this.#paused)
					await pause(PAUSE_MS);
				this.#idle -= 1;
			} else {
				await work();
				await pause(this.chance.between(1, PAUSE_MS));
			}
		}
	}

	/** One request: its reply if it was confirmed, null if it was refused or nobody knows. */
	async #ask(user, method, path, json, fine = []) {
		const reply = await request(this.inst, method, path, { token: user.access, json }).catch(() => null);
		if (reply === null) {
			this.counts.lost += 1;
			return null;
		}
		if (reply.status < 300 || fine.includes(reply.status)) {
			this.counts.confirmed += 1;
			return reply;
		}
		this.counts.refused += 1;
		const ours = reply.headers['x-request-id'] !== undefined;
		if (!FRONT_STATUS.has(reply.status) || (ours && reply.status !== 503))
			this.problems.push(`${method} ${path}: ${reply.status} ${reply.text.slice(0, 200)}`);
		return null;
	}

	async #startCall(room) {
		const path = this.chance.one(['/api/calls', '/api/health/call/start']);
		const reply = await this.#ask(this.chance.one(room.followers).user, 'POST', path, { meeting_id: room.id });
		if (reply) {
			room.call = reply.json.id;
			this.ledger.calls.add(room.call);
		}
	}

	async #endCall(room) {
		if (room.call === null)
			return;
		const { call } = room;
		const reply = await this.#ask(room.host, 'POST', `/api/calls/${call}/end`);
		if (reply)
			this.ledger.ended.add(call);
	}

	async #rename(room) {
		const title = `Title ${this.#titles += 1}`;
		if (await this.#ask(room.host, 'PATCH', `/api/meetings/${room.id}`, { title }))
			this.ledger.titles.add(title);
	}

	async #add(room) {
		const user = this.chance.one(this.people);
		if (await this.#ask(room.host, 'POST', `/api/meetings/${room.id}/participants`, { user_id: user.id }))
			this.ledger.members.add(`${room.id}/${user.id}`);
	}

	#collect(followers) {
		for (const follower of followers)
			this.problems.push(...follower.problems.splice(0));
	}

	#eventIds(meetingId) {
		return this.inst.sql(`SELECT id FROM event WHERE meeting_id = ${meetingId} ORDER BY id`).map(({ id }) => id);
	}

	/** Stops for a moment and shows that database, API and clients agree; goes on then. */
	async check() {
		this.#paused = true;
		await until(() => this.#idle === this.actors.length, 'the load is quiet', 30_000);
		try {
			await this.inst.waitReady();
			await this.#allIn();
			for (const room of this.rooms)
				await this.#agree(room);
			this.#ledgerHolds();
			this.#databaseHolds();
			this.#collect(this.rooms.flatMap(({ followers }) => followers));
			assert.deepEqual(this.problems, []);
		} finally {
			this.#paused = false;
		}
	}

	/** Every follower of the room was told every event once, in order, and sees what the database and the API say. */
	async #agree(room) {
		let seen;
		await until(() => {
			const ids = this.#eventIds(room.id);
			seen = room.followers.map(({ clientId, first, events }) => {
				const wanted = ids.filter((id) => id > first);
				return { clientId, missing: wanted.filter((id) => !events.includes(id)), equal: wanted.join() === events.join() };
			});
			return seen.every(({ equal }) => equal);
		}, '', AGREE_MS).catch(() => assert.fail(`the clients of meeting ${room.id} know ${JSON.stringify(seen)}`));
		const reply = await request(this.inst, 'GET', `/api/meetings/${room.id}`, { token: room.host.access });
		const { title, status, active_call: call } = reply.json;
		const [row] = this.inst.sql(`SELECT m.title, m.status, c.id AS call FROM meeting m
			LEFT JOIN call c ON c.meeting_id = m.id AND c.status = 'active' WHERE m.id = ${room.id}`);
		assert.deepEqual({ title, status, call: call?.id ?? null }, row);
		for (const { view, clientId } of room.followers)
			assert.deepEqual(view, row, `${clientId} sees what is`);
	}

	/** All that was confirmed is there. */
	#ledgerHolds() {
		const { ledger, inst } = this;
		const calls = new Map(inst.sql('SELECT id, status FROM call').map(({ id, status }) => [id, status]));
		const titles = new Set(inst.sql(`SELECT body ->> '$.meeting.title' AS title FROM event
			WHERE type = 'meeting_updated'`).map(({ title }) => title));
		const members = new Set(inst.sql(`SELECT meeting_id || '/' || user_id AS member FROM member`)
			.map(({ member }) => member));
		const meetings = new Set(inst.sql('SELECT id FROM meeting').map(({ id }) => id));
		assert.deepEqual([...ledger.calls].filter((id) => !calls.has(id)), [], 'confirmed calls that are lost');
		assert.deepEqual([...ledger.ended].filter((id) => calls.get(id) !== 'ended'), [], 'confirmed ends that are lost');
		assert.deepEqual([...ledger.titles].filter((title) => !titles.has(title)), [], 'confirmed titles that are lost');
		assert.deepEqual([...ledger.members].filter((one) => !members.has(one)), [], 'confirmed members that are lost');
		assert.deepEqual([...ledger.deleted].filter((id) => meetings.has(id)), [], 'deleted meetings that are there');
	}

	/** The database is sound, and nothing in it contradicts anything else. */
	#databaseHolds() {
		const { inst } = this;
		assert.deepEqual(inst.sql('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
		assert.deepEqual(inst.sql('PRAGMA foreign_key_check'), []);
		assert.deepEqual(inst.sql(`SELECT m.id, m.status, c.id AS call FROM meeting m
			LEFT JOIN call c ON c.meeting_id = m.id AND c.status = 'active'
			WHERE (m.status = 'ongoing') <> (c.id IS NOT NULL)`), [], 'ongoing is who has an active call');
		assert.deepEqual(inst.sql('SELECT * FROM attendance WHERE left_at < joined_at'), []);
		assert.deepEqual(inst.sql(`SELECT a.* FROM attendance a JOIN call c ON c.id = a.call_id
			WHERE c.status = 'ended' AND (a.left_at IS NULL OR a.left_at > c.ended_at)`), [], 'nobody is in an ended call');
	}

	/** Ends every call and goes home; then no call is active and nobody in one. */
	async finish() {
		this.#ended = true;
		this.#paused = false;
		await Promise.all(this.actors);
		const { results } = { results: this.inst.sql(`SELECT id, meeting_id FROM call WHERE status = 'active'`) };
		for (const { id, meeting_id: meeting } of results) {
			const room = this.rooms.find((one) => one.id === meeting);
			assert.ok(room, `call ${id} is active in meeting ${meeting}, which nobody uses`);
			assert.ok(await this.#ask(room.host, 'POST', `/api/calls/${id}/end`));
		}
		for (const room of this.rooms)
			await this.#agree(room);
		assert.deepEqual(this.inst.sql(`SELECT * FROM call WHERE status = 'active'`), []);
		await until(() => this.inst.sql('SELECT * FROM attendance WHERE left_at IS NULL').length === 0, 'nobody is in a call');
		this.#databaseHolds();
		await Promise.all(this.rooms.flatMap(({ followers }) => followers.map((follower) => follower.end())));
		this.#collect(this.rooms.flatMap(({ followers }) => followers));
		assert.deepEqual(this.problems, []);
	}

	/** For a test that failed: everybody stops at once. */
	abandon() {
		this.#ended = true;
		this.#paused = false;
		for (const { followers } of this.rooms)
			followers.forEach((follower) => follower.end());
	}
}
