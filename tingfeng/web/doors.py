"""What all that we serve has in common: who asks, how much is sent, and how no is said."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mentions.sizes import format_size

PATIENCE_SECONDS = 60.0
"""A body that is longer on its way is given up."""


class Refused(Exception):
    """A request that is not taken: the message is the sentence that its sender reads."""

    def __init__(self, status: int, said: str, **headers: str) -> None:
        super().__init__(said)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def response(self) -> Response:
        """As it is sent."""
        return JSONResponse({"error": str(self)}, status_code=self.status, headers=self.headers)


class Known(Protocol):
    """Somebody who is told apart by the digest of a token."""

    @property
    def digest(self) -> bytes:
        """See `digest`."""


K = TypeVar("K", bound=Known)


def digest(token: str) -> bytes:
    """Tokens are compared by these, which are all of one length."""
    return sha256(token.encode("utf-8", "replace")).digest()


def whose(request: Request, known: Sequence[K], what: str) -> K:
    """Whose token came along; Refused where it is nobody's."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = digest(token.strip())
    # Every token is compared, and digests of one length: how long it takes says nothing of them.
    found = [one for one in known if compare_digest(one.digest, given)]
    if scheme.lower() != "bearer" or not found:
        said = f"The header Authorization: Bearer TOKEN is missing, or its token is no {what}'s."
        raise Refused(401, said, WWW_Authenticate="Bearer")
    return found[0]


async def body_of(request: Request, most: int, then: str) -> bytes:
    """The body; Refused where it is larger than `most`, which says what to do `then`, or too long on its way."""
    too_large = Refused(413, f"The body is larger than {format_size(most)}: {then}.")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise too_large
    content = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for chunk in request.stream():
                content += chunk
                if len(content) > most:
                    raise too_large
    except TimeoutError:
        raise Refused(408, f"The body did not come within {PATIENCE_SECONDS:.0f} seconds.") from None
    return bytes(content)
