"""Which store an address means: a file's path is SQLite, postgresql:// is PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from mentions.store import Store, StoreError

POSTGRES = ("postgresql://", "postgres://")


def is_postgres(where: str) -> bool:
    """Whether the address is that of a PostgreSQL database."""
    return where.startswith(POSTGRES)


def what_is_wrong(url: str) -> str | None:
    """Why an address of PostgreSQL cannot be used; it is not quoted, since it may hold a password."""
    if urlsplit(url).netloc.count("@") > 1:
        return "holds more than one @: in a password, write %40 for it"
    with _needs_the_extra():
        from mentions.postgres.database import place as shown  # noqa: PLC0415 - late: the extra may be missing
    try:
        shown(url)
    except StoreError:
        return "cannot be read: in a name or a password, write %25 for %, %2F for / and %3F for ?"
    return None


def place(where: str) -> str:
    """The address as it may be shown: without a password."""
    if not is_postgres(where):
        return where
    with _needs_the_extra():
        from mentions.postgres.database import place as shown  # noqa: PLC0415 - late: the extra may be missing
    return f"postgresql://{shown(where)}"


def is_made(where: str) -> bool:
    """Whether there is a store, which `open_store` would otherwise make."""
    if not is_postgres(where):
        return Path(where).exists()
    with _needs_the_extra():
        from mentions.postgres.store import is_made as is_there  # noqa: PLC0415 - late: the extra may be missing
    return is_there(where)


def open_store(where: str, *, name: str = "tingfeng", floor: int = 0) -> Store:
    """Open the store, and make or migrate it first. `name` is what PostgreSQL's own views call this process.

    `floor`: bytes that are to stay free on the disk; see `mentions.room`.

    StoreError says why where it cannot be opened.
    """
    if not is_postgres(where):
        from mentions.sqlite import SqliteStore  # noqa: PLC0415 - late: only one of the two is used

        return SqliteStore(Path(where), floor=floor)
    with _needs_the_extra():
        from mentions.postgres import PostgresStore  # noqa: PLC0415 - late: the extra may be missing
    return PostgresStore(where, name=name)


@contextmanager
def _needs_the_extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        missing = f"{error.name} is not installed: pip install 'tingfeng[postgres]'"
        raise StoreError(f"The mention store is on PostgreSQL, and {missing}.") from error
