"""What can go wrong with a file; each message is the sentence that the user reads."""


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


class BadRow(ValueError):
    """One row cannot become a mention; the rows around it can."""
