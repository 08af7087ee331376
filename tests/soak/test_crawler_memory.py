"""A process that visits sites all day holds no more memory in the end than when it had settled."""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean

import pytest

from tests.tingfeng.running import ROOT, sandbox

VISITS = 1000 if os.environ.get("TINGFENG_SOAK") else 50
SETTLING = 8
"""Visits before the first that is measured: modules are imported, caches filled, the sandbox's posts stored."""
AT_MOST = 1.1
CRAWLING = """
import gc, json, sys
from pathlib import Path
from crawlers.reactor import run_in_reactor
from tingfeng import stages
from tingfeng.config import load_config
from tingfeng.crawler.child import memory
from tingfeng.desk import open_desk
from tingfeng.logs import set_up_logging

config, visits, told = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
set_up_logging(verbose=False)
held = []

async def all_visits(desk):
    names = list(desk.config.enabled_sources())
    for number in range(visits):
        await stages.crawl(desk, names[number % len(names)])
        held.append(memory())
        if number % 20 == 0:
            desk.store.maintain()

with open_desk(load_config(config)) as desk:
    run_in_reactor(lambda: all_visits(desk))
told.write_text(json.dumps(held))
"""
"""As the crawler process makes them: one after another, on one loop."""


@pytest.mark.soak
def test_the_last_visits_hold_as_much_as_the_first(tmp_path: Path) -> None:
    told = tmp_path / "held.json"
    with sandbox(tmp_path, "--speed", "600") as stage:
        story = stage.config.read_text(encoding="utf-8")
        stage.config.write_text(story.replace("delay: 0.05s", "delay: 0s"), encoding="utf-8")
        ended = subprocess.run(
            [sys.executable, "-c", CRAWLING, str(stage.config), str(VISITS + SETTLING), str(told)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    held = json.loads(told.read_text())[SETTLING:]
    first, last = mean(held[: VISITS // 4]), mean(held[-VISITS // 4 :])
    sys.stdout.write(f"{VISITS} visits: {first / 1e6:.0f} MB at first, {last / 1e6:.0f} MB in the end\n")
    assert last <= AT_MOST * first
