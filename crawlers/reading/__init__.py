"""What pages of many sites have in common: texts, times, counts, feeds, refusals."""
