"""A picture of who bears what and when, for one example case: an SVG that also reads without colour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import escape
from itertools import zip_longest
from typing import TYPE_CHECKING

from contracts.afspraken.ankers import Anker, Drager
from contracts.afspraken.berekening import AMSTERDAM
from contracts.afspraken.feiten import Ontvangersoort, Overdrachtswijze, SoortOverdracht
from contracts.afspraken.toepassing import find_bewegingen, follow_termijnen, follow_zicht
from contracts.afspraken.zinnen import write_date
from services.cli.afspraken.casus import Gebeurtenis, Voorbeeldcasus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.afspraken.rule_book import Afspraken

_LABEL, _DAY, _ROW, _TOP, _MARGIN_RIGHT = 330, 40, 26, 48, 200
_TAIL = 2
_COLOURS = {
    Drager.VEILIG_THUIS: "#154273",
    Drager.LOKAAL_TEAM: "#275937",
    Drager.MELDPUNT: "#8a4b00",
    Drager.GEMEENTE: "#42145f",
}
_DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
_MORNING, _AFTERNOON = time(9), time(14)


@dataclass(frozen=True, slots=True)
class Balk:
    """One bar: what it is about, who bears it, from when to when (None: it goes on)."""

    label: str
    drager: Drager
    van: datetime
    tot: datetime | None
    is_zicht: bool


@dataclass(frozen=True, slots=True)
class Voorbeeld:
    """An example case as bars: reported on the first werkdag, handed over and delivered on the next."""

    balken: tuple[Balk, ...]
    eerste_dag: date
    dagen: int


def make_voorbeeld(afspraken: Afspraken, on: date) -> Voorbeeld:
    """Work out what the agreements make of a directe overdracht of a case reported on or after `on`."""
    first = afspraken.kalender.werkdag_from(on)
    second = afspraken.kalender.werkdag_after(first, 1)
    casus = Voorbeeldcasus(
        (
            Gebeurtenis(wat=Anker.MELDING_ONTVANGEN, op=datetime.combine(first, _MORNING, tzinfo=AMSTERDAM)),
            Gebeurtenis(wat=Anker.TRIAGEBESLUIT_GENOMEN, op=datetime.combine(second, _MORNING, tzinfo=AMSTERDAM)),
            Gebeurtenis(wat=Anker.OVERDRACHT_AANGEMAAKT, op=datetime.combine(second, _MORNING, tzinfo=AMSTERDAM)),
            Gebeurtenis(wat=Anker.OVERDRACHT_AFGELEVERD, op=datetime.combine(second, _AFTERNOON, tzinfo=AMSTERDAM)),
        ),
        {
            "soort_overdracht": SoortOverdracht.DIRECT,
            "ontvanger": Ontvangersoort.LOKAAL_TEAM,
            "overdrachtswijze": Overdrachtswijze.OVERGEDRAGEN,
        },
        afspraken,
    )
    wisselingen = follow_zicht(casus, find_bewegingen(casus, afspraken))
    ends = [wisseling.op.astimezone(AMSTERDAM) for wisseling in wisselingen]
    balken = [
        Balk("Zicht op veiligheid", wisseling.regel.naar, begint_op, eindigt_op, is_zicht=True)
        for wisseling, begint_op, eindigt_op in zip_longest(wisselingen, ends, ends[1:])
        if wisseling.regel.naar is not None
    ]
    balken += [
        Balk(
            termijn.regel.label, termijn.regel.verantwoordelijke, termijn.begint_op, termijn.eindigt_op, is_zicht=False
        )
        for termijn in follow_termijnen(casus, afspraken)
    ]
    last = max(moment.date() for balk in balken for moment in (balk.van, balk.tot) if moment is not None)
    return Voorbeeld(tuple(balken), first, (last - first).days + _TAIL)


def draw_tijdlijn(afspraken: Afspraken, on: date) -> str:
    """Give a `<figure>` with the timeline of an example case. Who bears a bar is also written in it."""
    voorbeeld = make_voorbeeld(afspraken, on)
    width = _LABEL + voorbeeld.dagen * _DAY + _MARGIN_RIGHT
    height = _TOP + len(voorbeeld.balken) * _ROW + 12
    body = "\n".join([*_draw_days(afspraken, voorbeeld, height), *_draw_bars(voorbeeld)])
    title = (
        f"Voorbeeld: een melding op {write_date(voorbeeld.eerste_dag)}, een werkdag later overgedragen en afgeleverd"
    )
    spoken = "; ".join(_say(balk) for balk in voorbeeld.balken)
    return f"""<figure>
<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"
 aria-labelledby="tijdlijn-titel tijdlijn-tekst" font-family="inherit" font-size="12">
<title id="tijdlijn-titel">{escape(title)}</title>
<desc id="tijdlijn-tekst">{escape(spoken)}</desc>
{body}
</svg>
<figcaption>{escape(title)}. Gevuld: wie zicht op veiligheid draagt.
Omlijnd: een termijn. Grijs: geen werkdag.</figcaption>
</figure>"""


def _x(voorbeeld: Voorbeeld, moment: datetime) -> float:
    begin = datetime.combine(voorbeeld.eerste_dag, time(), tzinfo=AMSTERDAM)
    return _LABEL + (moment.replace(tzinfo=None) - begin.replace(tzinfo=None)) / timedelta(days=1) * _DAY


def _draw_days(afspraken: Afspraken, voorbeeld: Voorbeeld, height: int) -> Iterator[str]:
    for offset in range(voorbeeld.dagen):
        day = voorbeeld.eerste_dag + timedelta(days=offset)
        left = _LABEL + offset * _DAY
        if not afspraken.kalender.is_werkdag(day):
            yield f'<rect x="{left}" y="{_TOP - 6}" width="{_DAY}" height="{height - _TOP}" fill="#e8e8e8"/>'
        yield f'<text x="{left + 3}" y="16" fill="#333">{_DAYS[day.weekday()]}</text>'
        yield f'<text x="{left + 3}" y="32" fill="#333">{day.day}-{day.month}</text>'


def _draw_bars(voorbeeld: Voorbeeld) -> Iterator[str]:
    edge = _LABEL + voorbeeld.dagen * _DAY
    for row, balk in enumerate(voorbeeld.balken):
        top = _TOP + row * _ROW
        left = _x(voorbeeld, balk.van)
        right = _x(voorbeeld, balk.tot) if balk.tot is not None else edge
        colour = _COLOURS.get(balk.drager, "#333")
        look = f'fill="{colour}"' if balk.is_zicht else f'fill="#fff" stroke="{colour}" stroke-width="2"'
        yield f'<text x="0" y="{top + 14}" fill="#1b1b1b">{escape(balk.label)}</text>'
        yield f'<rect x="{left:.1f}" y="{top}" width="{max(right - left, 3):.1f}" height="{_ROW - 8}" {look}/>'
        yield f'<text x="{right + 6:.1f}" y="{top + 14}" fill="{colour}">{escape(_short(balk))}</text>'


def _short(balk: Balk) -> str:
    return balk.drager.naam + (" →" if balk.tot is None else "")


def _say(balk: Balk) -> str:
    until = f" tot {write_date(balk.tot.date())}" if balk.tot is not None else ", en verder"
    return f"{balk.label}: {balk.drager.label} vanaf {write_date(balk.van.date())}{until}"
