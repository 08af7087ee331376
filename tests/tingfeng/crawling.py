"""Sources that harm the process that reads them, and a desk that visits them in a crawler."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from crawlers.source import Answer, Page
from crawlers.spiders.rss import Rss
from tests.tingfeng.fleets import write_config
from tingfeng.config import load_config
from tingfeng.desk import Desk, open_desk

FEED = '<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>星河</title></item></channel></rss>'
HOARD: list[bytearray] = []


class Stuck(Rss):
    """Its parser never ends, as long as the file `while_there` is."""

    while_there: Path

    def read(self, answer: Answer, name: str) -> Page:
        while self.while_there.exists():
            pass
        return super().read(answer, name)


class StuckOnce(Stuck):
    """The first visit gets stuck, and only that."""

    def read(self, answer: Answer, name: str) -> Page:
        if self.while_there.exists():
            self.while_there.unlink()
            while True:
                time.sleep(0.01)
        return super().read(answer, name)


class Greedy(Rss):
    """Every page that it reads is kept, with much beside it."""

    def read(self, answer: Answer, name: str) -> Page:
        HOARD.append(bytearray(b"x" * 80_000_000))
        return super().read(answer, name)


@contextmanager
def desk_with(folder: Path, memory: int | None = None, **sources: Rss) -> Iterator[Desk]:
    """A desk on SQLite with these sources."""
    config = load_config(write_config(folder, "store.db"))
    update = {"sources": dict(sources)} | ({} if memory is None else {"crawler_memory": memory})
    with open_desk(config.model_copy(update=update)) as desk:
        yield desk


def feed(kind: Callable[..., Rss], url: str, **more: object) -> Rss:
    return kind(feeds=(f"{url}/feed",), delay=timedelta(), **more)
