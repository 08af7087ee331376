-- Copies of posts as they stood, posts that are gone, how grave a task is, and what re-reading may still ask.
-- Neither table is partitioned: only posts that mention a brand have copies, and most of these for days only.
ALTER TABLE task ADD COLUMN danger integer NOT NULL DEFAULT 0;
CREATE TABLE evidence (
    mention bigint NOT NULL, first_seen timestamptz NOT NULL, sha256 text NOT NULL, at timestamptz NOT NULL,
    kind text NOT NULL, size bigint NOT NULL, body bytea NOT NULL, frozen timestamptz,
    PRIMARY KEY (mention, sha256, first_seen));
ALTER TABLE evidence ALTER COLUMN body SET STORAGE EXTERNAL;  -- it is compressed already
CREATE TABLE gone (
    mention bigint NOT NULL, first_seen timestamptz NOT NULL, since timestamptz NOT NULL, confirmed timestamptz,
    back timestamptz, PRIMARY KEY (mention, first_seen));
CREATE TABLE reread_budget (
    host text PRIMARY KEY, owed double precision NOT NULL, at timestamptz NOT NULL);
