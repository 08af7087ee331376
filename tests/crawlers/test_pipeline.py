"""Every page is one commit, also where another writer stands in its way."""

import pytest

from crawlers.visit import Item, Visit
from mentions.store import Store, StoreBusy
from tests.crawlers.conftest import Site
from tests.crawlers.visits import SEARCH, answer, post, visit, weibo


def test_a_commit_that_had_to_step_back_is_made_again(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages = {SEARCH.format(1): answer(post(1))}
    commit, refused = Visit.commit, iter([True])

    def busy(self: Visit, item: Item) -> object:
        if next(refused, False):
            raise StoreBusy("let another writer go first")
        return commit(self, item)

    monkeypatch.setattr(Visit, "commit", busy)
    run = visit(store, weibo(site))
    assert (run.pages, run.new, run.error) == (1, 1, None)
