"""The words in which times are written, and what each of them is worth."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Parts = re.Match[str]

MONTHS = MappingProxyType(
    {m: i for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
)
DAYS_AGO = MappingProxyType(
    {
        "今天": 0,
        "今日": 0,
        "今": 0,
        "today": 0,
        "昨天": 1,
        "昨日": 1,
        "昨": 1,
        "yesterday": 1,
        "前天": 2,
        "前日": 2,
        "大前天": 3,
    }
)
YEARS_AGO = MappingProxyType({"今年": 0, "去年": 1, "前年": 2})
WEEKDAYS = "一二三四五六日"
MINUTE, HOUR, DAY_LONG = 60, 3_600, 86_400
SECONDS_IN = MappingProxyType(
    {
        **dict.fromkeys(("秒", "秒钟", "s", "sec", "second"), 1),
        **dict.fromkeys(("分", "分钟", "m", "min", "minute"), MINUTE),
        **dict.fromkeys(("刻", "刻钟"), 15 * MINUTE),
        **dict.fromkeys(("小时", "钟头", "h", "hr", "hour"), HOUR),
        **dict.fromkeys(("天", "日", "d", "day"), DAY_LONG),
        **dict.fromkeys(("周", "星期", "礼拜", "w", "week"), 7 * DAY_LONG),
        **dict.fromkeys(("月", "month"), 30 * DAY_LONG),
        **dict.fromkeys(("年", "year"), 365 * DAY_LONG),
    }
)
A_FEW = 3.0
"""几分钟前, 几小时前. Of days it would be too vague."""
ZONES = MappingProxyType(
    {
        **dict.fromkeys(("Z", "UTC", "GMT", "UT"), 0),
        **dict.fromkeys(("CST", "BJT", "HKT", "SGT"), 8),
        "JST": 9,
        **dict.fromkeys(("EST", "CDT"), -5),
        "EDT": -4,
        "MDT": -6,
        **dict.fromkeys(("MST", "PDT"), -7),
        "PST": -8,
    }
)
"""Hours from UTC. CST is China's: what is read here are mostly Chinese pages."""
NUMERALS = MappingProxyType({c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2})
MORNING = frozenset({"上午", "早上", "早晨", "清晨", "凌晨", "早", "晨", "am"})
AFTERNOON = frozenset({"下午", "午后", "傍晚", "pm"})
NIGHT = frozenset({"晚上", "晚间", "夜里", "夜间", "深夜", "晚"})
NOON = frozenset({"中午"})
NOON_HOUR, EVENING_FROM = 12, 5

_UNITS = sorted(SECONDS_IN, key=len, reverse=True)
_IN_CHINESE = (
    rf"(?P<n>\d{{1,6}}(?:\.\d)?|[几数半]) ?(?P<half>个半|个多|多个|个|多)? ?"
    rf"(?P<unit>{'|'.join(unit for unit in _UNITS if not unit.isascii())})"
)
_IN_ENGLISH = (
    r"(?P<n>\d{1,6}(?:\.\d)?|an?)(?P<half>) ?"
    rf"(?P<unit>(?:{'|'.join(unit for unit in _UNITS if unit.isascii())})s?(?![a-z]))"
)
_STEP_IN = tuple(re.compile(step, re.IGNORECASE | re.ASCII) for step in (_IN_ENGLISH, _IN_CHINESE))


def run_of(*, chinese: bool) -> str:
    """The pattern of what stands before 前 or ago: 1小时30分钟, 半个小时, 2 hours."""
    step = re.sub(r"\?P<\w+>", "?:", _IN_CHINESE if chinese else _IN_ENGLISH)
    return rf"(?<![\d.a-z])(?P<run>{step}(?:[ 零又,]{{0,2}}{step}){{0,3}})"


_PART = "|".join(sorted((*MORNING, *AFTERNOON, *NIGHT, *NOON), key=len, reverse=True))
CLOCK = (
    rf"(?:(?P<part>{_PART}) ?)?(?P<h>\d{{1,2}}):(?P<min>\d{{2}})(?::(?P<s>\d{{2}})(?:[.,]\d+)?)?(?![\d:])"
    rf"(?: ?(?:(?P<half>[ap])\.?m\b\.?|(?P<after>{_PART})(?![\u4e00-\u9fff]| ?\d)))?"
)
ZONE = (
    r"(?P<zone>(?:GMT|UTC) ?[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}:?\d{2}|(?<=\d)[+-]\d{2}(?!\d)"
    rf"|(?:{'|'.join(sorted(ZONES, key=len, reverse=True))})(?![a-z]))"
)
MONTH = (
    r"(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
WEEKDAY = rf"(?:周|星期|礼拜)(?P<weekday>[{WEEKDAYS}天])"
SPOKEN = re.compile(r"[〇零一二两三四五六七八九十]{1,4} ?(?:[年月日号点时分刻秒天周小个多钟]|星期|礼拜)|\d[时点]")
"""What `in_digits` can write in digits."""
_NUMERAL = re.compile(
    r"(?<![周期拜])[〇零一二两三四五六七八九十]{1,4}(?= ?(?:[年月日号点时分刻秒天周小个多钟]|星期|礼拜))"
)
_HANDS = re.compile(r"(?<!\d)(\d{1,2})[时点](?!前)(?:(\d{1,2})分?(?:(\d{1,2})秒)?|(半))?", re.ASCII)


def in_digits(text: str) -> str:
    """两小时前 as 2小时前, 10时20分 as 10:20."""
    return _HANDS.sub(_as_clock, _NUMERAL.sub(lambda found: str(_number(found[0])), text))


def _as_clock(hands: Parts) -> str:
    minutes = "30" if hands[4] else (hands[2] or "0").zfill(2)
    return f"{hands[1]}:{minutes}" + (f":{hands[3].zfill(2)}" if hands[3] else "")


def _number(written: str) -> int:
    """二十一 is 21, 二〇二六 is 2026."""
    tens, ten, ones = written.partition("十")
    if not ten:
        return int("".join(str(NUMERALS[c]) for c in written))
    if "十" in ones or len(tens) > 1 or len(ones) > 1:
        raise ValueError(f"{written} is no number of two digits")
    return 10 * (NUMERALS[tens] if tens else 1) + (NUMERALS[ones] if ones else 0)


def seconds_in(run: str) -> float:
    """How long 1小时30分钟 is."""
    return sum(map(_seconds_in, _STEP_IN[not run.isascii()].finditer(run)))


def _seconds_in(step: Parts) -> float:
    said, unit = step["n"].lower(), step["unit"].lower()
    worth = SECONDS_IN.get(unit) or SECONDS_IN[unit.removesuffix("s")]
    if said in {"几", "数"}:
        if worth >= DAY_LONG:
            raise ValueError(f"{step[0]} is too vague")
        return A_FEW * worth if worth >= MINUTE else 0.0
    number = {"半": 0.5, "a": 1.0, "an": 1.0}.get(said) or float(said)
    return (number + 0.5 * (step["half"] == "个半")) * worth


def clock_of(found: Mapping[str, Any]) -> tuple[int, int, int]:
    """Hours (from 24 on those of the next day), minutes, seconds; midnight where no clock stands there."""
    if found.get("h") is None:
        return 0, 0, 0
    hours, minutes, seconds = int(found["h"]), int(found["min"]), int(found.get("s") or 0)
    half = found.get("half")
    part = f"{half.lower()}m" if half else (found.get("part") or found.get("after") or "").lower()
    if part and hours <= NOON_HOUR:
        hours = _by_part(hours, part)
    if part not in NIGHT and (hours, minutes, seconds) > (24, 0, 0):
        raise ValueError(f"{hours}:{minutes} is no time of a day")
    return hours, minutes, seconds


def _by_part(hours: int, part: str) -> int:
    """下午 3:20 is 15:20; 晚上 12:10 is ten minutes into the next day, and 晚上 3:00 three hours."""
    if part in MORNING:
        return hours % NOON_HOUR
    if part in AFTERNOON or (part in NOON and hours < EVENING_FROM):
        return hours % NOON_HOUR + NOON_HOUR
    if part in NIGHT:
        return hours + (NOON_HOUR if hours >= EVENING_FROM else 2 * NOON_HOUR)
    return hours
