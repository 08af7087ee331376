"""`tingfeng`: every command, and what an error looks like to whoever typed it."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from alerts.response import AlreadyResolved, NoSuchIncident
from alerts.rules.expression import RuleFailed
from mentions.erasures import BadErasureList
from mentions.evidence import DamagedCopy
from mentions.exchange.failures import ExchangeError
from mentions.store import Held, StoreError
from sentiment.model import ModelUnavailable
from tingfeng import __version__
from tingfeng.cli import (
    asking,
    checking,
    demo,
    evidence,
    exchange,
    incidents,
    life,
    sentiment,
    source,
    stages,
    store,
    watch,
)
from tingfeng.config import BadConfig
from tingfeng.logs import set_up_logging
from tingfeng.watching import BadWatch

FAILED, BAD_CONFIG, HELD, INTERRUPTED = 1, 2, 3, 130
"""Exit codes besides 0; 2 is also what a wrong argument gives."""

app = typer.Typer(
    name="tingfeng",
    help="听风: hears of a dangerous post while it is small, and pages the right person with reasons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (checking, demo, stages, asking, exchange, life, watch):
    part.register(app)
app.add_typer(sentiment.app, name="sentiment")
evidence.register(incidents.app)
app.add_typer(incidents.app, name="incident")
app.add_typer(source.app, name="source")
app.add_typer(store.app, name="store")


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
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except SAID as error:
        sentence, code = _told(error)
        typer.echo(sentence, err=True)
    return code if isinstance(code, int) else 0


SAID = (
    *(TyperException, BadConfig, Held, StoreError, ModelUnavailable),
    *(NoSuchIncident, AlreadyResolved, RuleFailed, ExchangeError, BadErasureList),
    *(BadWatch, DamagedCopy),
)
"""Failures whose message is the sentence that the user reads; anything else is our mistake, with a traceback."""


def _told(error: Exception) -> tuple[str, int]:
    if isinstance(error, TyperException):
        return f"tingfeng: {error.format_message()}", error.exit_code
    if isinstance(error, Held):
        return f"Another run is doing this already ({error}).", HELD
    return str(error), BAD_CONFIG if isinstance(error, BadConfig | ExchangeError | BadWatch) else FAILED


def run() -> None:
    """The installed command."""
    sys.exit(main())
