"""Timestamps of RFC 3161: an authority signs that a content existed at a time. Needs the extra `timestamp`."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tingfeng.der import with_sorted_certificates

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

SECONDS = 10.0
"""How long an authority may take to answer, in all: each byte of a trickle may come in time."""
HEADERS = {"Content-Type": "application/timestamp-query", "Accept-Encoding": "identity"}
LARGEST = 256 * 1024
"""Bytes of an answer that are read: with a chain of certificates it has about ten thousand."""


class NoTimestamp(Exception):
    """There is no timestamp, or it proves nothing: the message says why."""


def check_installed() -> None:
    """NoTimestamp where the extra is missing."""
    if find_spec("rfc3161_client") is None:
        raise NoTimestamp("the extra `timestamp` is not installed (pip install 'tingfeng[timestamp]')")


def roots_of(path: str) -> "list[Certificate]":
    """The certificates of those whom we trust, from a PEM file; NoTimestamp where it holds none."""
    check_installed()
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - comes with the extra

    try:
        return load_pem_x509_certificates(Path(path).read_bytes())
    except OSError as error:
        raise NoTimestamp(f"the certificates {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise NoTimestamp(f"{path} holds no certificate in PEM") from error


def stamped(body: bytes, *, authority: str, roots: "Sequence[Certificate]") -> tuple[bytes, datetime]:
    """Have an authority sign that these bytes exist: its answer, and the time in it. It sees a SHA-256 only."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415 - an extra

    asked = TimestampRequestBuilder().data(body).hash_algorithm(HashAlgorithm.SHA256).build()
    token = asyncio.run(_answered(authority, asked.as_bytes()))
    return token, signed_at(token, asked.message_imprint.message, roots=roots, nonce=asked.nonce)


async def _answered(authority: str, query: bytes) -> bytes:
    token = b""
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient() as client,
            client.stream("POST", authority, content=query, headers=HEADERS) as answer,
        ):
            if not answer.is_success:
                raise NoTimestamp(f"{authority} answered with HTTP {answer.status_code}")
            async for part in answer.aiter_raw():
                token += part
                if len(token) > LARGEST:
                    raise NoTimestamp(f"{authority} answered with more than {LARGEST} bytes")
    except TimeoutError as error:
        raise NoTimestamp(f"{authority} did not answer in {SECONDS:.0f} seconds") from error
    except httpx.HTTPError as error:
        raise NoTimestamp(f"{authority} could not be asked: {type(error).__name__}: {error}") from error
    return token


def signed_at(
    token: bytes, digest: bytes, *, roots: "Sequence[Certificate]", nonce: int | None = None
) -> datetime:
    """When an authority that we trust signed this SHA-256; NoTimestamp where none did."""
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response  # noqa: PLC0415

    try:
        answer = decode_timestamp_response(with_sorted_certificates(token))
        VerifierBuilder(roots=list(roots), nonce=nonce).build().verify(answer, digest)
    except (VerificationError, ValueError) as error:
        raise NoTimestamp(f"the timestamp proves nothing: {error}") from error
    return answer.tst_info.gen_time
