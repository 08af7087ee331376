"""The sandbox as a process of its own, so that it outlives a service that is killed under it."""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from tingfeng.sandbox.clock import DEFAULT_SPEED
from tingfeng.sandbox.server import NAMES, Sandbox
from tingfeng.sandbox.world import World
from tingfeng.sandbox.worlds.cascades import cascades
from tingfeng.sandbox.worlds.storyline import storyline


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM."""
    options = _parser().parse_args(arguments)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    if hasattr(signal, "SIGHUP"):
        # The terminal or the service that started us may go first.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    sandbox = Sandbox(
        _world(options),
        speed=options.speed,
        start=options.start,
        ports=dict(options.port),
        forum_recording=options.forum,
        slack_log=options.slack_log,
    )
    with sandbox:
        facts = {
            "pid": os.getpid(),
            "start": sandbox.clock.start.isoformat(),
            "speed": sandbox.clock.speed,
            "ports": sandbox.ports,
            "urls": asdict(sandbox.urls),
        }
        written = orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE)
        if options.ports_file is not None:
            _write_atomically(options.ports_file, written)
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.write(written.decode())
            sys.stdout.flush()
        done.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tingfeng.sandbox", description=__doc__)
    parser.add_argument("--speed", type=float, default=DEFAULT_SPEED, help="story seconds in a second (60)")
    parser.add_argument("--start", type=_time, help="when it begins, ISO 8601, UTC if it names no zone (now)")
    parser.add_argument("--ports-file", type=Path, help="written, as JSON, when all sites listen")
    parser.add_argument(
        "--port", type=_port, action="append", default=[], metavar="SITE=PORT", help="a fixed port"
    )
    parser.add_argument(
        "--cascades", type=Path, help="recorded cascades (.jsonl.xz) in place of the story on Weibo"
    )
    parser.add_argument("--words", default="", help="only cascades that contain one of these, separated by |")
    parser.add_argument("--limit", type=int, help="only so many cascades")
    parser.add_argument("--window", type=float, default=2.0, help="story hours over which they are posted (2)")
    parser.add_argument("--reposts-shown", type=int, default=0, help="reposts of each cascade that are posts (0)")
    parser.add_argument("--with-story", action="store_true", help="the story beside the cascades")
    parser.add_argument("--forum", type=Path, help="a recorded forum (.jsonl.gz) in place of the story's")
    parser.add_argument("--slack-log", type=Path, help="gets each received message as a JSON line")
    return parser


def _world(options: argparse.Namespace) -> World:
    if options.cascades is None:
        return storyline().world
    words = [word for word in options.words.split("|") if word]
    world = cascades(
        options.cascades,
        words=words,
        limit=options.limit,
        window=timedelta(hours=options.window),
        reposts_shown=options.reposts_shown,
    )
    return world + storyline().world if options.with_story else world


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _port(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in NAMES or not number.isdigit():
        raise argparse.ArgumentTypeError(f"write SITE=PORT with SITE one of {', '.join(NAMES)}")
    return name, int(number)


def _write_atomically(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


if __name__ == "__main__":
    sys.exit(main())
