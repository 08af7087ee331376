"""The benchmark of looking again plays what a schedule could have known, and no more."""

from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks import reread
from benchmarks.reread import Cascade, adaptive, every_five_minutes, play
from mentions.types import Reach
from tests.making import NOW, minutes

BURST = Cascade(NOW, Reach.ORDINARY, tuple(60.0 + n for n in range(200)))
"""A hundred reposts after two minutes and 39 seconds."""


def test_a_fixed_pause_notices_at_its_next_turn() -> None:
    played = play([BURST], every_five_minutes)
    assert played.requests == [288]
    assert played.delays == pytest.approx([(300 - 159) / 60])


def test_the_schedule_notices_a_burst_within_a_minute_and_then_calms() -> None:
    played = play([BURST], adaptive)
    assert played.delays[0] <= 1
    assert played.requests[0] < 80


def test_a_cascade_that_never_gets_there_costs_requests_only() -> None:
    assert play([Cascade(NOW, Reach.ORDINARY, (5.0,))], adaptive).delays == []
    assert BURST.crossing == NOW + timedelta(seconds=159)
    assert BURST.shown(NOW + minutes(1)).reposts == 1


def test_without_the_recordings_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reread, "CASCADES", Path("/nowhere/cascades.jsonl.xz"))
    assert reread.run(quick=True) == []
    assert "skipped, there are no recorded cascades at /nowhere" in capsys.readouterr().out


def test_a_tenth_of_the_recordings_costs_about_half_and_tells_no_later(shared_data: Path) -> None:
    assert shared_data.is_dir()
    figures = {line.name: line.figure for line in reread.run(quick=True)}
    assert figures["reread.requests"] < 0.53
    assert figures["reread.delay"] < 1
