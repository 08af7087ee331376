"""What can go wrong with a file; each message is the sentence that the user reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class ExchangeError(Exception):
    """A file could not be brought in or written."""


class NotReadable(ExchangeError):
    """The file cannot be read at all, or not to its end: the message says why."""


class NotRecognised(ExchangeError):
    """No mapping fits the columns, or several do: the message names columns and mappings."""


class BadMapping(ExchangeError):
    """A mapping file says something that cannot be meant."""


class NotWritable(ExchangeError):
    """The file cannot be written: the message says which and why."""


class ParquetMissing(ExchangeError):
    """Parquet needs an extra package: pip install 'tingfeng[parquet]'."""

    def __init__(self) -> None:
        super().__init__("Parquet needs pyarrow, which is not installed: pip install 'tingfeng[parquet]'.")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is set aside: an English sentence, and what stands in its places, so that it can be translated."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


class BadRow(ValueError):
    """One row cannot become a mention; the rows around it can."""

    def __init__(self, text: str, **values: object) -> None:
        self.reason = Reason(text, values)
        super().__init__(str(self.reason))
