"""Short histories of every kind in which somebody has to hear of something, told on purpose and not by chance.

Each road goes on as far as the moment that matters. Then, by turns, any one thing happens that the agreements name as
an end of something: what has to be heard is not silenced by what does not settle it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG, Anker, Drager
from contracts.afspraken.feiten import (
    Aanbieder,
    Casusurgentie,
    MeldpuntUrgentie,
    MeldpuntVermoeden,
    Ontvangersoort,
    SoortOverdracht,
)
from contracts.afspraken.gebeurd import Gebeurd
from contracts.afspraken.geschiedenissen import Geschiedenis
from contracts.afspraken.situatie import holds
from contracts.derived_id import derived_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from contracts.afspraken.model import Bericht, Herinnering
    from contracts.afspraken.rule_book import Afspraken

_VT, _HUB = Drager.VEILIG_THUIS.value, "houvast"
_KORT, _LANG = timedelta(hours=3), timedelta(days=11)
_EERSTE, _TWEEDE, _AANBOD, _ANDER_AANBOD = "overdracht", "tweede", "aanbod", "ander-aanbod"
_DERDE_AANBOD = "derde-aanbod"
_NAMEN = {derived_id(_ANDER_AANBOD): "andere-ketenpartner", derived_id(_DERDE_AANBOD): "derde-ketenpartner"}


class Voorbeeld(Geschiedenis):
    """One history that can go on. What is asked of yet another ketenpartner is not asked of the one that asks."""

    def partij(self, drager: Drager, over: Gebeurd) -> str:
        """A party is called after what it bears, and only another ketenpartner by its own name."""
        named = _NAMEN.get(over.onderwerp_id) if drager is Drager.KETENPARTNER and over.onderwerp_id else None
        return named or super().partij(drager, over)

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

    def said(self, **wat: Any) -> Voorbeeld:
        """The same history, with more of the last thing in it: who says so, or that it is contradicted."""
        return replace(self, gebeurd=[*self.gebeurd[:-1], replace(self.gebeurd[-1], **wat)])


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
        yield from _asked(melding, Aanbieder.VEILIG_THUIS, Ontvangersoort.KETENPARTNER)
        yield from _said_of_one_of_two(melding, Aanbieder.VEILIG_THUIS)
        yield from _offered_from_team(melding)
        for ontvanger in Ontvangersoort:
            waits = _direct(melding, ontvanger)
            yield _stalled(melding, ontvanger)
            yield from _handed_over(waits, ontvanger)
            yield from _with_two(waits, ontvanger)
            yield from _asked(waits, Aanbieder(ontvanger), Ontvangersoort.KETENPARTNER)
            yield from _said_of_one_of_two(waits, Aanbieder(ontvanger))
            yield from _taken_by_another(waits, ontvanger)
    for ontvanger in Ontvangersoort:
        melding = _begin(Anker.MELDING_ONTVANGEN, begint_op, urgentie=Casusurgentie.REGULIER)
        yield from _handed_over(_after_dienst(melding, ontvanger), ontvanger)
        yield from _came_back_in_crisis(_in_crisis(melding), ontvanger)
        yield from _came_back_in_crisis(_taken_over_in_crisis(begint_op), ontvanger)


def _taken_over_in_crisis(begint_op: datetime) -> Voorbeeld:
    """Veilig Thuis goes on with a crisis of the meldpunt in which nobody suspects huiselijk geweld."""
    situatie = {"meldpunt_urgentie": MeldpuntUrgentie.ACUUT.value, "meldpunt_vermoeden": MeldpuntVermoeden.GEEN.value}
    taken_in = _begin(Anker.MELDPUNTMELDING_ONTVANGEN, begint_op, **situatie)
    return taken_in.then(Anker.MELDPUNTMELDING_OVERGENOMEN, _VT)


def _came_back_in_crisis(crisis: Voorbeeld, ontvanger: Ontvangersoort) -> Iterator[Voorbeeld]:
    """It is handed over, also where the melding itself was no crisis: it does not arrive, or it comes back."""
    yield _stalled(crisis, ontvanger)
    waits = _direct(crisis, ontvanger)
    for anker in OVERDRACHT_KWAM_TERUG:
        yield waits.then(anker, _VT if anker is Anker.OVERDRACHT_INGETROKKEN else ontvanger)


def go_on(verhaal: Voorbeeld, afspraken: Afspraken) -> Iterator[Voorbeeld]:
    """Give the same history with any one thing after it that by these agreements ends a message or a reminder in it.

    Nothing else can silence one. What cannot happen then does not.
    """
    for anker in _ends_in(verhaal, afspraken):
        if _is_possible(verhaal, anker):
            is_new = anker is Anker.OVERDRACHT_AANGEMAAKT
            about = verhaal.gebeurd[-1] if verhaal.gebeurd[-1].anker.soort == anker.soort and not is_new else None
            over = _TWEEDE if is_new else None
            yield verhaal.then(anker, _HUB, na=timedelta(minutes=20), over=over, same=about)


def _ends_in(verhaal: Voorbeeld, afspraken: Afspraken) -> list[Anker]:
    """What ends a message or a reminder that by these agreements comes of this history."""
    found = {
        anker for regel in afspraken.berichten if _comes(verhaal, regel, (regel.bij,)) for anker in regel.vervalt_bij
    }
    reminded = (regel for regel in afspraken.herinneringen if not regel.vanaf or _comes(verhaal, regel, regel.vanaf))
    found |= {anker for regel in reminded for anker in regel.tot}
    return sorted(found)


def _comes(verhaal: Voorbeeld, regel: Bericht | Herinnering, begins: tuple[Anker, ...]) -> bool:
    return any(item.anker in begins and holds(regel.alleen_bij, verhaal, item) for item in verhaal.gebeurd)


def _is_possible(verhaal: Voorbeeld, anker: Anker) -> bool:
    happened = {item.anker for item in verhaal.gebeurd}
    last = verhaal.gebeurd[-1]
    came_back = last.anker in OVERDRACHT_KWAM_TERUG
    match anker.soort:
        case "overdracht" if anker is Anker.OVERDRACHT_AANGEMAAKT:
            return came_back
        case "overdracht":
            if last.volgens is not None:  # a refusal says that it never was, and is told by itself
                return anker not in {Anker.OVERDRACHT_GEWEIGERD, Anker.OVERDRACHT_INGETROKKEN}
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
        taken_in = taken_in.then(Anker.MELDING_ONTVANGEN, _HUB, na=timedelta())  # of the same act
    yield taken_in
    yield taken_in.then(Anker.MELDPUNTMELDING_OVERGENOMEN, _VT)
    yield taken_in.then(Anker.ANDERE_PARTIJ_AANVAARD, Drager.KETENPARTNER)
    yield from _reported_again(taken_in, _VT)
    for asked in Ontvangersoort:
        yield from _asked(taken_in, Aanbieder.MELDPUNT, asked)
        yield from _follows(taken_in, Aanbieder.MELDPUNT, asked)
        yield from _contradicted_elsewhere(taken_in, Aanbieder.MELDPUNT, asked)
        yield _contradicted_after_overname(taken_in, asked)
    yield from _said_of_one_of_two(taken_in, Aanbieder.MELDPUNT)
    if vermoeden is MeldpuntVermoeden.HGKM:
        yield from _asked(taken_in, Aanbieder.VEILIG_THUIS, Ontvangersoort.KETENPARTNER)


def _handed_over(waits: Voorbeeld, ontvanger: Ontvangersoort) -> Iterator[Voorbeeld]:
    """It is with the receiver: before it says anything, closed by then, and when zicht op veiligheid has gone over."""
    yield waits
    yield waits.then(Anker.CASUS_GESLOTEN, _VT)
    for anker in OVERDRACHT_KWAM_TERUG:
        yield waits.then(anker, _VT if anker is Anker.OVERDRACHT_INGETROKKEN else ontvanger)
    yield waits.then(Anker.WACHTLIJST_GEMELD, ontvanger)
    yield waits.then(Anker.WACHTLIJST_GEMELD, ontvanger, na=_LANG)
    taken = waits.then(Anker.OVERDRACHT_OPGEPAKT, ontvanger)
    bears = taken.then(Anker.ZICHT_BEVESTIGD, ontvanger, na=_LANG)
    yield bears
    yield bears.then(Anker.OVERDRACHT_TERUGGEKOPPELD, ontvanger)
    for door in (_VT, ontvanger):
        yield from _reported_again(bears, door)
    for anker in (Anker.HUISHOUDEN_OPNIEUW_GEMELD, Anker.HUISHOUDEN_IN_CRISIS):  # before it bears zicht
        yield waits.then(anker, _VT).then(Anker.OVERDRACHT_OPGEPAKT, ontvanger)
    yield _in_crisis(bears)
    yield bears.then(Anker.ANDERE_PARTIJ_AANVAARD, Drager.KETENPARTNER)
    yield bears.then(Anker.CASUS_GESLOTEN, _VT)


def _reported_again(bears: Voorbeeld, door: str) -> Iterator[Voorbeeld]:
    """The household is reported again, while it is monitored (MB 5) or not."""
    reported = bears.then(Anker.HUISHOUDEN_OPNIEUW_GEMELD, door)
    yield reported
    yield bears.then(Anker.HUISHOUDEN_IN_CRISIS, door)
    for monitored in (Anker.MONITORING_HERMELDING, Anker.MONITORING_HERMELDING_SPOED):
        yield reported.then(monitored, door, na=timedelta())


def _with_two(waits: Voorbeeld, ontvanger: Ontvangersoort) -> Iterator[Voorbeeld]:
    """One comes to bear zicht; what went to the other comes back, or lies there."""
    (ander,) = set(Ontvangersoort) - {ontvanger}
    over = derived_id(_TWEEDE)
    known = replace(
        waits,
        ontvangers={**waits.ontvangers, over: ander},
        soorten={**waits.soorten, over: SoortOverdracht.DIRECT},
    )
    has_it = known.then(Anker.ONTVANGST_BEVESTIGD, ontvanger)
    yield has_it.then(Anker.OVERDRACHT_AANGEMAAKT, _VT, over=_TWEEDE).then(
        Anker.OVERDRACHT_AFGELEVERD, _HUB, over=_TWEEDE
    )
    taken = known.then(Anker.OVERDRACHT_AANGEMAAKT, _VT, na=timedelta(seconds=1), over=_TWEEDE).then(
        Anker.OVERDRACHT_OPGEPAKT, ontvanger
    )
    for anker in (Anker.OVERDRACHT_GEWEIGERD, Anker.OVERDRACHT_TERUGGEKOPPELD):
        yield taken.then(anker, ander, na=_LANG, over=_TWEEDE)


def _taken_by_another(waits: Voorbeeld, ontvanger: Ontvangersoort) -> Iterator[Voorbeeld]:
    """Another that Veilig Thuis asked takes it over: from who was handed it, took it up, or was asked as well."""
    for sent in (waits, waits.then(Anker.OVERDRACHT_OPGEPAKT, ontvanger)):
        offered = _offer(sent, Aanbieder.VEILIG_THUIS, Ontvangersoort.KETENPARTNER, _ANDER_AANBOD)
        yield _answer(offered, Anker.OVERDRACHT_OPGEPAKT)
        yield _answer(offered, Anker.OVERDRACHT_OPGEPAKT).said(volgens=_VT)


def _offered_from_team(melding: Voorbeeld) -> Iterator[Voorbeeld]:
    waits = _direct(melding, Ontvangersoort.LOKAAL_TEAM)
    taken = waits.then(Anker.OVERDRACHT_OPGEPAKT, Ontvangersoort.LOKAAL_TEAM)
    bears = taken.then(Anker.ZICHT_BEVESTIGD, Ontvangersoort.LOKAAL_TEAM, na=_LANG)
    for door in (Aanbieder.VEILIG_THUIS, Aanbieder.LOKAAL_TEAM):
        yield from _asked(bears, door, Ontvangersoort.KETENPARTNER)
    yield _proven_while_the_team_works(waits)
    yield from _follows(bears, Aanbieder.LOKAAL_TEAM, Ontvangersoort.KETENPARTNER)
    yield from _contradicted_elsewhere(bears, Aanbieder.LOKAAL_TEAM, Ontvangersoort.KETENPARTNER)
    for door in (Aanbieder.VEILIG_THUIS, Aanbieder.LOKAAL_TEAM):
        yield from _said_of_one_of_two(bears, door)


def _asked(verhaal: Voorbeeld, door: Aanbieder, asked: Ontvangersoort) -> Iterator[Voorbeeld]:
    """One asks another party to take over: it does not arrive, or that party answers, itself or as others say."""
    offered = _offer(verhaal, door, asked, _ANDER_AANBOD if door is Aanbieder.KETENPARTNER else _AANBOD)
    refused, taken = _answer(offered, Anker.OVERDRACHT_GEWEIGERD), _answer(offered, Anker.OVERDRACHT_OPGEPAKT)
    yield offered
    yield offered.then(Anker.AFLEVERING_GESTAGNEERD, _HUB, same=offered.gebeurd[-1])
    yield refused
    yield refused.said(betwist=True)
    yield taken
    yield taken.said(volgens=door.value)


def _follows(verhaal: Voorbeeld, door: Aanbieder, asked: Ontvangersoort) -> Iterator[Voorbeeld]:
    """What that party says after it was asked, or took over."""
    offered = _offer(verhaal, door, asked, _AANBOD)
    taken = _answer(offered, Anker.OVERDRACHT_OPGEPAKT)
    yield _answer(offered, Anker.WACHTLIJST_GEMELD)
    yield _answer(taken, Anker.OVERDRACHT_TERUGGEKOPPELD)
    yield _answer(taken.said(volgens=door.value), Anker.OVERDRACHT_OPGEPAKT)


def _proven_while_the_team_works(waits: Voorbeeld) -> Voorbeeld:
    """Others say that another party took over; the team, that was sent it, takes it up. That answers nothing of it."""
    offered = _offer(waits, Aanbieder.VEILIG_THUIS, Ontvangersoort.KETENPARTNER, _AANBOD)
    proven = _answer(offered, Anker.OVERDRACHT_OPGEPAKT).said(volgens=_VT)
    return proven.then(Anker.OVERDRACHT_OPGEPAKT, Ontvangersoort.LOKAAL_TEAM, na=timedelta(minutes=20), over=_EERSTE)


def _contradicted_elsewhere(verhaal: Voorbeeld, door: Aanbieder, other: Ontvangersoort) -> Iterator[Voorbeeld]:
    """One party took over; another that was asked as well, and is said to have done so, says that it did not."""
    asked = _offer(verhaal, door, Ontvangersoort.KETENPARTNER, _AANBOD)
    both = _offer(asked, door, other, _ANDER_AANBOD)
    taken = _answer(both, Anker.OVERDRACHT_OPGEPAKT, asked.gebeurd[-1])
    yield _answer(taken, Anker.OVERDRACHT_GEWEIGERD, both.gebeurd[-1]).said(betwist=True)


def _said_of_one_of_two(verhaal: Voorbeeld, door: Aanbieder) -> Iterator[Voorbeeld]:
    """Others say that one of two took over: the other does so itself, or the one confirms it."""
    naam = _DERDE_AANBOD if door is Aanbieder.KETENPARTNER else _AANBOD
    asked = _offer(verhaal, door, Ontvangersoort.KETENPARTNER, naam)
    both = _offer(asked, door, Ontvangersoort.KETENPARTNER, _ANDER_AANBOD)
    proven = _answer(both, Anker.OVERDRACHT_OPGEPAKT, asked.gebeurd[-1]).said(volgens=door.value)
    for answers in (both, asked):
        yield _answer(proven, Anker.OVERDRACHT_OPGEPAKT, answers.gebeurd[-1])


def _contradicted_after_overname(taken_in: Voorbeeld, asked: Ontvangersoort) -> Voorbeeld:
    """The meldpunt says that another party took over; Veilig Thuis had done so when that party says that it did not."""
    offered = _offer(taken_in, Aanbieder.MELDPUNT, asked, _AANBOD)
    taken = offered.then(Anker.MELDPUNTMELDING_OVERGENOMEN, _VT)
    return _answer(taken, Anker.OVERDRACHT_GEWEIGERD, offered.gebeurd[-1]).said(betwist=True)


def _answer(verhaal: Voorbeeld, anker: Anker, asked: Gebeurd | None = None) -> Voorbeeld:
    """The party that this (None: the last thing) is asked of says so."""
    item = asked or verhaal.gebeurd[-1]
    receiver = Drager(verhaal.omstandigheden(item)["ontvanger"])
    return verhaal.then(anker, verhaal.partij(receiver, item), same=item)


def _begin(anker: Anker, op: datetime, **situatie: str) -> Voorbeeld:
    begun = Gebeurd(anker, op, _HUB, derived_id(anker.soort))
    return Voorbeeld(derived_id("voorbeeld"), [begun], {**situatie}, {}, {})


def _direct(melding: Voorbeeld, ontvanger: Ontvangersoort) -> Voorbeeld:
    return _made(melding.then(Anker.TRIAGEBESLUIT_GENOMEN, "triagist"), ontvanger, SoortOverdracht.DIRECT)


def _stalled(melding: Voorbeeld, ontvanger: Ontvangersoort) -> Voorbeeld:
    """It is handed over and does not arrive."""
    sent = _sent(melding.then(Anker.TRIAGEBESLUIT_GENOMEN, "triagist"), ontvanger, SoortOverdracht.DIRECT)
    return sent.then(Anker.AFLEVERING_GESTAGNEERD, _HUB)


def _after_dienst(melding: Voorbeeld, ontvanger: Ontvangersoort) -> Voorbeeld:
    begun = melding.then(Anker.TRIAGEBESLUIT_GENOMEN, "triagist").then(Anker.DIENST_GESTART, _VT)
    return _made(begun.then(Anker.DIENST_AFGEROND, _VT, na=_LANG), ontvanger, SoortOverdracht.NA_DIENST)


def _in_crisis(verhaal: Voorbeeld) -> Voorbeeld:
    """It is decided that this is a crisis, by one besluit."""
    decided = verhaal.then(Anker.TRIAGEBESLUIT_GENOMEN, "triagist")
    besluit = decided.gebeurd[-1]
    crisis = replace(besluit, anker=Anker.ACUTE_CRISIS_VASTGESTELD)
    return replace(decided, gebeurd=[*decided.gebeurd, crisis])


def _sent(verhaal: Voorbeeld, ontvanger: Ontvangersoort, soort: SoortOverdracht) -> Voorbeeld:
    over, dienst = derived_id(_EERSTE), derived_id("dienst")
    known = replace(verhaal, ontvangers={over: ontvanger, dienst: ontvanger}, soorten={over: soort})
    return known.then(Anker.OVERDRACHT_AANGEMAAKT, _VT, na=timedelta(seconds=1))


def _made(verhaal: Voorbeeld, ontvanger: Ontvangersoort, soort: SoortOverdracht) -> Voorbeeld:
    return _sent(verhaal, ontvanger, soort).then(Anker.OVERDRACHT_AFGELEVERD, _HUB, na=timedelta(seconds=1))


def _offer(verhaal: Voorbeeld, door: Aanbieder, asked: Ontvangersoort, naam: str) -> Voorbeeld:
    over = derived_id(naam)
    known = replace(
        verhaal, ontvangers={**verhaal.ontvangers, over: asked}, aanbieders={**verhaal.aanbieders, over: door}
    )
    return known.then(Anker.OVERDRACHT_AANGEMAAKT, door.value, over=naam)
