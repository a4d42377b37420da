"""Figures: what was measured, what was aimed at, and how both are shown."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import orjson
import typer

from services.cli.tabel import print_table


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `aim` is a bound: at least that where `more_is_better`, else at most; None where there is no aim."""

    what: str
    value: float
    unit: str
    aim: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def reached(self) -> bool | None:
        if self.aim is None:
            return None
        return self.value >= self.aim if self.more_is_better else self.value <= self.aim


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed; NaN where there are none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def with_ratios(figures: Sequence[Figure], *, by: str, of: str) -> list[Figure]:
    """The same, each figure in unit `of` noting which share it is of those whose name begins with `by`."""
    floors = [figure for figure in figures if figure.what.startswith(by)]

    def noted(figure: Figure) -> Figure:
        if figure.unit != of or figure in floors:
            return figure
        shares = [f"{figure.value / floor.value:.1%} van {floor.what.removeprefix(by)}" for floor in floors]
        return replace(figure, note="; ".join(filter(None, (figure.note, *shares))))

    return [noted(figure) for figure in figures]


def show(title: str, figures: Sequence[Figure], *, as_json: bool) -> None:
    """A table for people, or one JSON object for machines."""
    if as_json:
        told = {"meting": title, "cijfers": [asdict(figure) | {"reached": figure.reached} for figure in figures]}
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    print_table(
        title,
        ("Meting", "Waarde", "Doel", "Gehaald", "Toelichting"),
        [
            (figure.what, _told(figure.value, figure.unit), _aim(figure), _mark(figure), figure.note)
            for figure in figures
        ],
        right={"Waarde", "Doel"},
    )


def _aim(figure: Figure) -> str:
    if figure.aim is None:
        return ""
    return ("≥ " if figure.more_is_better else "≤ ") + _told(figure.aim, figure.unit)


def _mark(figure: Figure) -> str:
    return {None: "", True: "ja", False: "nee"}[figure.reached]


def _told(value: float, unit: str) -> str:
    if math.isnan(value):
        return "–"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    number = f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",")
    return f"{number} {unit}".strip()
