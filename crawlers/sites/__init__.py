"""What the pages of single sites look like."""
