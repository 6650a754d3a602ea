// People who come and go all the time, each in their own way: politely, by a lost line, resumed or not, with a
// wrong token, with nonsense to say, or without reading what they are told.
import { setTimeout as pause } from 'node:timers/promises';

import { newMeeting, newUser } from '../lib/api.mjs';
import { connect, rawConnect } from '../lib/ws.mjs';
import { ask } from '../ws/resume.mjs';

const ACTORS = 6;
const PROTOCOLS = ['unio.v1'];

export class Churn {
	sessions = 0;
	resumed = 0;
	#ended = false;
	#actors = [];

	/** @param chance  see lib/random.mjs */
	constructor(inst, chance) {
		Object.assign(this, { inst, chance });
	}

	async start() {
		this.users = [];
		for (let n = 0; n < 4; n += 1)
			this.users.push(await newUser(this.inst));
		const [host, ...participants] = this.users;
		this.meetings = [];
		for (let n = 0; n < 3; n += 1)
			this.meetings.push((await newMeeting(this.inst, host, { participants })).id);
		this.#actors = Array.from({ length: ACTORS }, () => this.#act());
	}

	async #act() {
		const ways = [() => this.#polite(), () => this.#polite(), () => this.#lost(), () => this.#back(), () => this.#back(),
			() => this.#stranger(), () => this.#nonsense(), () => this.#mute()];
		while (!this.#ended) {
			await this.chance.one(ways)().catch(() => {}); // what a session meets is not its business here
			await pause(this.chance.between(0, 60));
		}
	}

	/** A session of somebody, somewhere. */
	async #enter(options = {}) {
		const id = this.chance.one(this.meetings);
		const client = await connect(this.inst, id, { token: this.chance.one(this.users).access, protocols: PROTOCOLS, ...options });
		const welcome = await client.next('welcome');
		this.sessions += 1;
		return { id, client, welcome };
	}

	async #talk(client) {
		for (let n = this.chance.between(1, 12); n > 0; n -= 1) {
			const size = this.chance.one([10, 300, 3_000, 12_000]);
			client.send(this.chance.one([
				{ type: 'message', data: 'x'.repeat(size) },
				{ type: 'state', state: { n } },
				{ type: 'offer', offer: { type: 'offer', sdp: 'v=0'.padEnd(size) } },
				{ type: 'join-call' }, { type: 'leave-call' }, { type: 'ping', id: n },
			]));
			await pause(this.chance.between(0, 20));
		}
	}

	async #polite() {
		const { client } = await this.#enter();
		await this.#talk(client);
		await client.close();
	}

	async #lost() {
		const { client } = await this.#enter({ protocols: this.chance.chance(0.5) ? PROTOCOLS : [] });
		await this.#talk(client);
		await client.terminate();
	}

	/** Loses its line a few times and resumes, at the end too late or politely. */
	async #back() {
		const { id, client: first, welcome } = await this.#enter();
		let client = first;
		for (let n = this.chance.between(1, 5); n > 0; n -= 1) {
			await this.#talk(client);
			await client.terminate();
			await pause(this.chance.one([0, 10, 200, 2_100]));
			client = await ask(this.inst, id, { by: this.chance.one(['frame', 'protocol']), token: welcome.resume_token,
				seq: welcome.seq + this.chance.between(0, 5) });
			if ((await client.next(() => true)).type !== 'resumed')
				break;
			this.resumed += 1;
		}
		await client.terminate();
	}

	async #stranger() {
		const client = await connect(this.inst, this.chance.one(this.meetings), { token: 'not.a.token' });
		await client.closed;
	}

	async #nonsense() {
		const { client } = await this.#enter();
		for (const text of ['{', '[]', '{"type":1}', '{"type":"offer"}', '{"type":"message","data":1,"target_id":0}'])
			client.sendRaw(text);
		await client.sync();
		await client.close();
	}

	/** Connects and says nothing, or half of something. */
	async #mute() {
		const client = await rawConnect(this.inst, this.chance.one(this.meetings), { protocols: PROTOCOLS });
		client.write(Buffer.from([0x81, 0xfe]));
		await pause(this.chance.between(0, 1_000));
		await client.terminate();
	}

	async stop() {
		this.#ended = true;
		await Promise.all(this.#actors.splice(0));
	}
}
