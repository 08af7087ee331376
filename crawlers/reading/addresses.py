"""Where a source is, as config.yaml says it."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def _reachable(address: str) -> str:
    if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
        raise ValueError(f"{address!r} is no http(s) address")
    return address.rstrip("/")


HttpAddress = Annotated[str, AfterValidator(_reachable)]
"""An http(s) address, without a slash at its end."""
