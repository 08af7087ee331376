import pytest

from crawlers.reading.jsontext import NotJson, read_json


def test_half_an_emoji_costs_no_page() -> None:
    assert read_json(b'{"text": "\\ud83d", "id": 1}') == {"text": "\ud83d", "id": 1}


def test_a_raw_control_character_costs_no_page() -> None:
    assert read_json(b'{"text": "a\x01b"}') == {"text": "a\x01b"}


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotJson):
        read_json(body)
