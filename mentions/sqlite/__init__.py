"""The mention store on SQLite: one file, several processes."""

from mentions.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
