"""Import, export, moving and counting anew take as much memory for a million mentions as for a few."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.volume.made import pages
from mentions.shape import iso_utc
from mentions.stores import open_store
from tests import postgres
from tests.tingfeng.fleets import rows, write_config
from tests.tingfeng.running import ROOT

MENTIONS = 1_000_000 if os.environ.get("TINGFENG_SOAK") else 50_000
MOST_MEMORY = 300 * 1024 * 1024
MEASURED = """
import atexit, resource, sys
from pathlib import Path

def largest():
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) * 1024 for line in status.open() if line.startswith("VmHWM"))

where = Path(sys.argv.pop(1))
atexit.register(lambda: where.write_text(str(largest())))
from tingfeng.cli import run
run()
"""
"""A command that writes down how much memory it held: the system may tell its parent's instead of its own."""
COLUMNS = ("id", "platform", "source", "url", "text", "published", "author_id", "author_name", "reposts", "brands")


def peak(folder: Path, *arguments: str | Path) -> int:
    """Run a command to its end and return the most memory that it held, in bytes."""
    told = folder / "peak"
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, str(told), *map(str, arguments), "-c", str(folder / "config.yaml")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    assert ended.returncode == 0
    held = int(told.read_text(encoding="utf-8"))
    print(f"{' '.join(map(str, arguments))}: {held / 2**20:.0f} MB")  # noqa: T201 - `pytest -m soak -s` shows it
    return held


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration, and a CSV of made-up mentions that its store will hold."""
    made = tmp_path_factory.mktemp("memory")
    write_config(made, "store.db")
    with (made / "in.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for page in pages(MENTIONS):
            for seen in page.new:
                m, e = seen.mention, seen.engagement
                author = ("", "") if m.author is None else (m.author.id, m.author.name)
                reposts = "" if e is None else e.reposts
                published = iso_utc(m.published) or ""
                writer.writerow(
                    (m.id, m.platform, m.source, m.url, m.text, published, *author, reposts, "|".join(m.brands))
                )
    return made


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres.schema() as made:
        yield made


@pytest.mark.soak
def test_import_holds_a_few_rows_at_a_time(folder: Path) -> None:
    assert peak(folder, "import", folder / "in.csv") < MOST_MEMORY
    with open_store(str(folder / "store.db")) as store:
        assert rows(store, "mention") == MENTIONS


@pytest.mark.soak
@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.xlsx", "months"])
def test_export_holds_a_few_rows_at_a_time(name: str, folder: Path) -> None:
    where = folder / name
    to = ["--parquet", where] if name == "months" else [where]
    if name == "months":
        pytest.importorskip("pyarrow")
    assert peak(folder, "export", *to) < MOST_MEMORY
    assert where.exists()


@pytest.mark.soak
@pytest.mark.parametrize("name", ["out.jsonl", "out.xlsx"])
def test_reading_back_holds_a_few_rows_at_a_time_and_adds_nothing(name: str, folder: Path) -> None:
    assert peak(folder, "import", folder / name) < MOST_MEMORY
    with open_store(str(folder / "store.db")) as store:
        assert rows(store, "mention") == MENTIONS


@pytest.mark.soak
def test_counting_anew_holds_a_few_rows_at_a_time(folder: Path) -> None:
    assert peak(folder, "store", "recount") < MOST_MEMORY


@pytest.mark.soak
def test_moving_holds_a_few_rows_at_a_time(folder: Path, url: str) -> None:
    assert peak(folder, "store", "migrate", "--to", url) < MOST_MEMORY
    with open_store(url) as store:
        assert rows(store, "mention") == MENTIONS
