"""`search` and `parse`: what the store holds, and what a saved page holds."""

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from crawlers.source import Answer, Outcome
from crawlers.sources import SOURCE_TYPES
from mentions.shape import iso_utc, mention_json
from mentions.store import Found, Search
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

SHOWN_CHARACTERS, SHOWN_NAME = 80, 20
SHOWN = 50
"""Posts on a screen."""
ALL = 10**9
"""More posts than any store holds: what is exported is whole unless --limit says otherwise."""
RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms included."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(search)
    app.command()(parse)


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{name} {text!r} is no ISO 8601 time (2026-11-21T08:00+08:00)") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def search(
    query: Annotated[str, typer.Argument(help="Words that must all stand in the post; '' for any.")] = "",
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    brand: Annotated[str | None, typer.Option(help="Only posts that mention this brand.")] = None,
    platform: Annotated[str | None, typer.Option(help="weibo, discuz, v2ex, rss.")] = None,
    since: Annotated[str | None, typer.Option(help="ISO time; without a zone it is UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="ISO time, not included.")] = None,
    label: Annotated[Label | None, typer.Option(help="Only this sentiment.")] = None,
    min_negativity: Annotated[float | None, typer.Option(min=0, max=1, help="From 0 to 1.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many; on the screen 50, in files and JSON all.")
    ] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write a CSV that Excel opens.")] = None,
    as_json: AsJson = False,
) -> None:
    """Search the mention store, newest first."""
    asked = Search(
        text=scrub(query),
        brand=brand and scrub(brand),
        platform=platform and scrub(platform),
        label=label,
        since=_moment(since, "--since"),
        until=_moment(until, "--until"),
        min_negativity=min_negativity,
        limit=limit or (ALL if csv_file or as_json else SHOWN),
    )
    with desk_of(config, reading=True) as desk:
        found = desk.store.posts.search(asked)
        if csv_file is not None:
            _write_csv(csv_file, found)
        elif as_json:
            print_json([_row(item) for item in found])
        else:
            _ = spoken(desk.language)
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


def _row(found: Found) -> dict[str, Any]:
    score = found.score
    judged = score and {
        "model": score.model,
        "negativity": score.negativity,
        "label": score.label.value,
        "words": list(score.words),
    }
    return mention_json(found.mention, found.engagement) | {
        "first_seen": iso_utc(found.mention.first_seen),
        "score": judged,
    }


def _write_csv(path: Path, found: list[Found]) -> None:
    """With a byte-order mark, since Chinese Excel reads GBK otherwise, and no cell that is a formula."""
    try:
        file = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written: {error.strerror}") from error
    with file:
        writer = csv.writer(file)
        writer.writerow(CSV_COLUMNS)
        for item in found:
            row = _row(item)
            flat = row | {f"author_{k}": v for k, v in row["author"].items()} | row["engagement"]
            flat |= {"brands": "|".join(row["brands"]), **(row["score"] or {})}
            writer.writerow([_safe(flat.get(column)) for column in CSV_COLUMNS])


CSV_COLUMNS = (
    *("id", "platform", "source", "brands", "published", "first_seen"),
    *("author_id", "author_name", "author_followers", "author_verified"),
    *("title", "text", "url", "reposts", "comments", "likes", "views"),
    *("negativity", "label", "model", "repost_of"),
)


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def parse(
    source: Annotated[str, typer.Argument(help=f"One of: {', '.join(SOURCE_TYPES)}.")],
    file: Annotated[Path, typer.Argument(help="A saved page.", exists=True, dir_okay=False)],
    fetched_at: Annotated[str | None, typer.Option(help="When it was saved (ISO); by default now.")] = None,
    charset: Annotated[str | None, typer.Option(help="What the server said it was.")] = None,
    url: Annotated[str, typer.Option(help="Where it was found.")] = "",
) -> int:
    """Print the mentions that a saved page holds, one JSON object a line.

    Where there is none, says why on standard error; exit 1 when the page is a refusal.
    """
    kind = SOURCE_TYPES.get(source)
    if kind is None:
        raise typer.BadParameter(f"there is no source {source!r} (there is: {', '.join(SOURCE_TYPES)})")
    at = _moment(fetched_at, "--fetched-at") or datetime.now(UTC)
    page = kind.reader().read(Answer(file.read_bytes(), at, url=url, charset=charset), source)
    print_json_lines(mention_json(o.mention, o.engagement) for o in page.observations)
    if not page.observations:
        word = "no mentions" if page.outcome is Outcome.MENTIONS else page.outcome.value
        sys.stderr.write(f"{file}: {word}: {page.detail}\n")
    return int(page.outcome.blocked)
