-- Unio's first schema.  Applied once, in one transaction, under a lock; PRAGMA user_version
-- counts the files applied.  Files are only ever added, never changed.
--
-- Times are INTEGER microseconds since 1970-01-01T00:00:00Z.  Every id that leaves the
-- database is AUTOINCREMENT: never used twice, and, with writers that begin IMMEDIATE,
-- visible in commit order.

CREATE TABLE meta (
	name	TEXT NOT NULL PRIMARY KEY,	-- which fact: 'epoch'
	value	TEXT NOT NULL			-- its value; epoch: random, a restore renews it
) STRICT;

CREATE TABLE account (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- public id
	email		TEXT NOT NULL COLLATE NOCASE UNIQUE,	-- the name to sign in with
	full_name	TEXT NOT NULL,				-- shown to others
	password_hash	TEXT NOT NULL,				-- argon2id, in libsodium's own encoding
	is_admin	INTEGER NOT NULL DEFAULT 0 CHECK (is_admin IN (0, 1)),	-- reads, changes and ends everything
	disabled_at	INTEGER,				-- may not sign in or enter since; NULL: may
	created_at	INTEGER NOT NULL,			-- when the account was made
	updated_at	INTEGER NOT NULL			-- when a column above last changed
) STRICT;

-- One sign-in on one device.  Its tokens work while it is neither revoked nor expired.
CREATE TABLE login (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- sid in access tokens
	user_id		INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,	-- whose it is
	address		TEXT NOT NULL,				-- of the client that signed in
	user_agent	TEXT NOT NULL,				-- what it called itself, cut
	created_at	INTEGER NOT NULL,			-- when it signed in
	last_used_at	INTEGER NOT NULL,			-- its last refresh
	expires_at	INTEGER NOT NULL,			-- of its newest refresh token
	revoked_at	INTEGER					-- signed out, or revoked; NULL: live
) STRICT;
CREATE INDEX login_by_user ON login(user_id, id);
CREATE INDEX login_by_expiry ON login(expires_at);

CREATE TABLE refresh_token (
	hash		TEXT NOT NULL PRIMARY KEY,	-- SHA-256 of the token, which is stored nowhere
	login_id	INTEGER NOT NULL REFERENCES login(id) ON DELETE CASCADE,	-- what it renews
	created_at	INTEGER NOT NULL,		-- when it was handed out
	expires_at	INTEGER NOT NULL,		-- when it stops working by itself
	used_at		INTEGER				-- its first use; again much later is theft
) STRICT;
CREATE INDEX refresh_token_by_login ON refresh_token(login_id);
CREATE INDEX refresh_token_by_expiry ON refresh_token(expires_at);

-- Failed sign-ins, counted per account and address; kept in the database so that a restart forgives nothing.
CREATE TABLE login_failure (
	account		TEXT NOT NULL COLLATE NOCASE,	-- the e-mail address as typed, known or not
	address		TEXT NOT NULL,			-- of the client
	failures	INTEGER NOT NULL,		-- in the window
	window_start	INTEGER NOT NULL,		-- the time of the first of them
	PRIMARY KEY (account, address)
) STRICT;
CREATE INDEX login_failure_by_age ON login_failure(window_start);

CREATE TABLE meeting (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- public id, also the room's name
	title		TEXT NOT NULL,				-- at most 200 characters
	description	TEXT NOT NULL DEFAULT '',		-- at most 4,000 characters
	host_id		INTEGER NOT NULL REFERENCES account(id) ON DELETE RESTRICT,	-- who may change it; also in member
	status		TEXT NOT NULL DEFAULT 'scheduled'	-- whether a call goes on in it, went on, or never will
			CHECK (status IN ('scheduled', 'ongoing', 'completed', 'cancelled')),
	ice_policy	TEXT NOT NULL DEFAULT 'all' CHECK (ice_policy IN ('all', 'relay')),	-- relay: addresses stay hidden
	scheduled_at	INTEGER,				-- planned start; NULL: none
	created_at	INTEGER NOT NULL,			-- when it was made
	updated_at	INTEGER NOT NULL			-- when it last changed
) STRICT;
CREATE INDEX meeting_by_host ON meeting(host_id);

-- Who may enter a meeting: its host and its participants.  One look-up answers the question that
-- every request asks; the host's row repeats meeting.host_id so that it is one look-up.
CREATE TABLE member (
	meeting_id	INTEGER NOT NULL REFERENCES meeting(id) ON DELETE CASCADE,	-- of which meeting
	user_id		INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,		-- who
	role		TEXT NOT NULL CHECK (role IN ('host', 'participant')),		-- as what
	added_at	INTEGER NOT NULL,						-- since when
	PRIMARY KEY (meeting_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX member_one_host ON member(meeting_id) WHERE role = 'host';
CREATE INDEX member_by_user ON member(user_id, meeting_id);

CREATE TABLE call (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- public id
	meeting_id	INTEGER NOT NULL REFERENCES meeting(id) ON DELETE CASCADE,	-- where it took place
	caller_id	INTEGER NOT NULL REFERENCES account(id) ON DELETE RESTRICT,	-- who started it
	status		TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'ended')),	-- ended is for ever
	started_at	INTEGER NOT NULL,			-- when it began
	ended_at	INTEGER,				-- when it ended; NULL while active
	ended_reason	TEXT CHECK (ended_reason IN	-- why; NULL while active
			('ended', 'empty', 'max_duration', 'meeting_deleted', 'server_restart')),
	CHECK ((status = 'active') = (ended_at IS NULL)),
	CHECK ((status = 'active') = (ended_reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX call_one_active ON call(meeting_id) WHERE status = 'active';
CREATE INDEX call_by_meeting ON call(meeting_id, id, status);

-- Who was in a call and when; append-only, a rejoin adds a row.
CREATE TABLE attendance (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- order of arrival
	call_id		INTEGER NOT NULL REFERENCES call(id) ON DELETE CASCADE,	-- which call
	user_id		INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,	-- who
	session_id	TEXT NOT NULL,				-- on which connection of the daemon
	joined_at	INTEGER NOT NULL,			-- from
	left_at		INTEGER					-- to; NULL while still in
) STRICT;
CREATE INDEX attendance_by_call ON attendance(call_id, id);
CREATE INDEX attendance_open ON attendance(call_id, session_id) WHERE left_at IS NULL;

-- The outbox: what the rooms must be told, written with the change itself.  No foreign key to the
-- meeting, or a delete would take meeting_deleted with it.
CREATE TABLE event (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- event_id, rising in commit order
	meeting_id	INTEGER,				-- whose room; NULL: not about a meeting
	user_id		INTEGER,				-- the user concerned; NULL: nobody in particular
	login_id	INTEGER,				-- the login session concerned; NULL: none
	type		TEXT NOT NULL,				-- event.h has the list
	body		TEXT NOT NULL,				-- a JSON object: the frame's other members
	created_at	INTEGER NOT NULL			-- the frame's timestamp
) STRICT;
CREATE INDEX event_by_meeting ON event(meeting_id, id);
CREATE INDEX event_by_age ON event(created_at);

-- First replies of requests that carried an Idempotency-Key.
CREATE TABLE idempotency (
	user_id		INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,	-- whose key
	key		TEXT NOT NULL,				-- the header's value
	request_hash	TEXT NOT NULL,				-- SHA-256 of method, path and body
	status		INTEGER NOT NULL,			-- the first reply's
	location	TEXT,					-- its Location header; NULL: none
	body		TEXT NOT NULL,				-- its body
	created_at	INTEGER NOT NULL,			-- dropped 24 h later
	PRIMARY KEY (user_id, key)
) STRICT;
CREATE INDEX idempotency_by_age ON idempotency(created_at);

-- What a signaling daemon was last known to be alive at.
CREATE TABLE lease (
	daemon		TEXT NOT NULL PRIMARY KEY,	-- which daemon: its bucket, 'all' while there is one
	started_at	INTEGER NOT NULL,		-- of the process that holds it
	renewed_at	INTEGER NOT NULL		-- every few seconds while it runs
) STRICT;

INSERT INTO meta (name, value) VALUES ('epoch', lower(hex(randomblob(8))));
