"""`store`: the mention store as a whole: moved to PostgreSQL, backed up, restored, counted anew."""

import os
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

import typer

from alerts.language import Language
from mentions.erasures import Replayed, read_erasures
from mentions.moving.archive import Manifest
from mentions.moving.backups import backup as make_backup
from mentions.moving.backups import restore as put_back
from mentions.moving.backups import verify as look_at
from mentions.store import Store, StoreError
from mentions.stores import is_made, is_postgres, open_store
from tingfeng import __version__
from tingfeng.cli import incidents
from tingfeng.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    desk_of,
    print_json,
    spoken,
    table,
)
from tingfeng.cli.life import kept_on_hold
from tingfeng.config import Config, load_config
from tingfeng.desk import wall_clock

app = typer.Typer(help="The mention store as a whole: move, back up, restore, count anew.", no_args_is_help=True)
SHORT = 12
"""Characters of a SHA-256 that a person is shown."""


@app.command()
def migrate(
    to: Annotated[str, typer.Option("--to", help="postgresql://user@host/database; ${NAMES} are not filled in.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Move the SQLite store of config.yaml into an empty PostgreSQL database; broken off, it can go on later."""
    loaded = load_config(config)
    _ = spoken(loaded.reader())
    if is_postgres(loaded.store) or not is_postgres(to):
        raise typer.BadParameter("a store moves from SQLite (`store` in config.yaml) to postgresql:// (--to)")
    if not is_made(loaded.store):
        raise StoreError(f"There is no mention store at {loaded.store}.")
    with open_store(loaded.store) as source, open_store(to, name="tingfeng store migrate") as target:
        from mentions.moving.copying import Step  # noqa: PLC0415 - late: an extra may be missing
        from mentions.moving.migrate import migrate as move  # noqa: PLC0415 - the same
        from mentions.postgres import PostgresStore  # noqa: PLC0415 - the same
        from mentions.sqlite import SqliteStore  # noqa: PLC0415 - late: only one of the two is used otherwise

        assert isinstance(source, SqliteStore)  # noqa: S101 - its address says so
        assert isinstance(target, PostgresStore)  # noqa: S101 - the same

        def tell(step: Step) -> None:
            said = "{table}: compared, {rows} rows" if step.compared else "{table}: {rows} of {total} rows moved"
            typer.echo(_(said, table=step.table, rows=f"{step.rows:,}", total=f"{step.total:,}"), err=True)

        moved = move(source, target, stages=stages_of(loaded), who=_who(), now=wall_clock, tell=tell)
    if as_json:
        print_json(asdict(moved))
        return
    _show_tables(_, {name: asdict(told) for name, told in moved.tables.items()})
    rows = sum(told.rows for told in moved.tables.values())
    said = _(
        "Moved: {rows} rows in {tables} tables, and every table is the same on both sides.",
        rows=f"{rows:,}",
        tables=len(moved.tables),
    )
    console().print(said, markup=False)
    written = without_password(to)
    if written != to:
        said = _(
            "Set PASSWORD to the password as it stands in the URL (%40 for @), and write into {file}:", file=config
        )
    else:
        said = _("Now write into {file}:", file=config)
    console().print(said, markup=False)
    typer.echo(f"store: {written}")  # whole, whatever the terminal's width: it is copied


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The backup's file; it must not exist.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the whole store to one file, while the service goes on, with sums of every table."""
    with desk_of(config, reading=True) as desk:
        manifest = make_backup(desk.store, file, version=__version__, at=desk.now())
        said = "Backed up to {file}: {rows} rows, {size} MB."
        _show(desk.language, manifest, as_json=as_json, said=said, file=file)


@app.command()
def verify(
    file: Annotated[Path | None, typer.Argument(help="The backup's file; without one, the store itself.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> int:
    """Hold a backup against the sums in it; without one, the store's histories and copies against their hashes."""
    if file is None:
        return incidents.verify(None, config, as_json=as_json)
    manifest = look_at(file)
    _show(
        load_config(config).reader() if config.exists() else Language(),
        manifest,
        as_json=as_json,
        said="{file} is whole: {rows} rows, {size} MB.",
        file=file,
    )
    return 0


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup's file.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    force: Annotated[bool, typer.Option(help="Also where there is a store, which is moved aside.")] = False,
    as_json: AsJson = False,
) -> int:
    """Restore a backup to `store` of config.yaml, and make later erasures again. Exit 1 if a hold keeps some."""
    loaded = load_config(config)
    done = put_back(
        loaded.store,
        file,
        stages=stages_of(loaded),
        who=_who(),
        force=force,
        at=wall_clock(),
        replay=replaying(loaded),
    )
    _ = spoken(loaded.reader())
    if as_json:
        print_json(
            {"manifest": done.manifest.as_json(), "aside": done.aside}
            | {"erasures": asdict(done.erasures) | {"complete": done.erasures.complete}}
        )
        return int(not done.erasures.complete)
    _show(
        loaded.reader(),
        done.manifest,
        as_json=False,
        said="Restored from {file}: {rows} rows, {size} MB.",
        file=file,
    )
    for line in _erasures(done.erasures, _):
        console().print(line, markup=False)
    if done.aside is not None:
        said = _("The store that was there is now {aside}; delete it when you need it no more.", aside=done.aside)
        console().print(said, markup=False)
    return int(not done.erasures.complete)


def _erasures(told: Replayed, _: Language) -> Iterator[str]:
    yield _("Erasures completed: {n}.", n=told.completed)
    if told.waiting:
        yield _("{n} erasures wait for the end of a legal hold", n=told.waiting)
        yield kept_on_hold(told.kept, told.held, _)


@app.command()
def recount(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Count the hourly roll-ups anew from the mentions, and say how many were wrong."""
    with desk_of(config, reading=True) as desk:
        wrong = desk.store.trends.rebuild()
        if as_json:
            print_json({"wrong": wrong})
        else:
            _ = spoken(desk.language)
            console().print(_("{n} counts were wrong; all are right now.", n=wrong), markup=False)


def stages_of(config: Config) -> tuple[str, ...]:
    """Every stage that a service or a cron line may be running on the store."""
    crawls = (f"crawl-{name}" for name in config.sources)
    return (*crawls, "score", "alert", *(f"deliver-{name}" for name in config.channels))


def replaying(config: Config) -> Callable[[Store], Replayed]:
    """How a restored store is told of the erasures that were asked for since its backup."""
    erasures = read_erasures(Path(config.erasures))

    def replay(store: Store) -> Replayed:
        return Replayed.of(erasures, store.life.replay(erasures, now=wall_clock()))

    return replay


USER = re.compile(r"(?P<user>[a-z]+://[^:@/]*):(?P<password>[^@/]+)@")
"""How an address of PostgreSQL begins that holds a password."""
SECRETS = {"password": "${PASSWORD}", "sslpassword": "${SSLPASSWORD}"}
"""Settings of an address that nobody should read, and what config.yaml holds in their place."""


def without_password(url: str) -> str:
    """An address as it is, ready for config.yaml: only a password is the name of a variable instead."""
    address, asked, query = USER.sub(rf"\g<user>:{SECRETS['password']}@", url, count=1).partition("?")
    return address + asked + "&".join(map(_setting_without_password, query.split("&")))


def _setting_without_password(setting: str) -> str:
    name, equals, _value = setting.partition("=")
    return name + equals + SECRETS[unquote(name)] if unquote(name) in SECRETS else setting


def _who() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}, since {wall_clock():%Y-%m-%d %H:%M:%S} UTC"


def _show(language: Language, manifest: Manifest, *, as_json: bool, said: str, file: Path) -> None:
    if as_json:
        print_json(manifest.as_json())
        return
    _ = spoken(language)
    told = manifest.as_json()
    _show_tables(_, told["tables"])
    rows, size = sum(counted.rows for counted in manifest.tables.values()), manifest.payload_bytes / 1e6
    console().print(_(said, file=file, rows=f"{rows:,}", size=f"{size:,.1f}"), markup=False)
    made = _("Made {made} by tingfeng {version}.", made=_.moment(manifest.made), version=manifest.tingfeng)
    console().print(made, markup=False)


def _show_tables(_: Language, tables: dict[str, Any]) -> None:
    shown = table(_("table"), _("rows"), "SHA-256")
    for name, told in tables.items():
        shown.add_row(name, f"{told['rows']:,}", told["sha256"][:SHORT])
    console(frames=True).print(shown)
