"""How long what is stored lives: retention and its reasons, legal hold, and erasures that leave no trace."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.language import Language
from alerts.message import render
from mentions.erasures import BadErasureList, Erased, Erasure, Replayed, append_erasure, read_erasures
from mentions.incidents import Finding, Incident, IncidentEvent, IncidentState
from mentions.life import Case, Retained, Retention, Times, Verdict, incident_verdict, mention_verdict, protection
from mentions.outbox import NotificationState
from mentions.posts import Search
from mentions.redaction import ERASED
from mentions.sql import retaining
from mentions.sql.erasing import Eraser
from mentions.sql.removing import Remover
from mentions.sqlite import SqliteStore
from mentions.sqlite import life as sqlite_life
from mentions.store import Store, StoreError
from mentions.types import Author, Mention, Severity
from tests.alerts.arranging import judge, messages, settings, show
from tests.making import NOW, mention, minutes, negative, seen

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
ONE_YEAR = Retention(Times(mentions=YEAR))
ORDINARY = Author("weibo", "7700123456", "夜航的拾荒人", followers=300, verified=False)
OTHER = Author("weibo", "8800123456", "别人", followers=20)
FORGET = Erasure("weibo", ORDINARY.id, NOW, "法务", "第 47 条")
RARE = "zzyzxqwv 鼎鼐鱻麤"


def old(n: int = 1, age: timedelta = 2 * YEAR, **more: Any) -> Mention:
    return mention(f"weibo:{n}", first_seen=NOW - age, published=NOW - age, **more)


def record(store: Store, *posts: Mention) -> None:
    for post in posts:
        store.posts.record([seen(post, post.first_seen, reposts=1)])


def left(store: Store) -> set[str]:
    return {found.mention.id for found in store.posts.each(Search())}


def retain(store: Store, rules: Retention = ONE_YEAR, at: datetime = NOW, **more: Any) -> Retained:
    return store.life.retain(rules, now=at, **more)


def incident_of(store: Store, *ids: str, brand: str = "星河") -> Incident:
    def finding(mention_id: str) -> Finding:
        key = f"post:{ids[0]}:{brand}"
        return Finding("viral", key, Severity.RED, NOW, mention_id, brand, {"terms": [], "words": []})

    incident = store.incidents.open(finding(ids[0]), "负面")
    for mention_id in ids:
        store.incidents.add_finding(finding(mention_id), incident.id)
    return incident


def resolved(store: Store, incident: Incident, at: datetime = NOW) -> None:
    store.incidents.update(replace(incident, state=IncidentState.RESOLVED, resolved=at))


class TestRules:
    def test_a_post_is_kept_for_the_longest_time_of_its_brands(self) -> None:
        rules = Retention(Times(mentions=90 * DAY), {"小米": Times(mentions=2 * YEAR)})
        assert rules.time("mentions", ["苹果"]) == 90 * DAY
        assert rules.time("mentions", ["苹果", "小米"]) == 2 * YEAR

    def test_a_brand_without_a_time_keeps_its_posts_for_ever(self) -> None:
        rules = Retention(brands={"小米": Times(mentions=YEAR)})
        assert rules.time("mentions", ["小米", "苹果"]) is None

    def test_posts_without_a_brand_have_a_time_of_their_own(self) -> None:
        assert Retention(Times(mentions=YEAR), unbranded=DAY).time("mentions", []) == DAY
        assert Retention(Times(mentions=YEAR)).time("mentions", []) == YEAR

    @pytest.mark.parametrize(
        ("case", "verdict"),
        [
            (Case(1, "星河", None, hold=False), Verdict.UNRESOLVED),
            (Case(1, "星河", NOW - 9 * YEAR, hold=True), Verdict.HELD),
            (Case(1, "星河", NOW - YEAR, hold=False), Verdict.EVIDENCE),
            (Case(1, "星河", NOW - 4 * YEAR, hold=False), None),
        ],
    )
    def test_an_incident_keeps_its_posts_with_a_reason(self, case: Case, verdict: Verdict | None) -> None:
        rules = Retention(Times(evidence=3 * YEAR))
        assert protection([Case(2, None, NOW - 9 * YEAR, hold=False), case], rules, NOW) is verdict

    def test_evidence_is_kept_as_long_as_its_incident_where_no_time_is_set(self) -> None:
        case = Case(1, None, NOW - 9 * YEAR, hold=False)
        assert protection([case], Retention(), NOW) is Verdict.EVIDENCE
        assert protection([case], Retention(Times(incidents=5 * YEAR)), NOW) is None

    def test_an_incident_goes_when_its_time_since_the_end_is_over(self) -> None:
        rules = Retention(Times(incidents=YEAR))
        of = [Case(1, None, NOW - age, hold=False) for age in (YEAR - DAY, YEAR)]
        assert [incident_verdict(case, rules, NOW) for case in of] == [Verdict.YOUNG, Verdict.DUE]
        assert incident_verdict(of[1], Retention(), NOW) is Verdict.FOR_EVER

    def test_a_post_is_due_when_its_time_is_over_and_nothing_keeps_it(self) -> None:
        assert mention_verdict(NOW - YEAR, ["星河"], None, ONE_YEAR, NOW) is Verdict.DUE
        assert mention_verdict(NOW - YEAR, ["星河"], Verdict.HELD, ONE_YEAR, NOW) is Verdict.HELD
        assert mention_verdict(NOW - DAY, ["星河"], Verdict.HELD, ONE_YEAR, NOW) is Verdict.YOUNG


class TestRetention:
    def test_nothing_configured_deletes_nothing(self, store: Store) -> None:
        record(store, old(age=40 * YEAR))
        assert retain(store, Retention()).mentions == 0
        assert left(store) == {"weibo:1"}

    def test_an_old_post_goes_with_all_that_is_known_of_it(self, store: Store) -> None:
        record(store, old(author=ORDINARY), old(2, DAY, author=OTHER))
        store.posts.add_scores([negative("weibo:1"), negative("weibo:2")])
        told = retain(store)
        assert (told.mentions, told.authors, left(store)) == (1, 1, {"weibo:2"})
        assert store.posts.search(Search("电池"))[0].mention.id == "weibo:2"
        assert sum(h.mentions for h in store.trends.hourly(NOW - 3 * YEAR, NOW + DAY)) == 1
        assert store.trends.rebuild() == 0
        assert store.tasks.backlog("judge").waiting == 1
        assert traces(store, "weibo:1", ORDINARY.name) == []

    def test_it_is_done_once(self, store: Store) -> None:
        record(store, old(), old(2))
        assert (retain(store).mentions, retain(store).mentions) == (2, 0)

    def test_each_brand_has_its_own_time(self, store: Store) -> None:
        record(store, old(1), old(2, brands=("云岭",)), old(3, brands=("云岭", "星河")), old(4, brands=()))
        retain(store, Retention(Times(mentions=YEAR), {"云岭": Times(mentions=3 * YEAR)}, unbranded=DAY))
        assert left(store) == {"weibo:2", "weibo:3"}

    def test_what_belongs_to_an_incident_stays_and_is_told(self, store: Store) -> None:
        record(store, *(old(n) for n in range(1, 5)))
        incident_of(store, "weibo:1")
        resolved(store, incident_of(store, "weibo:2"))
        held = incident_of(store, "weibo:3")
        store.life.hold(held.id, who="法务", reason="诉讼", at=NOW)
        told = retain(store)
        assert (told.mentions, told.kept) == (1, {"unresolved": 1, "evidence": 1, "held": 1})
        assert left(store) == {"weibo:1", "weibo:2", "weibo:3"}

    def test_evidence_goes_when_its_own_time_is_over(self, store: Store) -> None:
        record(store, old())
        resolved(store, incident_of(store, "weibo:1"))
        rules = Retention(Times(mentions=YEAR, evidence=3 * YEAR))
        assert retain(store, rules, NOW + 2 * YEAR).mentions == 0
        assert retain(store, rules, NOW + 3 * YEAR).mentions == 1

    def test_snapshots_are_thinned_to_the_last_one(self, store: Store) -> None:
        post = old(age=200 * DAY)
        for n in range(5):
            store.posts.record([seen(post, post.first_seen + minutes(n), reposts=n)])
        assert retain(store, Retention(Times(engagement=90 * DAY))).engagement == 4
        (kept,) = store.posts.engagements(["weibo:1"], NOW - YEAR)["weibo:1"]
        assert kept.reposts == 4

    def test_the_curve_of_an_incident_is_evidence(self, store: Store) -> None:
        post = old(age=200 * DAY)
        for n in range(5):
            store.posts.record([seen(post, post.first_seen + minutes(n), reposts=n)])
        incident_of(store, "weibo:1")
        assert retain(store, Retention(Times(engagement=90 * DAY))).engagement == 0

    def test_earlier_texts_have_a_time_of_their_own(self, store: Store) -> None:
        record(store, old(age=200 * DAY), replace(old(age=199 * DAY), text="改过了"))
        assert traces(store, "电池鼓包") != []
        assert retain(store, Retention(Times(revisions=90 * DAY))).revisions == 1
        assert traces(store, "电池鼓包") == []
        assert left(store) == {"weibo:1"}

    def test_an_incident_goes_whole_and_its_posts_are_free(self, store: Store) -> None:
        record(store, old(), old(2, DAY))
        over = incident_of(store, "weibo:1", "weibo:2")
        store.incidents.add_event(IncidentEvent(over.id, NOW, "李四", "resolved", "done"))
        resolved(store, over)
        told = retain(store, Retention(Times(mentions=YEAR, incidents=2 * YEAR)), NOW + 2 * YEAR)
        assert (told.incidents, told.mentions) == (1, 2)
        assert store.incidents.get(over.id) is None
        assert (store.incidents.events(over.id), store.incidents.findings(over.id)) == ([], [])
        assert store.trends.rebuild() == 0

    def test_the_roll_ups_know_no_finding_of_an_incident_that_went(self, store: Store) -> None:
        record(store, old(age=DAY))
        resolved(store, incident_of(store, "weibo:1"))
        retain(store, Retention(Times(incidents=YEAR)), NOW + YEAR)
        assert left(store) == {"weibo:1"}
        assert store.trends.rebuild() == 0

    def test_a_held_incident_never_goes(self, store: Store) -> None:
        record(store, old())
        held = incident_of(store, "weibo:1")
        resolved(store, held)
        store.life.hold(held.id, who="法务", reason="诉讼", at=NOW)
        retain(store, Retention(Times(mentions=DAY, incidents=DAY, evidence=DAY)), NOW + 9 * YEAR)
        assert store.incidents.get(held.id) is not None
        assert left(store) == {"weibo:1"}

    def test_old_runs_go_but_those_that_say_how_fresh_a_source_is(self, store: Store) -> None:
        for n, pages in enumerate((3, 0, 3, 0, 0)):
            run = store.runs.start("weibo", NOW + DAY * n)
            store.runs.finish(replace(run, finished=NOW + DAY * n, pages=pages, new=pages))
        before = store.runs.freshness(["weibo"])
        assert retain(store, Retention(runs=30 * DAY), NOW + YEAR).runs == 3
        assert store.runs.freshness(["weibo"]) == before
        assert len(store.runs.recent("weibo")) == 2

    def test_a_dry_run_counts_the_same_and_deletes_nothing(self, store: Store) -> None:
        record(store, old(), replace(old(), first_seen=NOW - YEAR), old(2, DAY))
        resolved(store, incident_of(store, "weibo:2"), NOW - 9 * YEAR)
        rules = Retention(Times(mentions=YEAR, engagement=DAY, incidents=YEAR))
        dry = retain(store, rules, dry_run=True)
        assert left(store) == {"weibo:1", "weibo:2"}
        told = retain(store, rules)
        assert (dry.mentions, dry.incidents, dry.engagement) == (told.mentions, told.incidents, told.engagement)
        assert told.mentions == told.incidents == 1

    def test_killed_in_the_middle_it_is_right_so_far_and_goes_on(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retaining, "BATCH", 2)
        record(store, *(old(n, author=ORDINARY) for n in range(1, 8)))
        real, calls = Remover.remove, iter(range(9))

        def dies(*arguments: Any, **named: Any) -> int:
            gone = real(*arguments, **named)
            if next(calls) == 2:
                raise KeyboardInterrupt
            return gone

        monkeypatch.setattr(Remover, "remove", dies)
        with pytest.raises(KeyboardInterrupt):
            retain(store)
        assert left(store) == {"weibo:5", "weibo:6", "weibo:7"}
        assert store.trends.rebuild() == 0
        assert retain(store).mentions == 3
        assert (left(store), store.faults()) == (set(), [])

    def test_a_time_that_goes_beyond_the_calendar_is_for_ever(self, store: Store) -> None:
        record(store, old())
        judge(store)
        for_ever = Times(*[timedelta.max] * 5)
        assert retain(store, Retention(for_ever, unbranded=timedelta.max, runs=timedelta.max)) == Retained()
        assert left(store) == {"weibo:1"}


class TestHold:
    def test_a_hold_and_its_end_stand_in_the_history(self, store: Store) -> None:
        incident = incident_of(store, "weibo:1")
        assert store.life.hold(incident.id, who="法务", reason="诉讼", at=NOW)
        assert store.life.held() == {incident.id: NOW}
        assert store.life.release(incident.id, who="法务", reason="和解", at=NOW + minutes(1))
        events = [(e.kind, e.actor, e.reason) for e in store.incidents.events(incident.id)]
        assert events == [("held", "法务", "诉讼"), ("released", "法务", "和解")]
        assert store.life.held() == {}

    def test_what_is_so_already_changes_nothing(self, store: Store) -> None:
        incident = incident_of(store, "weibo:1")
        assert not store.life.release(incident.id, who="x", reason="", at=NOW)
        store.life.hold(incident.id, who="x", reason="", at=NOW)
        assert not store.life.hold(incident.id, who="x", reason="", at=NOW + DAY)
        assert not store.life.hold(404, who="x", reason="", at=NOW)
        assert len(store.incidents.events(incident.id)) == 1


def crisis(store: Store, author: Author = ORDINARY, mention_id: str = "weibo:5091234567") -> Mention:
    """A post that has met a rule: with its score, revision, finding, event and messages."""
    post = mention(
        mention_id,
        f"旧文 {RARE}",
        author=author,
        url=f"https://weibo.com/{author.id}/N{mention_id[-4:]}",
        title=RARE,
    )
    store.posts.record([seen(post, reposts=90)])
    post = replace(post, text=f"新文 {RARE} 电池鼓包", first_seen=NOW + minutes(0.1))
    show(store, post, reposts=100, at=NOW + minutes(0.2))
    rule = {"levels": {"red": 'engagement.reposts >= 20 and author.name != ""'}, "words": ["鼓包"]}
    judge(store, settings({"any": rule}), NOW + minutes(0.3))
    return post


def erase(store: Store, erasure: Erasure | None = None, at: datetime = NOW + DAY) -> Erased:
    return store.life.erase(erasure or replace(FORGET, at=at), now=at)


SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name <> 'mention_search'"
POSTGRES_TABLES = (
    "SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
    "AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition"
)


def tables(store: Store) -> Iterator[tuple[str, list[Any]]]:
    """Every row of every table and view of the store, and every word of its search index."""
    db = store.life._db  # type: ignore[attr-defined]
    sqlite = isinstance(store, SqliteStore)
    for row in db.rows(SQLITE_TABLES if sqlite else POSTGRES_TABLES):
        for values in db.rows(f'SELECT * FROM "{row["name"]}"'):  # noqa: S608 - a name that the database told
            yield (
                row["name"],
                [str(value) for value in tuple(values.values() if isinstance(values, dict) else values)],
            )
    if sqlite:
        db.connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'mention_search', 'row')"
        )
        yield from (("mention_search", [row["term"]]) for row in db.rows("SELECT term FROM vocabulary"))


def traces(store: Store, *words: str) -> list[tuple[str, str]]:
    return [
        (table, word) for table, values in tables(store) for word in words for value in values if word in value
    ]


class TestErasure:
    def test_nothing_of_the_author_is_left_in_any_table(self, store: Store) -> None:
        post = crisis(store)
        assert {t for t, _ in traces(store, ORDINARY.name)} >= {"author", "notification"}
        told = erase(store)
        assert (told.mentions, told.findings, told.messages, told.cancelled, told.sent) == (1, 1, 1, 1, 0)
        assert told.complete
        assert traces(store, ORDINARY.name, ORDINARY.id, post.id, post.id[6:], "zzyzxqwv", "鼎鼐") == []
        assert store.posts.search(Search("鼎鼐")) == []
        assert store.trends.hourly(NOW - DAY, NOW + DAY) == []
        assert (store.trends.rebuild(), store.faults()) == (0, [])

    def test_what_others_wrote_stays(self, store: Store) -> None:
        crisis(store)
        record(store, mention("weibo:2", author=OTHER, repost_of="weibo:5091234567"))
        told = erase(store)
        assert (left(store), told.quoted) == ({"weibo:2"}, 1)

    def test_a_message_that_was_sent_keeps_its_numbers_and_can_be_shown(self, store: Store) -> None:
        crisis(store)
        (message,) = store.outbox.claim(now=NOW + DAY, lease=DAY, channels=["desk"])
        store.outbox.sent(message, at=NOW, receipt=None)
        assert erase(store).sent == 1
        (redacted,) = messages(store)
        assert redacted.state is NotificationState.SENT
        assert redacted.payload["counts"]["reposts"] == 100
        shown = render(redacted.payload, language=Language("en"), privacy="full", now=NOW).text()
        assert ERASED in shown

    def test_a_message_on_its_way_is_cancelled_with_the_reason(self, store: Store) -> None:
        crisis(store)
        erase(store)
        (message,) = messages(store)
        assert message.state is NotificationState.CANCELLED
        assert "erased at its author's request" in (message.last_error or "")
        assert (store.outbox.unsent(), store.outbox.retry_failed(["desk"], NOW)) == ([], 0)

    def test_one_who_passed_a_post_on_is_no_longer_named_in_its_message(self, store: Store) -> None:
        show(store, mention(author=OTHER), reposts=100)
        record(store, mention("weibo:2", author=ORDINARY, repost_of="weibo:1"))
        judge(store)
        assert messages(store)[0].payload["voices"][0]["name"] == ORDINARY.name
        erase(store)
        (message,) = messages(store)
        assert (message.payload["voices"], message.state) == ([], NotificationState.PENDING)
        assert message.payload["mention"]["author"]["name"] == OTHER.name

    def test_the_history_says_that_posts_were_erased_and_still_proves_itself(self, store: Store) -> None:
        crisis(store)
        (incident,) = store.incidents.recent()
        note = f"致电 {ORDINARY.name}，已道歉"
        store.incidents.add_event(IncidentEvent(incident.id, NOW, "李四", "note", note))
        erase(store)
        events = store.incidents.events(incident.id)
        assert [e.kind for e in events] == ["opened", "note", "erased"]
        assert (events[0].data["severity"], events[1].reason) == ("red", f"致电 {ERASED}，已道歉")
        assert store.life.verify() == []

    def test_an_old_post_does_not_come_back_with_the_next_page(self, store: Store) -> None:
        post = crisis(store)
        erase(store)
        later = mention("weibo:6", author=ORDINARY, published=NOW + 2 * DAY, first_seen=NOW + 2 * DAY)
        unknown = mention("weibo:7", author=ORDINARY, published=None)
        found = store.posts.record(
            [seen(post), seen(later), seen(unknown), seen(mention("weibo:8", author=OTHER))]
        )
        assert (found.new, found.seen) == (("weibo:6", "weibo:8"), 4)
        assert left(store) == {"weibo:6", "weibo:8"}

    def test_it_can_be_asked_for_again(self, store: Store) -> None:
        crisis(store)
        assert [erase(store).mentions, erase(store).mentions] == [1, 0]
        record(store, mention("weibo:6", author=ORDINARY, published=NOW + 2 * DAY))
        assert erase(store, at=NOW + 3 * DAY).mentions == 1

    def test_the_store_does_not_name_who_asked(self, store: Store) -> None:
        erase(store, Erasure("weibo", "somebody-unknown", NOW))
        assert traces(store, "somebody-unknown") == []
        record(store, mention(author=Author("weibo", "somebody-unknown", "x")))
        assert left(store) == set()

    def test_a_forum_has_authors_of_its_own(self, store: Store) -> None:
        here, there = (Author(f"discuz:{host}", "77", "某人") for host in ("a.test:8080", "b.test"))
        record(store, mention("discuz:a.test:8080:1", author=here), mention("discuz:b.test:1", author=there))
        erase(store, Erasure("discuz:a.test:8080", "77", NOW + DAY))
        assert left(store) == {"discuz:b.test:1"}

    def test_a_legal_hold_suspends_it_and_its_release_completes_it(self, store: Store) -> None:
        crisis(store)
        record(store, mention("weibo:9", author=ORDINARY))
        (incident,) = store.incidents.recent()
        store.life.hold(incident.id, who="法务", reason="诉讼", at=NOW)
        told = erase(store)
        assert (told.mentions, told.kept, told.held, told.complete) == (1, 1, (incident.id,), False)
        assert left(store) == {"weibo:5091234567"}
        assert messages(store)[0].payload["mention"]["author"]["name"] == ORDINARY.name
        assert retain(store, Retention(), NOW + DAY).erasures_waiting == 1
        store.life.release(incident.id, who="法务", reason="和解", at=NOW + DAY)
        told_later = retain(store, Retention(), NOW + 2 * DAY)
        assert (told_later.erasures_done, told_later.erasures_waiting) == (1, 0)
        assert traces(store, ORDINARY.name, ORDINARY.id, "5091234567") == []

    def test_another_erasure_does_not_end_one_that_is_suspended(self, store: Store) -> None:
        crisis(store)
        (incident,) = store.incidents.recent()
        store.life.hold(incident.id, who="法务", reason="诉讼", at=NOW)
        erase(store)
        erase(store, Erasure("weibo", OTHER.id, NOW + DAY))
        assert retain(store, Retention()).erasures_waiting == 1

    def test_killed_before_it_is_complete_it_is_completed_by_retention(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        crisis(store)

        def dies(*_: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(type(store.life), "_purge", dies)
            with pytest.raises(KeyboardInterrupt):
                erase(store)
        purged: list[object] = []
        monkeypatch.setattr(type(store.life), "_purge", lambda *_: purged.append(1))
        assert retain(store, Retention()).erasures_done == 1
        assert retain(store, Retention()).erasures_done == 0
        assert purged == [1]

    def test_a_list_is_replayed_on_a_store_that_was_restored(self, store: Store) -> None:
        crisis(store)
        record(store, mention("weibo:6", author=ORDINARY, published=NOW + 2 * DAY, first_seen=NOW + 2 * DAY))
        told = store.life.replay([replace(FORGET, at=NOW + DAY), Erasure("x", "y", NOW)], now=NOW + 3 * DAY)
        assert [erased.mentions for erased in told] == [1, 0]
        assert left(store) == {"weibo:6"}

    def test_who_asked_twice_is_not_done_while_a_hold_keeps_what_was_written_between(self, store: Store) -> None:
        record(store, mention("weibo:6", author=ORDINARY, published=NOW + DAY, first_seen=NOW + DAY))
        incident = incident_of(store, "weibo:6")
        store.life.hold(incident.id, who="法务", reason="", at=NOW)
        twice = [FORGET, replace(FORGET, at=NOW + 2 * DAY)]
        told = Replayed.of(twice, store.life.replay(twice, now=NOW + 3 * DAY))
        assert told == Replayed(completed=1, waiting=1, kept=1, held=(incident.id,))
        store.life.release(incident.id, who="法务", reason="", at=NOW)
        assert retain(store, Retention(), NOW + 3 * DAY).erasures_done == 1
        assert left(store) == set()

    def test_what_a_backup_knows_to_be_done_is_not_done_again(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        crisis(store)
        erase(store)
        monkeypatch.setattr(Eraser, "erase", lambda *_: pytest.fail("it is done"))
        assert store.life.replay([replace(FORGET, at=NOW + DAY)], now=NOW + 3 * DAY) == [Erased()]

    def test_what_a_stage_writes_while_the_post_goes_is_found_too(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post = crisis(store)
        (message,), real = messages(store), Remover.remove

        def written_meanwhile(*arguments: Any, **named: Any) -> int:
            gone = real(*arguments, **named)
            if gone:
                late = Finding("late", f"post:{post.id}:星河", Severity.RED, NOW, post.id, "星河", {"x": RARE})
                store.incidents.add_finding(late, message.incident_id)
                facts = message.payload | {"alerted": (NOW + 2 * DAY).isoformat()}
                told = {"reason": "rose", "severity": Severity.RED, "payload": facts}
                store.outbox.put(message.incident_id, ["desk"], at=NOW + 2 * DAY, **told)  # type: ignore[arg-type]
            return gone

        monkeypatch.setattr(Remover, "remove", written_meanwhile)
        assert (erase(store).mentions, len(messages(store))) == (1, 2)
        assert traces(store, ORDINARY.name, ORDINARY.id, post.id, "zzyzxqwv") == []

    def test_nobody_is_mistaken_for_somebody_whose_number_is_longer(self, store: Store) -> None:
        longer = replace(ORDINARY, id=ORDINARY.id + "9", name="夜航的拾荒人二号")
        crisis(store, longer)
        told = erase(store)
        assert (told.mentions, told.messages) == (0, 0)
        assert messages(store)[0].payload["mention"]["author"]["name"] == longer.name


class TestFiles:
    """What the files of SQLite hold, byte by byte."""

    @pytest.fixture
    def sqlite(self, tmp_path: Path) -> Iterator[SqliteStore]:
        with SqliteStore(tmp_path / "store.db") as opened:
            for n in range(300):
                record(opened, mention(f"weibo:{n}", f"寻常的一句话 {n} 手机 电池", author=OTHER))
            crisis(opened)
            for n in range(300, 400):
                record(opened, mention(f"weibo:{n}", f"后来的一句话 {n} 手机 电池", author=OTHER))
            yield opened

    def files_with(self, folder: Path, *words: str) -> list[tuple[str, str]]:
        return [
            (file.name, word)
            for file in sorted(folder.glob("store.db*"))
            for word in words
            if word.encode() in file.read_bytes()
        ]

    def test_no_byte_of_the_author_is_left(self, sqlite: SqliteStore, tmp_path: Path) -> None:
        words = (ORDINARY.name, ORDINARY.id, "zzyzxqwv", "鼎鼐", "5091234567", "鱻麤")
        assert {word for _, word in self.files_with(tmp_path, *words)} == set(words)
        erase(sqlite)
        assert self.files_with(tmp_path, *words) == []
        assert int(sqlite.life.elsewhere()["wal_bytes"]) < 20_000  # that it is done was written afterwards
        assert (sqlite.posts.count(Search()), sqlite.faults()) == (400, [])
        assert sqlite.posts.count(Search("后来")) == 100

    def test_a_reader_that_keeps_the_old_pages_is_told(self, sqlite: SqliteStore, tmp_path: Path) -> None:
        sqlite.life._db.connection.execute("PRAGMA busy_timeout = 50")  # type: ignore[attr-defined]
        reader = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM mention").fetchone()
        with pytest.raises(StoreError, match="somebody is reading"):
            erase(sqlite)
        reader.close()
        assert retain(sqlite, Retention()).erasures_done == 1
        assert self.files_with(tmp_path, ORDINARY.name) == []

    def test_too_little_room_is_told_before_anything_is_erased(
        self, sqlite: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = type("Usage", (), {"free": 1000})
        monkeypatch.setattr(sqlite_life, "disk_usage", lambda _: usage)
        with pytest.raises(StoreError, match=r"has to have .* MB free for that, and has 0; nothing was erased"):
            erase(sqlite)
        assert sqlite.posts.count(Search()) == 401


class TestList:
    def test_what_is_appended_is_read_back(self, tmp_path: Path) -> None:
        path = tmp_path / "other" / "erasures.jsonl"
        assert read_erasures(path) == []
        for erasure in (FORGET, replace(FORGET, author="贰\n")):
            append_erasure(path, erasure)
        assert read_erasures(path) == [FORGET, replace(FORGET, author="贰\n")]
        assert path.stat().st_mode & 0o077 == 0

    def test_a_line_that_a_power_cut_tore_spoils_no_other(self, tmp_path: Path) -> None:
        path = tmp_path / "erasures.jsonl"
        path.write_text('{"platform": "wei')
        append_erasure(path, FORGET)
        assert json.loads(path.read_text().splitlines()[1])["author"] == FORGET.author

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("{", "this is not one line of JSON"),
            ("[]", "an erasure is an object"),
            ('{"platform": "weibo", "at": "2026-01-01T00:00:00Z"}', "it names no platform, or no author"),
            ('{"platform": "weibo", "author": "1", "at": "yesterday"}', "'at' is no ISO 8601 time"),
            ('{"platform": "weibo", "author": "1", "at": "2026-01-01T00:00:00"}', "without its zone"),
        ],
    )
    def test_a_bad_line_is_a_sentence_with_its_number(self, tmp_path: Path, line: str, said: str) -> None:
        path = tmp_path / "erasures.jsonl"
        append_erasure(path, FORGET)
        path.write_text(path.read_text() + line + "\n", encoding="utf-8")
        with pytest.raises(BadErasureList, match=rf"erasures\.jsonl:2: .*{said}"):
            read_erasures(path)

    def test_a_list_that_cannot_be_written_is_a_sentence(self) -> None:
        with pytest.raises(BadErasureList, match=r"cannot be written: .*; nothing was erased"):
            append_erasure(Path("/dev/null/erasures.jsonl"), FORGET)


class TestMonths:
    @pytest.fixture
    def months(self, postgres_url: str) -> Iterator[Any]:
        from mentions.postgres import PostgresStore  # noqa: PLC0415 - an extra that may be missing

        with PostgresStore(postgres_url) as store:
            yield store

    def listed(self, store: Any) -> list[str]:
        return [f"{row['month']:%Y-%m}" for row in store.database.rows("SELECT month FROM partition_month")]

    def test_a_month_without_posts_is_dropped_and_made_again_when_needed(self, months: Any) -> None:
        record(
            months, old(1, age=datetime(2026, 11, 21, tzinfo=UTC) - datetime(2024, 3, 5, tzinfo=UTC)), old(2, DAY)
        )
        assert "2024-03" in self.listed(months)
        assert retain(months).months >= 1
        assert "2024-03" not in self.listed(months)
        assert "2026-11" in self.listed(months)
        record(months, old(3, age=timedelta(days=990)))
        assert left(months) == {"weibo:2", "weibo:3"}

    def test_a_month_that_is_in_use_waits_for_another_day(self, months: Any, postgres_url: str) -> None:
        import psycopg  # noqa: PLC0415 - an extra that may be missing

        record(months, old(1, age=timedelta(days=990)))
        with psycopg.connect(postgres_url) as other:
            other.execute("SELECT * FROM mention LIMIT 1")
            assert retain(months).months == 0
        assert retain(months).months >= 1

    def test_the_server_is_asked_what_else_it_keeps(self, months: Any) -> None:
        assert months.life.elsewhere()["archive_mode"] in {"on", "off", "always"}
