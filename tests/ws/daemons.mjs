// What the tests of several daemons share: which daemon a meeting is of, a room for each, and asking one by itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isAlive } from '../lib/instance.mjs';
import { eventually, newFullRoom } from './support.mjs';

export const DAEMONS = 3;

/** As shared/shard.h has it. */
export const daemonOf = (id) => id % 100 % DAEMONS + 1;

/** A name of the first daemon, as that of another one. */
export const ownName = (name, daemon) => daemon === 1 ? name : name.replace(/(\.\w+)?$/, `-${daemon}$1`);

export function pidOf(inst, daemon) {
	return Number(readFileSync(join(inst.varDir, 'run', ownName('unio-signald.pid', daemon)), 'utf8'));
}

/** Has a daemon end, and waits for its successor. */
export async function replaceDaemon(inst, daemon, signal = 'SIGKILL') {
	const before = pidOf(inst, daemon);
	if (daemon === 1)
		inst.kill('signald', signal); // so that its end is no surprise to assertAlive()
	else
		process.kill(before, signal);
	await eventually(`daemon ${daemon} has a successor`, () => !isAlive(before) && pidOf(inst, daemon) !== before, { deadline: 20_000 });
	await inst.waitReady();
}

/** The answer of a unioctl command, which must have been done. */
export async function ctl(inst, ...args) {
	const { code, stdout, stderr } = await inst.ctl(['--json', ...args]);
	assert.equal(code, 0, stderr);
	return JSON.parse(stdout);
}

/** For each daemon, in their order, a room with two people in it. */
export async function fullRooms(inst) {
	const found = new Map();
	for (let n = 0; found.size < DAEMONS; n++) {
		const room = await newFullRoom(inst);
		found.set(daemonOf(room.id), { daemon: daemonOf(room.id), ...room });
	}
	return Array.from({ length: DAEMONS }, (_, i) => found.get(i + 1));
}
