"""That nobody sees the search index lag behind the posts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread

import pytest

from mentions.erasures import Erasure
from mentions.posts import Search
from mentions.sqlite import SqliteStore
from mentions.sqlite.words import AT_ONCE, WordIndex
from mentions.store import StoreBusy
from mentions.types import Author, Observation
from tests.making import NOW, mention, seen


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "mentions.db") as opened:
        yield opened


def hits(store: SqliteStore, text: str) -> list[str]:
    """What the index alone says, as an analyst's SQL would ask it."""
    found = "SELECT m.id FROM mention_search f JOIN mention m ON m.n = f.rowid WHERE mention_search MATCH ?"
    return [row["id"] for row in store.database.rows(found, (f'"{text}"',))]


def test_a_post_is_found_as_soon_as_it_is_stored(sqlite: SqliteStore) -> None:
    sqlite.posts.record([seen(mention("weibo:1", text="电池鼓包"))])
    assert hits(sqlite, "电池") == []
    assert [f.mention.id for f in sqlite.posts.search(Search(text="电池"))] == ["weibo:1"]
    assert hits(sqlite, "电池") == ["weibo:1"]


def test_counting_and_exporting_see_it_too(sqlite: SqliteStore) -> None:
    sqlite.posts.record([seen(mention("weibo:1", text="电池鼓包"))])
    assert sqlite.posts.count(Search(text="电池")) == 1
    sqlite.posts.record([seen(mention("weibo:2", text="电池也鼓包"))])
    assert len(list(sqlite.posts.each(Search(text="电池")))) == 2


def test_posts_enter_once_however_many_wait(sqlite: SqliteStore) -> None:
    sqlite.posts.record([seen(mention(f"weibo:{n}", text="电池")) for n in range(2 * AT_ONCE + 1)])
    assert sqlite.posts.index() == 2 * AT_ONCE + 1
    assert sqlite.posts.index() == 0
    assert len(hits(sqlite, "电池")) == 2 * AT_ONCE + 1


def test_two_that_index_at_once_take_each_post_in_once(sqlite: SqliteStore) -> None:
    sqlite.posts.record([seen(mention(f"weibo:{n}", text="电池")) for n in range(AT_ONCE)])
    taken, together = list[int](), Barrier(2)

    def index() -> None:
        together.wait()
        taken.append(sqlite.posts.index())

    threads = [Thread(target=index) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == len(hits(sqlite, "电池")) == AT_ONCE


@pytest.mark.parametrize("indexed", [False, True])
def test_a_text_that_is_edited_is_found_by_its_new_words_alone(sqlite: SqliteStore, *, indexed: bool) -> None:
    post = mention("weibo:1", text="电池鼓包")
    sqlite.posts.record([seen(post)])
    if indexed:
        sqlite.posts.index()
    sqlite.posts.record([Observation(replace(post, text="屏幕碎了"))])
    assert [sqlite.posts.count(Search(text=word)) for word in ("电池", "屏幕")] == [0, 1]


@pytest.mark.parametrize("indexed", [False, True])
def test_the_words_of_an_erased_post_are_gone_and_no_later_post_has_them(
    sqlite: SqliteStore, *, indexed: bool
) -> None:
    sqlite.posts.record([seen(mention("weibo:1", text="电池鼓包", author=Author("weibo", "7", "某人")))])
    if indexed:
        sqlite.posts.index()
    sqlite.life.erase(Erasure("weibo", "7", NOW), now=NOW)
    sqlite.posts.record([seen(mention("weibo:2", text="屏幕碎了"))])
    assert [sqlite.posts.count(Search(text=word)) for word in ("电池", "屏幕")] == [0, 1]


def test_a_store_of_an_older_version_is_searchable_as_far_as_it_was(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "old.db") as old:
        old.posts.record([seen(mention("weibo:1", text="电池"))])
        old.posts.index()
        old.database.connection.execute("DROP TABLE searchable")
        old.database.connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '%searchable'")
    with SqliteStore(tmp_path / "old.db") as opened:
        assert opened.posts.index() == 0
        assert opened.posts.count(Search(text="电池")) == 1


def asked(store: SqliteStore, text: str) -> tuple[list[str], list[str], int]:
    """What is found, exported and counted."""
    query = Search(text=text, brand="云雀")
    found = [f.mention.id for f in store.posts.search(query)]
    return found, [f.mention.id for f in store.posts.each(query)], store.posts.count(query)


@pytest.fixture
def lagging(sqlite: SqliteStore) -> SqliteStore:
    """A store with posts in its index and outside of it."""
    early = ["电池鼓包", "屏幕碎了", "手机 mate60 电池"]
    late = ["电池又鼓包", "今天去看电影", "換了電池 Mate60Pro", "充电时电"]
    for first, texts in ((1, early), (11, late)):
        sqlite.posts.index()
        sqlite.posts.record(
            [seen(mention(f"weibo:{n}", text=text, brands=("云雀",))) for n, text in enumerate(texts, first)]
        )
    return sqlite


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("电池", 4),
        ("电", 6),
        ("电池 鼓包", 2),
        ("mate60", 2),
        ("電池", 4),
        ("看电影", 1),
        ("碎了", 1),
        ("没有", 0),
        ("!?", 0),
    ],
)
def test_a_search_beside_a_writer_finds_at_once_what_it_finds_without(
    lagging: SqliteStore, text: str, number: int
) -> None:
    with SqliteStore(lagging.database.path) as other, other.transaction():
        beside = asked(lagging, text)
    assert lagging.posts.index() == 4  # none of them had entered
    assert beside == asked(lagging, text)
    assert len(beside[0]) == number


def test_a_post_that_enters_the_index_in_the_midst_of_a_search_is_found_once(
    lagging: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = WordIndex.outside

    def overtaken(index: WordIndex, match: str) -> list[int]:
        found = outside(index, match)
        index.catch_up()
        return found

    def refused(*_: object, **_wait: bool) -> int:
        monkeypatch.undo()
        monkeypatch.setattr(WordIndex, "outside", overtaken)
        raise StoreBusy

    monkeypatch.setattr(WordIndex, "catch_up", refused)
    assert len(lagging.posts.search(Search(text="电池"))) == 4
