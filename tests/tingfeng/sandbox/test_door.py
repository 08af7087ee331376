from collections.abc import Callable

from starlette.testclient import TestClient

from tingfeng.sandbox import Answer, Sandbox

At = Callable[[float], Sandbox]


def test_visits_are_written_down(at: At) -> None:
    door = at(0).doors["rss"]
    site = TestClient(door, headers={"user-agent": "tingfeng-test"})
    site.get("/feed.xml?a=1")
    assert [(visit.method, visit.target, visit.user_agent) for visit in door.visits] == [
        ("GET", "/feed.xml?a=1", "tingfeng-test")
    ]
    assert [visit["target"] for visit in site.get("/-/visits.json").json()] == ["/feed.xml?a=1"]


def test_visits_are_bounded() -> None:
    sandbox = Sandbox(max_log=3)
    site = TestClient(sandbox.doors["rss"])
    for number in range(5):
        site.get(f"/?{number}")
    assert [visit.target for visit in sandbox.doors["rss"].visits] == ["/?2", "/?3", "/?4"]


def test_a_site_can_be_told_to_block(at: At) -> None:
    site = TestClient(at(20).doors["weibo"])
    site.post("/-/plan", json=[{"status": 432}])
    search = "/api/container/getIndex?containerid=100103type=61&q=X9"
    assert site.get(search).status_code == 432
    assert site.get(search).json()["ok"] == 1


def test_a_login_wall_comes_with_200(at: At) -> None:
    door = at(0).doors["weibo"]
    wall = {"ok": -100, "url": "https://passport.weibo.com/sso/signin"}
    door.plan.add(Answer(json_body=wall))
    assert TestClient(door).get("/statuses/show?id=1").json() == wall
