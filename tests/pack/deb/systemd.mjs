// The package on a host with systemd: the units as they are, under a systemd that really runs.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Host, debOf, difference, until } from '../host.mjs';

const OLD = debOf('0.0.9');
const NEW = debOf(process.env.UNIO_VERSION);
const PASSWORD = 'a horse and a battery';
const SERVICES = ['unio-api', 'unio-signald', 'unio-hookd'];
const UNITS = ['unio-api.socket', 'unio-signald.socket', ...SERVICES.map((name) => `${name}.service`)];

/** What systemd-analyze says of a service that is as closed as ours are meant to be; 10 is wide open. */
const EXPOSURE_MAX = { 'unio-api': 0.5, 'unio-signald': 0.5, 'unio-hookd': 1.5 }; // the last one uses the network

let host;
let fresh;
let token;

before(() => {
	host = new Host('systemd');
	host.start([OLD, NEW]);
	fresh = host.snapshot();
});
after(() => host?.stop());

const show = (unit, property) => host.run(`systemctl show --value -p ${property} ${unit}`);
const mainPid = (name) => Number(show(name, 'MainPID'));
const inodes = () => host.run('stat -c %i /run/unio/api.sock /run/unio/ws.sock');

test('installed, all units are on and run, and it answers through the web server', async () => {
	host.install(OLD);
	assert.equal(host.run(`systemctl is-enabled ${UNITS.join(' ')} | sort -u`), 'enabled');
	assert.equal(host.run(`systemctl is-active ${UNITS.join(' ')} | sort -u`), 'active');
	host.startFront();
	await host.healthy();
	host.run(`echo '${PASSWORD}' | runuser -u unio -- unioctl user add ann@example.org --name Ann --admin`);
	host.run('runuser -u unio -- unioctl meeting add --host ann@example.org --title Monday');
	token = await host.login('ann@example.org', PASSWORD);
	assert.match(show('unio-api', 'StatusText'), /^\d+ workers$/);
});

test('the services are as closed as can be', () => {
	for (const name of SERVICES) {
		const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(host.run(`systemd-analyze security --no-pager ${name}`))[1]);
		assert.ok(exposure <= EXPOSURE_MAX[name], `${name}: ${exposure}`);
		const status = host.read(`/proc/${mainPid(name)}/status`);
		for (const line of [/^NoNewPrivs:\s1$/m, /^CapBnd:\s0+$/m, /^Seccomp:\s2$/m])
			assert.match(status, line);
		// The unit leaves the program what it needs to close itself further.
		assert.equal(host.run(`journalctl -q --no-pager -u ${name} | grep event=confine || :`), '');
	}
	assert.equal(host.run(`systemd-analyze verify --man=no ${UNITS.join(' ')} unio-api@x.service unio-signald@x.service unio-hookd@x.service unio-signald.target unio-signald-daemon@2.service unio-signald-daemon@2.socket 2>&1`), '');
});

test('each can write into the state directory, the sockets\' directory and a temporary one of its own', () => {
	for (const name of SERVICES)
		assert.deepEqual(host.writable(mainPid(name))
			.filter((path) => !/^\/(var\/lib|run)\/unio(\/|$)/.test(path)), ['/tmp', '/var/tmp']);
});

test('the sockets are the web server\'s, and stay the same all through', () => {
	assert.deepEqual(host.run('stat -c "%a %U:%G %n" /run/unio /run/unio/*.sock').split('\n'), [
		'755 unio:unio /run/unio', '660 unio:www-data /run/unio/api.sock', '660 unio:unio /run/unio/ctl.sock',
		'660 unio:unio /run/unio/wake.sock', '660 unio:www-data /run/unio/ws.sock']);
});

test('a client in a room notices nothing of a restart of the API, and no request is lost', async () => {
	const client = await host.enter(1, token);
	const statuses = await whileAsking(() => host.run('systemctl restart unio-api'));
	assert.deepEqual([...new Set(statuses)], [200]);
	await host.alive(client);
	client.ws.close();
});

test('the API answers all through a restart of the daemon, and who comes meanwhile waits in the socket', async () => {
	const client = await host.enter(1, token);
	const before = inodes();
	const statuses = await whileAsking(async () => {
		host.run('systemctl stop unio-signald 2>/dev/null');
		assert.equal(await client.closed, 1012);
		(await host.enter(1, token)).ws.close();	// whose connection starts it
	});
	assert.deepEqual([...new Set(statuses)], [200]);
	assert.equal(inodes(), before);
	assert.equal(host.run('systemctl is-active unio-signald'), 'active');
});

/** The statuses of requests, one after the other, while something goes on; inside, since our own hands are full then. */
async function whileAsking(work) {
	host.run(`rm -f /tmp/stop; (while [ ! -e /tmp/stop ]; do curl -s -o /dev/null -w '%{http_code}\\n' -H 'Authorization: Bearer ${token}' \
		--unix-socket /run/front.sock http://localhost/api/meetings/1; done >/tmp/statuses; mv /tmp/statuses /tmp/all) >/dev/null 2>&1 &`);
	await work();
	host.run('touch /tmp/stop; until [ -e /tmp/all ]; do sleep 0.05; done');
	const statuses = host.run('cat /tmp/all; rm /tmp/all').split('\n').map(Number);
	assert.ok(statuses.length > 1);
	return statuses;
}

test('a reload is waited for, and keeps process and clients', async () => {
	const client = await host.enter(1, token);
	const before = SERVICES.map(mainPid);
	for (const name of SERVICES)
		host.run(`systemctl reload ${name}`);
	await until(() => SERVICES.every((name) => show(name, 'ActiveState') === 'active'), 'they are reloaded');
	assert.deepEqual(SERVICES.map(mainPid), before);
	await host.alive(client);
	client.ws.close();
});

test('who is killed is back', async () => {
	for (const name of SERVICES) {
		const pid = mainPid(name);
		host.run(`kill -KILL ${pid}`);
		await until(() => ![0, pid].includes(mainPid(name)), `${name} is back`);
	}
	await host.healthy();
});

test('who hangs is killed by the watchdog and is back', async () => {
	for (const name of SERVICES) {
		host.run(`mkdir -p /run/systemd/system/${name}.service.d`);
		host.write(`/run/systemd/system/${name}.service.d/test.conf`, '[Service]\nWatchdogSec=1s\nWatchdogSignal=SIGKILL\n');
	}
	host.run(`systemctl daemon-reload && systemctl restart ${SERVICES.join(' ')}`);
	const pids = SERVICES.map(mainPid);
	// The first signs of life have been given, and are asked for no less than once a second.
	await until(() => SERVICES.every((name) => Number(show(name, 'WatchdogTimestampMonotonic')) > Number(show(name, 'ExecMainStartTimestampMonotonic')) + 2e6), 'they are alive for some time');
	assert.deepEqual(SERVICES.map(mainPid), pids);
	for (const [i, name] of SERVICES.entries()) {
		host.run(`kill -STOP ${pids[i]}`);
		await until(() => ![0, pids[i]].includes(mainPid(name)), `${name} is back`);
		await until(() => host.run('journalctl -q _PID=1').includes(`${name}.service: Watchdog timeout`), 'the journal says why');
	}
	host.run(`rm -r /run/systemd/system/unio-*.service.d && systemctl daemon-reload && systemctl restart ${SERVICES.join(' ')}`);
	await host.healthy();
});

test('a second site beside the first one has its own database, sockets and directories', async () => {
	const keys = { database: '/var/lib/unio-two/unio.db', secret_file: '/var/lib/unio-two/secret.key', api_socket: '/run/unio-two/api.sock',
		ws_socket: '/run/unio-two/ws.sock', control_socket: '/run/unio-two/ctl.sock', wake_endpoint: 'ipc:///run/unio-two/wake.sock' };
	host.write('/etc/unio/two.conf', Object.entries(keys).map(([key, value]) => `${key} = ${value}\n`).join(''));
	host.run('systemctl start unio-api@two unio-signald@two unio-hookd@two');
	assert.equal(host.run('stat -c "%U:%G" /run/unio-two/api.sock /run/unio-two/ws.sock | sort -u'), 'unio:www-data');
	assert.equal(host.run('unioctl -c /etc/unio/two.conf --json user list | grep -c ann || :'), '0');
	assert.deepEqual(host.writable(mainPid('unio-api@two')).filter((path) => !/^\/(var\/lib|run)\/unio-two(\/|$)/.test(path)), ['/tmp', '/var/tmp']);
	const socket = connect(`${host.root}/run/unio-two/ws.sock`);
	await once(socket, 'connect');
	socket.destroy();
	host.run('systemctl stop unio-api@two.socket unio-signald@two.socket unio-api@two unio-signald@two unio-hookd@two && rm -r /var/lib/unio-two /run/unio-two');
});

test('a second daemon shares the meetings: each is restarted for itself, and both by the target', async () => {
	const second = 'unio-signald-daemon@2';
	const daemons = () => host.run('runuser -u unio -- unioctl daemon list --tsv | cut -f 1,2').split('\n');
	host.run(`echo 'daemons = 2' >>/etc/unio/unio.conf && systemctl restart unio-signald
		systemctl enable -q --now unio-signald.target ${second}.socket ${second}.service && systemctl restart unio-api`);
	await host.healthy();
	assert.deepEqual(daemons(), ['1\tup', '2\tup']);
	assert.equal(host.run('stat -c "%a %U:%G" /run/unio/ws-2.sock'), '660 unio:www-data');
	let pids = ['unio-signald', second].map(mainPid);
	host.run(`systemctl restart ${second}`);
	assert.equal(mainPid('unio-signald'), pids[0]);
	assert.notEqual(mainPid(second), pids[1]);
	pids = ['unio-signald', second].map(mainPid);
	host.run(`kill -KILL ${pids[0]}`);
	await until(() => ![0, pids[0]].includes(mainPid('unio-signald')), 'the first is back');
	assert.equal(mainPid(second), pids[1]);
	host.run('systemctl restart unio-signald.target');
	await host.healthy();
	assert.deepEqual(daemons(), ['1\tup', '2\tup']);
	assert.ok(!['unio-signald', second].map(mainPid).some((pid) => pids.includes(pid)));
});

test('an upgrade restarts each, keeps data and sockets, and no request is lost', async () => {
	const before = [inodes(), SERVICES.map(mainPid)], second = mainPid('unio-signald-daemon@2');
	const statuses = await whileAsking(() => host.install(NEW));
	assert.deepEqual([...new Set(statuses)], [200]);
	await host.healthy();
	assert.equal(inodes(), before[0]);
	assert.ok(!SERVICES.map(mainPid).some((pid) => before[1].includes(pid)));
	assert.notEqual(mainPid('unio-signald-daemon@2'), second);
	assert.equal(host.run('unio-api -V').split(' ')[1], process.env.UNIO_VERSION);
	assert.equal(host.run(`systemctl is-active ${UNITS.join(' ')} | sort -u`), 'active');
	assert.equal((await host.ask('GET', '/api/meetings/1', { token })).json.title, 'Monday');
});

test('one daemon again', async () => {
	host.run(`sed -i '/^daemons = 2$/d' /etc/unio/unio.conf
		systemctl disable -q --now unio-signald.target unio-signald-daemon@2.socket unio-signald-daemon@2.service
		systemctl restart unio-signald unio-api`);
	await host.healthy();
	assert.equal(host.run('runuser -u unio -- unioctl daemon list --tsv | cut -f 1,2'), '1\tup');
});

test('purged, nothing runs and nothing is left', () => {
	host.run('apt-get purge -y -qq unio && apt-get autoremove -y -qq --purge');
	assert.deepEqual(SERVICES.flatMap((name) => host.pids(name)), []);
	assert.deepEqual(difference(fresh, host.snapshot()), { gone: [], left: [] });
	assert.equal(host.run("systemctl list-units --all --plain --no-legend 'unio*'"), '');
	assert.equal(host.run('find /var/lib/systemd /run -name "*unio*"'), '');
});
