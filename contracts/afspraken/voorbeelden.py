"""Short histories of every kind in which somebody has to hear of something, told on purpose and not by chance.

Each road goes on as far as the moment that matters. Then, by turns, any one thing happens that the agreements name as
an end of something: what has to be heard is not silenced by what does not settle it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG, Anker, Drager
from contracts.afspraken.feiten import (
    Aanbieder,
    Casusurgentie,
    MeldpuntUrgentie,
    MeldpuntVermoeden,
    Ontvangersoort,
    Overdrachtswijze,
    SoortOverdracht,
)
from contracts.afspraken.geschiedenissen import Geschiedenis
from contracts.afspraken.toepassing import Gebeurd
from contracts.derived_id import derived_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from contracts.afspraken.rule_book import Afspraken

_VT, _HUB = Drager.VEILIG_THUIS.value, "houvast"
_KORT, _LANG = timedelta(hours=3), timedelta(days=11)
_EERSTE, _TWEEDE, _AANBOD = "overdracht", "tweede", "aanbod"


@dataclass
class Voorbeeld(Geschiedenis):
    """One history that can have an offer in it. `aanbieders`: who said that the receiver takes over, by the overdracht."""

    aanbieders: dict[UUID, str] = field(default_factory=dict[UUID, str])

    def omstandigheden(self, over: Gebeurd) -> Mapping[str, str]:
        """Of an overdracht also whether it is an offer, and whose."""
        found = {name: value for name, value in super().omstandigheden(over).items() if name != "overdrachtswijze"}
        if over.anker.soort != "overdracht" or over.onderwerp_id is None:
            return found
        door = self.aanbieders.get(over.onderwerp_id)
        wijze = Overdrachtswijze.OVERGEDRAGEN if door is None else Overdrachtswijze.AANGEBODEN
        return found | {"overdrachtswijze": wijze, "aanbieder": door or Aanbieder.VEILIG_THUIS}

    def then(
        self, anker: Anker, door: str, *, na: timedelta = _KORT, over: str | None = None, same: Gebeurd | None = None
    ) -> Voorbeeld:
        """The same history, in which this happened some time later; about the `same` thing as that."""
        op = self.gebeurd[-1].op + na
        about = None if anker.soort == "casus" else derived_id(over or anker.soort)
        about = about if same is None else same.onderwerp_id
        voor = op + timedelta(days=3) if anker is Anker.WACHTLIJST_GEMELD else None
        bron = derived_id("daad", str(len(self.gebeurd)))
        return replace(self, gebeurd=[*self.gebeurd, Gebeurd(anker, op, door, about, bron, voor=voor)])


def tell_voorbeelden(begint_op: datetime) -> Iterator[Voorbeeld]:
    """Give every history by itself."""
    for urgentie, vermoeden in product(MeldpuntUrgentie, MeldpuntVermoeden):
        yield from _at_meldpunt(urgentie, vermoeden, begint_op)
    for urgentie in Casusurgentie:
        melding = _begin(Anker.MELDING_ONTVANGEN, begint_op, urgentie=urgentie)
        yield melding
        yield _in_crisis(melding)
        if urgentie is Casusurgentie.SPOED:
            continue
        for ontvanger in Ontvangersoort:
            yield from _handed_over(_direct(melding, ontvanger), ontvanger)
            yield from _with_two(_direct(melding, ontvanger), ontvanger)
    for ontvanger in Ontvangersoort:
        melding = _begin(Anker.MELDING_ONTVANGEN, begint_op, urgentie=Casusurgentie.REGULIER)
        yield from _handed_over(_after_dienst(melding, ontvanger), ontvanger)


def go_on(verhaal: Voorbeeld, afspraken: Afspraken) -> Iterator[Voorbeeld]:
    """Give the same history with any one thing after it that by these agreements ends a message or a reminder.

    Nothing else can silence one. What cannot happen then does not.
    """
    for anker in _ends_in(afspraken):
        if _is_possible(verhaal, anker):
            is_new = anker is Anker.OVERDRACHT_AANGEMAAKT
            about = verhaal.gebeurd[-1] if verhaal.gebeurd[-1].anker.soort == anker.soort and not is_new else None
            over = _TWEEDE if is_new else None
            yield verhaal.then(anker, _HUB, na=timedelta(minutes=20), over=over, same=about)


def _ends_in(afspraken: Afspraken) -> list[Anker]:
    """What ends a message or a reminder by these agreements: nothing else can silence one."""
    found = {anker for regel in afspraken.berichten for anker in regel.vervalt_bij}
    found |= {anker for regel in afspraken.herinneringen for anker in regel.tot}
    return sorted(found)


def _is_possible(verhaal: Voorbeeld, anker: Anker) -> bool:
    happened = {item.anker for item in verhaal.gebeurd}
    last = verhaal.gebeurd[-1]
    came_back = last.anker in OVERDRACHT_KWAM_TERUG
    match anker.soort:
        case "overdracht" if anker is Anker.OVERDRACHT_AANGEMAAKT:
            return came_back
        case "overdracht":
            return last.anker.soort == "overdracht" and not came_back and last.anker is not anker
        case "meldpuntmelding" if Anker.ANDERE_PARTIJ_AANVAARD in happened or last.anker.soort == "overdracht":
            return False
        case "meldpuntmelding" | "dienst" | "melding":
            first = {"meldpuntmelding": Anker.MELDPUNTMELDING_ONTVANGEN, "dienst": Anker.DIENST_GESTART}
            return anker not in happened and first.get(anker.soort, Anker.MELDING_ONTVANGEN) in happened
        case _:
            return last.anker is not anker


def _at_meldpunt(urgentie: MeldpuntUrgentie, vermoeden: MeldpuntVermoeden, begint_op: datetime) -> Iterator[Voorbeeld]:
    taken_in = _begin(
        Anker.MELDPUNTMELDING_ONTVANGEN, begint_op, meldpunt_urgentie=urgentie, meldpunt_vermoeden=vermoeden
    )
    if vermoeden is MeldpuntVermoeden.HGKM:
        acuut = urgentie is MeldpuntUrgentie.ACUUT
        taken_in.situatie["urgentie"] = Casusurgentie.CRISIS if acuut else Casusurgentie.REGULIER
        taken_in = taken_in.then(Anker.MELDING_ONTVANGEN, _HUB, na=timedelta(seconds=1))
    yield taken_in
    yield taken_in.then(Anker.MELDPUNTMELDING_OVERGENOMEN, _VT)
    yield taken_in.then(Anker.ANDERE_PARTIJ_AANVAARD, Drager.KETENPARTNER)
    for asked in () if vermoeden is MeldpuntVermoeden.HGKM else Ontvangersoort:
        offered = _offer(taken_in, Aanbieder.MELDPUNT, asked)
        yield offered
        yield offered.then(Anker.OVERDRACHT_GEWEIGERD, asked, over=_AANBOD)


def _handed_over(waits: Voorbeeld, ontvanger: Ontvangersoort) -> Iterator[Voorbeeld]:
    """It is with the receiver: before it says anything, and when zicht op veiligheid has gone over."""
    yield waits
    for anker in OVERDRACHT_KWAM_TERUG:
        yield waits.then(anker, _VT if anker is Anker.OVERDRACHT_INGETROKKEN else ontvanger)
    yield waits.then(Anker.WACHTLIJST_GEMELD, ontvanger)
    yield waits.then(Anker.WACHTLIJST_GEMELD, ontvanger, na=_LANG)
    taken = waits.then(Anker.OVERDRACHT_OPGEPAKT, ontvanger)
    bears = taken.then(Anker.ZICHT_BEVESTIGD, ontvanger, na=_LANG)
    yield bears
    yield bears.then(Anker.OVERDRACHT_TERUGGEKOPPELD, ontvanger)
    for door in (_VT, ontvanger):
        yield bears.then(Anker.MONITORING_HERMELDING, door)
    yield _in_crisis(bears)
    yield bears.then(Anker.ANDERE_PARTIJ_AANVAARD, Drager.KETENPARTNER)
    yield bears.then(Anker.CASUS_GESLOTEN, _VT)
    if ontvanger is Ontvangersoort.LOKAAL_TEAM:
        yield from _offered_by(bears)


def _with_two(waits: Voorbeeld, ontvanger: Ontvangersoort) -> Iterator[Voorbeeld]:
    """One takes it up and comes to bear zicht; what went to the other comes back."""
    (ander,) = set(Ontvangersoort) - {ontvanger}
    known = replace(waits, ontvangers={**waits.ontvangers, derived_id(_TWEEDE): ander})
    taken = known.then(Anker.OVERDRACHT_AANGEMAAKT, _VT, na=timedelta(seconds=1), over=_TWEEDE).then(
        Anker.OVERDRACHT_OPGEPAKT, ontvanger
    )
    yield taken.then(Anker.OVERDRACHT_GEWEIGERD, ander, na=_LANG, over=_TWEEDE)


def _offered_by(bears: Voorbeeld) -> Iterator[Voorbeeld]:
    asked = Ontvangersoort.KETENPARTNER
    for door in (Aanbieder.VEILIG_THUIS, Aanbieder.LOKAAL_TEAM):
        offered = _offer(bears, door, asked)
        yield offered
        yield offered.then(Anker.OVERDRACHT_GEWEIGERD, asked, over=_AANBOD)
        yield offered.then(Anker.OVERDRACHT_OPGEPAKT, asked, over=_AANBOD)


def _begin(anker: Anker, op: datetime, **situatie: str) -> Voorbeeld:
    begun = Gebeurd(anker, op, _HUB, derived_id(anker.soort))
    return Voorbeeld(derived_id("voorbeeld"), [begun], {**situatie}, {}, {})


def _direct(melding: Voorbeeld, ontvanger: Ontvangersoort) -> Voorbeeld:
    return _made(melding.then(Anker.TRIAGEBESLUIT_GENOMEN, "triagist"), ontvanger, SoortOverdracht.DIRECT)


def _after_dienst(melding: Voorbeeld, ontvanger: Ontvangersoort) -> Voorbeeld:
    begun = melding.then(Anker.TRIAGEBESLUIT_GENOMEN, "triagist").then(Anker.DIENST_GESTART, _VT)
    return _made(begun.then(Anker.DIENST_AFGEROND, _VT, na=_LANG), ontvanger, SoortOverdracht.NA_DIENST)


def _in_crisis(verhaal: Voorbeeld) -> Voorbeeld:
    """It is decided that this is a crisis, by one besluit."""
    decided = verhaal.then(Anker.TRIAGEBESLUIT_GENOMEN, "triagist")
    besluit = decided.gebeurd[-1]
    crisis = replace(besluit, anker=Anker.ACUTE_CRISIS_VASTGESTELD)
    return replace(decided, gebeurd=[*decided.gebeurd, crisis])


def _made(verhaal: Voorbeeld, ontvanger: Ontvangersoort, soort: SoortOverdracht) -> Voorbeeld:
    over, dienst = derived_id(_EERSTE), derived_id("dienst")
    known = replace(verhaal, ontvangers={over: ontvanger, dienst: ontvanger}, soorten={over: soort})
    made = known.then(Anker.OVERDRACHT_AANGEMAAKT, _VT, na=timedelta(seconds=1))
    return made.then(Anker.OVERDRACHT_AFGELEVERD, _HUB, na=timedelta(seconds=1))


def _offer(verhaal: Voorbeeld, door: Aanbieder, asked: Ontvangersoort) -> Voorbeeld:
    over = derived_id(_AANBOD)
    known = replace(
        verhaal, ontvangers={**verhaal.ontvangers, over: asked}, aanbieders={**verhaal.aanbieders, over: door}
    )
    return known.then(Anker.OVERDRACHT_AANGEMAAKT, _HUB, over=_AANBOD)
