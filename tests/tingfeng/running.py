"""Running the real thing in tests: the sandbox and the service as processes of their own, on loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from tingfeng.sandbox.receiver import TOKEN

ROOT = Path(__file__).parents[2]
STORY = ROOT / "tingfeng" / "demo" / "story.yaml"
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A running sandbox, and a config.yaml that points at it."""

    folder: Path
    urls: dict[str, str]

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def store(self) -> Path:
        return self.folder / "tingfeng.db"

    def received(self) -> list[dict[str, Any]]:
        """What the Slack receiver took, oldest first; a line that is being written is not there yet."""
        log = self.folder / "slack.jsonl"
        lines = log.read_text(encoding="utf-8").split("\n")[:-1] if log.exists() else []
        return [entry for line in lines if (entry := json.loads(line))["shown"]]

    def write_config(self, text: str, **values: str) -> None:
        addresses = {name.upper(): url for name, url in self.urls.items()} | {
            "LANGUAGE": "zh_CN",
            "SPEED": "60",
            "SLACK_TOKEN": TOKEN,
        }
        filled = {f"TINGFENG_DEMO_{name}": value for name, value in (addresses | values).items()}
        self.config.write_text(Template(text).safe_substitute(filled), encoding="utf-8")


def tingfeng(
    *arguments: str | Path, path: Path | None = None, says: int = subprocess.PIPE
) -> "subprocess.Popen[bytes]":
    """The command, as its own process; modules are looked for in `path` first.

    What it prints goes to `says`: a pipe holds 64 kB, then the process stands still until somebody reads.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "tingfeng", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(str(p) for p in (path, ROOT) if p)},
        stdout=says,
        stderr=subprocess.STDOUT,
    )


def finished(*arguments: str | Path, path: Path | None = None) -> tuple[int, str]:
    """The command run to its end: exit code and what it printed."""
    process = tingfeng(*arguments, path=path)
    output, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, output.decode()


@contextmanager
def sandbox(folder: Path, *options: str) -> Iterator[Stage]:
    """The sandbox as a process, its receiver's log in `folder`, and a configuration for it."""
    ports = folder / "ports.json"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tingfeng.sandbox"),
            *("--ports-file", str(ports), "--slack-log", str(folder / "slack.jsonl"), *options),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it speaks when all sites listen
        stage = Stage(folder, json.loads(ports.read_text())["urls"])
        stage.write_config(STORY.read_text(encoding="utf-8"))
        yield stage
    finally:
        process.kill()
        process.communicate()
