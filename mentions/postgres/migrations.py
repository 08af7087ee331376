"""The schema on PostgreSQL: the numbered files of `schema/`, applied once each, in order."""

from importlib.resources import files

from mentions.postgres.database import Connection
from mentions.store import StoreError

LOCK = ".migrations"


def steps() -> dict[int, tuple[str, str]]:
    """The name and the statements of each step, by its number."""
    found = [
        file for file in files("mentions.postgres").joinpath("schema").iterdir() if file.name.endswith(".sql")
    ]
    return {
        int(number): (name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in sorted(found, key=lambda file: file.name)
        for number, _, name in [file.name.partition("_")]
    }


def migrate(connection: Connection, place: str) -> None:
    """Apply what is missing, all in one transaction. StoreError where a newer version of Tingfeng was here."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 0))", (LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL, "
            "applied timestamptz NOT NULL DEFAULT now())"
        )
        applied = {row["number"] for row in connection.execute("SELECT number FROM migration")}
        known = steps()
        if unknown := applied - known.keys():
            raise StoreError(
                f"The mention store at {place} was made by a newer version of Tingfeng (its schema has step "
                f"{max(unknown)}, this version knows {max(known)}): install that version here too."
            )
        for number, (name, statements) in known.items():
            if number not in applied:
                connection.execute(statements.encode())
                connection.execute("INSERT INTO migration (number, name) VALUES (%s, %s)", (number, name))
