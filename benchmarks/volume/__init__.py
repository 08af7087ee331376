"""A store of many mentions: how fast it fills, finds and counts, and how large it is."""
