"""The tables of Procrastinate, beside those of the store: made once, and brought up to date with the library."""

from importlib.resources import files

import psycopg

from mentions.store import StoreError

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.engine', 0))"


def prepare(url: str) -> None:
    """Make or update the tables; safe when several workers start at once. StoreError says why where that fails."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            connection.execute(LOCK)
            connection.execute("CREATE TABLE IF NOT EXISTS engine_migration (name text PRIMARY KEY)")
            done = {name for (name,) in connection.execute("SELECT name FROM engine_migration")}
            sql = files("procrastinate").joinpath("sql")
            known = sorted(
                file.name for file in sql.joinpath("migrations").iterdir() if file.name.endswith(".sql")
            )
            missing = [name for name in known if name not in done]
            if not done:
                connection.execute(sql.joinpath("schema.sql").read_bytes())
            else:
                for name in missing:
                    connection.execute(sql.joinpath("migrations", name).read_bytes())
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO engine_migration VALUES (%s)", [(name,) for name in missing])
    except psycopg.Error as error:
        raise StoreError(f"The tables of the work queue cannot be made: {str(error).splitlines()[0]}.") from error
