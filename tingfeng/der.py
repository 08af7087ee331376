"""Just enough DER to put the certificates of a timestamp into order.

DER wants the elements of a set sorted by their bytes; authorities that run OpenSSL send a chain as it was
configured, and the library that checks it refuses that. No signature covers the order, and no length changes.
"""

SEQUENCE, CONTENT, CERTIFICATES = 0x30, 0xA0, 0xA0


class NotDer(ValueError):
    """The bytes are cut off, or nothing of ours."""


def with_sorted_certificates(answer: bytes) -> bytes:
    """A TimeStampResp (RFC 3161) whose chain of certificates is sorted; as it was where it has none."""
    start, end = _inside(answer, 0, len(answer), SEQUENCE)
    # Behind the status what was signed, and in it, behind its type, the signed data.
    start, end = _inside(answer, *_second(answer, start, end), SEQUENCE)
    start, end = _inside(answer, *_second(answer, start, end), CONTENT)
    start, end = _inside(answer, start, end, SEQUENCE)
    for first, last in _elements(answer, start, end):
        if answer[first] == CERTIFICATES:
            start, end = _inside(answer, first, last, CERTIFICATES)
            chain = sorted(answer[a:b] for a, b in _elements(answer, start, end))
            return answer[:start] + b"".join(chain) + answer[end:]
    return answer


def _inside(data: bytes, start: int, end: int, tag: int) -> tuple[int, int]:
    """Where the content of the element at `start` begins and ends."""
    if end - start < 2 or data[start] != tag:  # noqa: PLR2004 - a tag and a length
        raise NotDer("this is no timestamp")
    length, at = data[start + 1], start + 2
    if length >= 0x80:  # noqa: PLR2004 - so many bytes of length follow
        at += length - 0x80
        length = int.from_bytes(data[start + 2 : at])
    if at + length > end:
        raise NotDer("this is no timestamp: it is cut off")
    return at, at + length


def _second(data: bytes, start: int, end: int) -> tuple[int, int]:
    there = _elements(data, start, end)
    if len(there) < 2:  # noqa: PLR2004 - a refusal has a status only
        raise NotDer("the authority signed nothing")
    return there[1]


def _elements(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Where each element between `start` and `end` begins and ends."""
    found = []
    while start < end:
        _, after = _inside(data, start, end, data[start])
        found.append((start, after))
        start = after
    return found
