-- Who was erased stays so, accounts that nobody vouches for, and forgetting the audit trail by time.

-- Subjects of identity providers whose accounts were erased: their tokens open nothing, until an operator says
-- otherwise.  Neither when nor which account it was stands here, so that nothing leads from one to the other.
CREATE TABLE identity_erased (
	digest		TEXT PRIMARY KEY	-- SHA-256 of issuer, a line feed and subject
) STRICT, WITHOUT ROWID;

-- 1: made by whoever came, who has not shown that the address is theirs; no subject of a provider is given it.
ALTER TABLE account ADD COLUMN unproven INTEGER NOT NULL DEFAULT 0;
UPDATE account SET unproven = 1 WHERE password_hash NOT IN ('', '!')
	AND id IN (SELECT actor_id FROM audit WHERE action = 'user.register');

-- A clock that was ahead leaves rows at the trail's front that stay longer than those behind them.
CREATE INDEX audit_by_age ON audit(created_at);
