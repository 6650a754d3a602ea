-- Since when a delivery waits, and forgetting calls by time.

-- When it was put in the queue: made, or repeated; NULL: an older program made it, or had come to its end with it.
ALTER TABLE delivery ADD COLUMN queued_at INTEGER;
UPDATE delivery SET queued_at = created_at WHERE status = 'waiting';
CREATE INDEX delivery_by_wait ON delivery(webhook_id, queued_at) WHERE status = 'waiting';

-- A clock that was ahead leaves calls at the front that stay longer than those behind them.
CREATE INDEX call_by_end ON call(ended_at) WHERE ended_at IS NOT NULL;
