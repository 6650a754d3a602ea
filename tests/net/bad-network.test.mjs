// A call over a bad network: the tests are in call.mjs, and run in network namespaces of their own, so that neither
// the machine's network is touched nor its rights are needed where users may make namespaces.
//
// Where that is not allowed (many containers), browser/turn-bad.test.mjs still has real media over a path that
// loses, delays and is cut, and browser/continuity.test.mjs a signaling that is.

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;

/** What cannot be had here, or ''. */
function lacking(unshare) {
	try {
		accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
	} catch {
		return '/dev/net/tun cannot be used';
	}
	const { status, stderr, error } = spawnSync(unshare[0], [...unshare.slice(1), 'sh', '-c',
		'ip link set lo up && ip tuntap add mode tun name probe && unshare --net true'], { encoding: 'utf8' });
	return status === 0 ? '' : `no network namespaces here: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
}

const ways = [['unshare', '--net'], ['unshare', '--user', '--map-root-user', '--net']];
const whyNot = ways.map(lacking);
const way = ways[whyNot.indexOf('')];

if (way) {
	const { status, signal } = spawnSync(way[0], [...way.slice(1), process.execPath, ...process.execArgv, join(here, 'call.mjs')],
		{ stdio: 'inherit' });
	process.exitCode = status ?? signal;
} else {
	test('a call over a bad network', { skip: `${whyNot[0]}; what is left: browser/turn-bad, browser/continuity` }, () => {});
}
