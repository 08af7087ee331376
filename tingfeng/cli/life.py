"""`retain` and `erase`: how long what is stored lives."""

import getpass
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from alerts.language import Language
from mentions.erasures import Erased, Erasure, append_erasure
from mentions.life import Retained
from tingfeng import stages
from tingfeng.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, console, desk_of, print_json, spoken

KINDS = {
    "mentions": "{n} posts",
    "authors": "{n} authors",
    "engagement": "{n} snapshots of counts",
    "revisions": "{n} earlier texts",
    "incidents": "{n} incidents",
    "copies": "{n} copies of posts",
    "runs": "{n} crawl runs",
    "months": "{n} empty months",
}
KEPT = {
    "held": "{n} posts stay: their incident is on legal hold",
    "unresolved": "{n} posts stay: their incident is not resolved",
    "evidence": "{n} posts stay: they are evidence of an incident",
}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(retain)
    app.command()(erase)


def retain(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what is due; delete nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete what is older than `retain` in config.yaml allows, and complete erasures that were suspended."""
    with desk_of(config, reading=True) as desk:
        told = stages.retain(desk, dry_run=dry_run)
        desk.store.maintain()
        if as_json:
            print_json(asdict(told) | {"dry_run": dry_run})
            return
        for line in _retained(told, spoken(desk.language), dry_run=dry_run):
            console().print(line, markup=False)


def _retained(told: Retained, _: Language, *, dry_run: bool) -> Iterator[str]:
    counts = asdict(told)
    gone = [_(said, n=counts[kind]) for kind, said in KINDS.items() if counts[kind]]
    if not gone:
        yield _("nothing is due")
    elif dry_run:
        yield _("to be deleted: {kinds}", kinds=", ".join(gone))
    else:
        yield _("deleted: {kinds}", kinds=", ".join(gone))
    for reason, n in told.kept.items():
        yield _(KEPT[reason], n=n)
    if told.erasures_done:
        yield _("{n} erasures completed", n=told.erasures_done)
    if told.erasures_waiting:
        yield _("{n} erasures wait for the end of a legal hold", n=told.erasures_waiting)


def erase(
    author: Annotated[
        str, typer.Option("--author", help="PLATFORM:ID, as in the store: weibo:123, discuz:bbs.example.com:77.")
    ],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept in the list of erasures only.")] = "",
    who: Annotated[
        str, typer.Option("--by", help="Your name; by default your login.", default_factory=getpass.getuser)
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> int:
    """Erase all that an author wrote, and its traces. Exit 1 while a legal hold keeps some of it."""
    platform, _colon, number = author.strip().rpartition(":")
    if not platform or not number:
        raise typer.BadParameter(f"{author!r} is no PLATFORM:ID (weibo:123, discuz:bbs.example.com:77)")
    with desk_of(config, reading=True) as desk:
        _ = spoken(desk.language)
        if not yes:
            _confirm(_, author)
        with desk.store.only(stages.RETAIN_JOB, desk.owner):
            now = desk.now()
            wish = Erasure(platform, number, now, who, reason)
            # The list first: a store that is restored tomorrow learns from it what was erased today.
            append_erasure(Path(desk.config.erasures), wish)
            told = desk.store.life.erase(wish, now=now)
        elsewhere = desk.store.life.elsewhere()
        if as_json:
            print_json(
                asdict(told) | {"complete": told.complete, "list": desk.config.erasures, "elsewhere": elsewhere}
            )
        else:
            for line in (*_erased(told, _), *_elsewhere(told, elsewhere, desk.config.erasures, _)):
                console().print(line, markup=False)
    return int(not told.complete)


def _confirm(_: Language, author: str) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("erasing cannot be undone: say --yes where nobody can be asked")
    typer.confirm(_("Erase all that {author} wrote? This cannot be undone.", author=author), abort=True)


def _erased(told: Erased, _: Language) -> Iterator[str]:
    yield _(
        "erased: {posts} posts, with their findings ({findings}), {events} events and {messages} messages",
        posts=told.mentions,
        findings=told.findings,
        events=told.events,
        messages=told.messages,
    )
    if told.cancelled:
        yield _("{n} messages will not be sent any more", n=told.cancelled)
    if told.held:
        yield kept_on_hold(told.kept, told.held, _)


def kept_on_hold(posts: int, incidents: Iterable[int], _: Language) -> str:
    """What a legal hold keeps, and what ends that."""
    return _(
        "{n} posts stay until the legal hold on {incidents} is released; `tingfeng retain` erases them then",
        n=posts,
        incidents=", ".join(f"#{number}" for number in incidents),
    )


def _elsewhere(told: Erased, elsewhere: dict[str, str], listed: str, _: Language) -> Iterator[str]:
    """What still holds the data, and until when."""
    if told.sent:
        yield _("{n} messages had been sent: whoever received them has to delete them", n=told.sent)
    if told.quoted:
        yield _("{n} posts of others pass these on: what they quote is theirs, and stays", n=told.quoted)
    yield _(
        "backups of before hold it until they are deleted; when one is restored, {file} is replayed",
        file=listed,
    )
    if "archive_mode" not in elsewhere:
        yield _("the store's own files hold nothing of it any more")
        return
    yield _(
        "PostgreSQL's log holds it until the log is recycled: max_wal_size {max_wal_size}, wal_keep_size "
        "{wal_keep_size}, a checkpoint every {checkpoint_timeout}, {replication_slots} replication slots",
        **elsewhere,
    )
    if elsewhere["archive_mode"] == "off":
        yield _("archive_mode is off: no archive of the log holds it")
    else:
        yield _(
            "archive_mode is {archive_mode}: the archive holds it while it is kept (last: {last_archived_wal})",
            **elsewhere,
        )
    if elsewhere["replicas"] != "0":
        yield _("{replicas} replicas follow; each forgets as it follows", **elsewhere)
