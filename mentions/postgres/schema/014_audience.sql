-- When it was told how many follow an author; which posts answer another.

ALTER TABLE author ADD COLUMN followers_at timestamptz;
UPDATE author SET followers_at = updated WHERE followers IS NOT NULL;
CREATE INDEX mention_thread ON mention (thread) WHERE thread IS NOT NULL;
