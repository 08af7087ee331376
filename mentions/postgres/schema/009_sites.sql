-- Whose turn it is at a host, which are left alone and why, their robots.txt, and versions of pages.
ALTER TABLE host ADD COLUMN free timestamptz;
CREATE TABLE cooling (
    source text NOT NULL, site text NOT NULL, reason text NOT NULL, detail text NOT NULL,
    since timestamptz NOT NULL, until timestamptz NOT NULL, times integer NOT NULL, shared boolean NOT NULL,
    PRIMARY KEY (source, site));
CREATE TABLE robots (site text PRIMARY KEY, fetched timestamptz NOT NULL, text text NOT NULL);
CREATE TABLE page_version (
    source text NOT NULL, url text NOT NULL, asker text NOT NULL, etag text, modified text,
    seen timestamptz NOT NULL, PRIMARY KEY (source, url));
