"""What people read: Chinese by default, English by setting, times in their zone."""

import gettext
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal

LOCALES = Path(__file__).parent / "locale"
LANGUAGES = ("zh_CN", "en")
CHINA = ZoneInfo("Asia/Shanghai")


@cache
def catalog(folder: Path, language: str) -> gettext.NullTranslations:
    """The translations of one package; the texts in the code are English, so English needs no file.

    Catalogues are compiled when they are read: there is no compiled copy that could be out of date.
    """
    path = folder / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True, slots=True)
class Language:
    """A reader's language and time zone."""

    tag: str = "zh_CN"
    zone: tzinfo = CHINA
    folder: Path = LOCALES

    def __call__(self, text: str, **values: object) -> str:
        """The text in this language, with its values filled in."""
        translated = catalog(self.folder, self.tag).gettext(text) if text else ""
        return translated.format(**values) if values else translated

    def count(self, number: float | None, *, at_least: bool = False) -> str:
        """120万 or 1.2M; a lower bound carries a plus; what is not known is a dash."""
        if number is None:
            return "—"
        large = abs(number) >= 10_000  # noqa: PLR2004 - 万, from where Chinese counts in another unit
        text = (
            format_compact_decimal(number, locale=self.tag, fraction_digits=1)
            if large
            else format_decimal(number, locale=self.tag)
        )
        return text + ("+" if at_least else "")

    def clock(self, at: datetime) -> str:
        """Hour, minute and second in the reader's zone."""
        return at.astimezone(self.zone).strftime("%H:%M:%S")

    def moment(self, at: datetime) -> str:
        """Month, day and the time of day in the reader's zone."""
        return at.astimezone(self.zone).strftime("%m-%d %H:%M:%S")

    def span(self, length: timedelta) -> str:
        """How long: 4 秒, 12 分钟, 3 小时, 2 天."""
        seconds = max(length.total_seconds(), 0.0)
        for size, name in ((86_400, "{n} d"), (3_600, "{n} h"), (60, "{n} min")):
            if seconds >= 2 * size:
                return self(name, n=f"{seconds / size:.0f}")
        return self("{n} s", n=f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}")  # noqa: PLR2004 - tenths
