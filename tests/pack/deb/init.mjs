// The package on a host without systemd, from its installation to its purge; and etc/rc, which needs no init at all.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, debOf, difference, until } from '../host.mjs';

const OLD = debOf('0.0.9');
const NEW = debOf(process.env.UNIO_VERSION);
const PASSWORD = 'a horse and a battery';

let host;
let fresh;
let token;

before(() => {
	host = new Host('none');
	host.start([OLD, NEW]);
	fresh = host.snapshot();
});
after(() => host?.stop());

const version = (program) => host.run(`${program} -V`).split(' ')[1];
const initd = (name, action) => host.run(`/etc/init.d/${name} ${action}`);

test('installed, it runs and answers through the web server, which is in no group of ours', async () => {
	host.install(OLD);
	host.startFront();
	await host.healthy();
	assert.equal(host.run('id -nG www-data'), 'www-data');
	assert.match((await host.ask('GET', '/')).text, /<html/);
});

test('each program is its own user, without any privilege', () => {
	for (const name of ['unio-api', 'unio-signald', 'unio-hookd'])
		for (const pid of host.pids(name)) {
			const status = host.read(`/proc/${pid}/status`);
			const id = host.run('id -u unio');
			assert.match(status, new RegExp(`^Uid:\\s${id}\\s${id}\\s${id}\\s${id}$`, 'm'));
			assert.match(status, /^CapEff:\s0+$/m);
			assert.equal(host.read(`/proc/${pid}/status`).match(/^Groups:(.*)$/m)[1].trim(), host.run('id -g unio'));
		}
	assert.equal(host.pids('unio-signald').length, 1);
	assert.ok(host.pids('unio-api').length > 1);
});

test('the secret is nobody else\'s, and the web server reaches two sockets and nothing more', () => {
	const modes = host.run('stat -c "%a %U:%G %n" /var/lib/unio /var/lib/unio/secret.key /run/unio /run/unio/*.sock').split('\n');
	assert.deepEqual(modes, [
		'700 unio:unio /var/lib/unio', '600 unio:unio /var/lib/unio/secret.key', '755 unio:unio /run/unio',
		'660 unio:www-data /run/unio/api.sock', '660 unio:unio /run/unio/ctl.sock',
		'660 unio:unio /run/unio/wake.sock', '660 unio:www-data /run/unio/ws.sock']);
});

test('the programs can write into their two directories, and where everybody can', () => {
	const everybody = ['/run/lock', '/tmp', '/var/tmp'];
	for (const name of ['unio-api', 'unio-signald', 'unio-hookd'])
		assert.deepEqual(host.writable(host.pids(name)[0])
			.filter((path) => !everybody.includes(path) && !/^\/(var\/lib|run)\/unio(\/|$)/.test(path)), []);
});

test('accounts and meetings are made by unioctl as that user', async () => {
	host.run(`echo '${PASSWORD}' | runuser -u unio -- unioctl user add ann@example.org --name Ann --admin`);
	host.run('runuser -u unio -- unioctl meeting add --host ann@example.org --title Monday');
	token = await host.login('ann@example.org', PASSWORD);
	assert.equal((await host.ask('GET', '/api/meetings/1', { token })).json.title, 'Monday');
});

test('a client in a room notices nothing of a restart of the API', async () => {
	const client = await host.enter(1, token);
	const before = host.pids('unio-api');
	initd('unio-api', 'restart');
	await host.healthy();
	assert.ok(!host.pids('unio-api').some((pid) => before.includes(pid)));
	await host.alive(client);
	client.ws.close();
});

test('the API answers all through a restart of the daemon, whose clients are told to come back', async () => {
	const client = await host.enter(1, token);
	let asking = true;
	const statuses = [];
	const asked = (async () => {
		while (asking)
			statuses.push((await host.ask('GET', '/api/meetings/1', { token })).status);
	})();
	initd('unio-signald', 'restart');
	assert.equal(await client.closed, 1012);
	asking = false;
	await asked;
	assert.ok(statuses.length > 0);
	assert.deepEqual([...new Set(statuses)], [200]);
	(await host.enter(1, token)).ws.close();
});

test('the init scripts know whether their program runs, start none twice, and reload', () => {
	for (const name of ['unio-api', 'unio-signald', 'unio-hookd']) {
		const before = host.pids(name);
		initd(name, 'start');
		assert.deepEqual(host.pids(name).slice(0, 1), before.slice(0, 1));
		assert.equal(host.code(`/etc/init.d/${name} status`), 0);
		initd(name, 'reload');
		initd(name, 'stop');
		assert.deepEqual(host.pids(name), []);
		assert.equal(host.code(`/etc/init.d/${name} status`), 3);
		initd(name, 'stop');
	}
});

test('a configuration with a mistake is said, and nothing starts', () => {
	const good = host.read('/etc/unio/unio.conf');
	host.write('/etc/unio/unio.conf', `${good}\nworkers = many\n`);
	assert.match(host.run('/etc/init.d/unio-api start 2>&1 || echo code $?'), /workers[^]*code 6/);
	assert.match(host.run('/usr/share/unio/rc start api 2>&1 || echo code $?'), /workers[^]*code 1/);
	host.write('/etc/unio/unio.conf', good);
});

test('as many daemons run as the key says, and all are stopped whatever the configuration says by then', () => {
	const good = host.read('/etc/unio/unio.conf');
	host.write('/etc/unio/unio.conf', `${good}\ndaemons = 3\n`);
	initd('unio-signald', 'start');
	assert.equal(host.pids('unio-signald').length, 3);
	host.write('/etc/unio/unio.conf', `${good}\nworkers = many\n`);
	initd('unio-signald', 'stop');
	assert.deepEqual(host.pids('unio-signald'), []);
	host.write('/etc/unio/unio.conf', good);
});

test('rc starts all without any help, restarts each alone, and stops them', async () => {
	const rc = (words) => host.run(`/usr/share/unio/rc ${words}`);
	rc('start');
	await host.healthy();
	assert.match(rc('status'), /unio-api runs[^]*unio-signald runs[^]*unio-hookd runs/);
	for (const name of ['unio-api', 'unio-signald', 'unio-hookd'])
		assert.match(host.read(`/proc/${host.pids(name)[0]}/status`), /^NoNewPrivs:\s1$/m);
	const client = await host.enter(1, token);
	rc('restart api');
	await host.healthy();
	await host.alive(client);
	const before = host.pids('unio-api');
	rc('restart signald');
	assert.equal(await client.closed, 1012);
	assert.deepEqual(host.pids('unio-api'), before);
	rc('reload');
	rc('start');
	host.run(`kill -KILL ${host.pids('unio-signald')[0]}`);
	await until(() => host.pids('unio-signald').length === 0, 'it is dead');
	assert.equal(host.code('/usr/share/unio/rc status'), 3);
	rc('start');
	await host.healthy();
	rc('stop');
	assert.deepEqual(['unio-api', 'unio-signald', 'unio-hookd'].flatMap((name) => host.pids(name)), []);
	assert.equal(host.code('/usr/share/unio/rc status'), 3);
	initd('unio-api', 'start');
	initd('unio-signald', 'start');
	initd('unio-hookd', 'start');
});

test('an upgrade restarts both and keeps the data and the configuration as edited', async () => {
	host.write('/etc/unio/unio.conf', `${host.read('/etc/unio/unio.conf')}\nmax_sessions_per_user = 7\n`);
	const secret = host.read('/var/lib/unio/secret.key');
	const before = ['unio-api', 'unio-signald', 'unio-hookd'].flatMap((name) => host.pids(name));
	assert.equal(version('unio-api'), '0.0.9');
	host.install(NEW);
	await host.healthy();
	for (const program of ['unio-api', 'unio-signald', 'unio-hookd', 'unioctl'])
		assert.equal(version(program), process.env.UNIO_VERSION);
	assert.ok(!['unio-api', 'unio-signald', 'unio-hookd'].flatMap((name) => host.pids(name)).some((pid) => before.includes(pid)));
	assert.match(host.read('/etc/unio/unio.conf'), /^max_sessions_per_user = 7$/m);
	assert.equal(host.read('/var/lib/unio/secret.key'), secret);
	assert.equal((await host.ask('GET', '/api/meetings/1', { token })).json.title, 'Monday');
});

test('removed, it runs no more, and data and configuration stay', () => {
	host.run('apt-get remove -y -qq unio');
	assert.deepEqual(['unio-api', 'unio-signald', 'unio-hookd'].flatMap((name) => host.pids(name)), []);
	assert.equal(host.code('test -e /usr/sbin/unio-api'), 1);
	assert.equal(host.code('test -e /var/lib/unio/unio.db && test -e /etc/unio/unio.conf'), 0);
	assert.equal(host.code('sh /etc/init.d/unio-api start'), 0);
});

test('installed again, it has its data', async () => {
	host.install(NEW);
	await host.healthy();
	assert.equal((await host.ask('GET', '/api/meetings/1', { token })).json.title, 'Monday');
});

test('purged, nothing is left', () => {
	host.run('apt-get purge -y -qq unio && apt-get autoremove -y -qq --purge');
	assert.deepEqual(['unio-api', 'unio-signald', 'unio-hookd'].flatMap((name) => host.pids(name)), []);
	assert.deepEqual(difference(fresh, host.snapshot()), { gone: [], left: [] });
	assert.equal(host.code('test -e /run/unio'), 1);
});
