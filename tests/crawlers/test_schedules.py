from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from crawlers.conduct.schedules import cron_trigger
from crawlers.sources import SOURCE_TYPES

SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("0 9 * * 0", 22),
        ("0 9 * * 7", 22),
        ("0 9 * * 1", 23),
        ("0 9 * * 1-5", 23),
        ("0 9 * * sun", 22),
        ("0 9 * * 0-6", 22),
        ("0 9 * * 5-7", 22),
        ("0 9 * * sat-mon/2", 23),
        ("0 9 * * 2,4", 24),
    ],
)
def test_weekdays_count_as_in_cron(line: str, day: int) -> None:
    fires = cron_trigger(line, UTC).get_next_fire_time(None, SATURDAY)
    assert fires is not None
    assert fires.day == day


@pytest.mark.parametrize("line", ["", "often", "61 * * * *", "* * * *"])
def test_what_is_no_cron_line_is_told(line: str) -> None:
    with pytest.raises(ValueError, match="is no schedule"):
        cron_trigger(line)


@pytest.mark.parametrize("name", ["Cookie", "authorization"])
def test_an_account_cannot_hide_in_the_headers(name: str) -> None:
    """It would be used without anybody's approval, and shown where secrets are not."""
    block: dict[str, Any] = {"type": "rss", "feeds": ["http://127.0.0.1/"], "headers": {name: "x"}}
    with pytest.raises(ValidationError, match="signed-in"):
        SOURCE_TYPES["rss"].model_validate(block)


def test_every_kind_of_source_with_a_cookie_wants_an_approval() -> None:
    block: dict[str, Any] = {"type": "rss", "feeds": ["http://127.0.0.1/"], "cookie": "x"}
    with pytest.raises(ValidationError, match="approved_by"):
        SOURCE_TYPES["rss"].model_validate(block)
    approved = SOURCE_TYPES["rss"].model_validate(block | {"approved_by": "张三", "approval_reason": "监测"})
    assert approved.collection == "signed-in"
    assert approved.signed_headers == {"Cookie": "x"}
