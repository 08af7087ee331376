"""The mention store on PostgreSQL: many machines, one database. Needs the extra `postgres`."""

from mentions.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
