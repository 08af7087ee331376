"""A changed layout is noticed although posts still come; an unchanged one raises no alarm."""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from crawlers.looking import in_list
from crawlers.reading.layout import FEWEST, LEARNED, compare, parts_of
from crawlers.source import Answer
from crawlers.sources import SOURCE_TYPES
from mentions.pages import Shape
from tests.making import NOW


def drift(pages: Sequence[frozenset[str]], shape: Shape | None = None) -> Shape:
    known = shape or Shape("x", "list", NOW)
    for page in pages:
        known = compare(known, page, NOW)
    return known


def parts(*names: str) -> frozenset[str]:
    return frozenset(names)


WHOLE = parts("a", "b", "c", "d")


def test_html_is_known_by_its_repeated_classes_and_ids() -> None:
    page = (
        b'<body class="x"><li class="post p12"><b id="n7">1</b></li><LI class=\'post p13\'><b id="n8">2</b></LI>'
    )
    assert parts_of(page, 2) == {"li.post", "li.p#", "b#n#"}


def test_json_is_known_by_its_repeated_keys_however_deep_a_post_stands() -> None:
    blog = {"id": 1, "user": {"id": 2}}
    page = orjson.dumps({"cards": [{"mblog": blog}, {"card_group": [{"mblog": blog}]}]})
    assert {"mblog.user", "mblog.user.id"} <= {name.removeprefix("cards.") for name in parts_of(page, 1)}
    assert parts_of(b'{"broken', 1) == frozenset()


def test_one_odd_page_is_no_change_and_two_are() -> None:
    odd = drift([*[WHOLE] * LEARNED, WHOLE - {"a"}])
    assert (odd.drift, odd.gone) == (0.0, ("a",))
    changed = drift([WHOLE - {"a"}], odd)
    assert (changed.drift, changed.changed) == (0.25, ("a",))


def test_what_is_odd_now_and_then_is_not_usual_any_more() -> None:
    known = drift([*[WHOLE] * LEARNED, WHOLE - {"a"}, WHOLE, WHOLE - {"a"}])
    assert drift([WHOLE - {"a"}], known).drift == 0


def test_a_change_stays_until_the_pages_are_as_before() -> None:
    known = drift([*[WHOLE] * LEARNED, *[WHOLE - {"a"}] * 100])
    assert known.drift == 0.25
    assert drift([WHOLE], known).drift == 0


def test_what_is_added_is_no_change() -> None:
    assert drift([*[WHOLE] * LEARNED, *[WHOLE | {"new"}] * 5]).drift == 0


@pytest.fixture
def forum(shared_data: Path) -> dict[str, list[tuple[bytes, int]]]:
    """The recorded pages that hold enough, with how many posts or threads are in each, by kind."""
    source = SOURCE_TYPES["discuz"].reader()
    found: dict[str, list[tuple[bytes, int]]] = {"thread": [], "list": []}
    with gzip.open(shared_data / "forum" / "site.jsonl.gz") as pages:
        for page in map(json.loads, pages):
            body, at = page["body"].encode(), datetime.fromtimestamp(page["fetched_at"], UTC)
            read = source.read(Answer(body, at, "http://bbs.example" + page["url"], page["status"]), "bbs")
            posts = len(in_list(read))
            entries = posts or sum(f.changed is not None for f in read.follow)
            if entries >= FEWEST:
                found["thread" if posts else "list"].append((body, entries))
    return found


def renamed(pages: Sequence[tuple[bytes, int]], name: str) -> Iterator[frozenset[str]]:
    for body, entries in pages[-2:]:
        yield parts_of(re.sub(rb'(["\' ])%s(["\' ])' % name.encode(), rb"\1renamed\2", body), entries)


def test_recorded_pages_of_one_kind_never_alarm(forum: dict[str, list[tuple[bytes, int]]]) -> None:
    for pages in forum.values():
        known = Shape("x", "any", NOW)
        for body, entries in pages:
            known = compare(known, parts_of(body, entries), NOW)
            assert known.drift == 0
        assert known.pages > LEARNED


@pytest.mark.parametrize(
    ("kind", "name"), [("thread", "authi"), ("thread", "t_f"), ("thread", "xw1"), ("list", "xst")]
)
def test_one_renamed_class_alarms(forum: dict[str, list[tuple[bytes, int]]], kind: str, name: str) -> None:
    known = drift([parts_of(*page) for page in forum[kind]])
    assert drift(list(renamed(forum[kind], name)), known).drift >= 0.01


def test_one_renamed_key_of_weibo_alarms(shared_data: Path) -> None:
    bodies = [(shared_data / "pages" / "weibo" / f"weibo_ak_list_{n}.json").read_bytes() for n in (0, 1)]
    known = drift([parts_of(body, 10) for body in bodies * 4])
    assert known.drift == 0
    changed = [parts_of(body.replace(b'"followers_count"', b'"fans"'), 10) for body in bodies]
    assert drift(changed, known).drift >= 0.01
