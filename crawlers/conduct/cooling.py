"""How long a site that turned us away is left alone, and how it asks for that."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawlers.source import Outcome
from mentions.sites import Cooling

OF_THE_ADDRESS = frozenset({Outcome.CAPTCHA, Outcome.THROTTLED})
"""Those that shut out our address, and not one account: they hold for every source of the site."""
WAITS = frozenset({429, 503})
"""The statuses whose Retry-After says when the site will answer again (RFC 9110, section 10.2.3)."""
FIRST = timedelta(minutes=5)
LONGEST = timedelta(hours=2)
"""Doubling ends here."""
LONGEST_ASKED = timedelta(days=1)
"""A site that asks for more is asked once a day."""
DOUBLINGS = 20
"""More would be longer than any wait."""
DIGITS = 9
"""More would be longer than the calendar."""


def wait_of(times: int, asked: timedelta | None) -> timedelta:
    """How long after so many refusals in a row before this one, where the site `asked` for a time itself."""
    first = FIRST if asked is None else min(max(asked, timedelta(seconds=1)), LONGEST_ASKED)
    return min(first * (1 << min(times, DOUBLINGS)), max(first, LONGEST))


def retry_after(header: str, now: datetime) -> timedelta | None:
    """What a Retry-After says, be it seconds or a date; None where it says nothing that can be read."""
    said = header.strip()
    if said.isascii() and said.isdigit():
        return timedelta(seconds=int(said[:DIGITS]))
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max((at if at.tzinfo else at.replace(tzinfo=UTC)) - now, timedelta())


def cooled(before: Cooling | None, now: datetime, asked: timedelta | None, **what: str) -> Cooling:
    """The next cool-down of a source at a site: longer each time until the site answers."""
    times = 0 if before is None else before.times
    until = now + wait_of(times, asked)
    shared = what["reason"] in OF_THE_ADDRESS
    return Cooling(**what, since=now, until=until, times=times + 1, shared=shared)


def sentence(cooling: Cooling) -> str:
    """Until when, and why, in UTC as all that is written into rows."""
    until = cooling.until.astimezone(UTC)
    return f"Left alone until {until:%Y-%m-%d %H:%M:%S} UTC ({cooling.reason}): {cooling.detail}"
