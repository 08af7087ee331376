"""From mentions to scores: what a post says is cleaned out of it, judged by a model, and stored."""
