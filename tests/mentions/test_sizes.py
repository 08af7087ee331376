"""Sizes as people write them."""

import pytest

from mentions.sizes import format_size, parse_size


@pytest.mark.parametrize(
    ("written", "size"),
    [("200MB", 200_000_000), ("1.5 gb", 1_500_000_000), ("12b", 12), ("0", 0), (0, 0), (7, 7), ("3kb", 3000)],
)
def test_a_size_is_read(written: object, size: int) -> None:
    assert parse_size(written) == size
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize("written", ["", "200", "MB", "-1MB", "1 PB", "1,5GB"])
def test_what_is_no_size_is_said(written: str) -> None:
    with pytest.raises(ValueError, match="is no size: write 500KB, 200MB"):
        parse_size(written)
