// The client library and the page keep their own types, and the library can be published with them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { test } from 'node:test';

const tests = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const web = resolve(tests, '../web');
const bin = join(tests, 'node_modules/.bin');
const skip = !existsSync(join(bin, 'tsc')) && 'typescript is not installed';

/** What a developer writes who has installed the package: it runs, and its mistakes are seen by TypeScript. */
const USE = `import { UnioMeeting } from 'unio-client';

const meeting: UnioMeeting = new UnioMeeting({ url: 'http://127.0.0.1:1/', meetingId: 1, getToken: () => '' });
meeting.on('closed', ({ message }) => console.log(message, meeting.peers.length));
// @ts-expect-error: there is no such event
meeting.on('no-such-event', () => {});
// @ts-expect-error: an id is a number
new UnioMeeting({ meetingId: '1', getToken: () => '' });
// @ts-expect-error: a closed meeting has a reason, not a stream
meeting.on('closed', (reason) => reason.getTracks());
await meeting.join().catch(() => {});
`;

function run(command, args, cwd) {
	const { status, stdout, stderr } = spawnSync(command, args,
		{ cwd, encoding: 'utf8', env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` } });
	assert.equal(status, 0, `${command} ${args.join(' ')}:\n${stdout}${stderr}`);
	return stdout;
}

test('the types of web/ are right', { skip }, () => {
	run('tsc', ['-p', web]);
});

test('the package has the library, its types and nothing else, and can be imported', { skip }, async () => {
	const dir = mkdtempSync(join(tmpdir(), 'unio-pack-'));
	try {
		cpSync(web, join(dir, 'web'), { recursive: true });
		run('npm', ['pack', '--silent', '--pack-destination', dir], join(dir, 'web'));
		const [tarball] = readdirSync(dir).filter((name) => name.endsWith('.tgz'));
		run('tar', ['-xzf', tarball], dir);
		const files = readdirSync(join(dir, 'package')).sort();
		assert.deepEqual(files.filter((name) => !/^unio-[a-z]+\.js$/.test(name)), ['package.json', 'types']);
		assert.match(readFileSync(join(dir, 'package/types/unio-client.d.ts'), 'utf8'), /class UnioMeeting/);
		const user = join(dir, 'user');
		mkdirSync(user);
		writeFileSync(join(user, 'package.json'), '{ "private": true, "type": "module" }');
		run('npm', ['install', '--silent', '--offline', '--no-audit', join(dir, tarball)], user);
		writeFileSync(join(user, 'use.mjs'), USE.replaceAll(/^.*@ts-expect-error.*\n.*\n/gm, '').replaceAll(/: \w+(?= =)/g, ''));
		assert.equal(run(process.execPath, ['use.mjs'], user), 'You are not signed in any more. 0\n');
		writeFileSync(join(user, 'use.ts'), USE);
		run('tsc', ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom,dom.iterable', 'use.ts'], user);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
});

test('no module of web/ is longer than can be read in one sitting', () => {
	for (const dir of [web, join(web, 'app')]) {
		for (const name of readdirSync(dir).filter((file) => /\.(js|css)$/.test(file))) {
			const lines = readFileSync(join(dir, name), 'utf8').split('\n').length - 1;
			assert.ok(lines <= 450, `web/${name} has ${lines} lines`);
		}
	}
});
