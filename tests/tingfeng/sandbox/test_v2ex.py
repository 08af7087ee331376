from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tingfeng.sandbox import Sandbox
from tingfeng.sandbox.sites.v2ex import V2ex

At = Callable[[float], Sandbox]


def get(sandbox: Sandbox, path: str) -> Any:
    return TestClient(sandbox.doors["v2ex"]).get(path).json()


def test_latest_is_newest_first_with_replies_counted(at: At) -> None:
    topics = get(at(40), "/api/topics/latest.json")
    assert [topic["created"] for topic in topics] == sorted((t["created"] for t in topics), reverse=True)
    assert topics[0]["title"] == "星河 X9 电池鼓包起火，有人中招吗"
    assert topics[0]["replies"] == 3
    assert topics[0]["last_touched"] > topics[0]["created"]
    assert set(topics[0]) >= {"id", "url", "content", "content_rendered", "member", "node", "last_reply_by"}


def test_hot_is_by_replies(at: At) -> None:
    counts = [topic["replies"] for topic in get(at(80), "/api/topics/hot.json")]
    assert counts[0] == 5
    assert counts == sorted(counts, reverse=True)


def test_a_topic_and_its_replies_by_id(at: At) -> None:
    topic = get(at(80), "/api/topics/hot.json")[0]
    assert get(at(80), f"/api/topics/show.json?id={topic['id']}") == [topic]
    replies = get(at(80), f"/api/replies/show.json?topic_id={topic['id']}")
    assert [reply["member"]["username"] for reply in replies][:2] == ["oldfox", "hangingbell"]
    assert get(at(80), f"/api/replies/show.json?topic_id={topic['id']}&page=2") == []


def test_what_is_not_there_is_an_empty_list(at: At) -> None:
    assert get(at(0), "/api/topics/show.json?id=1") == []
    assert get(at(0), "/api/replies/show.json?topic_id=1") == []
    assert TestClient(at(0).doors["v2ex"]).get("/t/1").status_code == 404


def test_people_can_follow_the_link(at: At) -> None:
    topic = get(at(40), "/api/topics/latest.json")[0]
    assert "全部停用" in TestClient(at(40).doors["v2ex"]).get(topic["url"]).text


@pytest.mark.parametrize(("limited", "beyond"), [(False, 200), (True, 403)])
def test_the_hourly_limit_is_counted_and_kept_where_asked(at: At, limited: bool, beyond: int) -> None:  # noqa: FBT001
    sandbox = at(10)
    site = TestClient(V2ex(sandbox.world, sandbox.clock, limited=limited).app())
    answers = [site.get("/api/topics/latest.json") for _ in range(121)]
    assert answers[0].headers["X-Rate-Limit-Limit"] == "120"
    assert [answer.headers["X-Rate-Limit-Remaining"] for answer in answers[:2]] == ["119", "118"]
    assert [answers[119].status_code, answers[120].status_code] == [200, beyond]
