"""What a person reads."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.health import watch_health
from alerts.language import Language
from alerts.message import Message, render
from alerts.privacy import Privacy
from mentions.store import Store
from mentions.types import Author
from tests.alerts.arranging import LATER, first_message, judge, messages, settings, show
from tests.making import BIG_V, NOW, mention, minutes, seen

ENGLISH = Language("en", ZoneInfo("Asia/Shanghai"))
CHINESE = Language("zh_CN", ZoneInfo("Asia/Shanghai"))
ORDINARY = Author(
    "weibo", "7", "张三丰", followers=300, verified=True, verified_type=0, verified_reason="某公司总监"
)
TEXT = "星河手机电池鼓包，客服说不管，" + "一等再等" * 40
VIRAL = settings(
    {
        "viral": {
            "title": "负面正在扩散",
            "when": 'score.label == "negative" and author.is_big_v',
            "levels": {"yellow": "velocity.reposts_10m >= 20"},
            "words": ["鼓包"],
        }
    }
)
ANY = settings({"any": {"severity": "yellow", "title": "负面"}})


def read(facts: dict[str, Any], language: Language = ENGLISH, privacy: Privacy = "full", **more: Any) -> Message:
    return render(facts, language=language, privacy=privacy, now=NOW + LATER, **more)


def lines(message: Message, title: str) -> list[str]:
    return [line for section in message.sections if section.title == title for line in section.lines]


def facts_of(store: Store, author: Author | None = BIG_V, text: str = TEXT, **more: Any) -> dict[str, Any]:
    show(store, mention(text=text, author=author, **more))
    return first_message(store, ANY)


def viral(store: Store) -> dict[str, Any]:
    run = store.runs.start("weibo", NOW - minutes(3))
    store.runs.finish(replace(run, finished=NOW - minutes(2), pages=3, cap_hit=True, blocked={"captcha": 2}))
    post = mention(
        text=TEXT, author=BIG_V, region="北京", published=NOW - minutes(20), first_seen=NOW - minutes(10)
    )
    store.posts.record([seen(post, NOW - minutes(10), reposts=10)])
    echo = mention("weibo:2", "转发", repost_of="weibo:1", author=replace(BIG_V, id="9", name="科技大V"))
    store.posts.record([seen(echo)])
    show(store, post, reposts=120, likes=100_000, at_least=frozenset({"likes"}))
    return first_message(store, VIRAL)


def test_an_alert_says_all_that_is_needed_to_decide(store: Store) -> None:
    message = read(viral(store))
    assert message.headline == "🟡 [YELLOW] 星河: 负面正在扩散"
    assert message.quote == TEXT
    assert lines(message, "Who") == ["数码老炮 (big V · 1.2M followers · personal V) · Weibo · 北京"]
    assert lines(message, "Why you are told") == [
        "sentiment: negative",
        "the author is a big V",
        "reposts in 10 minutes 110 ≥ 20",
        "watched words: 鼓包",
        "negativity 0.95 (model made-up); negative words: 鼓包",
    ]
    assert lines(message, "Spread so far") == [
        "120 reposts · 100K+ likes",
        "+110 reposts in 10 minutes  ▁█",
        "passed on by: 科技大V (1.2M)",
    ]
    assert lines(message, "Detection clock") == [
        "posted 19:40:00 → seen +10 min → scored +10 min → alerted +0.0 s"
    ]
    assert lines(message, "How fresh the sources are") == ["weibo: read 3 min ago (captcha ×2; page cap hit)"]
    assert message.link == "https://weibo.test/weibo:1"
    assert message.footer == "Incident #1 · rule viral · 11-21 20:00:00"


def test_the_same_alert_in_chinese_has_no_english_left(store: Store) -> None:
    text = read(viral(store), CHINESE).text()
    assert "【黄】星河：负面正在扩散" in text
    assert "数码老炮 (大V · 粉丝 120万 · 个人认证) · 微博 · 北京" in text
    assert "转发 120 · 点赞 10万+" in text
    known = ("https://weibo.test/weibo:1", "viral", "made-up", "weibo")
    rest = "".join(text.replace(word, "") for word in known[:1])
    for word in known:
        rest = rest.replace(word, "")
    assert not any(char.isascii() and char.isalpha() and char != "V" for char in rest)


def test_the_plain_text_holds_every_part(store: Store) -> None:
    message = read(viral(store))
    text = message.text()
    parts = [message.headline, f"「{message.quote}」", "Original post: https://weibo.test/weibo:1", message.footer]
    assert all(part in text for part in parts)
    assert all(line in text for section in message.sections for line in (section.title, *section.lines))


def test_a_rise_says_so(store: Store) -> None:
    facts = facts_of(store)
    show(store, mention(), NOW + LATER)
    judge(store, settings({"any": {"severity": "red"}}), NOW + LATER)
    assert "level has risen" not in read(facts).headline
    assert read(messages(store)[1].payload).headline.startswith("🔴 [RED]")
    assert read(messages(store)[1].payload).headline.endswith("level has risen")


def test_a_possible_repeat_is_said_to_be_one(store: Store) -> None:
    facts = facts_of(store)
    assert read(facts, repeat_of=7).footer.endswith("possibly a repeat of #7")
    assert "repeat" not in read(facts).footer


def test_posts_of_one_incident_are_counted_by_platform(store: Store) -> None:
    rules = settings(
        {
            "words": {
                "group": "brand",
                "words": ["鼓包"],
                "levels": {"blue": "true", "red": 'mention.platform == "discuz"'},
            }
        }
    )
    for post in (mention(), mention("v2ex:7"), mention("discuz:9")):
        show(store, post)
        judge(store, rules)
    assert lines(read(messages(store)[-1].payload), "Spread so far")[-1] == (
        "3 posts in this incident: forum 1, V2EX 1, Weibo 1"
    )


def test_minimal_privacy_masks_an_ordinary_author_and_shows_the_gist(store: Store) -> None:
    message = read(facts_of(store, ORDINARY), privacy="minimal")
    assert message.quote == TEXT[:60] + "…"
    assert lines(message, "Who") == ["张** (ordinary user · 300 followers · personal V) · Weibo"]
    assert "张三丰" not in message.text()


def test_full_privacy_names_everybody(store: Store) -> None:
    message = read(facts_of(store, ORDINARY))
    assert lines(message, "Who") == ["张三丰 (ordinary user · 300 followers · personal V: 某公司总监) · Weibo"]
    assert message.quote == TEXT


@pytest.mark.parametrize(
    "public", [BIG_V, Author("weibo", "8", "某市消协", followers=900, verified=True, verified_type=1)]
)
def test_minimal_privacy_names_big_vs_and_institutions(store: Store, public: Author) -> None:
    message = read(facts_of(store, public), privacy="minimal")
    assert lines(message, "Who")[0].startswith(public.name)
    assert message.quote == TEXT


def test_minimal_privacy_masks_ordinary_reposters_of_a_big_v(store: Store) -> None:
    reposts = [
        mention("weibo:2", "转发", repost_of="weibo:1", author=ORDINARY),
        mention("weibo:3", "转发", repost_of="weibo:1", author=replace(BIG_V, id="9", name="科技大V")),
    ]
    store.posts.record([seen(post) for post in reposts])
    spread = lines(read(facts_of(store), privacy="minimal"), "Spread so far")
    assert "passed on by: 科技大V (1.2M), 张** (300)" in spread


def test_minimal_privacy_also_holds_in_the_reasons(store: Store) -> None:
    by_name = {
        "severity": "red",
        "when": 'author.name != "" and mention.text =~~ "鼓包" and "客服" in mention.text',
    }
    show(store, mention(text=TEXT, author=ORDINARY))
    facts = first_message(store, settings({"name": by_name}))
    text = read(facts, privacy="minimal").text()
    assert "张三丰" not in text
    assert TEXT[:61] not in text


@pytest.mark.parametrize("privacy", ["full", "minimal"])
def test_an_author_whom_the_page_did_not_name_is_no_obstacle(store: Store, privacy: Privacy) -> None:
    message = read(facts_of(store, None), privacy=privacy)
    assert lines(message, "Who") == ["an unnamed author on Weibo"]


def test_an_author_with_an_empty_name_is_no_obstacle(store: Store) -> None:
    message = read(facts_of(store, Author("weibo", "1", "")), privacy="minimal")
    assert lines(message, "Who") == ["** (ordinary user · — followers) · Weibo"]


def test_a_post_without_counts_or_publication_is_said_to_have_none(store: Store) -> None:
    message = read(facts_of(store, published=None))
    assert lines(message, "Spread so far") == ["the site shows no counts"]
    assert lines(message, "Detection clock")[0].startswith("seen ")
    assert lines(message, "How fresh the sources are") == ["weibo: never read so far"]


def test_a_title_stands_before_the_text_unless_the_text_begins_with_it(store: Store) -> None:
    assert read(facts_of(store, text="客服不理", title="求助：电池鼓包")).quote == "求助：电池鼓包 — 客服不理"
    facts = messages(store)[0].payload
    facts["mention"]["text"] = "求助：电池鼓包 客服不理"
    assert read(facts).quote == "求助：电池鼓包 客服不理"


def test_what_turns_the_direction_of_writing_or_moves_the_cursor_is_taken_out(store: Store) -> None:
    evil = "鼓包\u202e\u2066\x1b[31m\x07\u200f了\r\n\n【谁说的】\u2028假的"
    author = replace(BIG_V, name=f"{evil}名", verified_reason=evil)
    message = read(facts_of(store, author, evil, region=evil))
    assert message.quote == "鼓包[31m了 【谁说的】 假的"
    told = message.text()
    assert not {"\u202e", "\u2066", "\x1b", "\x07", "\u200f", "\r", "\u2028"} & set(told)
    assert sum(line.startswith("【谁说的】") for line in told.splitlines()) == 0


def test_emoji_that_are_joined_stay_joined(store: Store) -> None:
    assert read(facts_of(store, text="👨\u200d👩\u200d👧气死")).quote == "👨\u200d👩\u200d👧气死"


@pytest.mark.parametrize(
    "text", ["星" * 5_000_000, "\n" * 5_000_000 + "星", "\u202e" * 5_000_000, " 星河" * 1_000_000]
)
def test_a_post_of_many_megabytes_makes_a_short_message(store: Store, text: str) -> None:
    facts = facts_of(store, replace(BIG_V, name="名" * 100_000), text)
    message = read(facts)
    assert len(message.quote) <= 401
    assert len(message.text()) < 2000
    assert len(str(facts)) < 200_000


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "file:///etc/passwd", "//evil.test"])
def test_only_web_addresses_become_links(store: Store, url: str) -> None:
    message = read(facts_of(store, url=url))
    assert message.link is None
    assert "Original post" not in message.text()


def test_a_silent_source_and_its_recovery_say_what_that_means(store: Store) -> None:
    rules = settings(
        {
            "silent": {
                "type": "source",
                "title": "读不到了",
                "severity": "yellow",
                "when": "source.minutes_since_success >= 30",
            }
        }
    )
    run = store.runs.start("weibo", NOW)
    store.runs.finish(replace(run, finished=NOW, pages=0, error="HTTP 403"))
    watch_health(store, rules, now=lambda: NOW + minutes(45))
    store.runs.finish(replace(run, finished=NOW + minutes(50), pages=1))
    watch_health(store, rules, now=lambda: NOW + minutes(50))
    alert, all_clear = (
        render(m.payload, language=ENGLISH, privacy="full", now=NOW + minutes(50)) for m in messages(store)
    )
    assert alert.headline == "🟡 [YELLOW] weibo: 读不到了"
    assert lines(alert, "Why you are told") == ["minutes since the last successful read 45 ≥ 30"]
    assert lines(alert, "What this means") == ["Until it is over, quiet does not mean that nothing is said."]
    assert lines(alert, "How fresh the sources are") == [
        "weibo: never read so far (the last visit failed: tingfeng source show weibo)"
    ]
    assert all_clear.headline == "✅ Over: 读不到了 (weibo)"
    assert lines(all_clear, "What happened") == ["It lasted 5 min."]
    assert (alert.quote, alert.link) == ("", None)


def test_the_error_of_a_model_is_in_its_alert(store: Store) -> None:
    rules = settings({"stopped": {"type": "scoring", "severity": "red", "when": "scoring.failing"}})
    store.runs.job_done("score", NOW, "weights are missing")
    watch_health(store, rules, now=lambda: NOW)
    assert lines(read(messages(store)[0].payload), "Why you are told") == [
        "the model cannot run",
        "Error: weights are missing",
    ]


def reason(**term: Any) -> str:
    facts: dict[str, Any] = {
        "kind": "health",
        "subject": "x",
        "terms": [term],
        "error": None,
        "sources": [],
        "severity": "red",
    }
    facts |= {"brand": None, "title": "t", "change": "opened", "incident": 1, "rule": "r"}
    facts |= {"alerted": NOW.isoformat()}
    return lines(read(facts), "Why you are told")[0]


@pytest.mark.parametrize(
    ("operator", "threshold", "value", "said"),
    [
        (">=", 500, 120_000, "reposts 120K ≥ 500"),
        ("<", 5, 3, "reposts 3 < 5"),
        ("is", True, True, "reposts"),
        ("is", False, False, "not: reposts"),
        ("==", "negative", "negative", "reposts: negative"),
        ("!=", "positive", "negative", "reposts ≠ positive"),
        ("in", ["kol", "big_v"], "kol", "reposts: kol"),
        ("not in", ["kol"], "big_v", "reposts: big_v"),
        ("contains", "鼓包", ["鼓包"], "reposts: 鼓包"),
        ("not contains", "漏电", ["鼓包"], "reposts ∌ 漏电"),
        ("=~~", "鼓.", "很长的正文", "reposts: 鼓."),
        ("!~", "漏.", "很长的正文", "reposts ≁ 漏."),
        ("==", 3, 3, "reposts: 3"),
    ],
)
def test_every_comparison_has_its_words(operator: str, threshold: object, value: object, said: str) -> None:
    assert reason(field="engagement.reposts", operator=operator, threshold=threshold, value=value) == said


def test_an_alert_of_a_day_ago_counts_its_freshness_from_now(store: Store) -> None:
    run = store.runs.start("weibo", NOW)
    store.runs.finish(replace(run, finished=NOW, pages=1))
    facts = facts_of(store)
    message = render(facts, language=ENGLISH, privacy="full", now=NOW + timedelta(days=1))
    assert lines(message, "How fresh the sources are") == ["weibo: read 24 h ago"]
