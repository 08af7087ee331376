"""The terminal as a channel."""

import io
import sys

import pytest

from alerts.message import Message
from alerts.notifiers import Console, SendError

CONSOLE = Console(type="console")


def test_the_message_is_written_whole(message: Message, capsys: pytest.CaptureFixture[str]) -> None:
    assert CONSOLE.send(message) is None
    assert capsys.readouterr().out == f"\n{message.text()}\n\n"


def test_a_closed_stream_is_a_sentence(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    with pytest.raises(SendError, match="The console cannot be written to: ") as caught:
        CONSOLE.send(message)
    assert (caught.value.permanent, caught.value.unclear) == (False, False)


class Broken(io.StringIO):
    def flush(self) -> None:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("stream", [Broken(), io.TextIOWrapper(io.BytesIO(), encoding="ascii")])
def test_a_stream_that_takes_nothing_is_a_sentence(
    message: Message, monkeypatch: pytest.MonkeyPatch, stream: io.TextIOBase
) -> None:
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(SendError, match="The console cannot be written to: "):
        CONSOLE.send(message)
