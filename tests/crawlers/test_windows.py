"""A search of which only the first pages are shown is asked in parts that miss nothing."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawlers.reading.times import SHANGHAI
from crawlers.windows import HOUR, NEARLY, PROVINCES, SITE_PAGES, Window, narrowed

MIDNIGHT = datetime(2026, 3, 5, tzinfo=SHANGHAI)
windows = st.builds(
    lambda start, hours, region: Window(MIDNIGHT + start * HOUR, MIDNIGHT + (start + hours) * HOUR, region),
    st.integers(0, 200),
    st.integers(1, 200),
    st.none() | st.sampled_from(PROVINCES),
)


def hours(window: Window) -> list[tuple[datetime, str]]:
    count = (window.end - window.start) // HOUR
    regions = PROVINCES if window.region is None else (window.region,)
    return sorted((window.start + n * HOUR, region) for n in range(count) for region in regions)


@given(windows, st.integers(NEARLY, SITE_PAGES))
def test_the_parts_cover_the_window_exactly_and_do_not_overlap(window: Window, pages: int) -> None:
    parts = narrowed(window, pages)
    if parts:
        assert sorted(hour for part in parts for hour in hours(part)) == hours(window)
        assert len(parts) > 1


@given(windows)
def test_three_steps_lead_to_what_cannot_be_narrowed(window: Window) -> None:
    rest = [window]
    for _ in range(3):
        rest = [part for whole in rest for part in narrowed(whole, SITE_PAGES) or (whole,)]
    assert all(part.end - part.start == HOUR and part.region for part in rest)


@given(windows, st.integers(0, NEARLY - 1))
def test_a_window_whose_pages_are_all_shown_is_left_whole(window: Window, pages: int) -> None:
    assert narrowed(window, pages) == ()


def test_days_end_at_midnight_in_shanghai_and_the_newest_comes_first() -> None:
    window = Window(MIDNIGHT - 2 * HOUR, MIDNIGHT + 25 * HOUR)
    starts = [part.start for part in narrowed(window, SITE_PAGES)]
    assert starts == [MIDNIGHT + 24 * HOUR, MIDNIGHT, MIDNIGHT - 2 * HOUR]


@given(st.integers(0, 10**7), st.timedeltas(timedelta(), timedelta(days=9)))
def test_the_hours_around_a_time_hold_it_and_less_than_two_hours_more(seconds: int, length: timedelta) -> None:
    start = MIDNIGHT + timedelta(seconds=seconds)
    window = Window.around(start, start + length)
    assert window.start <= start
    assert window.end >= start + length
    assert window.end - window.start <= length + 2 * HOUR
    assert (window.start.minute, window.end.minute) == (0, 0)
