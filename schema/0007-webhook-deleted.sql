-- A webhook is deleted at once, its deliveries slice by slice.

-- Since when nobody is to see it: its address and its secrets are gone, it is sent nothing, and it goes itself when the
-- last of its deliveries has; NULL: it is there.
ALTER TABLE webhook ADD COLUMN deleted_at INTEGER;
