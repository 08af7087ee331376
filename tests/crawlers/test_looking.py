"""What a visit leaves behind of each query, of refusals, and of the pages that it read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crawlers.conduct.secrets import secrets_of
from crawlers.source import Answer, Outcome, Page, blocked
from crawlers.spiders.rss import Rss
from mentions.store import Store
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import NOW, SEARCH, answer, post, visit, weibo
from tests.making import minutes

FEED = '<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>星河</title></item></channel></rss>'
SIGNED_IN = {"cookie": "SUB=_2A25secret; XSRF-TOKEN=a/b+c%3D; a=1", "approved_by": "张三", "approval_reason": "试"}


def test_all_pages_of_a_word_are_one_look(store: Store, site: Site) -> None:
    site.pages[SEARCH.format(1)] = answer(post(3), post(2), page=2)
    site.pages[SEARCH.format(2)] = answer(post(1))
    run = visit(store, weibo(site))
    (look,) = store.looks.recent("x")
    assert (look.query, look.run, look.at) == ("听风", run.id, NOW)
    assert (look.pages, look.shown, look.known, look.outcome) == (2, 3, 0, "mentions")
    assert [len(seen.posts) for seen in store.looks.seen("x", "听风")] == [3]


def test_posts_seen_before_are_known(store: Store, site: Site) -> None:
    site.pages[SEARCH.format(1)] = answer(post(1))
    visit(store, weibo(site))
    site.pages[SEARCH.format(1)] = answer(post(2), post(1))
    visit(store, weibo(site), NOW + minutes(5))
    assert [(look.shown, look.known) for look in store.looks.recent("x")] == [(2, 1), (1, 0)]


def test_what_a_repost_passes_on_was_not_found_by_the_word(store: Store, site: Site) -> None:
    site.pages[SEARCH.format(1)] = answer(post(5, "转发", retweeted_status=post(1)), post(4))
    visit(store, weibo(site))
    assert store.looks.recent("x")[0].shown == 2


def test_a_look_that_ended_at_a_wall_says_so(store: Store, site: Site) -> None:
    site.pages[SEARCH.format(1)] = answer(post(1), page=2)
    site.pages[SEARCH.format(2)] = Reply("", 418)
    visit(store, weibo(site))
    (look,) = store.looks.recent("x")
    assert (look.pages, look.outcome) == (1, "throttled")


def test_a_capped_look_says_so(store: Store, site: Site) -> None:
    site.pages[SEARCH.format(1)] = answer(post(1), page=2)
    visit(store, weibo(site, max_pages=1))
    (covered,) = store.looks.covered(["x"], NOW)["x"]
    assert (store.looks.recent("x")[0].cap_hit, covered.capped) == (True, 1)


def test_a_refused_page_is_kept_without_the_cookie(store: Store, site: Site) -> None:
    site.pages[SEARCH.format(1)] = Reply("<html>_2A25secret, a%2Fb%2Bc%253D, passport.weibo.com</html>")
    visit(store, weibo(site, **SIGNED_IN))
    kept = store.pages.refused("x", "login_wall")
    assert kept is not None
    assert kept.body == b"<html>***, ***, passport.weibo.com</html>"
    assert (kept.status, kept.kind, kept.at) == (200, "search", NOW)


def test_every_way_of_writing_a_cookies_values_is_a_secret(site: Site) -> None:
    secrets = secrets_of(weibo(site, **SIGNED_IN))
    assert {"_2A25secret", "a/b+c%3D", "a%2Fb%2Bc%253D"} < set(secrets.values)
    assert "1" not in secrets.values


def test_a_page_whose_posts_lost_a_key_is_told_and_kept(store: Store, site: Site) -> None:
    def read(at: float, **renamed: object) -> None:
        posts = [post(100 + n) | {"attitudes_count": 1} for n in range(6)]
        posts = [{renamed.get(key, key): value for key, value in p.items()} for p in posts]  # type: ignore[misc]
        site.pages[SEARCH.format(1)] = answer(*posts)
        visit(store, weibo(site), NOW + minutes(at))

    for at in range(6):
        read(at)
    drift = []
    for at in (6, 7):
        read(at, attitudes_count="likes")
        drift.append(store.pages.shapes(["x"])[0].drift > 0)
    assert drift == [False, True]
    assert store.pages.shapes(["x"])[0].changed == ("cards.mblog.attitudes_count",)
    kept = store.pages.refused("x", "layout drift")
    assert kept is not None
    assert b"likes" in kept.body
    read(8)
    assert store.pages.shapes(["x"])[0].drift == 0


class Walled(Rss):
    """What a page of a browser is like that received posts, and beside them a captcha and "too often"."""

    def read(self, answer: Answer, name: str) -> Page:
        walls = (blocked(Outcome.CAPTCHA, "a captcha"), blocked(Outcome.THROTTLED, "too often"))
        return replace(super().read(answer, name), refused=walls)


def test_refusals_beside_posts_are_counted_and_cool_the_site_and_the_posts_are_kept(
    store: Store, site: Site
) -> None:
    site.pages["/feed"] = Reply(FEED)
    run = visit(store, Walled(feeds=(f"{site.url}/feed",), delay=timedelta()))
    assert (run.pages, run.new, run.blocked) == (1, 1, {"captcha": 1, "throttled": 1})
    assert store.sites.cooling("x")[0].reason == "captcha"
    assert {kept.reason for kept in store.pages.refusals("x")} == {"captcha", "throttled"}
    (look,) = store.looks.recent("x")
    assert (look.pages, look.shown, look.outcome) == (1, 1, "throttled")


def test_a_word_that_nobody_used_is_a_look_too(store: Store, site: Site) -> None:
    site.pages[SEARCH.format(1)] = answer()
    visit(store, weibo(site))
    assert [(look.shown, look.outcome) for look in store.looks.recent("x")] == [(0, "empty")]


def test_a_list_that_has_not_changed_was_read(store: Store, site: Site) -> None:
    feed = Rss(feeds=(f"{site.url}/feed",), delay=timedelta())
    site.pages["/feed"] = Reply(FEED, headers={"ETag": '"1"'})
    visit(store, feed)
    site.pages["/feed"] = Reply("", 304)
    visit(store, feed, NOW + minutes(5))
    (covered,) = store.looks.covered(["x"], NOW)["x"]
    assert (covered.at, covered.read, covered.outcome) == (NOW, NOW + minutes(5), "not modified")


@pytest.mark.parametrize(("status", "outcome"), [(404, "not_found"), (401, "no_permission")])
def test_one_dead_feed_is_behind_the_others(store: Store, site: Site, status: int, outcome: str) -> None:
    site.pages |= {"/feed": Reply(FEED), "/gone": Reply("", status)}
    feeds = Rss(feeds=(f"{site.url}/feed", f"{site.url}/gone"), delay=timedelta())
    for at in (0, 5, 10):
        assert visit(store, feeds, NOW + minutes(at)).error is None
    (fresh,) = store.runs.freshness(["x"])
    alive, dead = store.looks.covered(["x"], NOW)["x"]
    assert [one.behind(fresh, NOW + minutes(10)) for one in (alive, dead)] == [timedelta(), minutes(10)]
    assert (dead.read, dead.outcome) == (None, outcome)
