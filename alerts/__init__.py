"""From scores to a human: rules, incidents, delivery."""
