// A write-ahead log that a crash, a bad disk or a hand has damaged: what comes before the damage is kept, whole
// transactions only, and the programs start and work.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import test, { after, afterEach } from 'node:test';

import { startInstance, until } from '../lib/instance.mjs';
import { closeAll } from '../lib/ws.mjs';
import { newRoom, enter, rename } from '../ws/support.mjs';

/** SQLite's file format: a header, then frames of a header and a page. */
const WAL_HEADER = 32;
const FRAME = 24 + 4096;
const TITLES = 20;

const inst = await startInstance();
after(() => inst.stop());
afterEach(() => {
	closeAll();
	inst.assertAlive();
});

/** Somebody who has the database open when all is gone: or the last of us to go, if it is told to end, tidies up. */
async function open() {
	const holder = spawn('sqlite3', [inst.dbPath], { stdio: ['pipe', 'pipe', 'inherit'] });
	holder.stdin.write('SELECT count(*) FROM meeting;\n');
	await once(holder.stdout, 'data');
	return holder;
}

/** A power failure: all programs are gone at once. Then something happens to the log, and they start again. */
async function crashed(damage) {
	const holder = await open();
	inst.killAll();
	await until(() => inst.processes().length === 0, 'all are gone');
	holder.kill('SIGKILL');
	await once(holder, 'close');
	const fd = openSync(`${inst.dbPath}-wal`, 'r+');
	const { size } = fstatSync(fd);
	assert.ok(size > WAL_HEADER + 4 * FRAME, 'there is something in the log');
	damage(fd, size);
	closeSync(fd);
	await inst.start();
}

function flip(fd, at) {
	const byte = Buffer.alloc(1);
	readSync(fd, byte, 0, 1, at);
	byte[0] ^= 0xff;
	writeSync(fd, byte, 0, 1, at);
}

/** Damage by its name; `whole` says that no confirmed change may be lost by it. */
const DAMAGE = {
	'is as the crash left it': { whole: true, do: () => {} },
	'has garbage after its end': { whole: true, do: (fd, size) => writeSync(fd, Buffer.alloc(3 * FRAME + 7, 0xa5), 0, 3 * FRAME + 7, size) },
	'ends in the middle of a frame': { do: (fd, size) => ftruncateSync(fd, size - FRAME / 2) },
	'is cut in half': { do: (fd, size) => ftruncateSync(fd, Math.floor(size / 2)) },
	'has a wrong byte in the middle': { do: (fd, size) => flip(fd, Math.floor(size / 2)) },
	'has a header of garbage': { do: (fd) => writeSync(fd, Buffer.alloc(WAL_HEADER, 0x5a), 0, WAL_HEADER, 0) },
	'is empty': { do: (fd) => ftruncateSync(fd, 0) },
};

for (const [what, { whole = false, do: damage }] of Object.entries(DAMAGE))
	test(`the log ${what}: whole changes are kept in their order, and work goes on`, async () => {
		const room = await newRoom(inst, 1);
		const titles = Array.from({ length: TITLES }, (_, n) => `Title ${n}`);
		for (const title of titles)
			await rename(inst, room, title);
		await crashed(damage);
		assert.deepEqual(inst.sql('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
		const [meeting] = inst.sql(`SELECT title FROM meeting WHERE id = ${room.id}`);
		const told = inst.sql(`SELECT body ->> '$.meeting.title' AS title FROM event
			WHERE meeting_id = ${room.id} AND type = 'meeting_updated' ORDER BY id`).map(({ title }) => title);
		assert.deepEqual(told, titles.slice(0, whole ? TITLES : told.length));
		if (meeting !== undefined) {
			assert.equal(meeting.title, told.at(-1) ?? room.meeting.title, 'the event is of the same transaction');
			const client = await enter(inst, room.id, room.host);
			await rename(inst, room, 'Afterwards');
			assert.equal((await client.next('meeting_updated')).meeting.title, 'Afterwards');
		}
	});
