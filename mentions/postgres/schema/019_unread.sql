-- How many of the last looks in a row did not read their query, and whose channel a query addresses.

ALTER TABLE coverage ADD COLUMN unread bigint NOT NULL DEFAULT 0, ADD COLUMN brand text;
UPDATE coverage SET unread = (SELECT count(*) FROM look l WHERE l.source = coverage.source
    AND l.query = coverage.query AND l.at > coalesce(coverage.read, '-infinity'));
