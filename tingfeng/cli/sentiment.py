"""`sentiment`: what the model says of a text, and how often it is right."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sentiment.cleaning import clean
from sentiment.evaluation import LabelledFileError, evaluate, read_labelled
from sentiment.models import Bundled, SnowNlp
from tingfeng.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, console, print_json, table
from tingfeng.config import load_config

app = typer.Typer(help="The sentiment model: score, eval, train.", no_args_is_help=True)


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


@app.command()
def train(
    data: Annotated[Path, typer.Option(help="The folder with sentiment/ and cascades/.")],
    out: Annotated[Path, typer.Option(help="Where the model's files are made; an ended run goes on from there.")],
    *,
    name: Annotated[str, typer.Option(help="What the model is called with each score.")] = "tingfeng-own",
    layers: Annotated[int, typer.Option(min=1, max=12, help="Layers of the encoder that are kept.")] = 12,
    examples: Annotated[int, typer.Option(min=1, help="How many are seen, each as often as it is.")] = 90_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model on the same machine.")] = 1,
) -> None:
    """Train the bundled model from labelled texts, on the CPU or a GPU. Needs the extra train."""
    try:
        from sentiment.train.fitting import Budget  # noqa: PLC0415 - late: torch is an extra
        from sentiment.train.pretrained import NotReadable  # noqa: PLC0415
        from sentiment.train.recipe import make  # noqa: PLC0415
        from sentiment.train.sources import Data, DataMissing  # noqa: PLC0415
    except ImportError as error:
        raise typer.BadParameter(f"{error}; run: pip install 'tingfeng[train]'") from error
    budget = Budget(examples=examples, seed=seed)
    try:
        make(Data(data), out, name=name, layers=layers, budget=budget, say=console().print)
    except (DataMissing, NotReadable) as error:
        raise typer.BadParameter(str(error)) from error


@app.command("eval")
def eval_(
    file: Annotated[Path, typer.Argument(help="CSV with the columns text,label.")],
    model: Annotated[str, typer.Option(help="snownlp, or the folder that `sentiment train` made.")] = "snownlp",
    *,
    as_json: AsJson = False,
) -> None:
    """Measure a model on labelled texts: accuracy, macro-F1, AUC, with bootstrap intervals."""
    if model != "snownlp" and not Path(model).is_dir():
        raise typer.BadParameter(f"there is no model {model!r}: it is neither snownlp nor a folder")
    judge = SnowNlp() if model == "snownlp" else Bundled(folder=Path(model))
    try:
        result = evaluate(judge, read_labelled(file))
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
