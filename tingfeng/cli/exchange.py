"""`import` and `export`: mentions in and out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from crawlers.source import Source
from mentions.brands import BrandMatcher
from mentions.exchange.becoming import SOURCE, Becoming
from mentions.exchange.columns import record
from mentions.exchange.importing import Arrived, Tally, became, bring_in
from mentions.exchange.mapping import named_mapping
from mentions.exchange.parquet import MonthlyParquet
from mentions.exchange.reading import OpenedFile
from mentions.exchange.rejects import Rejects, rejected_path
from mentions.exchange.rows import Bad
from mentions.exchange.writing import Written, check_suffix, write_file
from mentions.posts import Found, Search
from mentions.text import one_line, scrub
from mentions.types import Label
from tingfeng.cli.asking import OfPlatform, moment, tell_cut
from tingfeng.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    console,
    desk_of,
    print_json,
    print_json_lines,
    spoken,
)
from tingfeng.config import Config, load_config

TRIED, SHOWN_REASON = 10, 200
"""Rows that --dry-run shows; characters of a reason."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("import")(import_)
    app.command()(export)


def import_(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines or Excel, told by its name; .gz too.")],
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    mapping: Annotated[
        str | None,
        typer.Option(help="Whose export it is: a name, or a FILE.yaml; by default told by its columns."),
    ] = None,
    brand: Annotated[list[str] | None, typer.Option(help="All posts mention this brand; can be repeated.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a CSV; by default found out.")] = None,
    rejected: Annotated[Path | None, typer.Option(help="Where rows go that cannot be read.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what the first rows become; store none.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Bring mentions of a file into the store; those that are there already stay as they are.

    Exit 1 when no row could be read.
    """
    _check_encoding(encoding)
    opened = OpenedFile(file, named_mapping(mapping) if mapping else None, encoding)
    loaded = load_config(config)
    brands = tuple(scrub(name) for name in brand or ())
    if dry_run:
        arrived = became(opened, _becoming(opened, loaded, brands))
        print_json_lines(_tried(row) for row in islice(unclaimed(arrived, loaded.sources), TRIED))
        return 0
    aside = rejected or rejected_path(file)
    with desk_of(config) as desk:
        _ = spoken(desk.language)
        with Rejects(aside, lambda reason: _(reason.text, **reason.values)) as rejects:
            arrived = unclaimed(became(opened, _becoming(opened, loaded, brands)), loaded.sources)
            tally = bring_in(desk.store.posts, arrived, lambda bad: rejects.add(bad, opened.header))
    if as_json:
        print_json(_told(tally, opened, rejects))
    else:
        out = console()
        out.print(_("{file}, read as {shape}", file=file, shape=opened.mapping.title), markup=False)
        out.print(
            _("{rows} rows: {new} new, {known} known already, {bad} set aside", **_numbers(tally)), markup=False
        )
        if tally.refused:
            out.print(_("{n} rows were not stored: their authors were erased", n=tally.refused), markup=False)
        if tally.counted:
            out.print(_("{n} known posts got counts of another time", n=tally.counted), markup=False)
        for sheet in opened.skipped:
            out.print(_("sheet {name} has other columns and was not read", name=one_line(sheet, 40)), markup=False)
        for bad in tally.first_bad:
            reason = _(bad.reason.text, **bad.reason.values)
            out.print(f"  {_place(bad)}: {one_line(reason, SHOWN_REASON)}", markup=False)
        if tally.bad:
            if rejects.path.resolve() != aside.resolve():
                out.print(_("{file} holds other rows and was left as it is", file=aside), markup=False)
            out.print(_("set aside in {file}: mend it and import it", file=rejects.path), markup=False)
    return int(0 < tally.bad == tally.rows)


def _check_encoding(name: str | None) -> None:
    try:
        "".encode(name or "utf-8")
    except LookupError:
        raise typer.BadParameter(f"there is no encoding {name!r} (utf-8, gb18030 and utf-16 are some)") from None


def _becoming(opened: OpenedFile, config: Config, brands: tuple[str, ...]) -> Becoming:
    return Becoming(
        opened.mapping,
        now=datetime.now(UTC),
        zone=config.reader().zone,
        brands=brands,
        matcher=BrandMatcher(config.watched()).match,
        header=opened.keys,
    )


def unclaimed(rows: Iterable[Arrived | Bad], sources: Mapping[str, Source]) -> Iterator[Arrived | Bad]:
    """The same; where a row says that a source of config.yaml found it, and that one cannot know it, nobody did.

    A source looks again at what is its own, at the address that the row names.
    """
    for row in rows:
        if isinstance(row, Bad):
            yield row
            continue
        mention = row.observation.mention
        source = sources.get(mention.source)
        if source is None or source.reread(mention) is None or source.page_of(mention.url) is not None:
            yield row
        else:
            mention = replace(mention, source=SOURCE)
            yield replace(row, observation=replace(row.observation, mention=mention))


def _tried(row: Arrived | Bad) -> dict[str, Any]:
    if isinstance(row, Bad):
        return {"line": row.number, "sheet": row.sheet, "reason": str(row.reason)}
    observation = row.observation
    return record(Found(observation.mention, observation.engagement, None))


def _place(bad: Bad) -> str:
    return f"{bad.sheet}!{bad.number}" if bad.sheet else str(bad.number)


def _numbers(tally: Tally) -> dict[str, int]:
    return {"rows": tally.rows, "new": tally.new, "known": tally.known, "bad": tally.bad}


def _told(tally: Tally, opened: OpenedFile, rejects: Rejects) -> dict[str, Any]:
    return {
        "file": str(opened.path),
        "mapping": opened.mapping.name,
        **_numbers(tally),
        "refused": tally.refused,
        "counted": tally.counted,
        "rejected": str(rejects.path) if tally.bad else None,
        "first_bad": [{"line": b.number, "sheet": b.sheet, "reason": str(b.reason)} for b in tally.first_bad],
        "sheets_not_read": opened.skipped,
    }


def export(
    file: Annotated[
        Path | None, typer.Argument(help=".csv, .jsonl or .xlsx; .csv.gz and .jsonl.gz are packed.")
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    parquet: Annotated[
        Path | None, typer.Option(help="Write one Parquet file a month into this folder.", file_okay=False)
    ] = None,
    brand: Annotated[str | None, typer.Option(help="Only posts that mention this brand.")] = None,
    platform: OfPlatform = None,
    since: Annotated[str | None, typer.Option(help="ISO time; without a zone it is UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="ISO time, not included.")] = None,
    label: Annotated[Label | None, typer.Option(help="Only this sentiment.")] = None,
    min_negativity: Annotated[float | None, typer.Option(min=0, max=1, help="From 0 to 1.")] = None,
    originals: Annotated[
        bool, typer.Option("--originals", help="Without copies and reposts of other posts.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write mentions into a file that Excel, pandas or another Tingfeng can open, in the order first seen."""
    if (file is None) == (parquet is None):
        raise typer.BadParameter("say either FILE (.csv, .jsonl, .xlsx) or --parquet DIR")
    if file is not None:
        check_suffix(file)
    query = Search(
        brand=brand and scrub(brand),
        platform=platform and scrub(platform),
        label=label,
        since=moment(since, "--since"),
        until=moment(until, "--until"),
        min_negativity=min_negativity,
        originals=originals,
    )
    with desk_of(config, reading=True) as desk:
        told = _export(desk.store.posts.each(query), file, parquet)
        language = desk.language
    if as_json:
        print_json(told)
        return
    _ = spoken(language)
    out = console()
    for name, rows in told["files"].items():
        out.print(_("{n} mentions in {file}", n=rows, file=name), markup=False)
    tell_cut(_, Written(cut=told["cut"]))


def _export(
    mentions: Iterator[Found] | Iterable[Found], file: Path | None, parquet: Path | None
) -> dict[str, Any]:
    if parquet is not None:
        files = MonthlyParquet(parquet).write(mentions)
        return {"files": {str(parquet / name): rows for name, rows in files.items()}, "cut": 0}
    assert file is not None  # noqa: S101 - for mypy: one of both is given
    written = write_file(file, mentions)
    return {"files": {str(file): written.rows}, "cut": written.cut}
