-- Where entries stood on hot lists, over time.
CREATE TABLE hot (
    mention bigint NOT NULL, first_seen timestamptz NOT NULL, at timestamptz NOT NULL, until timestamptz,
    rank bigint NOT NULL, heat bigint, tag text NOT NULL,
    PRIMARY KEY (mention, at, first_seen)) PARTITION BY RANGE (first_seen);
CREATE INDEX hot_standing ON hot (mention) WHERE until IS NULL;

-- As before, for whatever tables are partitioned.
CREATE OR REPLACE FUNCTION tingfeng_months(earliest timestamptz, latest timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    first_day date := date_trunc('month', earliest AT TIME ZONE 'UTC');
    parent text;
BEGIN
    WHILE first_day <= latest AT TIME ZONE 'UTC' LOOP
        IF NOT EXISTS (SELECT 1 FROM partition_month WHERE month = first_day) THEN
            PERFORM pg_advisory_xact_lock(hashtextextended(current_schema() || '.partition_month', 0));
            FOR parent IN SELECT relname FROM pg_class
                          WHERE relnamespace = current_schema()::regnamespace AND relkind = 'p' ORDER BY relname LOOP
                EXECUTE format(
                    'CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                    parent || to_char(first_day, '_YYYY_MM'), parent,
                    first_day::timestamp AT TIME ZONE 'UTC',
                    (first_day + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            END LOOP;
            INSERT INTO partition_month VALUES (first_day) ON CONFLICT DO NOTHING;
        END IF;
        first_day := first_day + interval '1 month';
    END LOOP;
END $$;

DO $$
DECLARE
    first_day date;
BEGIN
    FOR first_day IN SELECT month FROM partition_month LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF hot FOR VALUES FROM (%L) TO (%L)', 'hot' || to_char(first_day, '_YYYY_MM'),
            first_day::timestamp AT TIME ZONE 'UTC', (first_day + interval '1 month')::timestamp AT TIME ZONE 'UTC');
    END LOOP;
END $$;
