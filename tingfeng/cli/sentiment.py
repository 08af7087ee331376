"""`sentiment`: what the model says of a text, and how often it is right."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sentiment.cleaning import clean
from sentiment.evaluation import LabelledFileError, evaluate, read_labelled
from sentiment.models.snownlp import SnowNlp
from tingfeng.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, console, print_json, table
from tingfeng.config import load_config

app = typer.Typer(help="The sentiment model: score, eval.", no_args_is_help=True)
MODELS = {"snownlp": SnowNlp}


@app.command()
def score(
    texts: Annotated[list[str] | None, typer.Argument(help="Texts; by default one a line from stdin.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Judge texts with the configured model (the default one where there is no config.yaml)."""
    model = load_config(config).model if config.exists() or config != DEFAULT_CONFIG else SnowNlp()
    said = texts or [line.rstrip("\n") for line in sys.stdin if line.strip()]
    judged = model.judge([clean(text) for text in said])
    if as_json:
        print_json(
            [
                {
                    "text": text,
                    "negativity": judgement.negativity,
                    "label": judgement.label.value,
                    "words": list(judgement.words),
                    "model": model.name,
                }
                for text, judgement in zip(said, judged, strict=True)
            ]
        )
        return
    shown = table("negativity", "label", "words", "text")
    for text, judgement in zip(said, judged, strict=True):
        shown.add_row(f"{judgement.negativity:.3f}", judgement.label.value, " ".join(judgement.words), text)
    console().print(shown, markup=False)


@app.command("eval")
def eval_(
    file: Annotated[Path, typer.Argument(help="CSV with the columns text,label.")],
    model: Annotated[str, typer.Option(help=f"One of: {', '.join(MODELS)}.")] = "snownlp",
    *,
    as_json: AsJson = False,
) -> None:
    """Measure a model on labelled texts: accuracy, macro-F1, AUC, with bootstrap intervals."""
    kind = MODELS.get(model)
    if kind is None:
        raise typer.BadParameter(f"there is no model {model!r} (there is: {', '.join(MODELS)})")
    try:
        result = evaluate(kind(), read_labelled(file))
    except (LabelledFileError, OSError) as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        print_json(result.as_json())
        return
    shown = table("figure", "value", "95 %")
    for name, figure in (
        ("accuracy", result.accuracy),
        ("macro_f1", result.macro_f1),
        ("auc_negativity", result.auc_negativity),
    ):
        if figure is not None:
            shown.add_row(name, f"{figure.value:.3f}", f"{figure.low:.3f}–{figure.high:.3f}")
    for label, figures in result.per_class.items():
        shown.add_row(
            label.value,
            f"{figures.f1:.3f}",
            f"precision {figures.precision:.3f}, recall {figures.recall:.3f}",
        )
    shown.add_row("texts_per_second", f"{result.texts_per_second:.0f}", f"{result.texts} texts")
    console().print(shown, markup=False)
