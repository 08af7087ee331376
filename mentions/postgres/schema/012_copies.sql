-- Which posts say the same (fingerprint), how far each is what somebody thinks (authenticity), and roll-ups that tell
-- originals from copies. Not partitioned: a text is looked for among those of all months.
CREATE TABLE fingerprint (
    mention bigint PRIMARY KEY, hash bigint, origin bigint, distance integer, at timestamptz);
CREATE INDEX fingerprint_block_0 ON fingerprint (((hash >> 0) & 65535), mention) INCLUDE (hash, origin)
    WHERE origin IS NULL AND hash IS NOT NULL;
CREATE INDEX fingerprint_block_1 ON fingerprint (((hash >> 16) & 65535), mention) INCLUDE (hash, origin)
    WHERE origin IS NULL AND hash IS NOT NULL;
CREATE INDEX fingerprint_block_2 ON fingerprint (((hash >> 32) & 65535), mention) INCLUDE (hash, origin)
    WHERE origin IS NULL AND hash IS NOT NULL;
CREATE INDEX fingerprint_block_3 ON fingerprint (((hash >> 48) & 65535), mention) INCLUDE (hash, origin)
    WHERE origin IS NULL AND hash IS NOT NULL;
CREATE INDEX fingerprint_origin ON fingerprint (origin, mention) WHERE origin IS NOT NULL;
CREATE TABLE authenticity (
    mention bigint PRIMARY KEY, at timestamptz NOT NULL, value double precision NOT NULL, reasons json NOT NULL);

ALTER TABLE mention_brand ADD COLUMN original boolean NOT NULL DEFAULT true;
DROP VIEW hourly;
ALTER TABLE hourly_change ADD COLUMN original boolean NOT NULL DEFAULT true;
ALTER TABLE hourly_sum ADD COLUMN original boolean NOT NULL DEFAULT true;
ALTER TABLE hourly_sum DROP CONSTRAINT hourly_sum_pkey;
ALTER TABLE hourly_sum ADD PRIMARY KEY (hour, brand, platform, label, severity, original);
CREATE VIEW hourly AS
SELECT hour, brand, platform, label, severity, original, sum(mentions)::bigint AS mentions
FROM (SELECT hour, brand, platform, label, severity, original, mentions FROM hourly_sum
      UNION ALL SELECT hour, brand, platform, label, severity, original, mentions FROM hourly_change) counted
GROUP BY hour, brand, platform, label, severity, original HAVING sum(mentions) <> 0;

CREATE OR REPLACE FUNCTION tingfeng_counted_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO hourly_change (hour, brand, platform, label, severity, original, mentions)
    SELECT hour, brand, platform, label, severity, original, count(*) FROM newer GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION tingfeng_counted_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO hourly_change (hour, brand, platform, label, severity, original, mentions)
    SELECT hour, brand, platform, label, severity, original, -count(*) FROM older GROUP BY 1, 2, 3, 4, 5, 6;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION tingfeng_counted_on() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO hourly_change (hour, brand, platform, label, severity, original, mentions)
    SELECT hour, brand, platform, label, severity, original, sum(mentions) FROM (
        SELECT hour, brand, platform, label, severity, original, 1 AS mentions FROM newer
        UNION ALL SELECT hour, brand, platform, label, severity, original, -1 FROM older) moved
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(mentions) <> 0;
    RETURN NULL;
END $$;
