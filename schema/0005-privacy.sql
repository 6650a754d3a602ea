-- Bans, the audit trail, and what erasing and forgetting need.

-- Who may not take part in a meeting, whoever would add them.  A banned user is no member of it.
CREATE TABLE ban (
	meeting_id	INTEGER NOT NULL REFERENCES meeting(id) ON DELETE CASCADE,	-- from which meeting
	user_id		INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,		-- who
	banned_by	INTEGER REFERENCES account(id) ON DELETE SET NULL,		-- by whom; NULL: the operator
	banned_at	INTEGER NOT NULL,						-- since when
	PRIMARY KEY (meeting_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ban_by_user ON ban(user_id);

-- Who did what.  A row is written in the transaction of what it tells of, and stays as it is.  There are no
-- foreign keys: it outlives what it names.  Names and e-mail addresses never stand in it, so that erasing an account
-- leaves the trail whole.
CREATE TABLE audit (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- order of commit
	created_at	INTEGER NOT NULL,			-- when
	action		TEXT NOT NULL,				-- what: audit.c has the list
	actor_id	INTEGER,				-- the account that did it; NULL: origin says who
	origin		TEXT NOT NULL,				-- from where: an address, 'unioctl:NAME(UID)', 'daemon'
	request_id	TEXT,					-- of the request, as in the log; NULL: it was none
	meeting_id	INTEGER,				-- the meeting concerned; NULL: none
	user_id		INTEGER,				-- the account concerned, if it is not the actor; NULL: none
	object_id	INTEGER,				-- the login session or call concerned; NULL: none
	detail		TEXT,					-- a small JSON object, without secrets; NULL: nothing to add
	times		INTEGER NOT NULL DEFAULT 1		-- how often: failed sign-ins of a minute are one row
) STRICT;
CREATE INDEX audit_by_actor ON audit(actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_by_user ON audit(user_id, id) WHERE user_id IS NOT NULL;

-- A count may grow, and erasing an account takes away from where it came.  Nothing else changes, ever.
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
WHEN NEW.id IS NOT OLD.id OR NEW.created_at IS NOT OLD.created_at OR NEW.action IS NOT OLD.action
	OR NEW.actor_id IS NOT OLD.actor_id OR (NEW.origin IS NOT OLD.origin AND NEW.origin <> 'erased')
	OR NEW.request_id IS NOT OLD.request_id OR NEW.meeting_id IS NOT OLD.meeting_id
	OR NEW.user_id IS NOT OLD.user_id OR NEW.object_id IS NOT OLD.object_id OR NEW.detail IS NOT OLD.detail
	OR NEW.times < OLD.times
BEGIN
	SELECT raise(ABORT, 'the audit trail is append-only');
END;

-- Rows go when they are older than what the purge has written down in the same transaction (store_purge.c).
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
WHEN OLD.created_at >= (SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE name = 'audit_purge_before')
BEGIN
	SELECT raise(ABORT, 'the audit trail is append-only');
END;

-- When the account was made anonymous; NULL: it was not.
ALTER TABLE account ADD COLUMN erased_at INTEGER;

-- Sessions that were ended early are forgotten by the time of it.
CREATE INDEX login_by_revocation ON login(revoked_at) WHERE revoked_at IS NOT NULL;
