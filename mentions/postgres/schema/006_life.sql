-- Legal hold, erasures, and the hash chain under every incident's history (mentions/chain.py says what is hashed).
ALTER TABLE incident ADD COLUMN hold timestamptz, ADD COLUMN head text;
ALTER TABLE incident_event ADD COLUMN salt text, ADD COLUMN digest text, ADD COLUMN chain text;

DO $$
DECLARE
    event record;
    nul bytea := decode('00', 'hex');
    new_salt text;
    hashed text;
    before text;
BEGIN
    FOR event IN SELECT * FROM incident_event ORDER BY incident_id, id LOOP
        new_salt := replace(gen_random_uuid()::text, '-', '');
        hashed := encode(sha256(
            convert_to(new_salt, 'UTF8') || nul
            || convert_to(to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), 'UTF8') || nul
            || convert_to(coalesce(event.actor, ''), 'UTF8') || nul
            || convert_to(coalesce(event.kind, ''), 'UTF8') || nul
            || convert_to(coalesce(event.reason, ''), 'UTF8') || nul
            || convert_to(coalesce(event.data::text, ''), 'UTF8')), 'hex');
        SELECT coalesce(head, event.incident_id::text) INTO before FROM incident WHERE id = event.incident_id;
        before := coalesce(before, event.incident_id::text);
        before := encode(sha256(convert_to(before || hashed, 'UTF8')), 'hex');
        UPDATE incident_event SET salt = new_salt, digest = hashed, chain = before WHERE id = event.id;
        UPDATE incident SET head = before WHERE id = event.incident_id;
    END LOOP;
END $$;

-- The author is a salted digest: the store itself does not say who asked to be forgotten.
CREATE TABLE erasure (
    author text PRIMARY KEY, platform text NOT NULL, salt text NOT NULL, at timestamptz NOT NULL,
    unpurged integer NOT NULL DEFAULT 0, done timestamptz);
CREATE INDEX erasure_salt ON erasure (salt);
CREATE INDEX incident_hold ON incident (hold) WHERE hold IS NOT NULL;
