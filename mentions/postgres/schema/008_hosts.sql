CREATE TABLE host (name text PRIMARY KEY, asked timestamptz NOT NULL);
