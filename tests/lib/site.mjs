// The whole sites of etc/ (TLS, redirect from http) in front of a running instance: edited as an administrator
// would, and started as the instance starts its own front server.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, root, until } from './instance.mjs';

const etc = (name) => readFileSync(join(root, 'etc', name), 'utf8');

/** Makes changes that must all find something to change. */
function edited(text, changes) {
	return changes.reduce((now, [from, to]) => {
		assert.ok(typeof from === 'string' ? now.includes(from) : from.test(now), `nothing to edit: ${from}`);
		return now.replaceAll(from, to);
	}, text);
}

/** What all but Caddy have: certificate, logs. */
const common = (site) => [
	['/etc/ssl/unio/', `${site.dir}/`],
	[/\/var\/log\/(apache2|nginx|lighttpd)/g, site.log],
];

const sites = {
	lighttpd: (site, inst) => edited(etc('lighttpd-site.conf'), [...common(site),
		['/usr/share/unio/web', join(root, 'web')],
		['/run/unio/', `${inst.varDir}/run/`],
		['/var/cache/lighttpd/uploads', `${inst.varDir}/spool`],
		['"0.0.0.0"', '"127.0.0.1"'], ['"0.0.0.0:80"', `"127.0.0.1:${site.http}"`], ['= 443', `= ${site.https}`],
		[/^\$SERVER\["socket"\] == "\[::\].*$/gm, ''], // a test's host may have no IPv6
		[/^server\.(username|groupname|pid-file) .*$/gm, ''], // the test's own user
		['/etc/unio/lighttpd.conf', join(root, 'etc/lighttpd.conf')], ['/etc/unio/', `${inst.varDir}/`],
		['= 32768', '= 1024'], ['= 16384', '= 512'],
	]),
	nginx: (site, inst) => edited(readFileSync(join(inst.varDir, 'nginx.conf'), 'utf8'), [
		['nginx.self', 'site.self'],
		[/^\s*log_format .*$/gm, ''], [/^\s*access_log .*$/gm, ''],
		[/^server \{[^}]*\}/gm, () => edited(etc('nginx-site.conf'), [...common(site),
			[/^\tlisten \[::\].*$/gm, ''], ['listen 80;', `listen 127.0.0.1:${site.http};`],
			['listen 443 ', `listen 127.0.0.1:${site.https} `],
			['/etc/unio/nginx.conf', join(inst.varDir, 'nginx-unio.conf')]])],
	]),
	apache: (site, inst) => edited(readFileSync(join(inst.varDir, 'apache.conf'), 'utf8'), [
		['apache.self', 'site.self'],
		[/^Listen .*$/gm, ['http', 'https'].map((name) => `Listen 127.0.0.1:${site[name]}\n`).join('')
			+ ['ssl', 'socache_shmcb'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('')],
		[/^Define .*$/gm, ''],
		[/^Include .*-daemons.*$/gm, ''],
		[/^Include .*$/gm, () => edited(etc('apache-site.conf'), [...common(site),
			['*:80', `*:${site.http}`], ['*:443', `*:${site.https}`],
			['/usr/share/unio/web', join(root, 'web')], ['/run/unio/', `${inst.varDir}/run/`],
			['/etc/unio/apache.conf', join(root, 'etc/apache.conf')], ['/etc/unio/', `${inst.varDir}/`]])],
	]),
	caddy: (site, inst) => edited(etc('caddy-site.conf'), [
		['/etc/ssl/unio/', `${site.dir}/`],
		['#tls ', 'tls '],
		[/^\{$/gm, `{\n\tadmin off\n\tstorage file_system ${inst.varDir}/spool\n\thttp_port ${site.http}\n\thttps_port ${site.https}\n\tdefault_bind 127.0.0.1`],
		['/etc/unio/caddy.conf', join(root, 'etc/caddy.conf')], ['/etc/unio/', `${inst.varDir}/`],
	]),
};

/** Starts the site of the instance's own front server: {http, https, log, pid, stop}, its ports, its directory of logs and its process. */
export async function startSite(inst) {
	const { WEB: web } = inst.env;
	const dir = join(inst.dir, 'site');
	const site = { dir, log: join(dir, 'log'), http: await freePort(), https: await freePort() };
	mkdirSync(site.log, { recursive: true });
	const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
		'-subj', '/CN=meet.example.org', '-keyout', join(dir, 'privkey.pem'), '-out', join(dir, 'fullchain.pem')]);
	assert.equal(made.status, 0, String(made.stderr));
	const conf = join(dir, `${web}.conf`);
	writeFileSync(conf, sites[web](site, inst));

	let said = '';
	const ours = { [join(inst.varDir, `${web}.conf`)]: conf, [`UNIO_LOG=${inst.varDir}/log`]: `UNIO_LOG=${site.log}` };
	const [program, ...args] = command(inst, web).map((word) => ours[word] ?? word);
	const child = spawn(program, args, { cwd: root, env: { ...inst.env, PATH: `${inst.env.PATH}:/usr/sbin` }, stdio: ['ignore', 'pipe', 'pipe'] });
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text) => { said += text; });
	await until(async () => child.exitCode !== null || (await answers(site.http) && answers(site.https)), 'the site is up')
		.catch((error) => assert.fail(`${error.message}\n${said}`));
	assert.equal(child.exitCode, null, said);
	return { ...site, pid: child.pid, stop: async () => { child.kill('SIGTERM'); await once(child, 'close'); } };
}

/** The command of the instance's front server, from its file of programs. */
function command(inst, web) {
	const line = readFileSync(join(inst.varDir, 'run/programs'), 'utf8').split('\n').find((text) => text.startsWith(`${web}\t`));
	const words = line.split('\t');
	return words.slice(words.indexOf(':') + 1);
}

function answers(port) {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.on('connect', () => { socket.destroy(); resolve(true); });
		socket.on('error', () => resolve(false));
	});
}
