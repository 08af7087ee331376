CREATE VIEW mention_now AS
SELECT m.id, m.platform, m.source,
       (SELECT string_agg(brand, '|') FROM mention_brand b WHERE b.mention = m.n AND b.first_seen = m.first_seen)
           AS brands,
       m.published, m.first_seen, m.title, m.text, m.url, m.region, m.repost_of, m.thread,
       a.name AS author, a.followers, a.verified, a.verified_type,
       e.reposts, e.comments, e.likes, e.views, e.at AS counted_at,
       s.negativity, s.label, s.model
FROM mention m
LEFT JOIN author a ON a.platform = m.author_platform AND a.id = m.author_id
LEFT JOIN engagement e ON e.mention = m.n AND e.first_seen = m.first_seen
     AND e.at = (SELECT max(x.at) FROM engagement x WHERE x.mention = m.n AND x.first_seen = m.first_seen)
LEFT JOIN score s ON s.mention = m.n AND s.first_seen = m.first_seen
     AND s.at = (SELECT max(x.at) FROM score x WHERE x.mention = m.n AND x.first_seen = m.first_seen);
