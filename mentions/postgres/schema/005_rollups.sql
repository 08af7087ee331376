-- Every writer adds rows to hourly_change, and none waits for another; housekeeping adds them to hourly_sum.
CREATE TABLE hourly_sum (
    hour timestamptz NOT NULL, brand text NOT NULL, platform text NOT NULL, label text NOT NULL,
    severity integer NOT NULL, mentions bigint NOT NULL,
    PRIMARY KEY (hour, brand, platform, label, severity));
CREATE TABLE hourly_change (
    hour timestamptz NOT NULL, brand text NOT NULL, platform text NOT NULL, label text NOT NULL,
    severity integer NOT NULL, mentions bigint NOT NULL);
CREATE VIEW hourly AS
SELECT hour, brand, platform, label, severity, sum(mentions)::bigint AS mentions
FROM (SELECT * FROM hourly_sum UNION ALL SELECT * FROM hourly_change) counted
GROUP BY hour, brand, platform, label, severity HAVING sum(mentions) <> 0;

CREATE FUNCTION tingfeng_counted_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO hourly_change SELECT hour, brand, platform, label, severity, count(*)
    FROM newer GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $$;
CREATE FUNCTION tingfeng_counted_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO hourly_change SELECT hour, brand, platform, label, severity, -count(*)
    FROM older GROUP BY 1, 2, 3, 4, 5;
    RETURN NULL;
END $$;
CREATE FUNCTION tingfeng_counted_on() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO hourly_change SELECT hour, brand, platform, label, severity, sum(mentions) FROM (
        SELECT hour, brand, platform, label, severity, 1 AS mentions FROM newer
        UNION ALL SELECT hour, brand, platform, label, severity, -1 FROM older) moved
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(mentions) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER counted_in AFTER INSERT ON mention_brand REFERENCING NEW TABLE AS newer
    FOR EACH STATEMENT EXECUTE FUNCTION tingfeng_counted_in();
CREATE TRIGGER counted_out AFTER DELETE ON mention_brand REFERENCING OLD TABLE AS older
    FOR EACH STATEMENT EXECUTE FUNCTION tingfeng_counted_out();
CREATE TRIGGER counted_on AFTER UPDATE ON mention_brand REFERENCING OLD TABLE AS older NEW TABLE AS newer
    FOR EACH STATEMENT EXECUTE FUNCTION tingfeng_counted_on();
