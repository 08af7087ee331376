"""`check` and `doctor`: whether the configuration is right, and the running desk well."""

import importlib.util
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from alerts.health import SCORING_JOB
from alerts.language import Language
from alerts.names import PLACES
from alerts.payload import brand_payload, missed_payload, refused_payload, unread_payload
from alerts.seeing import brand_notes, estimate, left_alone, refusals, unread_notes
from alerts.sources import Standing, watch_of
from mentions.room import Lack, Room
from mentions.sizes import format_size
from mentions.stores import place
from mentions.tasks import JUDGE, SCORE
from sentiment.model import ModelUnavailable
from tingfeng import __version__
from tingfeng.cli import keeping
from tingfeng.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, console, desk_of, print_json, spoken
from tingfeng.config import load_config
from tingfeng.config.restless import restless
from tingfeng.desk import Desk, wall_clock
from tingfeng.schedule import overdue

LATE = timedelta(minutes=15)
"""A look that is later than this is not coming: no visit takes so long."""
MINUTE = timedelta(minutes=1)
RESTLESS = "rule {rule} fires although all is well: {source} is looked at only every {span}"
PACKAGES = ("mentions", "crawlers", "sentiment", "alerts", "tingfeng")


class Health(StrEnum):
    """How one thing stands."""

    WELL = "well"
    WARNING = "warning"
    ILL = "ill"


SIGNS = {Health.WELL: "✓", Health.WARNING: "!", Health.ILL: "✗"}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at: `subject` is its kind, `name` says which of several."""

    subject: str
    health: Health
    said: str
    name: str = ""

    def facts(self) -> dict[str, str]:
        """The same for other programs: what it is called and how it stands are the same in every language."""
        called = f"{self.subject} {self.name}".rstrip()
        return {"subject": called, "health": self.health.value, "said": self.said}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(check)
    app.command()(doctor)


def check(config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Read config.yaml; print every mistake with file:line:column and exit 2 if there is any."""
    read = load_config(config)
    never_still = list(restless(read, wall_clock().astimezone(read.reader().zone)))
    counted = {
        "brands": len(read.brands),
        "sources": len(read.enabled_sources()),
        "rules": len(read.rules),
        "channels": len(read.channels),
    }
    if as_json:
        warned = [{"rule": r.rule, "source": r.source, "minutes": r.pause / MINUTE} for r in never_still]
        print_json({**counted, "restless": warned})
    else:
        _ = spoken(read.reader())
        said = _(
            "{file} is right: {brands} brands, {sources} sources, {rules} rules, {channels} channels",
            file=config,
            **counted,
        )
        console().print(said, markup=False)
        for one in never_still:
            console().print(
                "! " + _(RESTLESS, rule=one.rule, source=one.source, span=_.span(one.pause)), markup=False
            )


def doctor(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    model: Annotated[bool, typer.Option(help="Also load the model and judge a text.")] = True,
    as_json: AsJson = False,
) -> int:
    """Look at all that can be ill: installation, store, sources, model, queues, messages. Exit 1 if any is."""
    with desk_of(config, reading=True) as desk:
        _ = spoken(desk.language)
        found = [*_installation(_), *_store(desk, _), *of_sources(desk), *_queues(desk, _), *_messages(desk, _)]
        found += [
            Diagnosis(subject, Health.WELL if well else Health.WARNING, _(said))
            for subject, well, said in keeping.evidence(desk)
        ]
        found += _model(desk, _) if model else []
        if as_json:
            print_json([diagnosis.facts() for diagnosis in found])
        else:
            for one in found:
                called = f"{_(one.subject)} {one.name}".rstrip()
                console().print(f"{SIGNS[one.health]} {called}: {one.said}", markup=False)
    return int(any(diagnosis.health is Health.ILL for diagnosis in found))


def _installation(_: Language) -> Iterator[Diagnosis]:
    yield Diagnosis(
        "version",
        Health.WELL,
        f"tingfeng {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
    )
    homes = {}
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        homes[package] = Path(spec.origin).parent.parent if spec and spec.origin else None
    one = len(set(homes.values())) == 1
    said = (
        _("all in {folder}", folder=homes["tingfeng"]) if one else ", ".join(f"{k}: {v}" for k, v in homes.items())
    )
    yield Diagnosis("packages", Health.WELL if one else Health.ILL, said)


def _store(desk: Desk, _: Language) -> Iterator[Diagnosis]:
    where, size = place(desk.config.store), desk.store.size() / 1e6
    faults = desk.store.faults()
    sound = _("{where}, {size} MB, sound", where=where, size=f"{size:.1f}")
    yield Diagnosis("store", Health.ILL if faults else Health.WELL, "; ".join(faults) or sound)
    if (room := desk.store.room()) is not None:
        yield Diagnosis("disk", Health.ILL if room.lack else Health.WELL, _disk(room, _))


def _disk(room: Room, _: Language) -> str:
    said = _("{free} free on the disk of the store", free=format_size(room.free))
    if room.lack is None:
        return said
    why = _("it is full or over its quota")
    if room.lack is Lack.FLOOR:
        why = _("less than disk_floor {floor}", floor=format_size(room.floor))
    return _("{said}, {why}; crawling is paused", said=said, why=why)


def of_sources(desk: Desk) -> Iterator[Diagnosis]:
    """How each source stands."""
    _ = spoken(desk.language)
    watch = watch_of(desk.store, desk.settings, desk.now())
    shapes = desk.store.pages.shapes(desk.settings.sources)
    for standing in watch.sources:
        fresh = standing.fresh
        drifted = [
            _("pages of the kind {kind} changed", kind=desk.language(shape.kind))
            for shape in shapes
            if shape.source == fresh.source and shape.drift
        ]
        yield Diagnosis("source", *_source(desk, standing, drifted, _), name=fresh.source)
    if watch.unwatched:
        names = ", ".join(desk.language(PLACES[place]) for place in watch.unwatched)
        said = _("no source watches {names}: quiet says nothing of them", names=names)
        yield Diagnosis("not watched", Health.WARNING, said)


def _source(desk: Desk, standing: Standing, drifted: Sequence[str], _: Language) -> tuple[Health, str]:
    fresh, words = standing.fresh, desk.language
    if fresh.last_run is None:
        is_feed = fresh.source in desk.config.push.feeds
        return Health.WARNING, _("nothing was pushed so far") if is_feed else _("not looked at so far")
    notes = list(refusals(fresh.blocked, refused_payload(standing), words))
    notes += [words("page cap hit")] if fresh.cap_hit else []
    notes += unread_notes(unread_payload(standing), words)
    notes += brand_notes([brand_payload(standing.of(brand)) for brand in standing.brands], words)
    notes += drifted
    if fresh.cooling_until is not None and fresh.cooling_until > desk.now():
        notes.append(left_alone(fresh.cooling_until, fresh.cooling_reason, words))
    notes += [fresh.error] if fresh.error and not fresh.blocked else []
    late = _late(desk, fresh.source, fresh.last_run)
    if late > LATE:
        notes.append(_("the next look is {span} late: is the service, or cron, running?", span=_.span(late)))
    age = fresh.age(desk.now())
    said = _("never read with success") if age is None else _("read {span} ago", span=_.span(age))
    ill = age is None or late > LATE
    missed = "; ".join(estimate(missed_payload(standing.missed), words))
    health = Health.ILL if ill else Health.WARNING if notes else Health.WELL
    return health, "; ".join(filter(None, (said, *notes, missed)))


def _late(desk: Desk, source: str, last_run: datetime) -> timedelta:
    """By how much the next look is late; of a pushed feed nobody knows when the next push comes."""
    configured = desk.config.sources.get(source)
    if configured is None:
        return timedelta()
    return overdue(configured.schedule, last_done=last_run, now=desk.now(), zone=desk.language.zone)


def _queues(desk: Desk, _: Language) -> Iterator[Diagnosis]:
    for queue in (SCORE, JUDGE):
        backlog = desk.store.tasks.backlog(queue)
        yield Diagnosis(
            "queue",
            Health.WARNING if backlog.quarantined else Health.WELL,
            _("{n} waiting, {aside} set aside after failing", n=backlog.waiting, aside=backlog.quarantined),
            name=queue,
        )
    configured = {SCORING_JOB, *(f"crawl:{name}" for name in desk.config.enabled_sources())}
    for job, error in desk.store.runs.job_errors().items():
        if job not in configured:
            continue  # of a source that was removed
        yield Diagnosis("job", Health.ILL, error, name=job)


def _messages(desk: Desk, _: Language) -> Iterator[Diagnosis]:
    unsent = desk.store.outbox.unsent()
    if not unsent:
        yield Diagnosis("messages", Health.WELL, _("all delivered"))
    for message in unsent:
        yield Diagnosis(
            "message",
            Health.ILL if message.last_error else Health.WARNING,
            _(
                "{state} for {channel} after {n} attempts",
                state=_(message.state.value),
                channel=message.channel,
                n=message.attempts,
            )
            + (f": {message.last_error}" if message.last_error else ""),
            name=f"#{message.id}",
        )


def _model(desk: Desk, _: Language) -> Iterator[Diagnosis]:
    model = desk.config.model
    try:
        (judged,) = model.judge(["质量太差，非常失望"])
    except ModelUnavailable as error:
        yield Diagnosis("model", Health.ILL, str(error))
    else:
        said = _(
            "{model} judges 质量太差，非常失望 as {label}", model=model.name, label=desk.language(judged.label)
        )
        yield Diagnosis("model", Health.WELL, said)
