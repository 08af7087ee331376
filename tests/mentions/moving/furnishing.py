"""A store with something in every table, as its own methods write it."""

from dataclasses import replace

from mentions.authenticity import Authenticity, Reason, Signal
from mentions.evidence import Kind
from mentions.incidents import Finding, IncidentEvent
from mentions.store import Store
from mentions.tasks import JUDGE, SCORE
from mentions.types import HotRank, Observation, Severity
from tests.making import BIG_V, NOW, mention, minutes, negative, seen

SAID_TWICE = "充电的时候烫得不敢拿，打了四个电话客服都说让我等通知，官网的退款到现在也没有到账，希望能给一个说法。"


def furnish(store: Store, posts: int = 24) -> None:
    """Posts over four months, edited, scored, found, told, and still waiting."""
    for n in range(posts):
        at = NOW - minutes(n * 7500)
        post = mention(
            f"weibo:{n}",
            f"星河手机第 {n} 台 电池鼓包\U0001f621{SAID_TWICE if n in {6, 7} else ''}",
            first_seen=at,
            published=at,
            author=BIG_V,
            region=None,
        )
        store.posts.record([seen(post, at, reposts=n)])
    for n, rank in enumerate((4, 2)):
        entry, at = mention("weibo:5", "星河手机第 5 台 电池鼓包\U0001f621"), NOW + minutes(n)
        store.posts.record([Observation(entry, hot=HotRank(entry.id, at, rank, 1_034_221, "沸"))])
    store.posts.record([seen(mention("weibo:3", "改过的帖子"), NOW + minutes(1), reposts=9)])
    store.posts.add_scores([negative("weibo:1"), negative("weibo:2", negativity=1e-7), negative("weibo:3")])
    stored = store.posts.get([f"weibo:{n}" for n in range(8)])
    store.copies.link([found.mention for found in stored.values()], NOW)
    store.copies.note([Authenticity("weibo:7", NOW, 0.4, (Reason(Signal.COPIED_TEXT, {"accounts": 6}),))])
    store.seeking.seek("weibo:1", ["充电的时候烫得不敢拿"], "星河", at=NOW, until=NOW + minutes(90))
    store.tasks.put(JUDGE, ["weibo:5"], NOW)
    store.tasks.claim(SCORE, owner="h:1", now=NOW, lease=minutes(5), limit=3)
    run = store.runs.start("weibo", NOW)
    store.runs.finish(replace(run, finished=NOW, pages=3, seen=24, blocked={"timeout": 2}, newest=NOW))
    store.runs.job_done("crawl:weibo", NOW, "timeout ×2")
    store.sites.leave({"weibo.test": NOW})
    store.evidence.keep("weibo:1", b"\x89PNG \x00", Kind.SCREENSHOT, NOW, url="https://m.weibo.cn/status/1")
    store.evidence.freeze("weibo:1", NOW)
    for copy in list(store.evidence.unstamped())[:1]:
        store.evidence.stamp(copy, b"0\x82\x00\xff", NOW)
    for n in (1, 2):
        finding = Finding(
            "viral", f"post:{n}", Severity.RED, NOW, f"weibo:{n}", "星河", {"terms": [{"value": 0.1}]}
        )
        incident = store.incidents.open(finding, "大V 负面")
        store.incidents.add_finding(finding, incident.id)
        store.incidents.add_finding(replace(finding, mention_id="weibo:0"), incident.id)
        store.incidents.add_event(IncidentEvent(incident.id, NOW, "王丽", "opened", "viral", {"n": 1}))
        facts = {"text": "起火", "escaped": "\\u0000 is six characters", "none": None}
        store.outbox.put(incident.id, ["slack"], reason="opened", severity=Severity.RED, payload=facts, at=NOW)
