"""Which acts are possible in a case as it is now: one table, a rule for each act of `HANDELINGEN`.

A rule looks at the case and at nobody: for whom an act is, the relations that it gives say, and the table of rights
(`contracts.rechten`) decides. What is done in triage and handover those services decide by their own state; here it is
judged by what monitoring heard of them, which is the same once everything was heard.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.afspraken import MONITORING_STOPT, Afspraken, Anker, Termijnstatus, local_date
from contracts.messages.monitoring import Drager
from contracts.rechten import Daad, Relatie, may
from services.monitoring.domain import correcties, escalaties, overnemen, signalen
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.elders import OVERDRACHT, SAMENWERKING, TRIAGE, Elders
from services.monitoring.domain.monitoring import Monitoringfase, phase_of
from services.monitoring.domain.relaties import of_escalatie, relaties_for
from services.monitoring.domain.sluiten import is_closed, why_not_close
from services.monitoring.domain.standen import waits_at
from services.monitoring.domain.toestand import Escalatie, Escalatiestatus, Termijn, Toezicht
from services.monitoring.domain.wie import Wie
from services.monitoring.domain.zicht import zicht_at

GEMIST = frozenset({Termijnstatus.VERSTREKEN, Termijnstatus.TE_LAAT_GEHAALD})


@dataclass(frozen=True, slots=True)
class Mogelijkheid:
    """An act on one thing of the case, and the relations to that thing of who looks.

    `waarom_niet`: it would be for this party, and cannot be done now; the reason in Dutch. `voor`: a term of this party
    that runs or passed asks for it, until then.
    """

    naam: str
    over_id: UUID
    relaties: frozenset[Relatie]
    waarom_niet: str | None = None
    voor: datetime | None = None


@dataclass(frozen=True, slots=True)
class Blik:
    """A case as one party looks at it at one moment."""

    casus: Casus
    afspraken: Afspraken
    wie: Wie
    now: datetime

    @property
    def toezicht(self) -> Toezicht:
        return self.casus.toezicht

    @property
    def fase(self) -> Monitoringfase | None:
        """The monitoring that runs."""
        return phase_of(self.toezicht, self.afspraken)

    @property
    def relaties(self) -> frozenset[Relatie]:
        """How this party stands to the case as a whole."""
        return relaties_for(self.toezicht, self.wie)

    @property
    def is_gesloten(self) -> bool:
        return is_closed(self.toezicht)

    @property
    def elders(self) -> Elders:
        """What triage and handover are asked about."""
        return Elders(self.toezicht, self.afspraken, self.casus.casus_id, self.wie, self.now)

    def mine(self, termijn: Termijn) -> bool:
        """Whether this party is the one that has to keep the term."""
        return self.code(termijn.verantwoordelijke, termijn.gemeente, termijn.partij) in self.wie.codes

    def code(self, drager: Drager, gemeente: str | None = None, partij: str | None = None) -> str:
        """Which party this bearer is in this case."""
        regio, here = self.toezicht.regio or "", gemeente or self.toezicht.gemeente or ""
        return self.casus.partijen.code(drager, regio=regio, gemeente=here, partij=partij)


Regel = Callable[[Blik, str], Iterator[Mogelijkheid]]


def mogelijkheden(blik: Blik) -> list[Mogelijkheid]:
    """Every act that this case, as it is, leaves room for, in the order of the table."""
    found = [item for naam, regel in REGELS.items() for item in regel(blik, naam)]
    return [_asked(item, blik) for item in found]


def gevraagde_termijnen(blik: Blik) -> list[Termijn]:
    """What this party has to do by when: its terms that are neither met nor lapsed, the first to end first."""
    open_statussen = {Termijnstatus.LOPEND, Termijnstatus.VERSTREKEN}
    found = (
        termijn
        for termijn in blik.toezicht.termijnen.values()
        if termijn.status in open_statussen and termijn.vervangen_door is None and blik.mine(termijn)
    )
    return sorted(found, key=lambda termijn: (termijn.eindigt_op, termijn.id))


def _asked(item: Mogelijkheid, blik: Blik) -> Mogelijkheid:
    """With the end of the first term of this party that this act meets."""
    anker = DOET.get(item.naam)
    if anker is None or item.waarom_niet is not None:
        return item
    ends = (
        termijn.eindigt_op
        for termijn in gevraagde_termijnen(blik)
        if anker in termijn.tot and _is_about(termijn, item, blik)
    )
    voor = next(ends, None)
    return item if voor is None else Mogelijkheid(item.naam, item.over_id, item.relaties, voor=voor)


def _is_about(termijn: Termijn, item: Mogelijkheid, blik: Blik) -> bool:
    """An act on one overdracht, samenwerking or moment meets the terms of that one; an act in the case any."""
    if item.naam in {"monitormoment-vastleggen", "monitormoment-inplannen"}:
        moment = blik.toezicht.current(item.over_id)
        return termijn.is_van_monitoring and (termijn is moment or not termijn.is_monitormoment)
    things = {*blik.toezicht.overdrachten, *blik.toezicht.samenwerkingen}
    return item.over_id not in things or termijn.onderwerp_id == item.over_id


DOET: Mapping[str, Anker] = {
    "triagebesluit-nemen": Anker.TRIAGEBESLUIT_GENOMEN,
    "directe-overdracht": Anker.OVERDRACHT_AANGEMAAKT,
    "melder-informeren": Anker.MELDER_GEINFORMEERD,
    "dienst-starten": Anker.DIENST_GESTART,
    "dienst-afronden": Anker.DIENST_AFGEROND,
    "overdrachtsgesprek-vastleggen": Anker.WARME_OVERDRACHT_GEHOUDEN,
    "meldpuntmelding-overnemen": Anker.MELDPUNTMELDING_OVERGENOMEN,
    "ontvangst-bevestigen": Anker.ONTVANGST_BEVESTIGD,
    "casus-oppakken": Anker.OVERDRACHT_OPGEPAKT,
    "betrokkenen-informeren": Anker.BETROKKENEN_GEINFORMEERD,
    "plan-vastleggen": Anker.VEILIGHEIDSPLAN_OPGESTELD,
    "samenwerking-verdelen": Anker.VBS_VERDEELD,
    "eerste-contact-vastleggen": Anker.VBS_EERSTE_CONTACT,
    "contact-vastleggen": Anker.VBS_CONTACT_GELEGD,
    "zicht-bevestigen": Anker.ZICHT_BEVESTIGD,
    "crisiscontact-vastleggen": Anker.CRISISCONTACT_GELEGD,
    "crisisstap-vastleggen": Anker.CRISISSTAP_GEZET,
    "monitormoment-vastleggen": Anker.MONITORMOMENT_GEHOUDEN,
    "monitormoment-inplannen": Anker.MONITORMOMENT_INGEPLAND,
    "signaal-versturen": Anker.STRUCTUREEL_SIGNAAL_AFGEGEVEN,
    "signaal-beantwoorden": Anker.STRUCTUREEL_SIGNAAL_BEANTWOORD,
}
"""The fact that an act makes: a term that waits for it asks for the act."""
EENMALIG = frozenset({*DOET, "overdracht-weigeren", "overdracht-intrekken", "casus-teruggeven"})
"""What is done once with a thing: until that is heard of it is under way, however possible it still looks."""


def _in_casus(blik: Blik, naam: str, waarom_niet: str | None = None) -> Iterator[Mogelijkheid]:
    """An act on the case as a whole; a structureel signaal is no case."""
    if blik.toezicht.regio is not None and blik.toezicht.signaal is None:
        yield Mogelijkheid(naam, blik.casus.casus_id, blik.relaties, waarom_niet)


def _stand(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    if not blik.is_gesloten:
        yield from _in_casus(blik, naam)


def _in_crisis(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    if blik.toezicht.is_crisis:
        yield from _stand(blik, naam)


def _wachtlijst(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    if not blik.is_gesloten and waits_at(blik.toezicht, blik.wie.codes) is not None:
        yield from _in_casus(blik, naam)


def _monitormoment(blik: Blik, naam: str, *dragers: Drager) -> Iterator[Mogelijkheid]:
    for moment in blik.toezicht.momenten.values():
        termijn = blik.toezicht.current(moment.id)
        codes = {blik.code(drager, termijn and termijn.gemeente) for drager in dragers}
        if moment.gehouden_op is None and not codes.isdisjoint(blik.wie.codes):
            yield Mogelijkheid(naam, moment.id, blik.relaties)


def _hold(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    if blik.fase is not None:
        yield from _monitormoment(blik, naam, blik.fase.regel.voert_uit)


def _schedule(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    if blik.fase is not None:
        yield from _monitormoment(blik, naam, blik.fase.regel.plant, blik.fase.regel.voert_uit)


def _plan(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    happened = {feit.anker for feit in blik.toezicht.feiten}
    monitors = bool(blik.afspraken.monitoring) and happened.isdisjoint(MONITORING_STOPT)
    if monitors and Anker.OVERDRACHT_AFGELEVERD in happened:
        yield from _in_casus(blik, naam)


def _stagnatie(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    taken = {stap.stap for stap in blik.toezicht.stagnatie}
    if blik.fase is not None and any(stap.stap not in taken for stap in blik.afspraken.stagnatiestappen):
        yield from _in_casus(blik, naam)


def _dwang(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    yield from _in_casus(blik, naam, "de casus is gesloten" if blik.is_gesloten else None)


def gevraagd(blik: Blik) -> list[str]:
    """The codes of this party under which it is asked to take over, and can still answer."""
    return [code for code in sorted(blik.wie.codes) if overnemen.open_offer(blik.toezicht, code)]


def overnemers(blik: Blik, codes: Iterable[str]) -> list[str]:
    """Of these codes those that this party can name as who takes over: itself where it is asked, else who can be asked."""
    mine = gevraagd(blik)
    if not may(Daad.CASUS_BEHANDELEN, blik.relaties, blik.wie.rollen):
        return mine
    bearer, on = zicht_at(blik.toezicht.zicht, blik.now), local_date(blik.now)
    others = (code for code in codes if code not in blik.wie.codes)
    own = blik.wie.codes
    asked = (code for code in others if overnemen.why_not_asked(blik.casus, bearer, code, codes=own, on=on) is None)
    return [*mine, *asked]


def _aanvaarden(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    """It accepts what it is asked itself, or says that another party takes over."""
    bearer = zicht_at(blik.toezicht.zicht, blik.now)
    if overnemen.why_nobody(blik.casus, bearer) is not None:
        return
    hands_on = bearer is not None and bearer.drager in overnemen.HANDS_ON
    asks = hands_on and not overnemen.is_forwarded(blik.toezicht, bearer, blik.wie.codes)
    if gevraagd(blik) or (asks and may(Daad.CASUS_BEHANDELEN, blik.relaties, blik.wie.rollen)):
        yield from _in_casus(blik, naam)


def _escalaties(blik: Blik, naam: str, *, when: Callable[[Escalatie], bool]) -> Iterator[Mogelijkheid]:
    for escalatie in blik.toezicht.escalaties.values():
        if when(escalatie):
            yield Mogelijkheid(naam, escalatie.id, of_escalatie(blik.wie.codes, blik.relaties, escalatie))


def _take_up(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    yield from _decide(blik, naam, when=lambda item: item.status is Escalatiestatus.OPEN)


def _end(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    yield from _decide(blik, naam, when=lambda item: item.status is not Escalatiestatus.AFGEHANDELD)


def _decide(blik: Blik, naam: str, *, when: Callable[[Escalatie], bool]) -> Iterator[Mogelijkheid]:
    """For whoever its rung calls, or a higher one."""
    for item in _escalaties(blik, naam, when=when):
        escalatie = blik.toezicht.escalaties[item.over_id]
        waarom_niet = escalaties.why_not_theirs(escalatie, blik.afspraken, blik.wie)
        yield Mogelijkheid(naam, item.over_id, item.relaties, waarom_niet)


def _settle(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    yield from _escalaties(blik, naam, when=lambda item: item.status is not Escalatiestatus.AFGEHANDELD)


def _correct(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    """Veilig Thuis puts any moment right, another party what it reported itself."""
    own = (correcties.is_own(feit, blik.wie.codes) for feit in blik.toezicht.feiten)
    if may(Daad.FEIT_CORRIGEREN, blik.relaties, blik.wie.rollen) or any(own):
        yield from _in_casus(blik, naam)


def _close(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    bearer = zicht_at(blik.toezicht.zicht, blik.now)
    if not blik.is_gesloten and bearer is not None:
        reason = why_not_close(blik.casus, blik.fase, bearer, wie=blik.wie)
        yield from _in_casus(blik, naam, reason)


def over_wie(blik: Blik) -> list[Drager]:
    """About whom this party can draft a structureel signaal: who did not keep what was agreed, where it informs of that."""
    found: dict[Drager, None] = {}
    for termijn in blik.toezicht.termijnen.values():
        agreed = blik.afspraken.termijnregel(termijn.regel_id)
        regel = signalen.signal_rule(blik.afspraken, termijn.verantwoordelijke)
        missed = termijn.status in GEMIST and termijn.vervangen_door is None
        if not missed or agreed is None or not agreed.is_agreed or regel is None:
            continue
        if blik.code(signalen.informs(regel, termijn.verantwoordelijke), termijn.gemeente) in blik.wie.codes:
            found[termijn.verantwoordelijke] = None
    return [*found]


def _compose(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    if over_wie(blik):
        yield Mogelijkheid(naam, blik.casus.casus_id, frozenset({Relatie.INFORMEERT}))


def _signaal(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    signaal = blik.toezicht.signaal
    if signaal is None:
        return
    open_now = {
        "signaal-versturen": signaal.vervallen_op is None and signaal.afgegeven_op is None,
        "signaal-beantwoorden": signaal.maatregel is None and signaal.afgegeven_op is not None,
    }
    if open_now[naam]:
        yield Mogelijkheid(naam, signaal.id, blik.relaties)


def _elsewhere(blik: Blik, naam: str) -> Iterator[Mogelijkheid]:
    """What triage or handover is asked."""
    regels = {**TRIAGE, **OVERDRACHT, **SAMENWERKING}
    if blik.toezicht.signaal is None:
        for over_id, relaties, waarom_niet in regels[naam](blik.elders):
            yield Mogelijkheid(naam, over_id, relaties, waarom_niet)


REGELS: Mapping[str, Regel] = {
    **dict.fromkeys((*TRIAGE, *OVERDRACHT, *SAMENWERKING), _elsewhere),
    "zicht-bevestigen": _stand,
    "wachtlijst-melden": _wachtlijst,
    "niet-op-te-pakken-melden": _wachtlijst,
    "crisiscontact-vastleggen": _in_crisis,
    "crisisstap-vastleggen": _in_crisis,
    "monitormoment-vastleggen": _hold,
    "monitormoment-inplannen": _schedule,
    "monitormoment-toevoegen": _plan,
    "stagnatiestap-vastleggen": _stagnatie,
    "dwangmaatregel-vastleggen": _dwang,
    "zorg-aanvaarden": _aanvaarden,
    "meningsverschil-melden": _stand,
    "escalatie-oppakken": _take_up,
    "escalatie-opschalen": _settle,
    "escalatie-afhandelen": _end,
    "signaal-opstellen": _compose,
    "signaal-versturen": _signaal,
    "signaal-beantwoorden": _signaal,
    "feit-corrigeren": _correct,
    "casus-sluiten": _close,
}

NIET_OP_DE_CASUSBLADZIJDE: Mapping[str, str] = {
    "melding-registreren": "begint een casus",
    "meldpuntmelding-registreren": "begint een casus",
    "adviesvraag-vastleggen": "hoort bij geen casus",
    "hermelding-beoordelen": "welke eerdere casussen gevonden zijn weet alleen triage; de melding leidt erheen",
    "retourmail-beoordelen": "dat er iets terugkwam weet alleen overdracht; het bericht daarover leidt erheen",
}
"""The acts for which monitoring does not know enough, each with its reason."""
