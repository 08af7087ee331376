"""Playing the demo: sandbox up, the real service as its own process, watched through its store."""

import lzma
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

import yaml
from rich.live import Live

from alerts.language import Language
from mentions.stores import open_store
from tingfeng.cli.common import LOCALES, console
from tingfeng.config import Config, load_config
from tingfeng.demo.scene import Scene, look
from tingfeng.demo.show import opening, panel, summary
from tingfeng.sandbox import Sandbox, World
from tingfeng.sandbox.receiver import TOKEN
from tingfeng.sandbox.worlds.cascades import cascades
from tingfeng.sandbox.worlds.storyline import storyline

REFRESH = 0.25
"""Seconds between two looks at the store."""
PATIENCE = 15
"""Seconds that the service gets to stop."""


@dataclass(frozen=True, slots=True)
class Play:
    """What to play: the story, or recordings in its place. `seconds` None: until Ctrl-C."""

    cascades: Path | None
    forum: Path | None
    speed: float
    seconds: float | None
    language: str
    folder: Path | None

    @property
    def script(self) -> str:
        """The configuration that goes with it."""
        return "cascades.yaml" if self.cascades else "story.yaml"


class BadRecording(Exception):
    """A file is no recording that the sandbox can play; the message says which and why."""


UNREADABLE = (OSError, EOFError, lzma.LZMAError, KeyError, TypeError, ValueError)
"""What reading a file of another kind raises."""


def play(what: Play) -> int:
    """Play to the end; 0 if the alert arrived."""
    _ = Language(what.language, ZoneInfo("Asia/Shanghai"), LOCALES)
    out = console(frames=True)
    with ExitStack() as stack:
        folder = what.folder or Path(tempfile.mkdtemp(prefix="tingfeng-demo-"))
        folder.mkdir(parents=True, exist_ok=True)
        sandbox = stack.enter_context(_sandbox(what))
        config_file = folder / "config.yaml"
        config_file.write_text(_filled_in(_script(what), _addresses(what, sandbox)), encoding="utf-8")
        config = load_config(config_file)
        opening(out, _, sandbox, recorded=what.cascades is not None)
        try:
            with _service(config_file, folder / "service.log"):
                scene = _watch(config, sandbox, what, _)
        except KeyboardInterrupt:
            with open_store(config.store) as store:
                scene = look(store, config, sandbox.slack.log.entries)
        summary(out, _, scene, folder=folder)
    return 0 if scene.messages else 1


def _sandbox(what: Play) -> Sandbox:
    try:
        return Sandbox(_world(what), speed=what.speed, forum_recording=what.forum)
    except UNREADABLE as error:
        files_given = ", ".join(str(path) for path in (what.cascades, what.forum) if path)
        raise BadRecording(f"{files_given}: no recording: {type(error).__name__}: {error}") from error


def _world(what: Play) -> World:
    if what.cascades is None:
        return storyline().world
    return cascades(what.cascades, words=list(yaml.safe_load(_script(what))["brands"]))


def _script(what: Play) -> str:
    return (files("tingfeng.demo") / what.script).read_text(encoding="utf-8")


def _addresses(what: Play, sandbox: Sandbox) -> dict[str, str]:
    urls = sandbox.urls
    return {
        "LANGUAGE": what.language,
        "SPEED": str(what.speed),
        "WEIBO": urls.weibo,
        "FORUM": urls.forum,
        "V2EX": urls.v2ex,
        "RSS": urls.rss,
        "HOT": urls.hot,
        "SLACK": urls.slack,
        "SLACK_TOKEN": TOKEN,
    }


def _filled_in(script: str, addresses: dict[str, str]) -> str:
    """The demo's config.yaml with this sandbox's addresses, so that every command works on its folder later."""
    return Template(script).substitute({f"TINGFENG_DEMO_{name}": value for name, value in addresses.items()})


@contextmanager
def _service(config: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`tingfeng run`, as any operator starts it; ended when the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "tingfeng", "run", "-c", str(config)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _watch(config: Config, sandbox: Sandbox, what: Play, _: Language) -> Scene:
    """Show what the store holds until the story is told or the time is over."""
    ends = None if what.seconds is None else time.monotonic() + what.seconds
    with open_store(config.store) as store:
        scene = look(store, config, sandbox.slack.log.entries)
        with Live(panel(scene, _), console=console(frames=True), refresh_per_second=4, transient=False) as live:
            while not (ends is not None and (scene.told or time.monotonic() >= ends)):
                time.sleep(REFRESH)
                scene = look(store, config, sandbox.slack.log.entries)
                live.update(panel(scene, _))
    return scene
