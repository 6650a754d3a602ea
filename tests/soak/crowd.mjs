#!/usr/bin/env node
// A part of the storm's clients, in a process of its own: storm.mjs says who enters where, and is told how many there
// are.
//
// From the parent: {inst, meeting, people, size}, a room to fill; {over: true}, all leave. To it, again and again:
// {live, joined, resumed, problems}.

import { Follower } from '../fault/follower.mjs';

const TELL_MS = 50;

const followers = [];

const total = (key) => followers.reduce((sum, follower) => sum + follower[key], 0);

function tell() {
	const figures = {
		live: followers.filter(({ isLive }) => isLive).length,
		joined: total('joined'),
		resumed: total('resumed'),
		problems: followers.flatMap(({ problems }) => problems),
	};
	process.send(figures, () => {}); // a parent that is gone does not mind
}

process.on('message', async ({ inst, meeting, people, size, over }) => {
	for (let n = 0; n < (size ?? 0); n += 1)
		followers.push(new Follower(inst, meeting, people[n % people.length], { watched: false }));
	if (over) {
		await Promise.all(followers.map((follower) => follower.end()));
		process.exit();
	}
});
process.on('disconnect', () => process.exit());
setInterval(tell, TELL_MS);
