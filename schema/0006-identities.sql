-- Who comes with the token of an external identity provider; and what a flood of guesses costs.

-- Which account a subject of a provider is.  Never found by the e-mail address again: who has it may change there.
CREATE TABLE identity (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,	-- for identity_login
	issuer		TEXT NOT NULL,			-- the iss claim of its tokens
	subject		TEXT NOT NULL,			-- the sub claim: who it is there, for ever
	user_id		INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,	-- who it is here
	created_at	INTEGER NOT NULL,		-- when it was first seen
	UNIQUE (issuer, subject)
) STRICT;
-- An account has one subject of an issuer: nobody else is linked to it.
CREATE UNIQUE INDEX identity_by_user ON identity(user_id, issuer);

-- The provider's sessions, each a login session here, so that all that ends one ends the other's tokens.
CREATE TABLE identity_login (
	identity_id	INTEGER NOT NULL REFERENCES identity(id) ON DELETE CASCADE,	-- whose session
	session		TEXT NOT NULL,			-- SHA-256 of the sid claim; '' for tokens that have none
	login_id	INTEGER NOT NULL REFERENCES login(id) ON DELETE CASCADE,	-- what it is here
	PRIMARY KEY (identity_id, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_login_by_login ON identity_login(login_id);

-- Wrong passwords of one account from everywhere, and from one address for every account.  As many rows as there are
-- slots, whatever is tried; no e-mail address and no network address stands here.
CREATE TABLE login_limit (
	slot		INTEGER PRIMARY KEY,	-- a digest's beginning, and of what it is: see shared/store_guess.c
	failures	INTEGER NOT NULL,	-- since it was last quiet
	failed_at	INTEGER NOT NULL	-- the time of the last of them
) STRICT;
CREATE INDEX login_limit_by_age ON login_limit(failed_at);

-- Where an account was signed in to lately: its owner is not kept out there by what others try elsewhere.
CREATE TABLE login_known (
	user_id		INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,	-- whose account
	place		TEXT NOT NULL,		-- SHA-256 of the user's id and the address, an IPv6 /64 as one
	used_at		INTEGER NOT NULL,	-- the last success
	PRIMARY KEY (user_id, place)
) STRICT, WITHOUT ROWID;
