"""What we know: mentions, authors, engagement, scores, incidents, and the store that keeps them."""
