"""Times as exports write them: ISO 8601, 2026/11/21 12:30, 2026年11月21日, 06-Jul-2025 10:35PM, Excel's own."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
EXCEL_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone
EXCEL_DAYS = range(32_875, 73_051)
"""A bare number in an Excel cell that is a day from 2 January 1990 to 2099, as of other numbers."""
MILLISECONDS_FROM = 10_000_000_000
ISO_LENGTH = len("2026-11-21T12:30:05")
NULL_DATE = re.compile(
    r"(?:0001[-/.年]0?1[-/.月]0?1日?|0000[-/.]00?[-/.]00?|0?1[-/. ](?:0?1|[Jj]an[a-z]*)[-/. ,]+0001)(?:[T\s].*)?",
    re.ASCII,
)
"""What .NET, Java and Go (year 1) and MySQL (year 0) write for a time that was never set."""
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905

_CLOCK = (
    r"(?P<h>\d{1,2})[:时点](?P<min>\d{1,2})(?:[:分](?P<s>\d{1,2})(?P<f>\.\d{1,9})?秒?|分)?\s*(?P<half>[AaPp][Mm])?"
)
_ZONE = r"(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2})"
_AFTER = rf"(?:[T\s]*{_CLOCK}\s*{_ZONE}?)?"
FORMS = tuple(
    re.compile(form + _AFTER, re.ASCII)
    for form in (
        r"(?P<y>\d{4})[-/.年]\s?(?P<m>\d{1,2})[-/.月]\s?(?P<d>\d{1,2})日?",
        r"(?P<d>\d{1,2})[-/ ](?P<mon>[A-Za-z]{3})[a-z]*[-/ ,]+(?P<y>\d{4}|\d{2})",
    )
)
UNIX = re.compile(r"\d{10}(?:\.\d{1,6})?|\d{13}", re.ASCII)


def parse_moment(value: object, zone: tzinfo, formats: Sequence[str] = ()) -> datetime | None:
    """The moment in UTC; None where the value is no time, or a number that is none from 1990 to 2099.

    `zone` is that of times written without one; `formats` (as strptime takes them) are tried first.
    """
    try:
        found = _read(value, formats)
        if found is None:
            return None
        return (found.replace(tzinfo=zone) if found.tzinfo is None else found).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def is_null_date(value: object) -> bool:
    """Whether a cell holds what programs write for a time that was never set."""
    return isinstance(value, str) and value.lstrip()[:1] in {"0", "1"} and bool(NULL_DATE.fullmatch(value.strip()))


def _read(value: object, formats: Sequence[str]) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _number(value)
    return _text(str(value), formats)


def _number(number: float) -> datetime | None:
    if int(number) in EXCEL_DAYS:
        seconds = round((number - int(number)) * 86_400)
        return EXCEL_DAY_0 + timedelta(days=int(number), seconds=seconds)
    found = datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS_FROM else number, UTC)
    return found if EARLIEST <= found < LATEST else None


def _text(text: str, formats: Sequence[str]) -> datetime | None:
    if len(text) >= ISO_LENGTH and text[4] == text[7] == "-" and not formats:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    cleaned = " ".join(text.replace("：", ":").split())
    for form in formats:
        try:
            return datetime.strptime(cleaned, form)  # noqa: DTZ007 - the caller knows the zone
        except ValueError:
            continue
    if UNIX.fullmatch(cleaned):
        return _number(float(cleaned))
    for pattern in FORMS:
        if match := pattern.fullmatch(cleaned):
            return _moment(match.groupdict())
    return None


def _moment(parts: dict[str, str | None]) -> datetime:
    written, day = parts["y"] or "", int(parts["d"] or 0)
    year = 2000 + int(written) if len(written) == len("26") else int(written)
    month = int(parts["m"] or 0) if parts.get("m") else MONTHS.index((parts.get("mon") or "").lower()) + 1
    clock = datetime(year, month, day)  # noqa: DTZ001 - the caller knows the zone
    if parts["h"] is None:
        return clock
    hour = int(parts["h"])
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    fraction = int(f"{parts['f'] or '.':0<7}"[1:7])
    clock = clock.replace(
        hour=hour, minute=int(parts["min"] or 0), second=int(parts["s"] or 0), microsecond=fraction
    )
    return clock.replace(tzinfo=_zone(parts["zone"])) if parts["zone"] else clock


def _zone(text: str) -> tzinfo:
    if text[0] not in "+-":
        return UTC
    found = datetime.strptime(text.replace(":", ""), "%z").tzinfo
    return found or UTC
