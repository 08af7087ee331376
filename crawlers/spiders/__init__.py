"""One source a file: its block in config.yaml, what it asks for, and how it reads the answers."""
