"""What a benchmark says: one line each in the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

REACHED = 60.0
"""Seconds until a loopback server or a child process must have answered."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be: at most or at least a value."""

    value: float
    at_most: bool

    def met(self, figure: float) -> bool:
        """Whether the figure is good enough."""
        return figure <= self.value if self.at_most else figure >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. `unit` is "" for a ratio; a figure without a goal is there to explain another one."""

    name: str
    compared: str
    figure: float
    unit: str = ""
    goal: Goal | None = None

    @property
    def verdict(self) -> str:
        """Met, missed, or nothing where there is no goal."""
        if self.goal is None:
            return ""
        return "met" if self.goal.met(self.figure) else "MISSED"


def spread(values: Sequence[float]) -> str:
    """How far the repetitions lie apart."""
    return f"{min(values):.3g}–{max(values):.3g} in {len(values)}"


def ratio_of(
    name: str, compared: str, ours: Sequence[float], theirs: Sequence[float], goal: Goal | None = None
) -> Line:
    """The median of the ratios of pairs that were measured one right after the other."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return Line(name, f"{compared} ({spread(ratios)} pairs)", median(ratios), goal=goal)


def show(lines: Sequence[Line]) -> None:
    """Print the table."""
    table = Table("name", "what is compared", "figure", "goal", "", box=None, pad_edge=False)
    for line in lines:
        figure = f"{line.figure:.4g} {line.unit}".strip()
        table.add_row(line.name, line.compared, figure, str(line.goal or ""), line.verdict)
    Console(soft_wrap=False).print(table)
