-- Kept replies are counted for each user: the newest thousand of one are found without reading them all.
CREATE INDEX idempotency_by_user ON idempotency(user_id, created_at);
