"""The table of a storm: fault × times × lost × doubled × out of order × recovery × who was told."""

import math
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

import orjson
import typer

from lab.bench.meting import percentile
from services.cli.tabel import print_table

RECOVERY_AIM = 20.0


@dataclass(slots=True)
class Ronde:
    """One fault that was done once. `recovery` is the longest that any melding waited once the world was well."""

    storing: str
    impossible: str = ""
    meldingen: int = 0
    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    out_of_order: list[str] = field(default_factory=list[str])
    accused: list[str] = field(default_factory=list[str])
    again: int = 0
    """Deliveries that the receiver saw more than once under the same id."""
    recovery: float = math.nan
    ready: float = math.nan
    """Seconds until every copy said that it is well."""
    told: dict[str, float] = field(default_factory=dict[str, float])
    """Alerts, with the seconds from the start of the fault; mails with their number."""
    untold: bool = False
    """Somebody should have been told within a minute, and was not."""


@dataclass(slots=True)
class Verslag:
    """A whole storm."""

    command: str
    seed: int
    begun: str
    seconds: float
    per_second: float
    rondes: list[Ronde]
    repeated: int
    changed: list[str]
    said: list[str]
    load: tuple[float, float, float]

    @property
    def meldingen(self) -> int:
        return sum(ronde.meldingen for ronde in self.rondes)

    @property
    def clean(self) -> bool:
        """Nothing lost, doubled, out of order or wrongly held against anybody."""
        wrong = (ronde.lost or ronde.doubled or ronde.out_of_order or ronde.accused for ronde in self.rondes)
        return not any(wrong) and not self.changed


def show_verslag(verslag: Verslag, *, as_json: bool) -> None:
    if as_json:
        told = {**asdict(verslag), "meldingen": verslag.meldingen, "schoon": verslag.clean}
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    print_table(
        f"{verslag.command} · {verslag.begun}",
        (
            *("Storing", "Keer", "Meldingen", "Kwijt", "Dubbel", "Volgorde", "Vals", "Nogmaals*"),
            *("Herstel p50", "Herstel max", "Wie het hoorde"),
        ),
        [_row(name, rondes) for name, rondes in _by_storing(verslag.rondes).items()],
        right={"Keer", "Meldingen", "Kwijt", "Dubbel", "Volgorde", "Vals", "Nogmaals*", "Herstel p50", "Herstel max"},
    )
    done = [ronde.recovery for ronde in verslag.rondes if not math.isnan(ronde.recovery)]
    typer.echo(
        f"{len(done)} storingen en {verslag.meldingen} meldingen in {verslag.seconds:.0f} s, {verslag.per_second:g} per "
        f"seconde, seed {verslag.seed}, {os.cpu_count()} kernen, belasting (1, 5 en 15 minuten) "
        f"{', '.join(f'{part:.1f}' for part in verslag.load)}. Herstel p99 {_seconds(percentile(done, 0.99))} "
        f"(doel ≤ {RECOVERY_AIM:.0f} s)."
    )
    typer.echo(
        "* Door de ontvanger meer dan eens gezien onder hetzelfde id: dat hoort bij ten minste één keer. Op Kafka "
        f"evenzo herhaald: {verslag.repeated}."
    )
    for ronde in verslag.rondes:
        wrong = [*ronde.lost, *ronde.doubled, *ronde.out_of_order, *ronde.accused]
        for what in [*wrong[:5], *(["niemand hoorde het binnen een minuut"] if ronde.untold else [])]:
            typer.echo(f"! {ronde.storing}: {what}")
    for what in verslag.changed[:5]:
        typer.echo(f"! zelfde id, andere inhoud: {what}")


def _by_storing(rondes: Iterable[Ronde]) -> dict[str, list[Ronde]]:
    found: dict[str, list[Ronde]] = {}
    for ronde in rondes:
        found.setdefault(ronde.storing, []).append(ronde)
    return found


def _row(name: str, rondes: Sequence[Ronde]) -> tuple[str, ...]:
    done = [ronde for ronde in rondes if not ronde.impossible]
    if not done:
        return (name, "0", *[""] * 8, f"niet mogelijk op deze machine: {rondes[0].impossible}")
    recovery = [ronde.recovery for ronde in done if not math.isnan(ronde.recovery)]
    return (
        name,
        str(len(done)),
        str(sum(ronde.meldingen for ronde in done)),
        *(
            str(sum(len(getattr(ronde, part)) for ronde in done))
            for part in ("lost", "doubled", "out_of_order", "accused")
        ),
        str(sum(ronde.again for ronde in done)),
        _seconds(percentile(recovery, 0.5)),
        _seconds(max(recovery, default=math.nan)),
        _told(done),
    )


def _told(rondes: Sequence[Ronde]) -> str:
    """Of every alert after how many seconds at most; of mails how many."""
    latest: dict[str, float] = {}
    mails: Counter[str] = Counter()
    for ronde in rondes:
        for name, value in ronde.told.items():
            if name.startswith("mail"):
                mails[name] += int(value)
            else:
                latest[name] = max(latest.get(name, 0.0), value)
    parts = [f"{name.removeprefix('Houvast')} ({value:.0f} s)" for name, value in sorted(latest.items())]
    return ", ".join([*parts, *(f"{name} ({number})" for name, number in sorted(mails.items()))]) or "–"


def _seconds(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f} s".replace(".", ",")
