-- Where a page was pictured, and what an authority signed of a copy.

ALTER TABLE evidence ADD COLUMN url text, ADD COLUMN token bytea, ADD COLUMN stamped timestamptz;
CREATE INDEX evidence_unstamped ON evidence (frozen) WHERE frozen IS NOT NULL AND token IS NULL;
