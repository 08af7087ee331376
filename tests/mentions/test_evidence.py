"""Copies of posts: kept for days, frozen by findings, gone with their authors, and checked by their hashes."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from mentions.erasures import Erasure
from mentions.evidence import Copy, DamagedCopy, Harm, Kind, suffix, unpacked
from mentions.incidents import IncidentState
from mentions.life import Retention
from mentions.store import Store
from mentions.types import Mention, Observation
from tests.alerts.arranging import judge, show, the_incident
from tests.making import BIG_V, NOW, mention, minutes, seen

RAW = '{"id": "1", "text": "星河手机电池鼓包"}'.encode()
DIGEST = sha256(RAW).hexdigest()
WEEK = Retention(raw=timedelta(days=7))
EIGHT_DAYS = timedelta(days=8)


def on_page(raw: bytes = RAW, post: Mention | None = None) -> Observation:
    return replace(seen(post or mention(author=BIG_V), reposts=30), raw=raw)


def copies(store: Store, mention_id: str = "weibo:1") -> list[Copy]:
    return store.evidence.copies([mention_id]).get(mention_id, [])


def alerted(store: Store) -> None:
    store.posts.record([on_page()])
    show(store, mention(author=BIG_V), reposts=30)
    judge(store)


def test_the_first_sight_of_a_branded_post_is_kept_as_it_stood(store: Store) -> None:
    store.posts.record([on_page()])
    (copy,) = copies(store)
    assert copy == Copy("weibo:1", DIGEST, NOW, Kind.POST, len(RAW))
    assert store.evidence.body(copy) == RAW


def test_a_post_without_a_brand_leaves_no_copy(store: Store) -> None:
    store.posts.record([on_page(post=mention(brands=()))])
    assert copies(store) == []


def test_counts_that_move_make_no_copy_and_an_edit_does(store: Store) -> None:
    store.posts.record([on_page()])
    later = mention(first_seen=NOW + minutes(1))
    store.posts.record([on_page(b'{"reposts": 9}', later)])
    assert len(copies(store)) == 1
    store.posts.record([on_page(b'{"text": "new"}', replace(later, text="改过了"))])
    assert [store.evidence.body(copy) for copy in copies(store)] == [RAW, b'{"text": "new"}']


def test_a_finding_freezes_the_copies_and_the_history_names_them(store: Store) -> None:
    alerted(store)
    assert [(copy.sha256, copy.frozen) for copy in copies(store)] == [(DIGEST, NOW)]
    assert store.incidents.events(the_incident(store).id)[0].data["evidence"] == [DIGEST]


def test_a_post_of_which_no_page_was_kept_is_frozen_as_the_store_knows_it(store: Store) -> None:
    show(store, mention(), reposts=30)
    judge(store)
    (copy,) = copies(store)
    assert copy.kind is Kind.ROW
    assert mention().text.encode() in store.evidence.body(copy)


def test_a_finding_that_is_undone_freezes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.posts.record([on_page()])
    show(store, mention(), reposts=30)

    def die(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store.outbox, "put", die)
    with pytest.raises(KeyboardInterrupt):
        judge(store)
    assert [copy.frozen for copy in copies(store)] == [None]


def test_copies_go_after_their_days_unless_an_incident_needs_them(store: Store) -> None:
    alerted(store)
    store.posts.record([on_page(b"{}", mention("weibo:2"))])
    assert store.life.retain(WEEK, now=NOW + timedelta(days=6)).copies == 0
    assert store.life.retain(WEEK, now=NOW + EIGHT_DAYS, dry_run=True).copies == 1
    assert store.life.retain(WEEK, now=NOW + EIGHT_DAYS).copies == 1
    assert (len(copies(store)), copies(store, "weibo:2")) == (1, [])


def test_copies_go_once_their_incident_is_gone(store: Store) -> None:
    alerted(store)
    incident = the_incident(store)
    store.incidents.update(replace(incident, state=IncidentState.RESOLVED, resolved=NOW))
    rules = replace(WEEK, default=replace(WEEK.default, incidents=timedelta(days=30)))
    assert store.life.retain(rules, now=NOW + EIGHT_DAYS).copies == 0
    assert store.life.retain(rules, now=NOW + timedelta(days=31)).copies == 1


def test_erasing_takes_the_copies_and_a_legal_hold_keeps_them(store: Store) -> None:
    alerted(store)
    wish = Erasure("weibo", BIG_V.id, NOW + minutes(1))
    store.life.hold(the_incident(store).id, who="法务", reason="案", at=NOW)
    store.life.erase(wish, now=NOW + minutes(1))
    assert len(copies(store)) == 1
    store.life.release(the_incident(store).id, who="法务", reason="和解", at=NOW)
    store.life.erase(wish, now=NOW + minutes(2))
    assert copies(store) == []


def pictured(store: Store) -> Copy:
    alerted(store)
    store.evidence.keep("weibo:1", b"\x89PNG..", Kind.SCREENSHOT, NOW, url="https://weibo.com/1")
    store.evidence.freeze("weibo:1", NOW + minutes(1))
    return copies(store)[-1] if copies(store)[-1].kind is Kind.SCREENSHOT else copies(store)[0]


def test_a_picture_is_kept_with_where_it_was_taken(store: Store) -> None:
    copy = pictured(store)
    assert (copy.url, copy.frozen, copy.size) == ("https://weibo.com/1", NOW + minutes(1), 6)


def test_frozen_copies_wait_for_a_timestamp_the_longest_frozen_first(store: Store) -> None:
    store.posts.record([on_page(b"{}", mention("weibo:2"))])
    picture = pictured(store)
    first, second = store.evidence.unstamped()
    assert (first.kind, second) == (Kind.POST, picture)
    store.evidence.stamp(first, b"token", NOW + minutes(2))
    assert list(store.evidence.unstamped()) == [picture]
    assert list(store.evidence.tokens()) == [(replace(first, stamped=NOW + minutes(2)), b"token")]
    assert list(store.evidence.tokens(["weibo:2"])) == []


def test_a_timestamp_that_is_there_is_never_replaced(store: Store) -> None:
    copy = pictured(store)
    store.evidence.stamp(copy, b"first", NOW)
    store.evidence.stamp(copy, b"second", NOW + minutes(1))
    assert [token for _, token in store.evidence.tokens()] == [b"first"]


def test_pictures_and_timestamps_go_with_their_posts(store: Store) -> None:
    store.evidence.stamp(pictured(store), b"token", NOW)
    store.life.hold(the_incident(store).id, who="法务", reason="案", at=NOW)
    rules = Retention(raw=timedelta(days=7))
    store.life.retain(rules, now=NOW + EIGHT_DAYS)
    assert len(copies(store)) == 2
    store.life.release(the_incident(store).id, who="法务", reason="和解", at=NOW)
    store.life.erase(Erasure("weibo", BIG_V.id, NOW + minutes(1)), now=NOW + minutes(2))
    assert (copies(store), list(store.evidence.tokens())) == ([], [])


def spoil(store: Store, statement: str, *values: Any) -> None:
    with store.database.transaction() as tx:  # type: ignore[attr-defined]
        tx.execute(statement, values)


def test_a_copy_that_was_changed_is_found_out(store: Store) -> None:
    alerted(store)
    assert store.evidence.damaged() == []
    (copy,) = copies(store)
    spoil(store, "UPDATE evidence SET body = ?", b"forged")
    assert [(d.mention_id, d.harm) for d in store.evidence.damaged()] == [("weibo:1", Harm.CHANGED)]
    with pytest.raises(DamagedCopy, match=r"The copy \w{12} of weibo:1 cannot be used"):
        store.evidence.body(copy)


def test_a_copy_that_the_history_names_and_that_is_gone_is_found_out(store: Store) -> None:
    alerted(store)
    spoil(store, "DELETE FROM evidence")
    assert [(d.sha256, d.harm) for d in store.evidence.damaged()] == [(DIGEST, Harm.MISSING)]


def test_nothing_is_kept_of_a_post_that_is_not_there(store: Store) -> None:
    assert store.evidence.keep("weibo:404", b"x", Kind.IMAGE, NOW) is None
    assert store.evidence.freeze("weibo:404", NOW) == []


@pytest.mark.parametrize(
    ("body", "name"), [(b"\x89PNG..", "png"), (b"\xff\xd8\xff", "jpg"), (b" <div>", "html"), (b"[1]", "json")]
)
def test_a_file_is_called_after_what_it_holds(body: bytes, name: str) -> None:
    assert suffix(body) == name


def test_what_was_never_packed_is_not_unpacked() -> None:
    assert unpacked(b"no zstd") is None
