// What every server of a bench is given: a database with users and meetings, the secret that signs their tokens, and
// for each scenario the list of its clients.
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SECRET = 'a secret that signs nothing but tokens of a bench';
const TTL_S = 6 * 3600;

/** Limits that do not meet the load are raised; everything is checked all the same. */
const CONF = {
	log_level: 'info', log_target: 'stderr', max_connections_per_address: 1_000_000, connection_rate: 1_000_000,
	message_rate: 1_000_000, message_burst: 1_000_000, api_rate: 1_000_000, login_rate: 1_000_000,
};

const base64url = (value) => Buffer.from(value).toString('base64url');

const numbers = (n) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n})`;

const people = (users, now) => [
	`${numbers(users)} INSERT INTO account (id, email, full_name, password_hash, created_at, updated_at)
		SELECT i, 'user' || i || '@example.org', 'User ' || i, '*', ${now}, ${now} FROM n;`,
	`${numbers(users)} INSERT INTO login (id, user_id, address, user_agent, created_at, last_used_at, expires_at)
		SELECT i, i, '127.0.0.1', 'bench', ${now}, ${now}, ${now + TTL_S * 1e6} FROM n;`];

export class Fixture {
	/** @param build  where the programs are;  more: configuration keys */
	constructor(build, more = {}) {
		this.dir = mkdtempSync(join(tmpdir(), 'unio-bench-'));
		this.database = join(this.dir, 'unio.db');
		this.secretFile = join(this.dir, 'secret.key');
		this.conf = join(this.dir, 'unio.conf');
		writeFileSync(this.secretFile, SECRET, { mode: 0o600 });
		const conf = { ...CONF, ...more, database: this.database, secret_file: this.secretFile, api_socket: join(this.dir, 'api.sock'),
			ws_socket: join(this.dir, 'ws.sock'), control_socket: join(this.dir, 'ctl.sock'),
			wake_endpoint: `ipc://${this.dir}/wake.sock` };
		writeFileSync(this.conf, Object.entries(conf).map(([key, value]) => `${key} = ${value}\n`).join(''));
		must(join(build, 'unioctl'), ['-c', this.conf, 'migrate']);
	}

	/** Users 1 to `users`, each with a login session of the same id, and meetings {id, host, members}. */
	fill(users, meetings) {
		const now = Date.now() * 1000;
		const sql = people(users, now);
		for (const { id, host, members } of meetings) {
			sql.push(`INSERT INTO meeting (id, title, host_id, created_at, updated_at)
				VALUES (${id}, 'Meeting ${id}', ${host}, ${now}, ${now});`);
			sql.push(`INSERT INTO member (meeting_id, user_id, role, added_at) VALUES ${members
				.map((user) => `(${id}, ${user}, '${user === host ? 'host' : 'participant'}', ${now})`).join(', ')};`);
		}
		this.write(sql);
	}

	/**
	 * The same users; and meetings 1 to `meetings` with a host and a participant and, in turn, `calls` past calls. Users 1
	 * and 2 are in meeting 1 only and those of the others are others, but for `busy`, who is in the first `busyIn` of all.
	 */
	fillMany({ users, meetings, calls, busy, busyIn }) {
		const now = Date.now() * 1000;
		const host = (i) => `CASE WHEN ${i} = 1 THEN 1 ELSE 3 + 2 * (${i} % ${(users >> 1) - 2}) END`;
		this.write([...people(users, now),
			`${numbers(meetings)} INSERT INTO meeting (id, title, host_id, created_at, updated_at)
				SELECT i, 'Meeting ' || i, ${host('i')}, ${now}, ${now} FROM n;`,
			`INSERT INTO member (meeting_id, user_id, role, added_at) SELECT id, host_id, 'host', ${now} FROM meeting
				UNION ALL SELECT id, host_id + 1, 'participant', ${now} FROM meeting
				UNION ALL SELECT id, ${busy}, 'participant', ${now} FROM meeting WHERE id <= ${busyIn};`,
			`${numbers(calls)} INSERT INTO call (meeting_id, caller_id, status, started_at, ended_at, ended_reason)
				SELECT 1 + i % ${meetings}, 1, 'ended', ${now - 2e9}, ${now - 1e9}, 'ended' FROM n;`]);
	}

	/** In one transaction. */
	write(sql) {
		must('sqlite3', ['-bail', this.database], `PRAGMA synchronous = OFF;\nBEGIN;\n${sql.join('\n')}\nCOMMIT;\nPRAGMA wal_checkpoint(TRUNCATE);\n`);
	}

	token(user) {
		const now = Math.floor(Date.now() / 1000);
		const claims = { iss: 'unio', token_type: 'access', sub: String(user), user_id: user, email: `user${user}@example.org`,
			full_name: `User ${user}`, sid: user, jti: String(user).padStart(22, 'x'), iat: now, exp: now + TTL_S };
		const text = `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(JSON.stringify(claims))}`;
		return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
	}

	/** The file of a scenario's clients: a line "ROOM TOKEN" for each. */
	clients(name, meetings) {
		const file = join(this.dir, name);
		writeFileSync(file, meetings.flatMap(({ id, members }) => members.map((user) => `${id} ${this.token(user)}\n`)).join(''));
		return file;
	}

	remove() {
		rmSync(this.dir, { recursive: true, force: true });
	}
}

function must(command, args, input) {
	const { status, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' });
	if (status !== 0)
		throw new Error(`${command} ${args.join(' ')}: ${error ?? stderr}`);
}
