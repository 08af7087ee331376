"""What is hidden of a source, and that what differs stays apart."""

import pytest
from pydantic import ValidationError

from crawlers.conduct.secrets import Secrets, secrets_of
from crawlers.sources import SOURCE_TYPES
from crawlers.spiders.rss import Rss
from crawlers.spiders.weibo_api import WeiboApi


def test_values_behind_the_question_mark_are_hidden_and_names_are_not() -> None:
    secrets = secrets_of(Rss(feeds=("https://a.test/f?key=abcdefgh&n=12",)))
    assert secrets.hide("https://a.test/f?key=abcdefgh&n=12: gone") == "https://a.test/f?key=***&n=12: gone"


def test_what_is_filled_in_at_every_request_is_no_secret() -> None:
    source = SOURCE_TYPES["generic"].model_validate(
        {"type": "generic", "enabled": False, "urls": ["https://a.test/?q={keyword}&key=abcdefgh"]}
    )
    assert secrets_of(source).values == ("abcdefgh",)


def test_two_feeds_that_differ_by_their_key_stay_apart() -> None:
    feeds = ("https://a.test/f?key=abcdefgh", "https://a.test/f?key=ijklmnop")
    secrets = secrets_of(Rss(feeds=feeds))
    assert [secrets.number(feed) for feed in feeds] == ["https://a.test/f?key=***1", "https://a.test/f?key=***2"]


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert Secrets(("abcdef", "abcdefgh")).hide("abcdefgh") == "***"


def test_an_account_in_any_address_is_hidden() -> None:
    assert Secrets().hide("http://me:pass@a.test/x@y") == "http://***@a.test/x@y"


def test_tokens_and_headers_are_hidden_but_for_what_says_nothing() -> None:
    headers = {"X-Key": "abcdefgh", "Accept": "text/html", "Referer": "https://a.test/"}
    source = WeiboApi(accounts=("1",), token="tokentoken", headers=headers)
    assert secrets_of(source).values == ("tokentoken", "abcdefgh")


@pytest.mark.parametrize("address", ["http://user:hunter2@a.test/feed", "https://user@a.test?x"])
def test_an_address_with_an_account_is_refused_without_being_quoted(address: str) -> None:
    with pytest.raises(
        ValidationError, match="holds a user name or a password, which would not be sent"
    ) as caught:
        Rss(feeds=(address,))
    assert "hunter2" not in caught.value.errors()[0]["msg"]


def test_an_at_sign_behind_the_host_is_no_account() -> None:
    assert Rss(feeds=("https://a.test/@somebody/feed?of=me@b.test",)).feeds
