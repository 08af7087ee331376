"""What of a source nobody may read: in a log, a row, or a message."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pydantic import SecretStr

from crawlers.source import Source

HIDDEN = "***"
SHORTEST = 6
"""A shorter value is no secret, and stands everywhere."""
ACCOUNT = re.compile(r"://[^/?#\s@]*@")
"""The name and the password that an address may begin with."""
TOLD_TO_ANYBODY = re.compile(
    r"accept|user-agent|referer|origin|cache-control|pragma|x-requested-with", re.IGNORECASE
)
"""Headers, by how they begin, that hold no secret."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The values that are hidden, in the order in which config.yaml names them."""

    values: tuple[str, ...] = ()

    def hide(self, words: str) -> str:
        """The words without them, and without the account of any address."""
        for value in sorted(self.values, key=len, reverse=True):
            words = words.replace(value, HIDDEN)
        return ACCOUNT.sub(f"://{HIDDEN}@", words)

    def number(self, words: str) -> str:
        """The same for what has to stay apart: two feeds that differ by their key alone."""
        numbers = {value: number for number, value in enumerate(self.values, 1)}
        for value in sorted(self.values, key=len, reverse=True):
            words = words.replace(value, f"{HIDDEN}{numbers[value]}")
        return ACCOUNT.sub(f"://{HIDDEN}@", words)

    def strip(self, body: bytes) -> bytes:
        """A page without them."""
        for value in sorted(self.values, key=len, reverse=True):
            body = body.replace(value.encode(), HIDDEN.encode())
        return body


def secrets_of(source: Source) -> Secrets:
    """The cookie, tokens, headers, what addresses hold behind their ?, and what the environment filled in."""
    written = dict.fromkeys(form for value in _values(source) for form in (value, quote(value, safe="")))
    return Secrets(tuple(value for value in written if len(value) >= SHORTEST))


def _values(source: Source) -> Iterator[str]:
    if source.cookie is not None:
        yield from _of_cookie(source.cookie.get_secret_value())
    fields = (getattr(source, name) for name in type(source).model_fields if name != "cookie")
    yield from (value.get_secret_value() for value in fields if isinstance(value, SecretStr))
    yield from _of_headers(source.headers)
    for address in source.home:
        yield from _of_address(address)
    yield from source.from_environment


def _of_cookie(header: str) -> Iterator[str]:
    with suppress(CookieError):
        yield from (morsel.value for morsel in SimpleCookie(header).values())
    yield from (part.partition("=")[2].strip() for part in header.split(";"))
    yield header


def _of_headers(headers: Mapping[str, str]) -> Iterator[str]:
    yield from (value for name, value in headers.items() if not TOLD_TO_ANYBODY.match(name))


def _of_address(address: str) -> Iterator[str]:
    """The values of a query, as they are written and as they are meant; not the places that are filled in."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    if parts.password:
        yield unquote(parts.password)
    as_written = (pair.partition("=")[2] for pair in parts.query.split("&"))
    meant = (value for _, value in parse_qsl(parts.query))
    yield from (value for value in (*as_written, *meant) if "{" not in value)
