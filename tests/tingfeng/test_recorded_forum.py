"""The recorded forum, crawled over HTTP as it was served: everything once, and hardly anything twice."""

import json
import lzma
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawlers.spiders.discuz import Discuz
from mentions.posts import Search
from mentions.store import Store
from tests.crawlers.visits import visit
from tingfeng.sandbox import Sandbox

RECORDED = datetime.fromtimestamp(1_795_288_461, UTC)
"""When it was recorded: relative times on its pages count from then."""


def test_every_post_is_stored_rightly_and_a_second_visit_asks_for_few(store: Store, shared_data: Path) -> None:
    """431 of 431 posts with 84 requests (one of them robots.txt), and 19 at a second visit.

    The 19 are one list and the threads that changed in the ten minutes before the first visit: a forum's clock may
    differ from ours by so much. A list by last reply ends where nothing below it can have changed.
    """
    with Sandbox(forum_recording=shared_data / "forum" / "site.jsonl.gz") as sandbox:
        door = sandbox.doors["forum"]
        source = Discuz(base_url=sandbox.urls.forum, forums=(2,), max_pages=3, delay=timedelta())
        first = visit(store, source, RECORDED)
        asked = len(door.visits)
        again = visit(store, source, RECORDED)
        asked_again = len(door.visits) - asked
    assert (first.new, first.blocked, first.error, first.cap_hit) == (431, {}, None, False)
    assert (again.new, again.blocked, again.error) == (0, {}, None)
    assert (asked, asked_again) == (84, 19)
    assert _stored(store) == _truth(shared_data)


def _stored(store: Store) -> dict[int, tuple[str, int, str]]:
    found = {}
    for mention in (each.mention for each in store.posts.each(Search())):
        assert mention.author is not None
        assert mention.published is not None
        number = int(mention.id.rpartition(":")[2])
        text = "".join(mention.text.split())
        found[number] = (mention.author.name, int(mention.published.timestamp()), text)
    return found


def _truth(shared_data: Path) -> dict[int, tuple[str, int, str]]:
    with lzma.open(shared_data / "forum" / "truth.jsonl.xz") as rows:
        return {
            row["pid"]: (row["author"], row["dateline"], "".join(row["message"].split()))
            for row in map(json.loads, rows)
        }
