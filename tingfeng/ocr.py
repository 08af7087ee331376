"""The words of a picture, where the extra `ocr` is installed."""

import structlog

LEAST = 0.5
"""How sure the reader has to be of a line."""


def words_of(picture: bytes) -> str | None:
    """What stands in it, line by line; None where nothing can read it, or it holds no words."""
    try:
        from rapidocr import RapidOCR  # noqa: PLC0415 - an extra that may be missing
    except ImportError:
        return None
    try:
        read = RapidOCR()(picture)
    except Exception as error:  # noqa: BLE001 - its engines raise what they like; the picture itself is kept
        structlog.get_logger().warning("picture not read", error=str(error))
        return None
    lines = zip(read.txts or (), read.scores or (), strict=False)
    return "\n".join(line for line, sure in lines if sure >= LEAST) or None
