"""Worlds for the sandbox: a story that we wrote, and recordings read from outside the project."""
