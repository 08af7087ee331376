"""`watch`: somebody sent this, an address, a picture or a text."""

from collections.abc import Iterator
from typing import Annotated

import typer

from alerts.language import Language
from alerts.watched import Sender
from mentions.text import one_line
from tingfeng.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, console, desk_of, print_json, spoken
from tingfeng.cli.incidents import Who
from tingfeng.watching import Sent, Watched
from tingfeng.watching import as_json as told_as_json
from tingfeng.watching import watch as watch_it

SHORT = 12
"""Characters of a SHA-256 that a person is shown."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(watch)


def watch(
    what: Annotated[str, typer.Argument(help="An address, a picture (png, jpg), or the text itself.")],
    who: Who,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    brand: Annotated[str | None, typer.Option(help="Whose matter it is, also where no word names it.")] = None,
    note: Annotated[str, typer.Option(help="What was said with it.")] = "",
    text: Annotated[str | None, typer.Option(help="What stands in the picture.")] = None,
    private: Annotated[bool, typer.Option("--private", help="No site is asked for words of it.")] = False,
    as_json: AsJson = False,
) -> int:
    """Watch what somebody sent: store and freeze it, open an incident, look again each minute, look for copies.

    Exit 1 where the page or the picture could not be read; it is kept, and watched, all the same.
    """
    from crawlers.reactor import run_in_reactor  # noqa: PLC0415 - late: it imports Scrapy

    with desk_of(config) as desk:
        told = run_in_reactor(lambda: watch_it(desk, Sent(what, Sender(who, note), brand, text, private)))
        if as_json:
            print_json(told_as_json(told))
        else:
            for line in _lines(told, spoken(desk.language)):
                console().print(line, markup=False)
    return int(told.unread is not None)


def _lines(told: Watched, _: Language) -> Iterator[str]:
    if told.change.value == "opened":
        yield _("Incident #{n} is open.", n=told.incident.id)
    else:
        yield _("It belongs to incident #{n}, which has a note more.", n=told.incident.id)
    yield f"  {one_line(told.mention.title or told.mention.text, 60)}"
    yield _("Kept as evidence: {hashes}", hashes=", ".join(digest[:SHORT] for digest in told.evidence))
    if told.unread is not None:
        yield told.unread
    if told.source is not None:
        yield _("{source} looks at it again each minute.", source=told.source)
    else:
        yield _("No source of config.yaml knows such a page, so nobody looks at it again.")
    if told.copies:
        yield _("{n} posts say nearly the same: {ids}", n=len(told.copies), ids=", ".join(told.copies))
    if told.searching:
        words, sources = "」「".join(told.sought), ", ".join(told.searching)
        yield _("For two days copies are looked for by 「{words}」: {sources}", words=words, sources=sources)
    elif told.sought:
        yield _("No source that is switched on can search, so nobody looks for copies elsewhere.")
    else:
        yield _("No words of it are sent to any site.")
