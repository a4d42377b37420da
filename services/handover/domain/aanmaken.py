"""Making overdrachten: what asks for them, whom each is for, and by when it has to be there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.afspraken import Afspraken, Anker, GeenAfspraken, local_date
from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.handover import Kanaal, OverdrachtAangemaakt, Overdrachtsoort
from contracts.messages.identifiers import RegioCode, derived_id
from contracts.messages.triage import DienstAfgerond, Ontvanger, TriagebesluitGenomen
from contracts.messages.verzegeld import Verzegeld
from contracts.register import Gemeente, NietInRegister, Partij
from services.handover.domain.aflevering import refuse_for_good
from services.handover.domain.bevestigen import ARRIVAL, with_link
from services.handover.domain.casus import Casus, Overdracht, aflevering_id
from services.handover.domain.kader import Kader, situatie_of
from services.handover.domain.opdracht import ask_delivery, line_about, stagnatie_timer
from services.runtime.unit.decision import Context, Decision, Outcome, Reference, Rejected
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import iso, joined, unchanged


@dataclass(frozen=True, slots=True)
class Overdrachtsverzoek:
    """What asks for overdrachten: a triagebesluit or a finished dienst, and what they all have in common."""

    id: UUID
    melding_id: UUID
    regio: RegioCode
    soort: Overdrachtsoort
    melding_ontvangen_op: datetime
    ontvangers: Sequence[Ontvanger]
    document: Verzegeld[Overdrachtsdocument]
    bijlagen: tuple[UUID, ...]


def read_verzoek(event: TriagebesluitGenomen | DienstAfgerond) -> Overdrachtsverzoek | None:
    """The overdrachten that an event asks for, if any."""
    if event.overdrachtsdocument is None or not event.ontvangers:
        return None
    after_dienst = isinstance(event, DienstAfgerond)
    return Overdrachtsverzoek(
        id=event.dienst_id if after_dienst else event.triagebesluit_id,
        melding_id=event.melding_id,
        regio=event.regio,
        soort=Overdrachtsoort.NA_DIENST if after_dienst else Overdrachtsoort.DIRECT,
        melding_ontvangen_op=event.melding_ontvangen_op,
        ontvangers=event.ontvangers,
        document=event.overdrachtsdocument,
        bijlagen=event.bijlagen,
    )


def create_overdrachten(
    state: Casus | None, event: TriagebesluitGenomen | DienstAfgerond, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """One overdracht per receiver; the same event again makes none."""
    verzoek = read_verzoek(event)
    if verzoek is None:
        return unchanged(state)
    decision = Decision(state or Casus())
    for ontvanger in verzoek.ontvangers:
        overdracht = _new(verzoek, ontvanger, context=context, kader=kader)
        if decision.state.overdracht(overdracht.id) is None:
            decision = joined(decision, create(decision.state, overdracht, context=context, kader=kader))
    return decision if decision.events else unchanged(state)


def create(state: Casus, overdracht: Overdracht, *, context: Context, kader: Kader) -> Decision[Casus]:
    """It is there, and sets out on the road of its receiver."""
    created = Decision(
        replace(state, overdrachten=(*state.overdrachten, overdracht)),
        events=(_created(overdracht),),
        journal=(line_about("overdracht-aangemaakt", overdracht, uiterlijkOp=iso(overdracht.uiterlijk_op)),),
        references=(Reference("overdracht", str(overdracht.id)),),
    )
    if overdracht.kanaal not in kader.kanalen:
        reden = f"kanaal {overdracht.kanaal.value} is hier niet aangesloten"
        refused = replace(overdracht, laatste_fout=reden, fout_bij_houvast=True)
        return joined(created, refuse_for_good(created.state, refused, context=context))
    return replace(
        created,
        requests=(ask_delivery(state, overdracht, context.now, kader=kader),),
        timers=(stagnatie_timer(overdracht, kader.stagnatie.due_at(context.now, overdracht.uiterlijk_op)),),
    )


def _created(overdracht: Overdracht) -> OverdrachtAangemaakt:
    return OverdrachtAangemaakt(
        overdracht_id=overdracht.id,
        melding_id=overdracht.melding_id,
        regio=overdracht.regio,
        gemeente=overdracht.gemeente,
        team=overdracht.team,
        partij=overdracht.partij,
        aangeboden_door=overdracht.aangeboden_door,
        overdrachtsoort=overdracht.soort,
        kanaal=overdracht.kanaal,
        melding_ontvangen_op=overdracht.melding_ontvangen_op,
        aangemaakt_op=overdracht.aangemaakt_op,
    )


def _new(verzoek: Overdrachtsverzoek, ontvanger: Ontvanger, *, context: Context, kader: Kader) -> Overdracht:
    code = ontvanger.partij or ontvanger.gemeente
    receiver = receiving(code, context.now, kader)
    overdracht_id = derived_id("overdracht", str(verzoek.id), code, ontvanger.team or "")
    made = Overdracht(
        id=overdracht_id,
        melding_id=verzoek.melding_id,
        regio=verzoek.regio,
        gemeente=receiver.code if ontvanger.partij is None else ontvanger.gemeente,
        team=ontvanger.team,
        partij=ontvanger.partij,
        soort=verzoek.soort,
        kanaal=Kanaal(receiver.endpoint_for(ontvanger.team).soort),
        melding_ontvangen_op=verzoek.melding_ontvangen_op,
        aangemaakt_op=context.now,
        uiterlijk_op=context.now,
        document=verzoek.document,
        opdracht_id=aflevering_id(overdracht_id, 1),
        bijlagen=verzoek.bijlagen,
    )
    try:
        afspraken = kader.afspraken(made)
    except GeenAfspraken as error:
        raise Rejected(str(error)) from None
    return with_link(with_latest_moment(made, afspraken, kader), now=context.now, kader=kader)


def receiving(code: str, now: datetime, kader: Kader) -> Gemeente | Partij:
    """Who receives on this day: the gemeente or whoever goes on with its cases, or the party. Raises `Rejected`."""
    try:
        return kader.register.receiver(code, on=local_date(now))
    except NietInRegister as error:
        raise Rejected(str(error)) from None


def with_latest_moment(overdracht: Overdracht, afspraken: Afspraken, kader: Kader) -> Overdracht:
    """The earliest end of a term that waits for this overdracht to arrive, or that would run had it arrived now."""
    ends = sorted(_term_ends(overdracht, afspraken))
    uiterlijk_op, regel_id = ends[0] if ends else (overdracht.aangemaakt_op + kader.stagnatie.hoogstens, None)
    return replace(overdracht, uiterlijk_op=uiterlijk_op, uiterlijk_regel=regel_id, afspraken_versie=afspraken.versie)


def _term_ends(overdracht: Overdracht, afspraken: Afspraken) -> Iterator[tuple[datetime, str]]:
    situatie = situatie_of(overdracht)
    for regel in afspraken.termijnen:
        if not regel.applies(situatie):
            continue
        if regel.vanaf in ARRIVAL:
            yield regel.end(overdracht.aangemaakt_op, afspraken.kalender), regel.id
        elif Anker.MELDING_ONTVANGEN in {regel.vanaf, regel.telt_vanaf} and ARRIVAL.intersection(regel.tot):
            yield regel.end(overdracht.melding_ontvangen_op, afspraken.kalender), regel.id
