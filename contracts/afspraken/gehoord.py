"""Who always has to hear what, whatever a region lays over the vangnet; where agreements leave that out (G10).

These are expectations of what people hear in a case, not of how rules are written: agreements that see to it by other
rules are as good. What is asked of the bearer without an end is in `stilte`.

- Somebody bears zicht op veiligheid from the beginning.
- Whoever comes to bear zicht op veiligheid hears so at once, with spoed, unless it did that itself; whoever loses it
  hears so too.
- What comes back from a receiver is heard at once by who does the triage at Veilig Thuis, until it is weighed.
- A crisis is heard as one, at once and every four hours until somebody took a next step: by who does the triage at
  Veilig Thuis, by the meldpunt as long as it waits there, and by whoever bears zicht.
- Who is asked to take over hears it, and who asked hears that it does not. Veilig Thuis hears either, but for what the
  meldpunt asks in a case without a suspicion of huiselijk geweld or kindermishandeling.
- Who asked hears that its question does not arrive. Veilig Thuis hears that of what it sends itself by the delivery, and
  while a crisis does not arrive every four hours.
- Who is said to have taken over hears so at once, and in a crisis every four hours, until it says itself whether that is
  so. Whoever bears zicht hears that another contradicts it.
- Who was handed the case, or asked, and has nothing left to do because another took it over, hears so.
- A waiting list is heard by Veilig Thuis, and its end by both. Another melding about the household is heard by whoever
  bears zicht; that it is a crisis there, or in the case itself, at once and as one. Whoever comes to bear zicht while that
  other melding is open hears of it then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from contracts.afspraken.ankers import OVERDRACHT_KWAM_TERUG, Anker, Drager, Rol
from contracts.afspraken.berekening import end_of
from contracts.afspraken.duur import Duur, Eenheid
from contracts.afspraken.feiten import Aanbieder, Aanvaarding, Casusurgentie, MeldpuntUrgentie, MeldpuntVermoeden
from contracts.afspraken.mededelingen import comes_later, find_mededelingen, is_own, settles
from contracts.afspraken.model import Herinnering, Zichtbericht
from contracts.afspraken.overname import find_closed_parts, find_lost_parts, find_misled, overtakes_word, says_itself
from contracts.afspraken.situatie import is_offered, situatie_of
from contracts.afspraken.stilte import CRISIS_VOORBIJ, MELDPUNT_VOORBIJ, ROLLEN_BIJ, Stilte, find_crises, next_step
from contracts.afspraken.toepassing import find_bewegingen, follow_zicht

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contracts.afspraken.gebeurd import Gebeurd
    from contracts.afspraken.kalender import Kalender
    from contracts.afspraken.mededelingen import Mededeling
    from contracts.afspraken.model import Bericht
    from contracts.afspraken.model.basis import Spoedigheid
    from contracts.afspraken.rule_book import Afspraken
    from contracts.afspraken.situatie import Casus
    from contracts.afspraken.toepassing import Wisseling

ELKE_IN_CRISIS = Duur(4, Eenheid.UREN)
_AT_LEAST = timedelta(hours=4)
_RANG: Mapping[Spoedigheid, int] = {"gewoon": 0, "spoed": 1, "crisis": 2}
_TRIAGE = frozenset(rol for rol in Rol if Drager.VEILIG_THUIS in rol.dienst_bij)
"""Who is there day and night at Veilig Thuis, and weighs."""
_BUITEN_VEILIG_THUIS = frozenset({Drager.LOKAAL_TEAM, Drager.KETENPARTNER})
_GEWOGEN = CRISIS_VOORBIJ - {Anker.CRISISSTAP_GEZET}
_BEANTWOORD = frozenset({Anker.OVERDRACHT_OPGEPAKT, *OVERDRACHT_KWAM_TERUG, Anker.CASUS_GESLOTEN})
_WACHT_NIET_MEER = _BEANTWOORD | {Anker.WACHTLIJST_GEMELD, Anker.ANDERE_PARTIJ_AANVAARD}
_GESLOTEN = frozenset({Anker.CASUS_GESLOTEN})
_OVERGENOMEN = frozenset({Anker.OVERDRACHT_OPGEPAKT})
_AANGEKOMEN = frozenset(
    {Anker.OVERDRACHT_AFGELEVERD, Anker.ONTVANGST_BEVESTIGD, *OVERDRACHT_KWAM_TERUG, Anker.CASUS_GESLOTEN}
)
"""It need not be heard any more that what was sent does not arrive: it did, or counts no more."""
_VOOR_WIE_DRAAGT: Mapping[Anker, tuple[str, Spoedigheid]] = {
    Anker.HUISHOUDEN_OPNIEUW_GEMELD: ("er is een nieuwe melding over haar casus", "spoed"),
    Anker.HUISHOUDEN_IN_CRISIS: ("er is een crisis in het huishouden van haar casus", "crisis"),
    Anker.ACUTE_CRISIS_VASTGESTELD: ("haar casus wordt een acute crisis", "crisis"),
}
"""What whoever bears zicht outside Veilig Thuis has to hear at once."""
_BLIJFT = frozenset({Anker.HUISHOUDEN_OPNIEUW_GEMELD, Anker.HUISHOUDEN_IN_CRISIS})
"""Of these also whoever comes to bear it later, as long as that other case is open; and the meldpunt."""
_STAP_NA_STILSTAND = CRISIS_VOORBIJ - {Anker.OVERDRACHT_AANGEMAAKT, Anker.TRIAGEBESLUIT_GENOMEN}


@dataclass(frozen=True, slots=True)
class Verwachting:
    """A party has to hear of something from `op` to `tot` (None: as long as the case lasts).

    `meteen`: at that very moment. With `elke` again and again, never longer apart. `aanvaarding`: what it has to hear is
    who says so; what people are told whoever says it leaves that out.
    """

    waarom: str
    op: datetime
    partij: str
    rollen: frozenset[Rol]
    urgentie: Spoedigheid = "gewoon"
    tot: datetime | None = None
    meteen: bool = True
    elke: Duur | None = None
    aanvaarding: Aanvaarding | None = None


def find_ongehoord(casus: Casus, afspraken: Afspraken, *, until: datetime) -> Iterator[Stilte]:
    """Give every moment up to `until` from which somebody does not hear what it has to."""
    bewegingen = find_bewegingen(casus, afspraken)
    mededelingen = find_mededelingen(casus, bewegingen, afspraken)
    lines = follow_zicht(casus, bewegingen)
    begin = min(item.op for item in casus.gebeurd)
    if not lines or lines[0].op > begin:
        yield Stilte(begin, "niemand", "niemand draagt zicht op veiligheid")
    for verwachting in find_verwachtingen(casus, lines):
        if verwachting.op >= until or (verwachting.tot is not None and verwachting.tot <= verwachting.op):
            continue
        heard = [item for item in mededelingen if _fits(item, verwachting)]
        if verwachting.meteen and not any(_tells(item, verwachting) for item in heard):
            yield Stilte(verwachting.op, verwachting.partij, f"niet meteen verteld: {verwachting.waarom}")
        if verwachting.elke is not None:
            yield from _too_far_apart(verwachting, verwachting.elke, heard, afspraken.kalender, until)


def find_verwachtingen(casus: Casus, lines: Sequence[Wisseling]) -> Iterator[Verwachting]:
    """Give everything that somebody has to hear in this case."""
    yield from _of_zicht(casus, lines)
    yield from _of_bearers_in_crisis(casus, lines)
    for item in casus.gebeurd:
        yield from _of_lost_parts(casus, lines, item)
    for item in casus.gebeurd:
        yield from _of_crisis(casus, item)
        yield from _of_overdracht(casus, item)
        yield from _of_aanbod(casus, item)
        yield from _of_bewijs(casus, item)
        yield from _of_wachtlijst(casus, item)
        if item.betwist:
            yield from _of_betwisting(casus, lines, item)
        if item.anker in _VOOR_WIE_DRAAGT:
            yield from _of_household(casus, lines, item)


def _of_zicht(casus: Casus, lines: Sequence[Wisseling]) -> Iterator[Verwachting]:
    for before, line, after in zip((None, *lines), lines, (*lines[1:], None), strict=False):
        if line.gebeurd not in casus.gebeurd:  # of another case of the household: that case tells
            continue
        over = None if after is None else after.op
        naar = line.regel.naar
        if naar is not None and line.partij is not None and not is_own(casus, naar, line.partij, line.gebeurd):
            acts = (
                item.op
                for item in casus.gebeurd
                if item.op > line.op
                and (item.anker in _GEWOGEN or item.betwist or is_own(casus, naar, line.partij, item))
            )
            yield _to(naar, line.partij, "zij draagt zicht op veiligheid", line.op, "spoed", _earliest(over, *acts))
        if before is None or before.partij in {None, line.partij} or before.regel.naar is None:
            continue
        assert before.partij is not None, "somebody bore it"
        again = next((later.op for later in lines if later.op >= line.op and later.partij == before.partij), None)
        if not is_own(casus, before.regel.naar, before.partij, line.gebeurd):
            lost, till = (
                "zij draagt zicht op veiligheid niet meer",
                _earliest(again, _first(casus, line.gebeurd, _GESLOTEN)),
            )
            yield _to(before.regel.naar, before.partij, lost, line.op, "gewoon", till)


def _of_lost_parts(casus: Casus, lines: Sequence[Wisseling], item: Gebeurd) -> Iterator[Verwachting]:
    for drager, partij, _ in find_closed_parts(casus, lines, item):
        yield _to(drager, partij, "de casus is gesloten", item.op, "gewoon", None)
    for drager, partij, _ in find_misled(casus, lines, item):
        till = _first(casus, item, _GESLOTEN)
        yield _to(drager, partij, "een ander dan gezegd nam over", item.op, "gewoon", till)
    for drager, partij, _ in find_lost_parts(casus, lines, item):
        anew = (
            other.op
            for other in casus.gebeurd
            if other.anker is Anker.OVERDRACHT_AANGEMAAKT
            and other.op > item.op
            and casus.partij(drager, other) == partij
        )
        till = _earliest(_first(casus, item, _GESLOTEN), *anew)
        yield _to(drager, partij, "een ander neemt over wat bij haar lag", item.op, "gewoon", till)


def _of_bearers_in_crisis(casus: Casus, lines: Sequence[Wisseling]) -> Iterator[Verwachting]:
    """Veilig Thuis and the meldpunt hear of it because it is theirs to act in; who else bears zicht is told as well."""
    for line, after in pairwise((*lines, None)):
        naar = None if line is None else line.regel.naar
        if line is None or line.partij is None or naar is None or naar not in _BUITEN_VEILIG_THUIS:
            continue
        over = None if after is None else after.op
        for begin, end in find_crises(casus):
            since = max(begin, line.op)
            till = _earliest(end, over)
            asked = _to(naar, line.partij, "de crisis bij haar casus duurt", since, "crisis", till)
            yield replace(asked, meteen=False, elke=ELKE_IN_CRISIS)


def _of_crisis(casus: Casus, item: Gebeurd) -> Iterator[Verwachting]:
    situatie = situatie_of(casus, item)
    acuut = situatie.get("meldpunt_urgentie") == MeldpuntUrgentie.ACUUT
    hgkm = situatie.get("meldpunt_vermoeden") == MeldpuntVermoeden.HGKM
    crisis = situatie.get("urgentie") == Casusurgentie.CRISIS
    veilig_thuis = casus.partij(Drager.VEILIG_THUIS, item)
    match item.anker:
        case Anker.MELDPUNTMELDING_ONTVANGEN if acuut:
            till = _first(casus, item, MELDPUNT_VOORBIJ)
            meldpunt = casus.partij(Drager.MELDPUNT, item)
            yield replace(
                _to(Drager.MELDPUNT, meldpunt, "een crisis wacht bij het meldpunt", item.op, "crisis", till),
                elke=ELKE_IN_CRISIS,
            )
            if hgkm:
                yield _of_triage(veilig_thuis, "het meldpunt ontving een crisis", item.op, till)
        case Anker.MELDPUNTMELDING_OVERGENOMEN if acuut and not hgkm:
            till = _first(casus, item, CRISIS_VOORBIJ)
            yield replace(_of_triage(veilig_thuis, "de overgenomen crisis duurt", item.op, till), meteen=False)
        case Anker.MELDING_ONTVANGEN if crisis:
            yield _of_triage(veilig_thuis, "er is een melding met urgentie crisis", item.op, next_step(casus, item))
        case Anker.ACUTE_CRISIS_VASTGESTELD:
            till = next_step(casus, item)
            yield replace(_of_triage(veilig_thuis, "de acute crisis duurt", item.op, till), meteen=False)
        case Anker.OVERDRACHT_AFGELEVERD:
            till = next_step(casus, item)
            yield replace(_of_triage(veilig_thuis, "de afgeleverde crisis duurt", item.op, till), meteen=False)
        case _ if item.anker in OVERDRACHT_KWAM_TERUG and crisis:
            till = next_step(casus, item)
            yield replace(_of_triage(veilig_thuis, "de teruggekomen crisis duurt", item.op, till), meteen=False)
        case Anker.AFLEVERING_GESTAGNEERD if crisis and not is_offered(casus, item):
            till = _earliest(_first(casus, item, _AANGEKOMEN, same=True), _first(casus, item, _STAP_NA_STILSTAND))
            yield replace(_of_triage(veilig_thuis, "een crisis komt niet aan", item.op, till), meteen=False)
        case _:
            return


def _of_overdracht(casus: Casus, item: Gebeurd) -> Iterator[Verwachting]:
    given_back = item.anker is Anker.OVERDRACHT_TERUGGEKOPPELD
    if given_back or (item.anker in OVERDRACHT_KWAM_TERUG and not is_offered(casus, item)):
        till = _first(casus, item, _GEWOGEN)
        veilig_thuis = casus.partij(Drager.VEILIG_THUIS, item)
        yield Verwachting("een overdracht kwam terug", item.op, veilig_thuis, _TRIAGE, "spoed", till)


def _of_aanbod(casus: Casus, item: Gebeurd) -> Iterator[Verwachting]:
    """Who is asked, and who asked; Veilig Thuis hears either."""
    if item.anker.soort != "overdracht" or not is_offered(casus, item):
        return
    situatie = situatie_of(casus, item)
    veilig_thuis = casus.partij(Drager.VEILIG_THUIS, item)
    ontvanger, aanbieder = situatie.get("ontvanger"), situatie.get("aanbieder")
    asker = Drager(aanbieder) if aanbieder is not None and aanbieder != Aanbieder.VEILIG_THUIS else None
    closed = _first(casus, item, _GESLOTEN)
    if item.anker is Anker.OVERDRACHT_AANGEMAAKT and ontvanger is not None:
        asked, till = Drager(ontvanger), _first(casus, item, _BEANTWOORD, same=True)
        yield _to(asked, casus.partij(asked, item), "zij wordt gevraagd over te nemen", item.op, "spoed", till)
    if item.anker is Anker.AFLEVERING_GESTAGNEERD and asker is not None:
        till = _earliest(_first(casus, item, _AANGEKOMEN, same=True), _first(casus, item, _OVERGENOMEN))
        yield _to(asker, casus.aanbieder(item), "wat zij vroeg komt niet aan", item.op, "spoed", till)
    if item.anker is Anker.OVERDRACHT_GEWEIGERD:
        if aanbieder != Aanbieder.MELDPUNT or situatie.get("meldpunt_vermoeden") == MeldpuntVermoeden.HGKM:
            yield Verwachting("een andere partij neemt niet over", item.op, veilig_thuis, _TRIAGE, "spoed", closed)
        if asker is not None:
            yield _to(asker, casus.aanbieder(item), "wie zij vroeg neemt niet over", item.op, "spoed", closed)
    if item.anker is Anker.OVERDRACHT_OPGEPAKT and aanbieder == Aanbieder.LOKAAL_TEAM:
        yield _to(Drager.VEILIG_THUIS, veilig_thuis, "een andere partij nam over", item.op, "gewoon", closed)


def _of_bewijs(casus: Casus, item: Gebeurd) -> Iterator[Verwachting]:
    """What others say of a party: it hears so until it says itself whether that is so."""
    if item.volgens is None or item.anker is not Anker.OVERDRACHT_OPGEPAKT:
        return
    situatie = situatie_of(casus, item)
    said = Drager(situatie.get("ontvanger", Drager.KETENPARTNER))
    if any(says_itself(other, item) and other.op <= item.op for other in casus.gebeurd):
        return
    answers = (other.op for other in casus.gebeurd if other.op >= item.op and _answers(casus, other, item))
    till = min(answers, default=None)
    told = _to(said, casus.partij(said, item), "volgens een ander nam zij over", item.op, "spoed", till)
    asked = replace(told, aanvaarding=Aanvaarding.VOLGENS_EEN_ANDER)
    yield asked
    acuut = situatie.get("meldpunt_urgentie") == MeldpuntUrgentie.ACUUT
    if acuut or situatie.get("urgentie") == Casusurgentie.CRISIS:
        yield replace(asked, urgentie="crisis", meteen=False, elke=ELKE_IN_CRISIS)


def _answers(casus: Casus, other: Gebeurd, item: Gebeurd) -> bool:
    if other.anker is Anker.CASUS_GESLOTEN or overtakes_word(casus, other, item):
        return True
    return other.anker in _BEANTWOORD and other.onderwerp_id == item.onderwerp_id and other.volgens is None


def _of_betwisting(casus: Casus, lines: Sequence[Wisseling], item: Gebeurd) -> Iterator[Verwachting]:
    line, naar = _bearer_at(lines, item)
    if line is None or line.partij is None or naar is None or is_own(casus, naar, line.partij, item):
        return
    till = _first(casus, item, _GESLOTEN)
    told = _to(naar, line.partij, "een ander betwist dat zij overnam", item.op, "spoed", till)
    yield replace(told, aanvaarding=Aanvaarding.BETWIST)


def _of_wachtlijst(casus: Casus, item: Gebeurd) -> Iterator[Verwachting]:
    if item.anker is not Anker.WACHTLIJST_GEMELD:
        return
    veilig_thuis = casus.partij(Drager.VEILIG_THUIS, item)
    till = _first(casus, item, _WACHT_NIET_MEER)
    yield _to(Drager.VEILIG_THUIS, veilig_thuis, "de casus staat op een wachtlijst", item.op, "gewoon", till)
    if item.voor is None:
        return
    receiver = Drager(casus.omstandigheden(item).get("ontvanger", Drager.LOKAAL_TEAM))
    for drager in (Drager.VEILIG_THUIS, receiver):
        yield _to(drager, casus.partij(drager, item), "de wachtlijst is voorbij", item.voor, "spoed", till)


def _of_household(casus: Casus, lines: Sequence[Wisseling], item: Gebeurd) -> Iterator[Verwachting]:
    waarom, urgentie = _VOOR_WIE_DRAAGT[item.anker]
    closed = _first(casus, item, _GESLOTEN)
    for later, following in comes_later(casus, lines, item) if item.anker in _BLIJFT else ():
        if later.partij is not None and later.regel.naar is not None and later.regel.naar in _BUITEN_VEILIG_THUIS:
            till = _earliest(closed, None if following is None else following.op)
            yield _to(later.regel.naar, later.partij, waarom, later.op, urgentie, till)
    line, naar = _bearer_at(lines, item)
    hears = {*_BUITEN_VEILIG_THUIS, *((Drager.MELDPUNT,) if item.anker in _BLIJFT else ())}
    if line is None or line.partij is None or naar is None or naar not in hears:
        return
    if not is_own(casus, naar, line.partij, item):
        yield _to(naar, line.partij, waarom, item.op, urgentie, closed)


def _bearer_at(lines: Sequence[Wisseling], item: Gebeurd) -> tuple[Wisseling | None, Drager | None]:
    line = next((line for line in reversed(lines) if line.op <= item.op), None)
    return line, None if line is None else line.regel.naar


def _to(
    drager: Drager, partij: str, waarom: str, op: datetime, urgentie: Spoedigheid, tot: datetime | None
) -> Verwachting:
    return Verwachting(waarom, op, partij, ROLLEN_BIJ[drager], urgentie, tot)


def _of_triage(partij: str, waarom: str, op: datetime, tot: datetime | None) -> Verwachting:
    return Verwachting(waarom, op, partij, _TRIAGE, "crisis", tot, elke=ELKE_IN_CRISIS)


def _first(casus: Casus, item: Gebeurd, ankers: frozenset[Anker], *, same: bool = False) -> datetime | None:
    """When one of these came after this; with `same` of an overdracht only what is about the same one."""
    found = (
        other.op
        for other in casus.gebeurd
        if other.op >= item.op
        and other is not item
        and settles(casus, other, ankers)
        and not (same and other.anker.soort == item.anker.soort and other.onderwerp_id != item.onderwerp_id)
    )
    return min(found, default=None)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((op for op in moments if op is not None), default=None)


def _fits(item: Mededeling, verwachting: Verwachting) -> bool:
    """Whether this is told to somebody there who can act, and soon enough."""
    is_soon = _RANG[item.regel.urgentie] >= _RANG[verwachting.urgentie]
    if not (item.partij == verwachting.partij and item.regel.rol in verwachting.rollen and is_soon):
        return False
    return verwachting.aanvaarding is None or verwachting.aanvaarding is _told_of(item.regel)


def _told_of(regel: Bericht | Zichtbericht | Herinnering) -> Aanvaarding | None:
    alleen_bij = None if isinstance(regel, Zichtbericht) else regel.alleen_bij
    return None if alleen_bij is None else alleen_bij.aanvaarding


def _tells(item: Mededeling, verwachting: Verwachting) -> bool:
    """Whether it is told then, and not taken back before it need not be heard any more."""
    if isinstance(item.regel, Herinnering) or item.vanaf != verwachting.op:
        return False
    return item.tot is None or (verwachting.tot is not None and item.tot >= verwachting.tot)


def _too_far_apart(
    verwachting: Verwachting, elke: Duur, heard: Iterable[Mededeling], kalender: Kalender, until: datetime
) -> Iterator[Stilte]:
    end = until if verwachting.tot is None else min(verwachting.tot, until)
    signs = {verwachting.op}
    for item in heard:
        told = item.momenten(kalender, na=verwachting.op if item.vanaf < verwachting.op else None)
        signs.update(op for op in takewhile(lambda op: op <= end, told) if op >= verwachting.op)
    for sign, following in pairwise((*sorted(signs), end)):
        if following - sign > _AT_LEAST and following > end_of(sign, elke, kalender, verlengen=False).astimezone(UTC):
            why = f"daarna hoort zij niet binnen {elke} en met spoed {verwachting.urgentie}: {verwachting.waarom}"
            yield Stilte(sign, verwachting.partij, why)
            return
