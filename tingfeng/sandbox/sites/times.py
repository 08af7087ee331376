"""Times and counts as Chinese sites write them. All of these sites show Beijing time."""

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUTE, HOUR, DAY = 60, 3_600, 86_400

WAN = 10_000
CAPPED = 1_000_000


def weibo_full(published: datetime) -> str:
    """'Tue Jun 08 09:35:04 +0800 2021', whatever the process' locale."""
    at = published.astimezone(BEIJING)
    return f"{DAYS[at.weekday()]} {MONTHS[at.month - 1]} {at:%d %H:%M:%S} +0800 {at.year}"


def weibo_relative(published: datetime, now: datetime, *, exact: bool = True) -> str:
    """As lists show it: minutes, then hours, then the day's clock, then dates.

    「刚刚」 would lose up to a minute, which at an accelerated clock is an hour of the story. Unless `exact`
    is False, a post younger than a minute has the full form with seconds, which the site uses as well.
    """
    at, today = published.astimezone(BEIJING), now.astimezone(BEIJING)
    age = (now - published).total_seconds()
    days = (today.date() - at.date()).days
    if age < MINUTE:
        text = weibo_full(published) if exact else "刚刚"
    elif age < HOUR:
        text = f"{int(age // MINUTE)}分钟前"
    elif days == 0:
        text = f"{int(age // HOUR)}小时前" if at.minute % 2 else f"今天 {at:%H:%M}"
    elif days == 1:
        text = f"昨天 {at:%H:%M}"
    else:
        text = f"{at:%m-%d}" if at.year == today.year else f"{at:%Y-%m-%d}"
    return text


def forum_relative(published: datetime, now: datetime) -> str | None:
    """Discuz!'s relative form, or None where it shows the date itself (a week and older)."""
    at, today = published.astimezone(BEIJING), now.astimezone(BEIJING)
    age = int((now - published).total_seconds())
    days = (today.date() - at.date()).days
    if days == 0:
        return _forum_today(max(0, age))
    if days in {1, 2}:
        return f"{('昨天', '前天')[days - 1]}&nbsp;{at:%H:%M}"
    return f"{days}&nbsp;天前" if days <= 7 else None  # noqa: PLR2004 -- Discuz!'s own week


def _forum_today(age: int) -> str:
    if age > HOUR:
        return f"{age // HOUR}&nbsp;小时前"
    if age > HOUR // 2:
        return "半小时前"
    if age > MINUTE:
        return f"{age // MINUTE}&nbsp;分钟前"
    return f"{age}&nbsp;秒前" if age else "刚刚"


def forum_date(published: datetime) -> str:
    """'2025-8-16', unpadded as Discuz! writes it."""
    at = published.astimezone(BEIJING)
    return f"{at.year}-{at.month}-{at.day}"


def followers(count: int) -> int | str:
    """A number below 10,000, then '145.5万', cut, never rounded up."""
    if count < WAN:
        return count
    whole, tenth = divmod(count // (WAN // 10), 10)
    return f"{whole}.{tenth}万" if tenth else f"{whole}万"


def capped(count: int) -> int | str:
    """Counts under a post: numbers below 100,000, then '12.3万', then '100万+' for all that is more."""
    if count >= CAPPED:
        return "100万+"
    return count if count < WAN * 10 else followers(count)
