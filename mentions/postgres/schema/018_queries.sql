-- When each query was asked for and read, how its last look ended, and since when its layout is not known.

ALTER TABLE coverage ADD COLUMN since timestamptz, ADD COLUMN asked timestamptz, ADD COLUMN read timestamptz,
    ADD COLUMN outcome text, ADD COLUMN broken timestamptz;
UPDATE coverage SET since = at, asked = at, read = at, outcome = '';
