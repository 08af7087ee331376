-- Words of posts that people sent in, which sources look for. A row bears its mention's number alone, as those of
-- fingerprint do.
CREATE TABLE sought (
    mention bigint NOT NULL, words text NOT NULL, brand text NOT NULL, at timestamptz NOT NULL,
    until timestamptz NOT NULL, PRIMARY KEY (mention, words));
