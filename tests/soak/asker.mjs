#!/usr/bin/env node
// Requests, a few at a time, in a process of its own, so that only the server's time is measured.
//
// From the parent: {inst, token} begins, {over: true} ends. To it, then: {asked, failed, p50, p99}, times in ms.

import { setTimeout as pause } from 'node:timers/promises';

import { request } from '../lib/api.mjs';

const AT_ONCE = 4;
const PAUSE_MS = 10;

const times = [];
let failed = 0;
let isOver = false;

async function askAgain(inst, token) {
	while (!isOver) {
		const began = performance.now();
		const reply = await request(inst, 'GET', '/api/auth/me', { token }).catch(() => null);
		times.push(performance.now() - began);
		failed += reply?.status === 200 ? 0 : 1;
		await pause(PAUSE_MS);
	}
}

async function ask(inst, token) {
	await Promise.all(Array.from({ length: AT_ONCE }, () => askAgain(inst, token)));
	times.sort((a, b) => a - b);
	const part = (share) => Math.round(times[Math.floor(share * times.length)]);
	process.send({ asked: times.length, failed, p50: part(0.5), p99: part(0.99) }, () => process.exit());
}

process.on('message', ({ inst, token, over }) => {
	if (over)
		isOver = true;
	else
		ask(inst, token);
});
process.on('disconnect', () => process.exit());
