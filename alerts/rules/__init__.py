"""Rules declared in config.yaml: typed when they are read, explained when they meet."""
