// `make install` and `make uninstall` into a directory: what is there, what stays, what goes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { buildDir, root } from '../lib/instance.mjs';

let dir;

beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'unio-install-')); });
afterEach(() => rmSync(dir, { recursive: true }));

/** What the Makefile runs; make itself would build first. */
function run(action, env = {}) {
	const done = spawnSync('sh', [join(root, 'admin/install.sh'), action],
		{ encoding: 'utf8', env: { PATH: process.env.PATH, BUILD: buildDir, DESTDIR: dir, ...env } });
	assert.equal(done.status, 0, done.stderr);
	return done.stdout;
}

const at = (path) => join(dir, path);
const read = (path) => readFileSync(at(path), 'utf8');

/** Everything below the directory. */
function all(below = '') {
	return readdirSync(at(below), { withFileTypes: true }).flatMap((entry) => {
		const path = join(below, entry.name);
		return entry.isDirectory() ? [path, ...all(path)] : [path];
	}).sort();
}

test('what is installed is taken away again, to the last directory', () => {
	mkdirSync(at('usr/local/share/man'), { recursive: true });
	writeFileSync(at('usr/local/share/man/else.1'), 'somebody else\'s');
	const before = all();
	run('install');
	for (const path of ['usr/local/sbin/unio-api', 'usr/local/sbin/unio-signald', 'usr/local/sbin/unio-hookd', 'usr/local/sbin/unioctl', 'etc/unio/unio.conf',
		'usr/local/share/man/man8/unioctl.8', 'usr/local/share/man/man5/unio.conf.5', 'usr/local/share/unio/web/index.html',
		'usr/local/lib/systemd/system/unio-api.socket', 'usr/local/share/unio/sites/apache-site.conf', 'etc/init.d/unio-api'])
		assert.ok(existsSync(at(path)), path);
	run('install');
	run('uninstall');
	assert.deepEqual(all(), before);
});

test('the files name the places where they are', () => {
	run('install', { PREFIX: '/opt/unio', SYSCONFDIR: '/srv/settings', WEBGROUP: 'http' });
	assert.match(read('opt/unio/lib/systemd/system/unio-api.service'), /^ExecStart=\/opt\/unio\/sbin\/unio-api -c \/srv\/settings\/unio\.conf$/m);
	assert.match(read('opt/unio/lib/systemd/system/unio-signald.socket'), /^SocketGroup=http$/m);
	assert.match(read('opt/unio/share/unio/rc'), /^WEBGROUP=http$/m);
	assert.match(read('srv/settings/nginx.conf'), /alias "\/opt\/unio\/share\/unio\/web\/"/);
	for (const path of all().filter((name) => statSync(at(name)).isFile() && !/sbin|\/web\//.test(name)))
		assert.doesNotMatch(read(path), /\/usr\/sbin\/unio|\/usr\/share\/unio|\/etc\/unio/, path);
});

test('as root, nothing follows a name in a directory of the programs, who may put a link there', () => {
	const lines = ['rc', 'init', 'setup'].flatMap((file) => readFileSync(join(root, 'etc', file), 'utf8').replaceAll('\\\n', '').split('\n'));
	const changes = lines.filter((line) => /^[^#]*\b(chgrp|chown|chmod)\b/.test(line));
	assert.equal(changes.length, 2);
	for (const line of changes)
		assert.match(line, /^\s*setpriv --reuid=unio .*-- \s*chgrp /);
});

test('an edited configuration is neither overwritten nor removed; one that is as it came is', () => {
	run('install');
	appendFileSync(at('etc/unio/unio.conf'), 'workers = 2\n');
	assert.match(run('install'), /\/etc\/unio\/unio\.conf has been edited and stays/);
	assert.match(read('etc/unio/unio.conf'), /^workers = 2$/m);
	assert.match(run('uninstall'), /\/etc\/unio\/unio\.conf has been edited and stays/);
	assert.deepEqual(all(), ['etc', 'etc/unio', 'etc/unio/unio.conf']);
});

test('a newer version replaces what nobody has edited, and takes along what it no longer has', () => {
	run('install');
	const list = 'usr/local/share/unio/installed';
	for (const path of ['etc/unio/nginx.conf', 'usr/local/share/unio/conf/nginx.conf'])
		writeFileSync(at(path), 'that of an older version\n');
	writeFileSync(at('usr/local/sbin/unio-old'), '');
	appendFileSync(at(list), 'f\t/usr/local/sbin/unio-old\n');
	run('install');
	assert.match(read('etc/unio/nginx.conf'), /Unio behind nginx/);
	assert.ok(!existsSync(at('usr/local/sbin/unio-old')));
	assert.ok(!read(list).includes('unio-old'));
});

test('a configuration that was there before is not ours', () => {
	mkdirSync(at('etc/unio'), { recursive: true });
	writeFileSync(at('etc/unio/unio.conf'), '# mine\n');
	run('install');
	run('uninstall');
	assert.deepEqual(all(), ['etc', 'etc/unio', 'etc/unio/unio.conf']);
	assert.equal(read('etc/unio/unio.conf'), '# mine\n');
});

test('modes do not depend on who installs', () => {
	const done = spawnSync('sh', ['-c', `umask 077; exec sh "${join(root, 'admin/install.sh')}" install`],
		{ env: { PATH: process.env.PATH, BUILD: buildDir, DESTDIR: dir } });
	assert.equal(done.status, 0);
	for (const path of all()) {
		const mode = (statSync(at(path)).mode & 0o777).toString(8);
		assert.match(mode, statSync(at(path)).isDirectory() ? /^755$/ : /^(755|644)$/, path);
	}
});
