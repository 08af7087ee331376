"""Sources of one host share its pause and take turns."""

from datetime import timedelta

from crawlers.conduct.pace import neighbours, strictest

SECOND = timedelta(seconds=1)


def test_sources_of_one_host_take_turns_also_where_a_third_one_joins_them() -> None:
    turns = neighbours({"a": {"x"}, "b": {"y"}, "c": {"x", "y"}, "d": {"z"}, "e": set()})
    assert turns["a"] == turns["b"] == turns["c"] == "x"
    assert (turns["d"], turns["e"]) == ("z", "e")


def test_the_strictest_of_its_sources_says_how_long_a_host_rests() -> None:
    pauses = strictest({"a": {"x", "y"}, "b": {"x"}}, {"a": SECOND, "b": 9 * SECOND})
    assert pauses == {"x": 9 * SECOND, "y": SECOND}
