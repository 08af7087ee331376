"""Which characters the bytes of a page stand for, whatever its label says."""

import re

LABEL = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([A-Za-z0-9_\-]+)""", re.IGNORECASE)
XML_LABEL = re.compile(rb"""<\?xml[^>]+encoding\s*=\s*["']([A-Za-z0-9_\-]+)""", re.IGNORECASE)
SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
    "utf8": "utf-8",
}
KNOWN = frozenset({"gb18030", "big5hkscs", "utf-16", "shift_jis", "euc-jp", "euc-kr"})
"""Labels that are believed. Not ISO-8859-1: it is what servers say of everything, and it never fails to decode."""
DAMAGED = 0.01
"""A page of which at most this share of characters is broken is of that charset, cut or damaged."""


def decode(body: bytes, label: str | None = None) -> str:
    """The text of a page; `label` is what the server called it. Bytes that mean nothing become U+FFFD.

    UTF-8 is tried first whatever the label: Chinese text in another charset is practically never valid UTF-8,
    and many pages of either charset bear the other's label.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    attempts = []
    for charset in _charsets(body, label):
        text = body.decode(charset, "replace")
        broken = text.count("\ufffd")
        if broken <= DAMAGED * len(text) and (charset != "utf-8" or broken <= _damage(text)):
            return text
        attempts.append((broken, text))
    return min(attempts, key=lambda attempt: attempt[0])[1]


def _damage(text: str) -> float:
    """How many broken characters a UTF-8 page may have: measured against its Chinese, not its markup."""
    return max(1.0, DAMAGED * sum(char > "\x7f" for char in text))


def _charsets(body: bytes, label: str | None) -> list[str]:
    head = body[:2048]
    said = [label] if label else []
    said += [m[1].decode("ascii") for m in (LABEL.search(head), XML_LABEL.search(head)) if m]
    found = ["utf-8"]
    for name in (*said, "gb18030"):
        charset = SUPERSETS.get(name.lower().strip(), name.lower().strip())
        if charset in KNOWN and charset not in found:
            found.append(charset)
    return found
