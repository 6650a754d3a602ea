// The client library and the page keep their own types, and the library can be published with them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const tests = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const web = resolve(tests, '../web');
const bin = join(tests, 'node_modules/.bin');
const skip = !existsSync(join(bin, 'tsc')) && 'typescript is not installed';

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
		const { UnioMeeting } = await import(pathToFileURL(join(dir, 'package/unio-client.js')).href);
		const meeting = new UnioMeeting({ url: 'http://127.0.0.1:1/', meetingId: 1, getToken: () => '' });
		await assert.rejects(meeting.join(), /not signed in/);
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
