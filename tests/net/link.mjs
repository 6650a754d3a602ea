// Another network namespace and a bad link to it: impair.c between two tun devices. For a process that is itself in
// a namespace of its own (see enter.mjs), so that nothing of the machine's network is touched.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, until } from '../lib/instance.mjs';

const HERE = '10.77.0.1';
const THERE = ['10.77.0.2', '10.77.0.3'];
const DEVICE = 'unio0';

export function run(...command) {
	const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
	assert.equal(status, 0, `${command.join(' ')}: ${error?.message ?? stderr}`);
	return stdout;
}

const namespaceOf = (pid) => readlinkSync(`/proc/${pid}/ns/net`);

/** Makes the namespace and the link: {here, there, enter, set, move, close}. */
export async function openLink() {
	const dir = mkdtempSync(join(tmpdir(), 'unio-net-'));
	run(process.env.CC ?? 'cc', '-std=c11', '-D_GNU_SOURCE', '-Wall', '-O2', '-o', join(dir, 'impair'), join(root, 'tests/net/impair.c'));
	const holder = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] }); // ends with its input
	await until(() => namespaceOf(holder.pid) !== namespaceOf('self'), 'there is another namespace');
	const there = ['nsenter', `--net=/proc/${holder.pid}/ns/net`];
	const impair = spawn(join(dir, 'impair'), ['/proc/self/ns/net', `/proc/${holder.pid}/ns/net`], { stdio: ['pipe', 'pipe', 'inherit'] });
	for (const child of [holder, impair]) {
		process.once('exit', () => child.kill('SIGKILL'));
		child.unref(); // a test that fails early does not wait for them
	}
	await once(impair.stdout, 'data');
	impair.stdout.unref();

	const up = (where, address) => {
		run(...where, 'ip', 'link', 'set', 'lo', 'up');
		run(...where, 'ip', 'addr', 'add', `${address}/24`, 'dev', DEVICE);
		run(...where, 'ip', 'link', 'set', DEVICE, 'up');
		run(...where, 'ip', 'route', 'replace', 'default', 'dev', DEVICE);
	};
	up([], HERE);
	up(there, THERE[0]);
	const addresses = [...THERE];
	return {
		here: HERE,
		get there() { return addresses[0]; },
		/** A program that runs another one on the far side. */
		script(name, program) {
			const path = join(dir, name);
			writeFileSync(path, `#!/bin/sh\nexec ${there.join(' ')} ${program} "$@"\n`, { mode: 0o755 });
			return path;
		},
		/** "loss 5", "delay 200", "cut", "mend". */
		set(...commands) {
			impair.stdin.write(commands.map((command) => `${command}\n`).join(''));
		},
		/** The far side gets another address in place of the one that it has. */
		move() {
			run(...there, 'ip', 'addr', 'del', `${addresses[0]}/24`, 'dev', DEVICE);
			addresses.reverse();
			run(...there, 'ip', 'addr', 'add', `${addresses[0]}/24`, 'dev', DEVICE);
			run(...there, 'ip', 'route', 'replace', 'default', 'dev', DEVICE);
		},
		async close() {
			const ended = [impair, holder].map((child) => once(child, 'close'));
			impair.stdin.end();
			holder.stdin.end();
			await Promise.all(ended);
			rmSync(dir, { recursive: true, force: true });
		},
	};
}
