"""Where a redirect leads, and what does not go along."""

from typing import Any

import pytest

from crawlers.conduct import redirects
from crawlers.spiders.weibo import Weibo
from mentions.store import Store
from tests.crawlers.conftest import Reply, Site
from tests.crawlers.visits import SEARCH, answer, post, visit, weibo

SECRET = {"cookie": "SUB=very-secret", "approved_by": "a", "approval_reason": "b", "headers": {"X-Token": "t"}}


def sent_away(site: Site, where: str) -> Weibo:
    site.pages = {SEARCH.format(1): Reply(status=302, headers={"Location": where}), "/moved": answer(post(1))}
    return weibo(site, **SECRET)


def came_along(site: Site) -> dict[str, Any]:
    return {name: site.headers[-1].get(name) for name in ("cookie", "x-token", "referer")}


def test_no_secret_follows_a_redirect_to_another_site(store: Store, site: Site) -> None:
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    assert visit(store, sent_away(site, f"{elsewhere}/moved")).new == 1
    assert came_along(site) == {"cookie": None, "x-token": None, "referer": None}


def test_within_the_site_the_account_stays_signed_in(store: Store, site: Site) -> None:
    assert visit(store, sent_away(site, "/moved")).new == 1
    assert came_along(site) == {"cookie": "SUB=very-secret", "x-token": "t", "referer": None}


def test_a_site_on_the_internet_leads_nobody_into_our_network(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def only_localhost(host: str) -> bool:
        return host == "localhost"

    monkeypatch.setattr(redirects, "is_inside", only_localhost)
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    run = visit(store, sent_away(site, f"{elsewhere}/moved"))
    assert run.blocked == {"private address": 1}
    assert site.asked == [SEARCH.format(1)]


def test_a_redirect_that_leads_in_circles_ends(store: Store, site: Site) -> None:
    site.pages = {"/moved": Reply(status=302, headers={"Location": SEARCH.format(1)})}
    site.pages |= {SEARCH.format(1): Reply(status=302, headers={"Location": "/moved"})}
    assert visit(store, weibo(site)).blocked == {"too many redirects": 1}
