"""`demo`: the whole way of a post, on this machine, in under a minute and a half."""

from pathlib import Path
from typing import Annotated, Literal

import typer

DEFAULT_SPEED = 90.0


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)


def demo(
    *,
    cascades: Annotated[
        Path | None,
        typer.Option(
            help="Recorded Weibo cascades (.jsonl.xz) in place of the story.", exists=True, dir_okay=False
        ),
    ] = None,
    forum: Annotated[
        Path | None,
        typer.Option(help="A recorded Discuz! forum (.jsonl.gz) beside it.", exists=True, dir_okay=False),
    ] = None,
    speed: Annotated[float, typer.Option(min=1, help="Story seconds in one second.")] = DEFAULT_SPEED,
    seconds: Annotated[float, typer.Option(min=10, help="End after so many seconds at the latest.")] = 75,
    stay: Annotated[bool, typer.Option(help="Go on until Ctrl-C.")] = False,
    language: Annotated[Literal["zh_CN", "en"], typer.Option(help="What you read.")] = "zh_CN",
    folder: Annotated[Path | None, typer.Option(help="Keep the store and the log here.")] = None,
) -> int:
    """Start the sandbox, run the service against it, and show the crisis being found. Exit 1 if it was not."""
    from tingfeng.demo.play import BadRecording, Play, play  # noqa: PLC0415 - late: it starts servers

    wanted = Play(
        cascades=cascades,
        forum=forum,
        speed=speed,
        seconds=None if stay else seconds,
        language=language,
        folder=folder,
    )
    try:
        return play(wanted)
    except BadRecording as error:
        raise typer.BadParameter(str(error)) from error
