"""Discuz! X (X2 to X3.5) as it shows itself: the views of a forum, their addresses, and what they refuse."""
