"""Words for how well the sources see: how fresh they are, how much they miss, and what nobody watches."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from alerts.language import Language
from alerts.names import BASES, PLACES
from alerts.privacy import NAME
from mentions.text import one_line

LEAST = 0.01
UNREAD, NEVER_READ = "“{query}” not read for {span} ({why})", "“{query}” never read in {span} ({why})"
ABOUT, AT_LEAST = "about {share} missed ({low}–{high})", "at least {share} missed"


def missed_notes(missed: dict[str, Any] | None, _: Language) -> Iterator[str]:
    """How much one source misses, in a few words; nothing where nothing was looked at so far."""
    if not missed or missed["basis"] is None:
        return
    if missed["share"] is None:
        yield _("how much it misses cannot be known")
        return
    said = AT_LEAST if missed["basis"] == "uneven" else ABOUT
    yield _(said, **{end: percent(missed[end]) for end in ("share", "low", "high")})


def refusals(blocked: dict[str, int], refused: dict[str, list[str]] | None, _: Language) -> Iterator[str]:
    """Why pages were not read, how many, and of which queries."""
    for reason, n in blocked.items():
        named = " ".join(f"“{one_line(query.strip('[]'), NAME)}”" for query in (refused or {}).get(reason, ()))
        yield f"{_(reason)} ×{n}{f' {named}' if named else ''}"


def left_alone(until: datetime, reason: str | None, _: Language) -> str:
    """Until when a site is left alone, and why."""
    said = _("left alone until {time}", time=_.moment(until))
    return f"{said}: {_(reason)}" if reason else said


def unread_notes(unread: Sequence[dict[str, Any]] | None, _: Language) -> Iterator[str]:
    """The queries that were not read while their source was, and why not."""
    for one in unread or ():
        said = UNREAD if one["ever"] else NEVER_READ
        span = _.span(timedelta(minutes=one["minutes"]))
        yield _(said, query=one_line(one["query"].strip("[]"), NAME), span=span, why=_(one["outcome"]))


def brand_notes(brands: Sequence[dict[str, Any]] | None, language: Language) -> Iterator[str]:
    """How a source sees each of several brands, where there is more to say than that it was read."""
    _ = language
    for one in brands if brands and len(brands) > 1 else ():
        blind = timedelta(minutes=one["unread_minutes"])
        notes = [_("not read for {span}", span=_.span(blind))] if blind else []
        notes += [_("page cap hit ×{n}", n=one["capped"])] if one["capped"] else []
        notes += missed_notes(one, language) if one["share"] is not None else []
        if notes:
            yield f"{one['brand']}: {', '.join(notes)}"


def percent(share: float) -> str:
    """A share as people read it; what is estimated is never said to be nothing at all."""
    return "<1%" if 0 < share < LEAST else f"{share:.0%}"


def behind(condition: dict[str, Any] | None, language: Language) -> Iterator[str]:
    """What stands behind the numbers of a source that met a rule."""
    if not condition:
        return
    _ = language
    yield from unread_notes(condition.get("unread"), language)
    yield from estimate(condition["missed"], language)
    if condition["cookie_expires"]:
        yield _("the cookie ends on {day}", day=date.fromisoformat(condition["cookie_expires"]))
    for kind, parts in condition["changed"].items():
        yield _("pages of the kind {kind} have lost: {parts}", kind=_(kind), parts=" · ".join(parts))


def estimate(missed: dict[str, Any], language: Language) -> Iterator[str]:
    """How much is missed, of which query most, and what that rests on."""
    _ = language
    if missed["basis"] is None:
        return
    query = one_line(missed["query"].strip("[]"), NAME)
    basis = _(BASES[missed["basis"]])
    if missed["share"] is None:
        yield _("share missed: {basis}", basis=basis)
        return
    (said,) = missed_notes(missed, language)
    yield f"{said}; " + _(
        "most of “{query}”: {share}, {basis}", query=query, share=percent(missed["query_share"]), basis=basis
    )
    if missed["gap_minutes"]:
        yield _("{n} minutes that no look reached", n=f"{missed['gap_minutes']:.0f}")


def unwatched(platforms: Sequence[str] | None, _: Language) -> Iterator[str]:
    """The platforms that no enabled source watches."""
    if platforms:
        yield _("not watched at all: {platforms}", platforms=" · ".join(_(PLACES.get(p, p)) for p in platforms))


def freshness(sources: Sequence[dict[str, Any]], language: Language, now: datetime) -> Iterator[str]:
    """When each source was last read, and what keeps it from seeing everything."""
    _ = language
    for source in sources:
        last = source["last_success"]
        said = (
            _("never read so far")
            if last is None
            else _("read {span} ago", span=_.span(max(now - datetime.fromisoformat(last), timedelta())))
        )
        notes = list(refusals(source["blocked"], source.get("refused"), language))
        notes += [_("page cap hit")] if source["cap_hit"] else []
        notes += unread_notes(source.get("unread"), language)
        notes += missed_notes(source.get("missed"), language)
        notes += brand_notes(source.get("brands"), language)
        until = source.get("cooling_until")
        if until is not None and datetime.fromisoformat(until) > now:
            notes.append(left_alone(datetime.fromisoformat(until), source.get("cooling_reason"), language))
        if source["error"] and not source["blocked"]:  # its sentence is English, and for whoever mends it
            notes.append(_("the last visit failed: tingfeng source show {name}", name=source["name"]))
        yield f"{source['name']}: {said}" + (f" ({'; '.join(notes)})" if notes else "")
