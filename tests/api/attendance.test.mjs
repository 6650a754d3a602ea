// docs/PROTOCOL.md: who was in a call, and when, as JSON and as CSV (RFC 4180).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { as, assertStatus, newMeeting, newUser, timePattern, useInstance } from '../lib/api.mjs';
import { until } from '../lib/instance.mjs';
import { connect } from '../lib/ws.mjs';

const inst = await useInstance();

async function startedCall({ name } = {}) {
	const host = await newUser(inst, { name });
	const guest = await newUser(inst);
	const meeting = await newMeeting(inst, host, { participants: [guest] });
	const call = assertStatus(await as(inst, host).post('/api/calls', { meeting_id: meeting.id }), 201);
	return { host, guest, meeting, call };
}

async function enterCall(meeting, user) {
	const client = await connect(inst, meeting.id, { token: user.access });
	client.send({ type: 'join-call' });
	await client.next((frame) => frame.type === 'call_joined' && frame.user_id === user.id);
	return client;
}

/** The call as it is read, once `ready` holds for its attendance. */
function attendance(user, call, what, ready) {
	return until(async () => {
		const read = assertStatus(await as(inst, user).get(`/api/calls/${call.id}`), 200);
		return ready(read.attendance) && read;
	}, what);
}

const intervalsOf = (list, user) => list.find((one) => one.user.id === user.id)?.intervals ?? [];
const isOpen = (interval) => interval.left_at === null;
const isClosed = (interval) => interval.left_at !== null;

test('whoever is in a call stands in its attendance, with an interval that is still open', async () => {
	const { host, meeting, call } = await startedCall();
	const client = await enterCall(meeting, host);
	const read = await attendance(host, call, 'the attendance is written', (list) => list.length === 1);
	const [{ user, intervals, total_seconds }] = read.attendance;
	assert.deepEqual(user, { id: host.id, email: host.email, full_name: host.full_name });
	assert.equal(intervals.length, 1);
	assert.match(intervals[0].joined_at, timePattern);
	assert.equal(intervals[0].left_at, null);
	assert.ok(Number.isInteger(total_seconds) && total_seconds >= 0);
	client.close();
	await client.closed;
});

test('leaving closes the interval, and coming back adds another', async () => {
	const { host, meeting, call } = await startedCall();
	for (let visit = 1; visit <= 2; visit++) {
		const client = await enterCall(meeting, host);
		client.close();
		await client.closed;
		await attendance(host, call, `visit ${visit} is written`, (list) => {
			const intervals = intervalsOf(list, host);
			return intervals.length === visit && intervals.every(isClosed);
		});
	}
	const { attendance: list } = assertStatus(await as(inst, host).get(`/api/calls/${call.id}`), 200);
	assert.equal(list.length, 1, 'one entry for each user');
	for (const { joined_at, left_at } of list[0].intervals) {
		assert.match(left_at, timePattern);
		assert.ok(left_at >= joined_at);
	}
});

test('the end of the call closes what is open', async () => {
	const { host, guest, meeting, call } = await startedCall();
	const clients = [await enterCall(meeting, host), await enterCall(meeting, guest)];
	await attendance(
		host,
		call,
		'both are in',
		(list) => list.length === 2 && list.every((one) => one.intervals.some(isOpen)),
	);
	const ended = assertStatus(await as(inst, host).post(`/api/calls/${call.id}/end`), 200);
	const read = await attendance(host, call, 'both are out', (list) =>
		list.every((one) => one.intervals.every(isClosed)),
	);
	for (const { intervals } of read.attendance) assert.equal(intervals.at(-1).left_at, ended.ended_at);
	clients.forEach((client) => client.close());
	await Promise.all(clients.map((client) => client.closed));
});

test('the CSV has a heading and a line for each interval, quoted where it must be', async () => {
	const name = 'Doe, "Jane" Ä';
	const { host, meeting, call } = await startedCall({ name });
	const client = await enterCall(meeting, host);
	client.close();
	await client.closed;
	const read = await attendance(host, call, 'it is written', (list) =>
		intervalsOf(list, host).some(isClosed),
	);
	const reply = await as(inst, host).get(`/api/calls/${call.id}/attendance.csv`);
	assertStatus(reply, 200);
	assert.match(reply.headers['content-type'], /^text\/csv\b/);
	const [heading, ...rows] = parseCsv(reply.text);
	assert.ok(heading.includes('joined_at') && heading.includes('left_at'), heading.join('|'));
	assert.equal(rows.length, 1);
	assert.equal(rows[0].length, heading.length);
	const [interval] = intervalsOf(read.attendance, host);
	for (const cell of [host.email, name, interval.joined_at, interval.left_at])
		assert.ok(rows[0].includes(cell), `${cell} in ${rows[0].join('|')}`);
});

/** The rows of a CSV text (RFC 4180 §2). */
function parseCsv(text) {
	const rows = [];
	let row = [];
	const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
	while (cell.lastIndex < text.length) {
		const match = cell.exec(text);
		assert.ok(match, `not CSV: ${text}`);
		row.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
		if (match[3] !== ',') {
			rows.push(row);
			row = [];
		}
	}
	return rows;
}
