"""Which encoding a file of text is in, and reading it so that a broken byte spoils its own row only."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase, TextIOWrapper
from pathlib import Path
from typing import IO, cast

from mentions.exchange.failures import NotReadable

SAMPLE = 65_536
MARK = "\udcff"
"""Stands where bytes could not be decoded; no text holds it, since it is half a pair."""
GZIP = b"\x1f\x8b"
"""How every gzip file begins."""
MARKING = "tingfeng-mark"


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return MARK, error.end


codecs.register_error(MARKING, _mark)


@contextmanager
def opened(path: Path) -> Iterator[BufferedIOBase]:
    """The file's bytes, unpacked where its name ends in .gz; NotReadable if it cannot be read."""
    try:
        with path.open("rb") as file:
            if path.suffix.lower() == ".gz":
                if file.read(len(GZIP)) != GZIP:
                    raise NotReadable(f"{path} is no gzip file, though its name ends in .gz.")
                file.seek(0)
                with gzip.open(file) as unpacked:
                    yield cast("BufferedIOBase", unpacked)
            else:
                yield file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise NotReadable(f"{path} is broken or cut off ({error}).") from error
    except OSError as error:
        raise NotReadable(f"{path} cannot be read: {error.strerror or error}.") from error


def encoding_of(path: Path) -> str:
    """The encoding, judged by the first 64 KiB from the first character that is not ASCII.

    A few broken bytes in UTF-8 do not make it GB 18030.
    """
    with opened(path) as file:
        sample = file.read(SAMPLE)
        if marked := _by_mark(sample):
            return marked
        while sample and sample.isascii():
            sample = file.read(SAMPLE)
        start = next((i for i, byte in enumerate(sample) if byte >= 0x80), len(sample))  # noqa: PLR2004 - ASCII
        return judged(sample[start:] + file.read(SAMPLE))


def _by_mark(sample: bytes) -> str | None:
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if zeros.count(0) * 5 > len(zeros):  # every fifth character is plain ASCII
            return encoding
    return None


def judged(sample: bytes) -> str:
    """UTF-8 unless it is mostly broken as such and GB 18030 reads it better."""
    broken, good = _quality(sample, "utf-8")
    if broken == 0 or good > 4 * broken:
        return "utf-8"
    return "gb18030" if _quality(sample, "gb18030")[0] < broken else "utf-8"


def _quality(sample: bytes, encoding: str) -> tuple[int, int]:
    """How many places are broken, and how many characters beyond ASCII are not."""
    text = codecs.getincrementaldecoder(encoding)(MARKING).decode(sample)
    broken = text.count(MARK)
    return broken, sum(1 for char in text if char > "\x7f") - broken


def lines_of(file: BufferedIOBase, encoding: str) -> TextIOWrapper:
    """The file as text with its line ends untouched; MARK stands where bytes are broken."""
    return TextIOWrapper(cast("IO[bytes]", file), encoding=encoding, errors=MARKING, newline="")
