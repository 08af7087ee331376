"""`tingfeng`: every command, and what an error looks like to whoever typed it."""

import sys
from collections.abc import Sequence
from typing import Annotated

import click
import typer

from alerts.raising import AlreadyResolved, NoSuchIncident
from mentions.oslock import Held
from mentions.store import StoreError
from sentiment.model import ModelUnavailable
from tingfeng import __version__
from tingfeng.cli import asking, checking, demo, incidents, sentiment, stages
from tingfeng.cli.common import set_up_logging
from tingfeng.config import BadConfig

FAILED, BAD_CONFIG, HELD = 1, 2, 3
"""Exit codes besides 0; 2 is also what a wrong argument gives."""

app = typer.Typer(
    name="tingfeng",
    help="听风: hears of a dangerous post while it is small, and pages the right person with reasons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (checking, demo, stages, asking):
    part.register(app)
app.add_typer(sentiment.app, name="sentiment")
app.add_typer(incidents.app, name="incident")


@app.callback()
def about(
    *,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Log more.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Options of all commands."""
    if version:
        typer.echo(f"tingfeng {__version__}")
        raise typer.Exit
    set_up_logging(verbose=verbose)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; each failure is one clear sentence on standard error, and an exit code."""
    try:
        code = app(list(sys.argv[1:] if arguments is None else arguments), standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BadConfig as error:
        click.echo(str(error), err=True)
        return BAD_CONFIG
    except Held as error:
        click.echo(f"Another run is doing this already ({error}).", err=True)
        return HELD
    except (StoreError, ModelUnavailable, NoSuchIncident, AlreadyResolved) as error:
        click.echo(str(error), err=True)
        return FAILED
    except BrokenPipeError:
        return 0
    return code if isinstance(code, int) else 0


def run() -> None:
    """The installed command."""
    sys.exit(main())
