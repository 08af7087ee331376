"""Files that are whole or not there: written beside their place, then moved into it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

from mentions.exchange.failures import NotWritable


@contextmanager
def whole_file(path: Path, settle: Callable[[Path, Path], object] = Path.replace) -> Iterator[Path]:
    """A path to write to; what was written is at `path` when the block ends well, else nothing has changed.

    `settle` moves what was written to its place, and may find another one. Pipes and devices (/dev/stdout) are
    written as they are.
    """
    if path.is_dir():
        raise NotWritable(f"{path} is a folder.")
    if path.is_relative_to("/dev") or (path.exists() and not path.is_file()):
        yield path
        return
    path = path.resolve() if path.is_symlink() else path
    try:
        handle, name = mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise NotWritable(f"{path} cannot be written: {error.strerror}.") from error
    part = Path(name)
    try:
        yield part
        part.chmod(0o666 & ~_umask())
        settle(part, path)
    except OSError as error:
        raise NotWritable(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    """What new files must not allow; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
