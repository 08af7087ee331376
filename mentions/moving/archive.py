"""A backup's file: a tar with the manifest first, so that it can be judged before anything else is read."""

import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Literal

from mentions.moving.canon import Sum
from mentions.sqlite.backup import sync_folder
from mentions.store import StoreError

FORMAT = 1
"""Raised when an older Tingfeng could no longer read the file."""
MANIFEST, PAYLOAD = "manifest.json", "payload"
MOST_MANIFEST = 1024 * 1024
BLOCK = 1024 * 1024


class BadBackup(StoreError):
    """The file is no backup that can be restored; nothing was touched."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `steps` are those of the database's schema, `tables` what stood in each."""

    kind: Literal["sqlite", "postgres"]
    made: datetime
    tingfeng: str
    steps: tuple[str, ...]
    schema: str
    """The name of PostgreSQL's schema; empty for SQLite."""
    database: str
    """Which version of SQLite or PostgreSQL wrote the payload."""
    tables: Mapping[str, Sum]
    payload_bytes: int
    payload_sha256: str

    def as_json(self) -> dict[str, Any]:
        """The manifest as it stands in the file, and as commands print it."""
        return {
            "format": FORMAT,
            **asdict(self),
            "made": self.made.astimezone(UTC).isoformat(),
            "steps": list(self.steps),
            "tables": {name: asdict(told) for name, told in self.tables.items()},
        }


def write(path: Path, manifest: Manifest, payload: Path) -> None:
    """Make the file; it appears under its name only when it is whole and on the disk."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)  # names and texts of people
            with tarfile.open(fileobj=file, mode="w") as tar:
                text = json.dumps(manifest.as_json(), ensure_ascii=False, indent=2).encode()
                _add(tar, MANIFEST, io.BytesIO(text), len(text), manifest.made)
                with payload.open("rb") as source:
                    _add(tar, PAYLOAD, source, manifest.payload_bytes, manifest.made)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BadBackup(f"The backup {path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def _add(tar: tarfile.TarFile, name: str, file: IO[bytes], size: int, made: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, int(made.timestamp()), 0o600
    tar.addfile(info, file)


def digest(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    hashed, size = sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            hashed.update(block)
            size += len(block)
    return size, hashed.hexdigest()


def read_manifest(path: Path) -> Manifest:
    """What a backup says of itself; BadBackup where that cannot be read."""
    with _opened(path) as tar:
        return _manifest(path, tar)


def unpack(path: Path, target: Path) -> Manifest:
    """Write the payload to a file of its own and hold it against the manifest. BadBackup where it differs."""
    with _opened(path) as tar:
        manifest = _manifest(path, tar)
        member = tar.next()
        stored = tar.extractfile(member) if member is not None and member.name == PAYLOAD else None
        if stored is None:
            raise BadBackup(f"{path} is cut off: it ends behind its manifest.")
        hashed, size = sha256(), 0
        try:
            with target.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                while block := stored.read(BLOCK):
                    hashed.update(block)
                    size += file.write(block)
                file.flush()
                os.fsync(file.fileno())
        except tarfile.ReadError as error:
            raise BadBackup(f"{path} is cut off: {error}.") from error
    if (size, hashed.hexdigest()) != (manifest.payload_bytes, manifest.payload_sha256):
        raise BadBackup(
            f"{path} is damaged: it holds {size} bytes with SHA-256 {hashed.hexdigest()[:12]}…, and its manifest "
            f"says {manifest.payload_bytes} with {manifest.payload_sha256[:12]}…."
        )
    return manifest


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, mode="r:") as tar:
            yield tar
    except FileNotFoundError:
        raise BadBackup(f"There is no backup at {path}.") from None
    except (tarfile.TarError, EOFError) as error:
        raise BadBackup(f"{path} is no backup of Tingfeng's, or it is damaged: {error}.") from error
    except OSError as error:
        raise BadBackup(f"The backup {path} cannot be read or unpacked: {error.strerror or error}.") from error


def _manifest(path: Path, tar: tarfile.TarFile) -> Manifest:
    member = tar.next()
    stored = tar.extractfile(member) if member is not None and member.name == MANIFEST else None
    if member is None or stored is None or member.size > MOST_MANIFEST:
        raise BadBackup(f"{path} is no backup of Tingfeng's: it does not begin with a manifest.")
    try:
        told = json.loads(stored.read())
        if told["format"] > FORMAT:
            raise BadBackup(
                f"{path} was made by a newer version of Tingfeng ({told['tingfeng']}): restore it with that one."
            )
        return Manifest(
            kind=told["kind"],
            made=datetime.fromisoformat(told["made"]),
            tingfeng=told["tingfeng"],
            steps=tuple(told["steps"]),
            schema=told["schema"],
            database=told["database"],
            tables={name: Sum(**counted) for name, counted in told["tables"].items()},
            payload_bytes=told["payload_bytes"],
            payload_sha256=told["payload_sha256"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadBackup(f"{path} is damaged: its manifest cannot be read ({error}).") from error
