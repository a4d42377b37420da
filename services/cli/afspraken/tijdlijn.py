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
    from contracts.afspraken.rule_book import Afspraken
    from services.runtime.http.look.drawing import Strip

_TAIL = 2
_COLOURS = {
    Drager.VEILIG_THUIS: "#154273",
    Drager.LOKAAL_TEAM: "#275937",
    Drager.MELDPUNT: "#8a4b00",
    Drager.GEMEENTE: "#42145f",
}
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
    """Give a `<figure>` with the timeline of an example case. Who bears a bar is also written at it."""
    from services.runtime.http.look.drawing import Lane, Picture, draw

    voorbeeld = make_voorbeeld(afspraken, on)
    days = [voorbeeld.eerste_dag + timedelta(days=offset) for offset in range(voorbeeld.dagen + 1)]
    begins = [datetime.combine(day, time(), tzinfo=AMSTERDAM) for day in days]
    title = (
        f"Voorbeeld: een melding op {write_date(voorbeeld.eerste_dag)}, een werkdag later overgedragen en afgeleverd"
    )
    picture = Picture(
        title,
        [
            Lane("Zicht op veiligheid", [_strip(balk) for balk in voorbeeld.balken if balk.is_zicht]),
            Lane("Termijnen", [_strip(balk) for balk in voorbeeld.balken if not balk.is_zicht]),
        ],
        begins[0],
        begins[-1],
        AMSTERDAM,
        shaded=[
            (begin, end)
            for day, begin, end in zip(days, begins, begins[1:], strict=False)
            if not afspraken.kalender.is_werkdag(day)
        ],
    )
    return f"""<figure>
{draw(picture)}
<figcaption>{escape(title)}. Gevuld: wie zicht op veiligheid draagt.
Omlijnd: een termijn. Grijs: geen werkdag.</figcaption>
</figure>"""


def _strip(balk: Balk) -> Strip:
    from services.runtime.http.look.drawing import Bar, Look, Strip

    look = Look.FILLED if balk.is_zicht else Look.OUTLINED
    bar = Bar(balk.van, balk.tot, _say(balk), look, _COLOURS.get(balk.drager, "#333"))
    naam = balk.drager.naam + (" →" if balk.tot is None else "")
    return Strip(naam if balk.is_zicht else f"{balk.label}: {naam}", [bar])


def _say(balk: Balk) -> str:
    until = f" tot {write_date(balk.tot.date())}" if balk.tot is not None else ", en verder"
    return f"{balk.drager.label} vanaf {write_date(balk.van.date())}{until}"
