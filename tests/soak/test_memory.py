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
BYTES = 1 if sys.platform == "darwin" else 1024
"""In which unit the system tells the largest memory of a process."""
COLUMNS = ("id", "platform", "source", "url", "text", "published", "author_id", "author_name", "reposts", "brands")


def peak(*arguments: str | Path) -> int:
    """Run a command to its end and return the most memory that it held, in bytes."""
    with subprocess.Popen(
        [sys.executable, "-m", "tingfeng", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss * BYTES


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
    assert peak("import", folder / "in.csv", "-c", folder / "config.yaml") < MOST_MEMORY
    with open_store(str(folder / "store.db")) as store:
        assert rows(store, "mention") == MENTIONS


@pytest.mark.soak
@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.xlsx", "months"])
def test_export_holds_a_few_rows_at_a_time(name: str, folder: Path) -> None:
    where = folder / name
    to = ["--parquet", where] if name == "months" else [where]
    if name == "months":
        pytest.importorskip("pyarrow")
    assert peak("export", *to, "-c", folder / "config.yaml") < MOST_MEMORY
    assert where.exists()


@pytest.mark.soak
def test_counting_anew_holds_a_few_rows_at_a_time(folder: Path) -> None:
    assert peak("store", "recount", "-c", folder / "config.yaml") < MOST_MEMORY


@pytest.mark.soak
def test_moving_holds_a_few_rows_at_a_time(folder: Path, url: str) -> None:
    assert peak("store", "migrate", "--to", url, "-c", folder / "config.yaml") < MOST_MEMORY
    with open_store(url) as store:
        assert rows(store, "mention") == MENTIONS
