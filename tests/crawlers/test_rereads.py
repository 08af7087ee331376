"""Looking again: at suspect posts, at threads that changed, at discussions that grew."""

import json
from datetime import timedelta

from crawlers.rereads import CONFIRM_AFTER, Rereads
from crawlers.spiders.discuz import Discuz
from crawlers.spiders.v2ex import V2ex
from crawlers.tally import INTERRUPTED, Tally
from mentions.fates import Fate, Gone
from mentions.runs import CrawlRun
from mentions.store import Store
from mentions.tasks import JUDGE
from mentions.tasks import reread as queue
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import NOW, SEARCH, answer, look_again, post, visit, weibo


def test_suspect_posts_are_looked_at_again(store: Store, site: Site) -> None:
    site.pages = {
        SEARCH.format(1): answer(post(1), post(2), post(3)),
        "/statuses/show?id=1": Reply(json.dumps({"ok": 1, "data": post(1, reposts_count=900)})),
        "/statuses/show?id=2": Reply(json.dumps({"ok": 0, "msg": "微博不存在或暂无查看权限!"})),
        "/statuses/show?id=3": Reply("what?"),
        "/api/statuses/repostTimeline?id=1&page=1": Reply('{"ok":0,"msg":"还没有人转发"}'),
    }
    visit(store, weibo(site))
    later = NOW + timedelta(minutes=1)
    store.tasks.put(queue("x"), ["weibo:1", "weibo:2", "weibo:3"], later)
    run = look_again(store, weibo(site), later)
    assert run is not None
    assert (run.kind, run.pages, run.blocked) == ("reread", 3, {"garbage": 1})
    counts = store.posts.get(["weibo:1"])["weibo:1"].engagement
    assert counts is not None
    assert (counts.reposts, counts.at) == (900, later)
    backlog = store.tasks.backlog(queue("x"))
    assert (backlog.waiting, backlog.oldest) == (2, later + CONFIRM_AFTER)
    assert look_again(store, weibo(site), later) is None


GONE = Reply(json.dumps({"ok": 0, "msg": "微博不存在或暂无查看权限!"}))


def test_a_post_is_gone_when_a_second_look_misses_it_too(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): answer(post(1)), SHOW.format(1): GONE}
    visit(store, weibo(site))
    store.tasks.put(queue("x"), ["weibo:1"], NOW)
    look_again(store, weibo(site))
    assert store.fates.of(["weibo:1"])["weibo:1"].gone == Gone(NOW)
    confirmed = NOW + CONFIRM_AFTER
    look_again(store, weibo(site), confirmed)
    assert store.fates.of(["weibo:1"])["weibo:1"].gone == Gone(NOW, confirmed)
    assert store.tasks.backlog(queue("x")).waiting == 0
    assert store.tasks.due(JUDGE, confirmed)


def test_a_post_that_a_second_look_finds_was_never_gone(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): answer(post(1)), SHOW.format(1): GONE}
    visit(store, weibo(site))
    store.tasks.put(queue("x"), ["weibo:1"], NOW)
    look_again(store, weibo(site))
    site.pages[SHOW.format(1)] = shown(1)
    again = NOW + CONFIRM_AFTER
    look_again(store, weibo(site), again)
    assert store.fates.of(["weibo:1"])["weibo:1"] == Fate(gone=Gone(NOW, back=again))


def test_the_most_dangerous_get_what_the_budget_of_the_host_allows(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): answer(*(post(n) for n in range(1, 5)))} | {
        SHOW.format(n): shown(n) for n in range(1, 5)
    }
    visit(store, weibo(site))
    slow = weibo(site).model_copy(update={"delay": timedelta(seconds=75)})
    rereads = Rereads(store, "me", share=0.5)
    for number, danger in ((1, 0), (2, 41), (3, 1), (4, 10)):
        store.tasks.put(queue("x"), [f"weibo:{number}"], NOW, danger=danger)
    rereads.claim("x", slow, NOW, timedelta(hours=1))
    assert [fetch.url.rpartition("=")[2] for fetch in rereads.fetches] == ["2", "4"]
    for fetch in rereads.fetches:
        rereads.done(fetch.url)
    rereads.release(NOW)
    assert store.tasks.backlog(queue("x")).oldest == NOW + timedelta(seconds=150)
    rereads = Rereads(store, "me", share=0.5)
    rereads.claim("x", slow, NOW + timedelta(seconds=150), timedelta(hours=1))
    assert [fetch.url.rpartition("=")[2] for fetch in rereads.fetches] == ["3"]


def test_posts_that_a_wall_kept_from_us_come_back_later(store: Store, site: Site) -> None:
    site.pages = {SEARCH.format(1): answer(post(1), post(2))}
    visit(store, weibo(site))
    site.pages = {f"/statuses/show?id={n}": Reply("no", 418) for n in (1, 2)}
    store.tasks.put(queue("x"), ["weibo:1", "weibo:2"], NOW)
    run = look_again(store, weibo(site))
    assert run is not None
    assert run.blocked == {"throttled": 1}
    assert run.note is not None
    assert "Left alone until 2026-03-05 04:05:00 UTC (throttled)" in run.note
    assert store.tasks.backlog(queue("x")).oldest == NOW + timedelta(minutes=5)


WALL = Reply('{"ok":-100,"url":"https://passport.weibo.com/sso/signin"}')
SHOW = "/statuses/show?id={}"


def shown(number: int) -> Reply:
    return Reply(json.dumps({"ok": 1, "data": post(number)}))


def wall_after_a_visit(store: Store, site: Site, *due: int) -> None:
    """A visit, and from then on a wall before the search; posts 1 and 2 can still be read."""
    site.pages = {SEARCH.format(1): answer(post(1), post(2))}
    visit(store, weibo(site))
    site.pages = {SEARCH.format(1): WALL, SHOW.format(1): shown(1), SHOW.format(2): shown(2)}
    store.tasks.put(queue("x"), [f"weibo:{n}" for n in due], NOW)


def test_a_wall_on_the_search_is_no_success_though_a_suspect_post_was_read(store: Store, site: Site) -> None:
    wall_after_a_visit(store, site, 1)
    run = visit(store, weibo(site), NOW + timedelta(hours=1))
    assert (run.pages, run.blocked) == (1, {"login_wall": 1})
    assert run.error is not None
    assert run.error.startswith("No page could be read, but for posts looked at again. ")
    assert store.runs.freshness(["x"])[0].last_success == NOW


def test_the_error_names_the_wall_on_the_search_before_the_fault_of_a_post(store: Store, site: Site) -> None:
    wall_after_a_visit(store, site, 1, 2)
    site.pages[SHOW.format(1)] = Reply("what?")
    run = visit(store, weibo(site))
    assert (run.pages, run.blocked) == (1, {"garbage": 1, "login_wall": 1})
    assert "The site wants a signed-in account" in str(run.error)


def test_the_long_text_of_a_post_looked_at_again_is_no_success_either(store: Store, site: Site) -> None:
    cut = post(1, '听风 ...<a href="/status/1">全文</a>', isLongText=True)
    site.pages = {SEARCH.format(1): answer(cut)}
    visit(store, weibo(site))  # its long text is not there yet
    whole = Reply(json.dumps({"ok": 1, "data": {"longTextContent": "听风"}}))
    again = Reply(json.dumps({"ok": 1, "data": cut}))
    site.pages = {SEARCH.format(1): Reply("no", 403), SHOW.format(1): again, "/statuses/extend?id=1": whole}
    store.tasks.put(queue("x"), ["weibo:1"], NOW)
    run = visit(store, weibo(site))
    assert (run.pages, run.error is None) == (2, False)


def test_a_visit_that_only_looks_again_succeeds_behind_the_same_wall(store: Store, site: Site) -> None:
    wall_after_a_visit(store, site, 1)
    run = look_again(store, weibo(site))
    assert run is not None
    assert (run.pages, run.error) == (1, None)


def test_a_crawl_cut_short_after_a_suspect_post_is_no_success() -> None:
    tally = Tally(pages=1, again=1, notes=[INTERRUPTED])
    assert "Interrupted" in str(tally.run(CrawlRun(1, "x", NOW), NOW).error)
    assert tally.run(CrawlRun(1, "x", NOW, "reread"), NOW).error is None


def thread(*pids: int, page: int = 1, total: int = 1) -> Reply:
    posts = "".join(
        f'<div id="post_{p}"><div class="authi"><a class="xw1" href="?uid=1">甲</a></div>'
        f'<em id="authorposton{p}">发表于 2026-3-5 10:00</em>'
        f'<table><td id="postmessage_{p}">听风{p}</td></table></div>'
        for p in pids
    )
    pager = f'<div class="pg"><strong>{page}</strong><label><span title="共 {total} 页"></span></label></div>'
    return Reply(f"<html>{pager}{posts}</html>")


def board(*rows: tuple[int, str]) -> Reply:
    listed = "".join(
        f'<tbody id="normalthread_{tid}"><tr><th><a class="s xst">t</a></th>'
        f'<td class="by"><em><span title="{when}">x</span></em></td></tr></tbody>'
        for tid, when in rows
    )
    return Reply(f'<html><table id="threadlisttableid">{listed}</table></html>')


LIST = "/forum.php?mod=forumdisplay&fid=2&orderby=dateline&filter=author&page=1"
THREAD = "/forum.php?mod=viewthread&tid={}"


def test_only_threads_that_changed_are_read_again_and_from_their_end(store: Store, site: Site) -> None:
    forum = Discuz(base_url=site.url, forums=(2,), order="newest", delay=timedelta())
    site.pages = {
        LIST: board((1, "2026-03-05 11:00"), (2, "2026-03-05 11:00")),
        THREAD.format(1): thread(11),
        THREAD.format(2): thread(21, 22, page=1, total=4),
        THREAD.format(2) + "&page=2": thread(23, page=2, total=4),
        THREAD.format(2) + "&page=3": thread(24, page=3, total=4),
        THREAD.format(2) + "&page=4": thread(25, page=4, total=4),
    }
    assert visit(store, forum).new == 6
    assert store.posts.get(["discuz:127.0.0.1:24"])["discuz:127.0.0.1:24"].mention.thread == "discuz:127.0.0.1:21"
    site.asked.clear()
    site.pages[LIST] = board((1, "2026-03-05 11:00"), (2, "2026-03-05 13:30"))
    site.pages[THREAD.format(2) + "&page=4"] = thread(25, 26, page=4, total=4)
    run = visit(store, forum, NOW + timedelta(hours=2))
    assert run.new == 1
    assert site.asked == [
        LIST,
        THREAD.format(2),
        THREAD.format(2) + "&page=4",
        THREAD.format(2) + "&page=3",
    ]


def test_replies_are_read_where_a_topic_mentions_a_brand_and_grew(store: Store, site: Site) -> None:
    def topics(replies: int) -> Reply:
        made = {
            "created": 1_772_678_400,
            "content": "如题",
            "replies": replies,
            "member": {"id": 1, "username": "z"},
        }
        return Reply(json.dumps([{"id": 1, "title": "听风如何", **made}, {"id": 2, "title": "别的", **made}]))

    reply = {"id": 9, "content": "很差", "created": 1_772_678_401, "member": {"id": 2, "username": "y"}}
    asked = "/api/replies/show.json?topic_id=1"
    site.pages = {
        "/api/topics/latest.json": topics(1),
        "/api/topics/hot.json": Reply("[]"),
        asked: Reply(json.dumps([reply])),
    }
    source = V2ex(base_url=site.url, delay=timedelta())
    for replies, times in ((1, 1), (1, 1), (2, 2)):
        site.pages["/api/topics/latest.json"] = topics(replies)
        visit(store, source, NOW + timedelta(minutes=replies * 3 + times))
        assert site.asked.count(asked) == times
    assert store.posts.get(["v2ex:reply:9"])["v2ex:reply:9"].mention.brands == ("听风",)
