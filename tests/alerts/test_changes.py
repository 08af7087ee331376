"""What became of an incident's posts: an event each, and told once."""

from datetime import timedelta

from alerts.language import Language
from alerts.message import render
from alerts.response import resolve
from mentions.erasures import Erasure
from mentions.redaction import ERASED
from mentions.store import Store
from mentions.types import Mention
from tests.alerts.arranging import LATER, judge, messages, show, the_incident
from tests.making import BIG_V, NOW, mention, minutes

EDITED = "星河手机没有问题"


def alerted(store: Store) -> Mention:
    post = mention(author=BIG_V)
    show(store, post, reposts=30)
    judge(store)
    return post


def edit(store: Store, text: str = EDITED, after: timedelta = LATER) -> None:
    show(store, mention(text=text, author=BIG_V, first_seen=NOW + after), NOW + after, reposts=31)
    judge(store, at=NOW + after)


def vanish(store: Store, first: int = 7) -> None:
    for after in (first, first + 1):
        store.fates.missed(["weibo:1"], NOW + minutes(after))
    judge(store, at=NOW + minutes(first + 1))


def kinds(store: Store) -> list[str]:
    return [event.kind for event in store.incidents.events(the_incident(store).id)]


def test_an_edit_is_an_event_with_both_texts_and_the_hashes_of_its_copies(store: Store) -> None:
    post = alerted(store)
    edit(store)
    event = store.incidents.events(1)[-1]
    assert (event.kind, event.data["before"], event.data["after"]) == ("edited", post.text, EDITED)
    copies = store.evidence.copies(["weibo:1"])["weibo:1"]
    assert event.data["evidence"] == [copy.sha256 for copy in copies]
    assert (len(copies), all(copy.frozen for copy in copies)) == (2, True)


def test_each_change_is_told_once(store: Store) -> None:
    alerted(store)
    edit(store)
    edit(store, after=2 * LATER)
    vanish(store)
    judge(store, at=NOW + minutes(30))
    assert [m.reason for m in messages(store)] == ["opened", "edited", "deleted"]
    assert kinds(store) == ["opened", "edited", "deleted"]


def test_a_post_that_was_missed_once_is_not_called_gone(store: Store) -> None:
    alerted(store)
    store.fates.missed(["weibo:1"], NOW + minutes(7))
    judge(store, at=NOW + minutes(8))
    assert kinds(store) == ["opened"]


def test_the_message_says_how_long_a_deleted_post_stood(store: Store) -> None:
    alerted(store)
    vanish(store)
    said = render(messages(store)[-1].payload, language=Language("en"), privacy="full", now=NOW).text()
    assert "the post is gone" in said
    assert "12 min after it was posted" in said
    chinese = render(messages(store)[-1].payload, language=Language("zh_CN"), privacy="full", now=NOW).text()
    assert "帖子已不可见" in chinese


def test_a_post_that_comes_back_is_said_to_be_back_and_may_go_again(store: Store) -> None:
    alerted(store)
    vanish(store)
    show(store, mention(author=BIG_V, first_seen=NOW + minutes(20)), NOW + minutes(20), reposts=40)
    judge(store, at=NOW + minutes(20))
    vanish(store, first=30)
    assert kinds(store) == ["opened", "deleted", "restored", "deleted"]


def test_a_deleted_post_is_not_looked_at_again(store: Store) -> None:
    alerted(store)
    store.tasks.drop("reread:weibo", ["weibo:1"])
    vanish(store)
    assert store.tasks.backlog("reread:weibo").waiting == 0


def test_what_happened_before_the_incident_is_no_event_of_it(store: Store) -> None:
    show(store, mention(), reposts=3)
    edited = NOW + LATER
    show(store, mention(text=EDITED, first_seen=edited), edited, reposts=30)
    judge(store, at=edited + LATER)
    assert kinds(store) == ["opened"]


def test_the_history_of_a_resolved_matter_goes_on_and_wakes_nobody(store: Store) -> None:
    alerted(store)
    resolve(store, 1, who="李四", reason="误报", at=NOW)
    vanish(store)
    assert kinds(store) == ["opened", "resolved", "deleted"]
    assert [m.reason for m in messages(store)] == ["opened"]


def test_an_erased_author_leaves_neither_text_nor_copy_in_the_history(store: Store) -> None:
    alerted(store)
    edit(store)
    store.life.erase(Erasure("weibo", BIG_V.id, NOW + minutes(60)), now=NOW + minutes(60))
    events = store.incidents.events(1, ["edited"])
    assert [(e.data["before"], e.data["after"], e.data["evidence"]) for e in events] == [(ERASED, ERASED, [])]
    assert all(EDITED not in str(m.payload) and "鼓包" not in str(m.payload) for m in messages(store))
    assert store.evidence.copies(["weibo:1"]) == {}
    assert store.life.verify() == []
