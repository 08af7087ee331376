"""The steps of the schema: one module each, called as the store records it, whose `step` makes the change.

Times are ISO 8601 text in UTC. `mention.n` is the integer that the other tables use for a mention. Analysts read
the view `mention_now`, which joins the latest of everything.
"""
