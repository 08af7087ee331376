"""`search` and `parse`: what the store holds, and what a saved page holds."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from alerts.language import Language
from alerts.names import PLATFORMS
from crawlers.source import Answer, Outcome, Source
from crawlers.sources import SOURCE_TYPES
from crawlers.spiders.generic import Generic
from mentions.exchange.columns import score_json
from mentions.exchange.writing import Written, write_file
from mentions.posts import Found, Search
from mentions.shape import iso_utc, mention_json
from mentions.text import one_line, scrub
from mentions.types import Label
from tingfeng.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    desk_of,
    print_json,
    print_json_lines,
    spoken,
    table,
)
from tingfeng.config import load_config

SHOWN_CHARACTERS, SHOWN_NAME = 80, 20
SHOWN = 50
"""Posts on a screen."""
ALL = 10**9
"""More posts than any store holds: what is exported is whole unless --limit says otherwise."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(search)
    app.command()(parse)


OfPlatform = Annotated[
    str | None,
    typer.Option(
        "--platform", help=f"{', '.join(PLATFORMS)}, or what a `platform` in config.yaml or a file says."
    ),
]


def moment(text: str | None, name: str) -> datetime | None:
    """An option's time; BadParameter if it is none."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{name} {text!r} is no ISO 8601 time (2026-11-21T08:00+08:00)") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def search(
    query: Annotated[str, typer.Argument(help="Words that must all stand in the post; '' for any.")] = "",
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    brand: Annotated[str | None, typer.Option(help="Only posts that mention this brand.")] = None,
    platform: OfPlatform = None,
    since: Annotated[str | None, typer.Option(help="ISO time; without a zone it is UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="ISO time, not included.")] = None,
    label: Annotated[Label | None, typer.Option(help="Only this sentiment.")] = None,
    min_negativity: Annotated[float | None, typer.Option(min=0, max=1, help="From 0 to 1.")] = None,
    originals: Annotated[
        bool, typer.Option("--originals", help="Without copies and reposts of other posts.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many; on the screen 50, in files and JSON all.")
    ] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write a CSV that Excel opens.")] = None,
    xlsx_file: Annotated[Path | None, typer.Option("--xlsx", help="Write an Excel workbook.")] = None,
    as_json: AsJson = False,
) -> None:
    """Search the mention store, newest first."""
    asked = Search(
        text=scrub(query),
        brand=brand and scrub(brand),
        platform=platform and scrub(platform),
        label=label,
        since=moment(since, "--since"),
        until=moment(until, "--until"),
        min_negativity=min_negativity,
        originals=originals,
        limit=limit or (ALL if csv_file or xlsx_file or as_json else SHOWN),
    )
    with desk_of(config, reading=True) as desk:
        found = desk.store.posts.search(asked)
        _ = spoken(desk.language)
        if csv_file is not None:
            write_file(csv_file, found, "csv")
        if xlsx_file is not None:
            tell_cut(_, write_file(xlsx_file, found, "xlsx"))
        if as_json:
            print_json([_row(item) for item in found])
        elif csv_file is None and xlsx_file is None:
            shown = table(_("when"), _("where"), _("who"), _("negativity"), _("reposts"), _("what"))
            for item in found:
                mention, score = item.mention, item.score
                text = f"{mention.title} {mention.text}" if mention.title else mention.text
                shown.add_row(
                    _.moment(mention.published or mention.first_seen),
                    mention.source,
                    one_line(mention.author.name, SHOWN_NAME) if mention.author else "",
                    f"{score.negativity:.2f}" if score else "",
                    _.count(item.engagement.reposts if item.engagement else None),
                    one_line(text, SHOWN_CHARACTERS),
                )
            out = console()
            out.print(shown, markup=False)
            out.print(_("{n} of {all}", n=len(found), all=desk.store.posts.count(asked)), markup=False)


def tell_cut(_: Language, written: Written) -> None:
    """Say on standard error where Excel's limit has cut texts."""
    if written.cut:
        said = _("{n} texts were cut at 32,767 characters, the most an Excel cell holds", n=written.cut)
        sys.stderr.write(said + "\n")


def _row(found: Found) -> dict[str, Any]:
    return mention_json(found.mention, found.engagement) | {
        "first_seen": iso_utc(found.mention.first_seen),
        "score": score_json(found),
    }


def parse(
    source: Annotated[
        str, typer.Argument(help=f"A type ({', '.join(SOURCE_TYPES)}), or a source's name in config.yaml.")
    ],
    file: Annotated[Path, typer.Argument(help="A saved page.", exists=True, dir_okay=False)],
    config: Annotated[
        Path | None,
        typer.Option("-c", "--config", help="Read the page with the settings of a source of this config.yaml."),
    ] = None,
    *,
    fetched_at: Annotated[str | None, typer.Option(help="When it was saved (ISO); by default now.")] = None,
    charset: Annotated[str | None, typer.Option(help="What the server said it was.")] = None,
    url: Annotated[str, typer.Option(help="Where it was found.")] = "",
) -> int:
    """Print the mentions that a saved page holds, one JSON object a line.

    Where there is none, says why on standard error; exit 1 when the page is a refusal.
    """
    reader = _reader(source, config)
    at = moment(fetched_at, "--fetched-at") or datetime.now(UTC)
    page = reader.read(Answer(file.read_bytes(), at, url=url, charset=charset), source)
    print_json_lines(mention_json(o.mention, o.engagement) for o in page.observations)
    if not page.observations:
        word = "no mentions" if page.outcome is Outcome.MENTIONS else page.outcome.value
        sys.stderr.write(f"{file}: {word}: {page.detail}\n")
    return int(page.outcome.blocked)


def _reader(name: str, config: Path | None) -> Source:
    """What reads a page: the source of this name in config.yaml, else any of this type."""
    kind = SOURCE_TYPES.get(name)
    here = config or (DEFAULT_CONFIG if kind is None and DEFAULT_CONFIG.exists() else None)
    configured = load_config(here).sources if here is not None else {}
    if name in configured:
        return configured[name]
    if kind is None:
        known = ", ".join((*SOURCE_TYPES, *(source for source in configured if source not in SOURCE_TYPES)))
        raise typer.BadParameter(f"there is no source {name!r} (there is: {known})")
    if kind is Generic:
        raise typer.BadParameter("its selectors stand in config.yaml: give the source's name there, and -c FILE")
    return kind.reader()
