-- Webhooks: what other programs are told of the events, by unio-hookd.

CREATE TABLE webhook (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- the administrator's name for it
	url		TEXT NOT NULL,				-- where it is sent
	events		TEXT NOT NULL DEFAULT '',		-- which types, with commas; '': all that are public
	secret		TEXT NOT NULL,				-- whsec_…, which signs; needed in clear
	old_secret	TEXT,					-- the one before, which signs as well; NULL: none
	old_until	INTEGER,				-- until when it does; NULL: there is none
	cursor_id	INTEGER NOT NULL,			-- the last event that was looked at; moves with the deliveries made
	failures	INTEGER NOT NULL DEFAULT 0,		-- attempts that failed since the last one that did not
	retry_at	INTEGER,				-- nothing is sent before; NULL: at any time
	created_at	INTEGER NOT NULL,			-- when it was made
	disabled_at	INTEGER,				-- nothing is sent since; NULL: it is
	disabled_reason	TEXT CHECK (disabled_reason IN ('operator', 'gone')),	-- who said so; gone: the receiver, by 410
	CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
) STRICT;

-- One event for one webhook; its body stays here, because the event itself does not stay long.  The order of a
-- meeting is kept by next_at: of its waiting rows only the oldest has one.
CREATE TABLE delivery (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- in the order of the events
	webhook_id	INTEGER NOT NULL REFERENCES webhook(id) ON DELETE CASCADE,	-- to whom
	message_id	TEXT NOT NULL UNIQUE,			-- the header webhook-id, the same at every attempt
	event_id	INTEGER,				-- of which event; NULL: a test
	meeting_id	INTEGER NOT NULL,			-- whose order it keeps; 0: of none
	type		TEXT NOT NULL,				-- the event's
	body		TEXT NOT NULL,				-- what is sent, byte for byte
	status		TEXT NOT NULL DEFAULT 'waiting'		-- delivered and failed are final, unless it is repeated
			CHECK (status IN ('waiting', 'delivered', 'failed')),
	attempts	INTEGER NOT NULL DEFAULT 0,		-- that came to an end
	next_at		INTEGER,				-- the next attempt; NULL: behind another one, or final
	give_up_at	INTEGER NOT NULL,			-- the last attempt
	last_status	INTEGER,				-- HTTP status of the last attempt; NULL: there was no answer
	last_error	TEXT,					-- what went wrong at it; NULL: nothing
	created_at	INTEGER NOT NULL,			-- when it was taken up
	done_at		INTEGER,				-- when it became final
	CHECK ((status = 'waiting') = (done_at IS NULL)),
	CHECK (status = 'waiting' OR next_at IS NULL)
) STRICT;
CREATE UNIQUE INDEX delivery_once ON delivery(webhook_id, event_id) WHERE event_id IS NOT NULL;
CREATE INDEX delivery_waiting ON delivery(webhook_id, meeting_id, id) WHERE status = 'waiting';
CREATE INDEX delivery_due ON delivery(webhook_id, next_at) WHERE status = 'waiting' AND next_at IS NOT NULL;
CREATE INDEX delivery_late ON delivery(give_up_at) WHERE status = 'waiting';
CREATE INDEX delivery_by_webhook ON delivery(webhook_id, id);
CREATE INDEX delivery_by_age ON delivery(done_at) WHERE done_at IS NOT NULL;
