-- Tickets: what opens one WebSocket, once, in place of a token.

-- A ticket is gone when it is shown for the first time.  No foreign key to the meeting: who comes with a
-- ticket for one that was deleted meanwhile shall hear that, not that the ticket is unknown.
CREATE TABLE ticket (
	hash		TEXT NOT NULL PRIMARY KEY,	-- SHA-256 of the ticket, which is stored nowhere
	user_id		INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,	-- who may come in with it
	login_id	INTEGER NOT NULL REFERENCES login(id) ON DELETE CASCADE,	-- the login session that asked for it
	meeting_id	INTEGER NOT NULL,		-- where it opens the door
	expires_at	INTEGER NOT NULL		-- when it stops working by itself, a few seconds later
) STRICT;
CREATE INDEX ticket_by_login ON ticket(login_id);
CREATE INDEX ticket_by_expiry ON ticket(expires_at);
