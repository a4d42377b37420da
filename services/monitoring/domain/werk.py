"""What a case asks of whom now: of which party, in which role, since when and by when. For the home page of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from contracts.afspraken import Anker, Termijnstatus
from contracts.afspraken.ankers import Benoemd
from contracts.messages.documenten import Professional
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import Drager
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import HUB, Daad
from services.monitoring.domain.overnemen import passed_on
from services.monitoring.domain.relaties import Ogenblik, ended_at, readers_of, relaties_of
from services.monitoring.domain.toestand import (
    Escalatie,
    Escalatiestatus,
    Feit,
    Overdrachtbeeld,
    Overgang,
    Termijn,
    Toezicht,
)
from services.monitoring.domain.verder import at, goes_on
from services.runtime.unit.frozen import replace


class Werksoort(Benoemd):
    """What is asked, in the words of the page. It is shown to whoever may do one of `daden`."""

    kort: str
    """As a heading above many of them."""
    daden: tuple[Daad, ...]

    def __new__(cls, value: str, kort: str, label: str, *daden: Daad) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.kort, member.label, member.daden = kort, label, daden or (Daad.CASUS_BEHANDELEN,)
        return member

    ESCALATIE = "escalatie", "Escalaties", "Escalatie oppakken en afhandelen", Daad.ESCALATIE_BEHANDELEN
    TRIAGE = "triage", "Wacht op triage", "Melding beoordelen: neem een triagebesluit", Daad.MELDING_BEHANDELEN
    MELDPUNT = (
        "meldpunt",
        "Meldpunt: niet overgenomen",
        "Meldpuntmelding overdragen: nog niemand nam haar over",
        Daad.MELDPUNTMELDING_OVERNEMEN,
    )
    OVERNAME = (
        "overname",
        "Over te nemen van het meldpunt",
        "Meldpuntmelding overnemen: het meldpunt houdt de regie tot u dat doet",
        Daad.MELDPUNTMELDING_OVERNEMEN,
    )
    AANBOD = (
        "aanbod",
        "Nieuwe overdrachten",
        "Overdracht bekijken: bevestig de ontvangst of weiger",
        Daad.OVERDRACHT_BEANTWOORDEN,
    )
    OPPAKKEN = "oppakken", "Op te pakken", "Overdracht oppakken: zeg wie ermee verdergaat", Daad.OVERDRACHT_BEANTWOORDEN
    WACHTLIJST = "wachtlijst", "Wachtlijst", "Op de wachtlijst: pak op wanneer dat kan", Daad.OVERDRACHT_BEANTWOORDEN
    HERWEGING = "herweging", "Opnieuw wegen", "Opnieuw wegen: de casus kwam terug", Daad.MELDING_BEHANDELEN
    MONITORING = "monitoring", "Monitoring", "Monitormoment plannen en houden"
    TERMIJN = "termijn", "Andere termijnen", "Termijn halen"
    SIGNAAL_VERSTUREN = (
        "signaal-versturen",
        "Signalen te versturen",
        "Structureel signaal bekijken en versturen",
        Daad.SIGNAAL_OPSTELLEN,
        Daad.SIGNAAL_VERSTUREN,
    )
    SIGNAAL_BEANTWOORDEN = (
        "signaal-beantwoorden",
        "Signalen te beantwoorden",
        "Structureel signaal beantwoorden",
        Daad.SIGNAAL_BEANTWOORDEN,
    )
    AFLEVERING = (
        "aflevering",
        "Komt niet aan",
        "Aflevering lukt niet: bel de ontvanger",
        Daad.CASUS_BEHANDELEN,
        Daad.ENDPOINTS_BEHEREN,
    )
    STILSTAND = (
        "stilstand",
        "Staat stil",
        "Houvast kan een bericht niet verwerken: volg de casus zelf",
        Daad.CASUS_BEHANDELEN,
        Daad.DODE_BERICHTEN_BEHANDELEN,
    )


_CANNOT_WAIT = frozenset(
    {
        Werksoort.ESCALATIE,
        Werksoort.TRIAGE,
        Werksoort.MELDPUNT,
        Werksoort.OVERNAME,
        Werksoort.AANBOD,
        Werksoort.OPPAKKEN,
        Werksoort.WACHTLIJST,
        Werksoort.HERWEGING,
        Werksoort.AFLEVERING,
        Werksoort.STILSTAND,
    }
)
"""What holds up everybody else while a case is a crisis, whatever its term allows."""
_IN_CRISIS = frozenset({Anker.CRISISCONTACT_GELEGD, Anker.CRISISSTAP_GEZET})
"""Terms that there are in a crisis alone, and cannot wait either."""
_CRISIS_GOES_BEFORE = 366 * timedelta(days=1)
"""A crisis stands above everything that is late by less than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Werk:
    """One thing that is asked. `aan` is the code of a party, or `at_region`; `rol` where one role is called.

    `verstreken`: it is known to be late. A term whose end has passed while that is not so is not known yet.
    `crisis`: the case is one, and cannot wait for this until its term ends. `verder`: who goes on with what it is about.
    """

    id: UUID
    soort: Werksoort
    aan: str
    gemeente: str
    onderwerp_id: UUID
    sinds: datetime
    uiterlijk_op: datetime | None = None
    nadert_op: datetime | None = None
    telt_vanaf: datetime | None = None
    regel_id: str | None = None
    wat: str | None = None
    team: str | None = None
    rol: str | None = None
    opgepakt: bool = False
    verstreken: bool = False
    crisis: bool = False
    verder: Verzegeld[Professional] | None = None

    @property
    def rang(self) -> datetime:
        """What comes first is a crisis, then what is first due. What has no term counts since it is asked; a call does so
        since what it is about was owed, for the end of its rung is when the next is called, and not until when this one
        may wait.
        """
        due = self.telt_vanaf or self.uiterlijk_op or self.sinds
        return due - _CRISIS_GOES_BEFORE if self.crisis else due


def in_words(werk: Werk) -> str:
    """What is asked: by the term, where that says more than its kind."""
    return werk.wat if werk.wat is not None and werk.soort in _NAMED_BY_TERM else werk.soort.label


_NAMED_BY_TERM = frozenset({Werksoort.TERMIJN, Werksoort.MONITORING})


def at_region(drager: Drager, regio: str) -> str:
    """How a party is named that is the only one of its kind in its region."""
    return f"{drager.value}@{regio}"


def find_werk(
    casus_id: UUID, toezicht: Toezicht, standing: list[Overgang], readers: frozenset[str] | None = None
) -> Iterator[Werk]:
    """Everything that is asked now, each once. `standing` is the timeline of who bears zicht, `readers` who may read the
    case, where whoever asks knows both already.
    """
    if toezicht.regio is None or toezicht.gemeente is None:
        return
    if readers is None:
        readers = readers_of(relaties_of(toezicht))
    ended = {identifier: ended_at(toezicht, beeld) for identifier, beeld in toezicht.overdrachten.items()}
    case = _Case(casus_id, toezicht, toezicht.regio, toezicht.gemeente, standing, readers, ended)
    busy = tuple(goes_on(toezicht))
    for werk in _all(case):
        if "@" in werk.aan or werk.aan == HUB or werk.aan in case.readers:
            cannot_wait = toezicht.is_crisis and werk.soort in _CANNOT_WAIT and not werk.opgepakt
            known = replace(werk, verder=at(busy, werk.onderwerp_id, werk.aan)) if busy else werk
            yield replace(known, crisis=True) if cannot_wait else known


@dataclass(frozen=True, slots=True)
class _Case:
    id: UUID
    toezicht: Toezicht
    regio: str
    gemeente: str
    standing: list[Overgang]
    readers: frozenset[str]
    ended: Mapping[UUID, Ogenblik | None]
    """Of each overdracht, when it was no longer with its receiver."""
    asked: set[tuple[Werksoort, UUID]] = field(default_factory=set[tuple[Werksoort, UUID]])

    @property
    def veilig_thuis(self) -> str:
        return at_region(Drager.VEILIG_THUIS, self.regio)

    @property
    def closed(self) -> Feit | None:
        return self.toezicht.first(Anker.CASUS_GESLOTEN, None)


def _all(case: _Case) -> Iterator[Werk]:
    for escalatie in case.toezicht.escalaties.values():
        if escalatie.status is not Escalatiestatus.AFGEHANDELD:
            yield _called(case, escalatie)
    for termijn in case.toezicht.termijnen.values():
        if _is_asked(case, termijn):
            werk = _owed(case, termijn)
            case.asked.add((werk.soort, werk.onderwerp_id))
            yield werk
    for beeld in case.toezicht.overdrachten.values():
        yield from _of_overdracht(case, beeld)
    yield from _at_meldpunt(case)
    yield from _of_signaal(case)
    if case.toezicht.stilstand:
        since = min(item.sinds for item in case.toezicht.stilstand.values())
        for aan in (HUB, case.veilig_thuis):
            yield _werk(case, Werksoort.STILSTAND, aan, case.id, since)


def _werk(
    case: _Case, soort: Werksoort, aan: str, over: UUID, sinds: datetime, *, until: datetime | None = None
) -> Werk:
    identifier = derived_id("werk", str(case.id), soort.value, aan, str(over))
    return Werk(
        id=identifier,
        soort=soort,
        aan=aan,
        gemeente=case.gemeente,
        onderwerp_id=over,
        sinds=sinds,
        uiterlijk_op=until,
    )


def _called(case: _Case, escalatie: Escalatie) -> Werk:
    termijn = None if escalatie.termijn_id is None else case.toezicht.termijnen.get(escalatie.termijn_id)
    return Werk(
        id=derived_id("werk", str(escalatie.id)),
        soort=Werksoort.ESCALATIE,
        aan=escalatie.bij,
        gemeente=escalatie.gemeente,
        onderwerp_id=escalatie.id,
        sinds=escalatie.geroepen_op,
        uiterlijk_op=escalatie.volgende_op,
        telt_vanaf=escalatie.gestart_op if termijn is None else termijn.begint_op,
        regel_id=escalatie.regel_id,
        wat=termijn and termijn.label,
        team=escalatie.team,
        rol=escalatie.rol,
        opgepakt=escalatie.status is Escalatiestatus.OPGEPAKT,
    )


def _is_asked(case: _Case, termijn: Termijn) -> bool:
    """Whether somebody can still do it, and what it is about goes on."""
    return _is_open(case, termijn) and case.ended.get(termijn.onderwerp_id) is None


def _is_open(case: _Case, termijn: Termijn) -> bool:
    """Whether it is neither met nor lapsed; what is late is open too."""
    if termijn.vervangen_door is not None or termijn.status not in {Termijnstatus.LOPEND, Termijnstatus.VERSTREKEN}:
        return False
    return case.closed is None or case.closed.op < termijn.begint_op


def _owed(case: _Case, termijn: Termijn) -> Werk:
    return Werk(
        id=derived_id("werk", str(termijn.id)),
        soort=_soort_of(termijn),
        aan=_debtor(case, termijn),
        gemeente=termijn.gemeente,
        onderwerp_id=termijn.onderwerp_id,
        sinds=termijn.begint_op,
        uiterlijk_op=termijn.eindigt_op,
        nadert_op=termijn.nadert_op,
        regel_id=termijn.regel_id,
        wat=termijn.label,
        team=termijn.team,
        verstreken=termijn.status is Termijnstatus.VERSTREKEN,
        crisis=not _IN_CRISIS.isdisjoint(termijn.tot),
    )


def _soort_of(termijn: Termijn) -> Werksoort:
    if termijn.is_van_monitoring:
        return Werksoort.MONITORING
    if termijn.verantwoordelijke is Drager.MELDPUNT:
        return Werksoort.MELDPUNT
    ends = {
        Anker.TRIAGEBESLUIT_GENOMEN: Werksoort.TRIAGE,
        Anker.ONTVANGST_BEVESTIGD: Werksoort.AANBOD,
        Anker.OVERDRACHT_OPGEPAKT: Werksoort.OPPAKKEN,
        Anker.STRUCTUREEL_SIGNAAL_BEANTWOORD: Werksoort.SIGNAAL_BEANTWOORDEN,
    }
    return next((soort for anker, soort in ends.items() if anker in termijn.tot), Werksoort.TERMIJN)


def _debtor(case: _Case, termijn: Termijn) -> str:
    match termijn.verantwoordelijke:
        case Drager.LOKAAL_TEAM | Drager.GEMEENTE:
            return termijn.gemeente
        case Drager.KETENPARTNER if termijn.partij is not None:
            return termijn.partij
        case drager:
            return at_region(drager, case.regio)


def _of_overdracht(case: _Case, beeld: Overdrachtbeeld) -> Iterator[Werk]:
    over = beeld.overdracht_id

    def first(anker: Anker) -> Feit | None:
        return case.toezicht.first(anker, over)

    if case.ended[over] is not None:
        yield from _to_weigh_again(case, beeld)
        return
    if case.closed is not None:
        return
    delivered = first(Anker.OVERDRACHT_AFGELEVERD)
    made = delivered or first(Anker.OVERDRACHT_AANGEMAAKT)
    if beeld.gestagneerd_op is not None and delivered is None:
        for aan in (HUB, case.veilig_thuis):
            yield _werk(case, Werksoort.AFLEVERING, aan, over, beeld.gestagneerd_op)
    if made is None or (first(Anker.OVERDRACHT_OPGEPAKT) is not None and not beeld.is_gevraagd):
        return
    waits = first(Anker.WACHTLIJST_GEMELD) or first(Anker.NIET_OP_TE_PAKKEN)
    if waits is not None:
        yield _werk(case, Werksoort.WACHTLIJST, beeld.ontvanger, over, waits.op, until=waits.voor)
        return
    soort = Werksoort.AANBOD if first(Anker.ONTVANGST_BEVESTIGD) is None else Werksoort.OPPAKKEN
    if (soort, over) not in case.asked:
        yield _werk(case, soort, beeld.ontvanger, over, made.op)


def _to_weigh_again(case: _Case, beeld: Overdrachtbeeld) -> Iterator[Werk]:
    """It came back, Veilig Thuis bears zicht on it, and has not decided anew."""
    back = [
        feit
        for anker in (Anker.OVERDRACHT_TERUGGEKOPPELD, Anker.OVERDRACHT_GEWEIGERD)
        if (feit := case.toezicht.first(anker, beeld.overdracht_id)) is not None
    ]
    bears = case.standing[-1].drager if case.standing else None
    if not back or beeld.aangeboden_door is not None or bears is not Drager.VEILIG_THUIS:
        return
    decided = {
        Anker.TRIAGEBESLUIT_GENOMEN,
        Anker.OVERDRACHT_AANGEMAAKT,
        Anker.DIENST_GESTART,
        Anker.CASUS_GESLOTEN,
    }
    since = min(feit.op for feit in back)
    if any(feit.anker in decided and feit.op > since for feit in case.toezicht.feiten):
        return
    werk = _werk(case, Werksoort.HERWEGING, case.veilig_thuis, beeld.overdracht_id, since)
    terms = [one for one in case.toezicht.termijnen.values() if one.onderwerp_id == beeld.overdracht_id]
    weighing = [one for one in terms if Anker.TRIAGEBESLUIT_GENOMEN in one.tot and _is_open(case, one)]
    for termijn in sorted(weighing, key=lambda one: one.eindigt_op)[:1]:
        late = termijn.status is Termijnstatus.VERSTREKEN
        werk = replace(werk, uiterlijk_op=termijn.eindigt_op, nadert_op=termijn.nadert_op, verstreken=late)
    yield werk


def _at_meldpunt(case: _Case) -> Iterator[Werk]:
    bears = case.standing[-1] if case.standing else None
    if bears is None or bears.drager is not Drager.MELDPUNT or bears.partij is None:
        return
    asked = any(soort is Werksoort.MELDPUNT for soort, _ in case.asked)
    if not asked:
        yield _werk(case, Werksoort.MELDPUNT, bears.partij, case.id, bears.vanaf)
    asks = passed_on(case.toezicht)
    if asks is not None:
        ends = (one for one in case.toezicht.termijnen.values() if Anker.MELDPUNTMELDING_OVERGENOMEN in one.tot)
        until = min((one.eindigt_op for one in ends if _is_asked(case, one)), default=None)
        yield _werk(case, Werksoort.OVERNAME, case.veilig_thuis, case.id, asks.op, until=until)


def _of_signaal(case: _Case) -> Iterator[Werk]:
    signaal = case.toezicht.signaal
    if signaal is None or signaal.vervallen_op is not None or signaal.beantwoord_op is not None:
        return
    if signaal.afgegeven_op is None:
        if signaal.opgesteld_op is not None:
            yield _werk(case, Werksoort.SIGNAAL_VERSTUREN, signaal.meldt, signaal.id, signaal.opgesteld_op)
    elif not any(soort is Werksoort.SIGNAAL_BEANTWOORDEN for soort, _ in case.asked):
        yield _werk(case, Werksoort.SIGNAAL_BEANTWOORDEN, case.gemeente, signaal.id, signaal.afgegeven_op)
