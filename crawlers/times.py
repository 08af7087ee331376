"""Times as Chinese sites write them: 刚刚, 昨天 12:25, 06-14, Tue Jun 08 09:35:04 +0800 2021, unix."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from html import unescape
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOCK_SKEW = timedelta(minutes=5)
"""A site whose clock is this far ahead of ours still means this year."""
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 10_000_000_000
"""As seconds this number is the year 2286: such a one, or a larger one, counts milliseconds."""

MONTHS = {
    m: i
    for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905
}
DAYS_AGO = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "前日": 2}
SECONDS_IN = {
    "秒": 1,
    "秒钟": 1,
    "分": 60,
    "分钟": 60,
    "小时": 3_600,
    "钟头": 3_600,
    "天": 86_400,
    "日": 86_400,
    "周": 604_800,
    "星期": 604_800,
    "个月": 2_592_000,
    "月": 2_592_000,
    "年": 31_536_000,
}

_CLOCK = r"(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2}))?"
_ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2}|GMT|UTC?)"

Parts = re.Match[str]
Read = Callable[[Parts, datetime, tzinfo], datetime | None]


def parse_time(text: str | float | None, now: datetime, zone: tzinfo = SHANGHAI) -> datetime | None:
    """The moment that a page means, in UTC; None where the text holds no time that we can read.

    `now` is when the page was fetched, aware; `zone` is that of clocks written without one. What stands
    before or after the time (发布于, 广东) is passed over. A date without a year is the latest such date
    that is not in the future.
    """
    if text is None or isinstance(text, bool):
        return None
    try:
        found = _read(text, now.astimezone(zone), zone)
        found = found.astimezone(UTC) if found is not None else None
    except (ValueError, OverflowError, OSError):  # the last is the C library's, for unix numbers
        return None
    return found if found is not None and EARLIEST <= found <= LATEST else None


def _read(text: str | float, now: datetime, zone: tzinfo) -> datetime | None:
    if isinstance(text, int | float):
        return _unix(float(text))
    cleaned = " ".join(unescape(text).replace("：", ":").replace("\u200b", "").split())
    if re.fullmatch(r"\d{10}(?:\.\d+)?|\d{13}", cleaned, re.ASCII):
        return _unix(float(cleaned))
    for pattern, read in FORMS:
        if match := pattern.search(cleaned):
            return read(match, now, zone)
    return None


def _unix(number: float) -> datetime:
    return datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS_FROM else number, UTC)


def _clock(parts: Parts) -> time:
    found = parts.groupdict()
    if found.get("h") is None:
        return time()
    return time(int(found["h"]), int(found["min"]), int(found["s"] or 0))


def _zone(text: str | None, default: tzinfo) -> tzinfo:
    if text is None:
        return default
    if text[0] not in "+-":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(offset if text[0] == "+" else -offset)


def _named_month(parts: Parts, _now: datetime, zone: tzinfo) -> datetime | None:
    month = MONTHS.get(parts["mon"].lower())
    if month is None:
        return None
    day = date(int(parts["y"]), month, int(parts["d"]))
    return datetime.combine(day, _clock(parts), _zone(parts["zone"], zone))


def _full_date(parts: Parts, _now: datetime, zone: tzinfo) -> datetime:
    day = date(int(parts["y"]), int(parts["m"]), int(parts["d"]))
    return datetime.combine(day, _clock(parts), _zone(parts.groupdict().get("zone"), zone))


def _ago(parts: Parts, now: datetime, _zone: tzinfo) -> datetime:
    return now - timedelta(seconds=float(parts["n"]) * SECONDS_IN[parts["unit"]])


def _day_before(parts: Parts, now: datetime, zone: tzinfo) -> datetime:
    day = now.date() - timedelta(days=DAYS_AGO[parts["day"]])
    return datetime.combine(day, _clock(parts), zone)


def _without_year(parts: Parts, now: datetime, zone: tzinfo) -> datetime | None:
    for year in range(now.year, now.year - 9, -1):  # 29 February comes back after eight years at the latest
        try:
            found = datetime.combine(date(year, int(parts["m"]), int(parts["d"])), _clock(parts), zone)
        except ValueError:
            continue
        if found <= now + CLOCK_SKEW:
            return min(found, now)
    return None


def _clock_only(parts: Parts, now: datetime, zone: tzinfo) -> datetime:
    found = datetime.combine(now.date(), _clock(parts), zone)
    return found if found <= now + CLOCK_SKEW else found - timedelta(days=1)


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


_UNITS = "|".join(sorted(SECONDS_IN, key=len, reverse=True))
FORMS: tuple[tuple[re.Pattern[str], Read], ...] = (
    (
        _form(rf"(?P<mon>[a-z]{{3}}) (?P<d>\d{{1,2}}) {_CLOCK} (?P<zone>[+-]\d{{4}}) (?P<y>\d{{4}})"),
        _named_month,
    ),
    (
        _form(rf"(?P<d>\d{{1,2}}) (?P<mon>[a-z]{{3}})[a-z]* (?P<y>\d{{4}})(?: {_CLOCK}(?: ?{_ZONE})?)?"),
        _named_month,
    ),
    (
        _form(
            rf"(?<!\d)(?P<y>\d{{4}})[-/.年] ?(?P<m>\d{{1,2}})[-/.月] ?(?P<d>\d{{1,2}})(?!\d)日?"
            rf"(?:[T ]*{_CLOCK}(?:\.\d+)?(?: ?{_ZONE})?)?"
        ),
        _full_date,
    ),
    (_form(r"刚刚|刚才|几秒前|just now"), lambda _parts, now, _zone: now),
    (_form(r"半个?(?:小时|钟头)前"), lambda _parts, now, _zone: now - timedelta(minutes=30)),
    (_form(rf"(?<![\d.])(?P<n>\d{{1,6}}(?:\.\d)?) ?(?P<unit>{_UNITS})(?:以)?前"), _ago),
    (_form(rf"(?P<day>{'|'.join(DAYS_AGO)}) ?(?:{_CLOCK})?"), _day_before),
    (_form(rf"(?<!\d)(?P<m>\d{{1,2}}) ?月 ?(?P<d>\d{{1,2}}) ?[日号] ?(?:{_CLOCK})?"), _without_year),
    (_form(rf"(?<![\d\-/.])(?P<m>\d{{1,2}})[-/](?P<d>\d{{1,2}})(?![\d\-/])(?: {_CLOCK})?"), _without_year),
    (
        _form(r"(?<!\d)(?P<y>\d{4})[-/年](?P<m>\d{1,2})(?!\d)月?"),
        lambda parts, _now, zone: datetime(int(parts["y"]), int(parts["m"]), 1, tzinfo=zone),
    ),
    (_form(rf"(?<![\d:]){_CLOCK}(?![\d:])"), _clock_only),
)
"""Tried in this order: a form stands before those that would read a part of it."""
