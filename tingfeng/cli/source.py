"""`source show`, `page` and `accept`: what a source sees, what refused it, and what its pages look like."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from alerts.language import Language
from alerts.payload import brand_payload, missed_payload
from alerts.seeing import estimate, left_alone, missed_notes, percent
from alerts.sources import Standing, standings
from mentions.looks import Covered, in_all
from mentions.pages import Refusal
from mentions.store import StoreError
from tingfeng.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, console, desk_of, print_json, spoken, table
from tingfeng.desk import Desk

app = typer.Typer(no_args_is_help=True, help="One source: what it sees, and what it may miss.")
VISITS = 20
"""The last visits to a source, one of which at least looked for new posts."""
Name = Annotated[str, typer.Argument(help="Its name in config.yaml.")]


@app.command()
def show(name: Name, config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """How fresh it is, how much of each query it may miss, what refused it, and whether its pages changed."""
    with desk_of(config, reading=True) as desk:
        _known(desk, name)
        if as_json:
            print_json(_facts(desk, name))
            return
        for part in _told(desk, name):
            console(frames=isinstance(part, Table)).print(part, markup=False)


@app.command()
def page(
    name: Name,
    reason: Annotated[str, typer.Argument(help="Why it was refused, as `source show` lists it.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Write the newest answer that was refused for this reason to standard output, as the site sent it."""
    with desk_of(config, reading=True) as desk:
        _known(desk, name)
        refusal = desk.store.pages.refused(name, reason)
        if refusal is None:
            kept = ", ".join(sorted({one.reason for one in desk.store.pages.refusals(name)})) or "none"
            raise StoreError(f"No page of {name} is kept for the reason {reason!r} (there is: {kept}).")
    sys.stdout.buffer.write(refusal.body)


@app.command()
def accept(name: Name, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Take the layout of its pages for the usual one from now on."""
    with desk_of(config, reading=True) as desk:
        _known(desk, name)
        _ = spoken(desk.language)
        kinds = desk.store.pages.forget_shapes(name)
        console().print(_("{n} kinds of pages are learned anew", n=kinds), markup=False)


def _known(desk: Desk, name: str) -> None:
    if name not in desk.config.sources:
        known = ", ".join(desk.config.sources)
        raise StoreError(f"There is no source {name!r} (there is: {known}).")


def _facts(desk: Desk, name: str) -> dict[str, Any]:
    (standing,) = standings(desk.store, desk.settings, [name], desk.now())
    facts: dict[str, Any] = {
        **asdict(standing.fresh),
        "note": _note(desk, name),
        "missed": missed_payload(standing.missed),
        "queries": [_query(one) for one in standing.covered],
        "brands": [_brand(standing.of(brand)) for brand in standing.brands],
        "refusals": [{**asdict(one), "cut": one.cut} for one in desk.store.pages.refusals(name)],
        "pages": [
            {
                "kind": shape.kind,
                "at": shape.at,
                "pages": shape.pages,
                "drift": shape.drift,
                "changed": shape.changed,
            }
            for shape in desk.store.pages.shapes([name])
        ],
    }
    return {key: _plain(value) for key, value in facts.items()}


def _note(desk: Desk, name: str) -> str | None:
    """What the last visit that looked for new posts has to say of itself."""
    runs = desk.store.runs.recent(name, VISITS)
    return next((run.note for run in runs if run.kind == "crawl" and run.finished), None)


def _query(one: Covered) -> dict[str, Any]:
    seen = {"query": one.query, "at": one.at, "read": one.read, "outcome": one.outcome, "capped": one.capped}
    return {**seen, **missed_payload(in_all([one]))}


def _brand(standing: Standing) -> dict[str, Any]:
    return {**brand_payload(standing), "read": standing.last_read}


def _plain(value: Any) -> Any:
    """The same for JSON: times as text, no bodies."""
    if isinstance(value, dict):
        return {key: _plain(inside) for key, inside in value.items() if key != "body"}
    if isinstance(value, list | tuple):
        return [_plain(inside) for inside in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _told(desk: Desk, name: str) -> Iterator[Table | str]:
    _, words = spoken(desk.language), desk.language
    now = desk.now()
    (standing,) = standings(desk.store, desk.settings, [name], now)
    fresh, covered = standing.fresh, standing.covered
    age = fresh.age(now)
    last = _("never read so far") if age is None else _("read {span} ago", span=words.span(age))
    until = fresh.cooling_until
    cooling = left_alone(until, fresh.cooling_reason, words) if until and until > now else None
    yield f"{name}: " + "; ".join(filter(None, (last, cooling, fresh.error, _note(desk, name))))
    yield from estimate(missed_payload(standing.missed), words)
    if covered:
        yield _queries(covered, _, words)
    if standing.brands:
        yield _brands([standing.of(brand) for brand in standing.brands], _, words)
    refusals = desk.store.pages.refusals(name)
    if refusals:
        kept = table(_("why refused"), _("at"), _("kind of page"), "HTTP", _("bytes"), _("address"))
        for one in refusals:
            kept.add_row(_reason(one.reason, words), words.moment(one.at), words(one.kind), *_answer(one))
        yield kept
        yield _(
            "to see one: tingfeng source page {name} {reason} > page.html", name=name, reason=refusals[0].reason
        )
    for shape in desk.store.pages.shapes([name]):
        if shape.changed:
            lost = " · ".join(shape.changed[:8])
            share = percent(shape.drift)
            yield _(
                "pages of the kind {kind} have lost {share}: {lost}",
                kind=words(shape.kind),
                share=share,
                lost=lost,
            )


def _reason(reason: str, words: Language) -> str:
    """A reason in the reader's language, and as `source page` asks for it."""
    said = words(reason)
    return said if said == reason else f"{said} ({reason})"


def _answer(one: Refusal) -> tuple[str, str, str]:
    return str(one.status), str(one.size), one.url


def _queries(covered: Sequence[Covered], _: Language, words: Language) -> Table:
    listed = table(_("query"), _("last read"), _("last look"), _("cap hit in a row"), _("missed"))
    for one in covered:
        ended = f"{words.moment(one.asked)} {words(one.outcome)}"
        said = "; ".join(missed_notes(missed_payload(in_all([one])), words))
        listed.add_row(one.query.strip("[]"), _read(one.read, _, words), ended, str(one.capped), said)
    return listed


def _brands(standings: Sequence[Standing], _: Language, words: Language) -> Table:
    listed = table(_("brand"), _("last read"), _("cap hit in a row"), _("missed"))
    for one in standings:
        said = "; ".join(missed_notes(missed_payload(one.missed), words))
        listed.add_row(one.brand, _read(one.last_read, _, words), str(one.missed.capped), said)
    return listed


def _read(at: datetime | None, _: Language, words: Language) -> str:
    return _("never") if at is None else words.moment(at)
