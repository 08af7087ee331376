"""`incident`: what burns, its history, and who has it."""

import getpass
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Annotated, Any

import typer

from alerts.language import Language
from alerts.response import NoSuchIncident, acknowledge, resolve
from mentions.chain import Broken
from mentions.incidents import Incident, IncidentEvent
from mentions.shape import iso_utc
from mentions.text import one_line
from tingfeng import stamping
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
from tingfeng.desk import Desk
from tingfeng.timestamps import NoTimestamp

app = typer.Typer(help="Incidents: list, show, ack, resolve, hold, release, verify.", no_args_is_help=True)
TITLE, URL = 60, 300
"""Characters of a title or text, and of an address, on one line."""
Number = Annotated[int, typer.Argument(help="The incident's number.")]
Who = Annotated[
    str, typer.Option("--by", help="Your name; by default your login.", default_factory=getpass.getuser)
]


def _json(incident: Incident) -> dict[str, Any]:
    return asdict(incident) | {
        "state": incident.state.value,
        "severity": incident.severity.label,
        "opened": iso_utc(incident.opened),
        "updated": iso_utc(incident.updated),
        "resolved": iso_utc(incident.resolved),
    }


def _details(event: IncidentEvent, _: Language) -> Iterator[str]:
    """What a look at a post had found."""
    if event.kind == "edited":
        before, after = (one_line(str(event.data.get(key, "")), TITLE) for key in ("before", "after"))
        yield _("before: {words}", words=before)
        yield _("after: {words}", words=after)
    elif event.kind == "deleted" and "minutes" in event.data:
        yield _("{n} minutes after it was posted", n=event.data["minutes"])


def _about(incident: Incident) -> str:
    """The brand; for the watch's own health, the source or the stage that its key names."""
    return incident.brand or incident.key.rpartition(":")[2]


@app.command("list")
def list_(
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Resolved ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List incidents, the worst first."""
    with desk_of(config, reading=True) as desk:
        incidents = desk.store.incidents.recent(unresolved=not all_)
        if as_json:
            print_json([_json(incident) for incident in incidents])
            return
        _ = spoken(desk.language)
        shown = table("#", _("level"), _("state"), _("brand"), _("matter"), _("opened"), _("owner"))
        for i in incidents:
            shown.add_row(
                str(i.id),
                _(i.severity.label),
                _(i.state.value),
                _about(i),
                one_line(i.title, TITLE),
                _.moment(i.opened),
                i.owner or "",
            )
        console().print(shown if incidents else _("no open incident"), markup=False)


@app.command()
def show(number: Number, config: ConfigPath = DEFAULT_CONFIG, *, as_json: AsJson = False) -> None:
    """Show one incident: its history, its posts, and every message about it."""
    with desk_of(config, reading=True) as desk:
        incident = desk.store.incidents.get(number)
        if incident is None:
            raise NoSuchIncident(f"There is no incident #{number}.")
        events = desk.store.incidents.events(number)
        messages = desk.store.outbox.of_incident(number)
        held = desk.store.life.held().get(number)
        attached = desk.store.incidents.mentions(number)
        known = desk.store.posts.get(attached)
        posts = {mention_id: known[mention_id] for mention_id in attached if mention_id in known}
        if as_json:
            print_json(
                _json(incident)
                | {
                    "hold": iso_utc(held),
                    "mentions": list(posts),
                    "events": [asdict(e) | {"at": iso_utc(e.at)} for e in events],
                    "notifications": [
                        {
                            "id": m.id,
                            "channel": m.channel,
                            "reason": m.reason,
                            "state": m.state.value,
                            "attempts": m.attempts,
                            "possible_repeat": m.possible_repeat,
                            "sent": iso_utc(m.sent),
                            "last_error": m.last_error,
                        }
                        for m in messages
                    ],
                }
            )
            return
        _ = spoken(desk.language)
        out = console()
        title = f"#{number} [{_(incident.severity.label)}] {_about(incident)} {one_line(incident.title, TITLE)}"
        out.print(f"{title} · {_(incident.state.value)} · {incident.owner or _('nobody has it')}", markup=False)
        if held is not None:
            out.print("  " + _("on legal hold since {at}", at=_.moment(held)), markup=False)
        for (actor, kind, reason), same in groupby(events, key=lambda e: (e.actor, e.kind, e.reason)):
            first, *more = same_ = list(same)
            times = f" ×{len(more) + 1}" if more else ""
            out.print(f"  {_.moment(first.at)}  {actor}: {_(kind)} ({_(reason)}){times}", markup=False)
            for event in same_:
                for line in _details(event, _):
                    out.print(f"      {line}", markup=False)
        for message in messages:
            sent = _.moment(message.sent) if message.sent else (message.last_error or _("waiting"))
            out.print(f"  → {message.channel} [{_(message.state.value)}] {sent}", markup=False)
        for found in posts.values():
            said = one_line(found.mention.text, TITLE)
            out.print(f"  {one_line(found.mention.url, URL)}  {said}", markup=False)


@app.command()
def ack(number: Number, who: Who, config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Say that you have it."""
    with desk_of(config, reading=True) as desk:
        acknowledge(desk.store, number, who=who, at=desk.now())
        _ = spoken(desk.language)
        console().print(_("{who} has #{n}", who=who, n=number), markup=False)


@app.command("resolve")
def resolve_(
    number: Number,
    who: Who,
    config: ConfigPath = DEFAULT_CONFIG,
    reason: Annotated[str, typer.Option(help="Why it is over.")] = "by hand",
) -> None:
    """Say that it is over."""
    with desk_of(config, reading=True) as desk:
        resolve(desk.store, number, who=who, reason=reason, at=desk.now())
        _ = spoken(desk.language)
        console().print(_("#{n} is resolved", n=number), markup=False)


@app.command()
def hold(
    number: Number,
    who: Who,
    config: ConfigPath = DEFAULT_CONFIG,
    reason: Annotated[str, typer.Option(help="Why: the case, the authority, who ordered it.")] = "",
) -> None:
    """Put it on legal hold: nothing that belongs to it is deleted or erased until it is released."""
    with desk_of(config, reading=True) as desk:
        _known(desk, number)
        _ = spoken(desk.language)
        done = desk.store.life.hold(number, who=who, reason=reason, at=desk.now())
        said = _("#{n} is on legal hold", n=number) if done else _("#{n} was on legal hold already", n=number)
        console().print(said, markup=False)


@app.command()
def release(
    number: Number,
    who: Who,
    config: ConfigPath = DEFAULT_CONFIG,
    reason: Annotated[str, typer.Option(help="Why it is over.")] = "",
) -> None:
    """End the legal hold; `tingfeng retain` then deletes what is due."""
    with desk_of(config, reading=True) as desk:
        _known(desk, number)
        _ = spoken(desk.language)
        done = desk.store.life.release(number, who=who, reason=reason, at=desk.now())
        said = _("#{n} is released", n=number) if done else _("#{n} was not on legal hold", n=number)
        console().print(said, markup=False)


@app.command()
def verify(
    number: Annotated[int | None, typer.Argument(help="The incident's number; by default all.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> int:
    """Check that no history, and no copy of a post, was changed since it was written. Exit 1 if one was."""
    with desk_of(config, reading=True) as desk:
        if number is not None:
            _known(desk, number)
        found = desk.store.life.verify(number)
        posts = None if number is None else set(desk.store.incidents.mentions(number))
        copies = [d for d in desk.store.evidence.damaged() if posts is None or d.mention_id in posts]
        _ = spoken(desk.language)
        try:
            copies += stamping.unproven(desk, posts)
        except NoTimestamp as why:
            typer.echo(_("the timestamps were not checked: {why}", why=why), err=True)
        if as_json:
            print_json(
                [
                    *(asdict(fault) | {"fault": fault.fault.name.lower()} for fault in found),
                    *(asdict(copy) | {"harm": copy.harm.name.lower()} for copy in copies),
                ]
            )
        elif not found and not copies:
            console().print(_("every history, and every copy of a post, is as it was written"), markup=False)
        else:
            for fault in found:
                console().print(_where(fault, _), markup=False)
            for copy in copies:
                said = _(
                    "copy {sha} of {post}: {said}", sha=copy.sha256, post=copy.mention_id, said=_(copy.harm.value)
                )
                console().print(said, markup=False)
    return int(bool(found or copies))


def _where(fault: Broken, _: Language) -> str:
    said = _(fault.fault.value)
    if not fault.event_id:
        return _("incident #{n}: {said}", n=fault.incident_id, said=said)
    return _("incident #{n}, event {event}: {said}", n=fault.incident_id, event=fault.event_id, said=said)


def _known(desk: Desk, number: int) -> None:
    if desk.store.incidents.get(number) is None:
        raise NoSuchIncident(f"There is no incident #{number}.")
