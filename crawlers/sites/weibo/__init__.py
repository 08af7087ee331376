"""The answers of Weibo's sites, which share the JSON of a post."""
