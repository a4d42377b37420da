"""Making overdrachten and getting them delivered, or telling people in time that they do not arrive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from contracts.afspraken import Afspraken, Anker, GeenAfspraken, local_date
from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.envelope import Problem
from contracts.messages.handover import (
    AfleveringGestagneerd,
    Kanaal,
    OverdrachtAangemaakt,
    OverdrachtAfgeleverd,
    Overdrachtsoort,
)
from contracts.messages.identifiers import RegioCode, derived_id
from contracts.messages.triage import DienstAfgerond, Ontvanger, TriagebesluitGenomen
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Daad
from contracts.register import Gemeente, NietInRegister, Partij
from services.handover.domain.antwoord import NOT_FOUND, receipt
from services.handover.domain.bevestigen import ARRIVAL, with_link
from services.handover.domain.casus import TRANSITIONS, Aflevering, Casus, Overdracht, aflevering_id
from services.handover.domain.invoer import AfleveringInvoer
from services.handover.domain.kader import Kader, situatie_of
from services.handover.domain.terugnemen import ended_because, refuse_act
from services.handover.domain.verwittigen import note_late_attempt
from services.handover.domain.zaakstatus import with_kenmerk
from services.runtime.unit.decision import (
    Attempt,
    CancelRequest,
    CancelTimer,
    Context,
    Decision,
    JournalLine,
    JsonObject,
    Outcome,
    Reference,
    Rejected,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
    SetTimer,
    TimerDue,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import invalid, iso, joined, unchanged

BIJLAGEN = "bijlagen"
"""Where a request has the sealed keys of the files that are brought along, by id."""


@dataclass(frozen=True, slots=True)
class Aanleiding:
    """What asks for overdrachten: a triagebesluit or a finished dienst, and what they all have in common."""

    id: UUID
    melding_id: UUID
    regio: RegioCode
    soort: Overdrachtsoort
    melding_ontvangen_op: datetime
    ontvangers: Sequence[Ontvanger]
    document: Verzegeld[Overdrachtsdocument]
    bijlagen: tuple[UUID, ...]


def read_aanleiding(event: TriagebesluitGenomen | DienstAfgerond) -> Aanleiding | None:
    """The overdrachten that an event asks for, if any."""
    if event.overdrachtsdocument is None or not event.ontvangers:
        return None
    after_dienst = isinstance(event, DienstAfgerond)
    return Aanleiding(
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
    aanleiding = read_aanleiding(event)
    if aanleiding is None:
        return unchanged(state)
    decision = Decision(state or Casus())
    for ontvanger in aanleiding.ontvangers:
        overdracht = _new(aanleiding, ontvanger, context=context, kader=kader)
        if decision.state.overdracht(overdracht.id) is None:
            decision = joined(decision, create(decision.state, overdracht, context=context, kader=kader))
    return decision if decision.events else unchanged(state)


def record_attempt(
    state: Casus | None, attempted: RequestAttempted, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """An attempt was made: delivered, tried again later, or refused for good and people are told."""
    overdracht = _of_request(state, attempted.request.content)
    if state is None or overdracht is None or overdracht.opdracht_id != attempted.request.id:
        return unchanged(state)
    if ended_because(overdracht) is not None:
        return note_late_attempt(state, overdracht, attempted, context=context, kader=kader)
    if Aflevering.AFGELEVERD not in TRANSITIONS[overdracht.aflevering] or overdracht.onzeker_sinds is not None:
        return unchanged(state)
    attempt = attempted.attempt
    tried = replace(
        overdracht,
        pogingen=overdracht.pogingen + 1,
        laatste_poging_op=context.now,
        laatste_fout=None if attempt.result is Result.DONE else attempt.detail,
        fout_bij_houvast=attempt.ours,
    )
    tried = _taken_over(tried, attempt, kader)
    if attempt.result is Result.DONE:
        return with_kenmerk(_deliver(state, tried, context=context), tried.id, attempted, context=context, kader=kader)
    if attempt.result is Result.PERMANENT and not attempt.gone:
        return _refuse(state, tried, context=context)
    due_at = kader.herhaling.next_at(
        context.now,
        attempted.request.id,
        attempts=attempted.request.attempts,
        since=tried.ronde_begonnen_op or tried.aangemaakt_op,
        retry_after=attempt.retry_after,
    )
    waits = _park(state, tried, context=context) if attempt.gone else Decision(state.with_overdracht(tried))
    return replace(waits, requests=(RetryRequest(attempted.request.id, due_at),))


def _park(state: Casus, overdracht: Overdracht, *, context: Context) -> Decision[Casus]:
    """The endpoint was stopped until people start it: what goes there waits, and they are told at once, and once."""
    if overdracht.aflevering is not Aflevering.ONDERWEG:
        return Decision(state.with_overdracht(overdracht))
    parked = replace(overdracht.moved_to(Aflevering.GESTAGNEERD), gestagneerd_op=context.now)
    reden = parked.laatste_fout or "het endpoint is opgeheven"
    told = _tell(state, parked, reden=reden, context=context, tot_hervatten=True)
    return replace(told, timers=(CancelTimer(timer_name(parked)),))


def _taken_over(overdracht: Overdracht, attempt: Attempt, kader: Kader) -> Overdracht:
    """It went to whoever goes on with the cases of its gemeente: from then on it is theirs."""
    code = attempt.receipt.get("gemeente")
    if overdracht.partij is not None or attempt.result is not Result.DONE:
        return overdracht
    if not isinstance(code, str) or not kader.register.knows(code):
        return overdracht
    return replace(overdracht, gemeente=code)


def notice_stagnatie(state: Casus | None, timer: TimerDue, *, context: Context) -> Outcome[Casus]:
    """The moment to tell people has come and the overdracht has not arrived."""
    overdracht = _of_request(state, timer.data)
    if state is None or overdracht is None or overdracht.aflevering is not Aflevering.ONDERWEG:
        return unchanged(state)
    stalled = replace(overdracht.moved_to(Aflevering.GESTAGNEERD), gestagneerd_op=context.now)
    return _tell(state, stalled, reden=stalled.laatste_fout or "nog geen poging gelukt", context=context)


def offer_again(
    state: Casus | None, overdracht_id: UUID, invoer: AfleveringInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Try now, on request of people: what waits goes at once, what was refused gets a new round.

    With `kanaal` by another road of the register; with `opnieuw` also what was delivered, as a new generation.
    """
    overdracht = None if state is None else state.overdracht(overdracht_id)
    if state is None or overdracht is None:
        return NOT_FOUND
    if refused := refuse_act(Daad.OVERDRACHT_AANBIEDEN, overdracht, context=context, kader=kader):
        return refused
    answer = receipt(context.casus_id, overdracht, moment="aangebodenOp", op=context.now)
    roads = _roads_of(overdracht, context.now, kader)
    if invoer.kanaal is not None and invoer.kanaal not in roads:
        known = ", ".join(road.value for road in roads)
        return invalid([Problem("kanaal", f"deze ontvanger is zo niet te bereiken; wel: {known}")])
    kanaal = invoer.kanaal or roads[0]
    delivered = overdracht.aflevering is Aflevering.AFGELEVERD
    if (delivered and not invoer.opnieuw and invoer.kanaal is None) or kanaal not in kader.kanalen:
        return unchanged(state, answer)
    if overdracht.waits and kanaal is overdracht.kanaal and not invoer.opnieuw:
        line = _line("opnieuw-aangeboden", overdracht)
        return Decision(
            state, requests=(RetryRequest(overdracht.opdracht_id, context.now),), journal=(line,), answer=answer
        )
    return replace(_new_generation(state, overdracht, kanaal, context=context, kader=kader), answer=answer)


def _new_generation(
    state: Casus, overdracht: Overdracht, kanaal: Kanaal, *, context: Context, kader: Kader
) -> Decision[Casus]:
    """The same overdracht under a new id for the receiver; what waited of the former generation goes no more."""
    ronde = overdracht.ronde + 1
    waits = overdracht.waits
    offered = replace(
        overdracht if waits else overdracht.moved_to(Aflevering.ONDERWEG),
        kanaal=kanaal,
        eerdere_kanalen=_roads_before(overdracht, kanaal),
        opdracht_id=aflevering_id(overdracht.id, ronde),
        ronde=ronde,
        ronde_begonnen_op=context.now,
        gestagneerd_op=overdracht.gestagneerd_op if waits else None,
        onzeker_sinds=None,
    )
    offered = with_link(offered, now=context.now, kader=kader)
    timers = () if waits else (_timer(offered, kader.stagnatie.due_at(context.now, offered.uiterlijk_op)),)
    return Decision(
        state.with_overdracht(offered),
        requests=(
            *((CancelRequest(overdracht.opdracht_id),) if waits else ()),
            _request(state, offered, context.now, kader=kader),
        ),
        timers=timers,
        journal=(_line("opnieuw-aangeboden", offered, ronde=ronde),),
    )


def _roads_before(overdracht: Overdracht, kanaal: Kanaal) -> tuple[Kanaal, ...]:
    former = () if kanaal is overdracht.kanaal else (overdracht.kanaal,)
    return tuple(dict.fromkeys((*overdracht.eerdere_kanalen, *former)))


def _new(aanleiding: Aanleiding, ontvanger: Ontvanger, *, context: Context, kader: Kader) -> Overdracht:
    code = ontvanger.partij or ontvanger.gemeente
    receiver = _receiving(code, context.now, kader)
    overdracht_id = derived_id("overdracht", str(aanleiding.id), code, ontvanger.team or "")
    made = Overdracht(
        id=overdracht_id,
        melding_id=aanleiding.melding_id,
        regio=aanleiding.regio,
        gemeente=receiver.code if ontvanger.partij is None else ontvanger.gemeente,
        team=ontvanger.team,
        partij=ontvanger.partij,
        soort=aanleiding.soort,
        kanaal=Kanaal(receiver.endpoint_for(ontvanger.team).soort),
        melding_ontvangen_op=aanleiding.melding_ontvangen_op,
        aangemaakt_op=context.now,
        uiterlijk_op=context.now,
        document=aanleiding.document,
        opdracht_id=aflevering_id(overdracht_id, 1),
        bijlagen=aanleiding.bijlagen,
    )
    try:
        afspraken = kader.afspraken(made)
    except GeenAfspraken as error:
        raise Rejected(str(error)) from None
    return with_link(with_latest_moment(made, afspraken, kader), now=context.now, kader=kader)


def _receiving(code: str, now: datetime, kader: Kader) -> Gemeente | Partij:
    """Who receives on this day: the gemeente or whoever goes on with its cases, or the party."""
    try:
        return kader.register.receiver(code, on=local_date(now))
    except NietInRegister as error:
        raise Rejected(str(error)) from None


def _roads_of(overdracht: Overdracht, now: datetime, kader: Kader) -> tuple[Kanaal, ...]:
    """The ways to this receiver by which this process can deliver, the usual one first."""
    receiver = _receiving(overdracht.ontvanger, now, kader)
    usual = Kanaal(receiver.endpoint_for(overdracht.team).soort)
    others = (Kanaal(road.soort) for road in receiver.roads_for(overdracht.team))
    return tuple(dict.fromkeys((usual, *(road for road in others if road in kader.kanalen))))


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


def create(state: Casus, overdracht: Overdracht, *, context: Context, kader: Kader) -> Decision[Casus]:
    """It is there, and sets out on the road of its receiver."""
    created = Decision(
        replace(state, overdrachten=(*state.overdrachten, overdracht)),
        events=(_created(overdracht),),
        journal=(_line("overdracht-aangemaakt", overdracht, uiterlijkOp=iso(overdracht.uiterlijk_op)),),
        references=(Reference("overdracht", str(overdracht.id)),),
    )
    if overdracht.kanaal not in kader.kanalen:
        reden = f"kanaal {overdracht.kanaal.value} is hier niet aangesloten"
        refused = replace(overdracht, laatste_fout=reden, fout_bij_houvast=True)
        return joined(created, _refuse(created.state, refused, context=context))
    return replace(
        created,
        requests=(_request(state, overdracht, context.now, kader=kader),),
        timers=(_timer(overdracht, kader.stagnatie.due_at(context.now, overdracht.uiterlijk_op)),),
    )


def _deliver(state: Casus, overdracht: Overdracht, *, context: Context) -> Decision[Casus]:
    """The first delivery is the one that counts; a later generation only adds to the journal."""
    first = overdracht.afgeleverd_op is None
    delivered = replace(
        overdracht.moved_to(Aflevering.AFGELEVERD), afgeleverd_op=overdracht.afgeleverd_op or context.now
    )
    if not first:
        line = _line("opnieuw-afgeleverd", delivered, ronde=delivered.ronde)
        timer = CancelTimer(timer_name(delivered))
        return Decision(state.with_overdracht(delivered), timers=(timer,), journal=(line,))
    delivered = replace(delivered, afgeleverde_ronde=delivered.ronde)
    return Decision(
        state.with_overdracht(delivered),
        events=(afgeleverd_event(delivered, op=context.now),),
        timers=(CancelTimer(timer_name(delivered)),),
        journal=(_line("overdracht-afgeleverd", delivered, pogingen=delivered.pogingen),),
    )


def _refuse(state: Casus, overdracht: Overdracht, *, context: Context) -> Decision[Casus]:
    """No further attempts by themselves; people are told at once, also who heard before that it was still tried."""
    refused = replace(
        overdracht.moved_to(Aflevering.GEWEIGERD), gestagneerd_op=overdracht.gestagneerd_op or context.now
    )
    decision = _tell(state, refused, reden=refused.laatste_fout or "geweigerd", context=context)
    return replace(decision, timers=(CancelTimer(timer_name(refused)),))


def afgeleverd_event(
    overdracht: Overdracht, *, op: datetime, teruggekomen_op: datetime | None = None
) -> OverdrachtAfgeleverd:
    """That the endpoint took it; `teruggekomen_op` is an earlier delivery that turned out to be none."""
    return OverdrachtAfgeleverd(
        overdracht_id=overdracht.id,
        regio=overdracht.regio,
        gemeente=overdracht.gemeente,
        team=overdracht.team,
        partij=overdracht.partij,
        aangeboden_door=overdracht.aangeboden_door,
        overdrachtsoort=overdracht.soort,
        kanaal=overdracht.kanaal,
        melding_ontvangen_op=overdracht.melding_ontvangen_op,
        afgeleverd_op=op,
        pogingen=overdracht.pogingen,
        teruggekomen_op=teruggekomen_op,
    )


def stagnatie_event(
    overdracht: Overdracht,
    *,
    reden: str,
    now: datetime,
    teruggekomen_op: datetime | None = None,
    tot_hervatten: bool = False,
) -> AfleveringGestagneerd:
    """That it does not arrive; `teruggekomen_op` is the delivery that was told and came back."""
    return AfleveringGestagneerd(
        overdracht_id=overdracht.id,
        regio=overdracht.regio,
        gemeente=overdracht.gemeente,
        team=overdracht.team,
        partij=overdracht.partij,
        aangeboden_door=overdracht.aangeboden_door,
        overdrachtsoort=overdracht.soort,
        kanaal=overdracht.kanaal,
        melding_ontvangen_op=overdracht.melding_ontvangen_op,
        gestagneerd_op=now,
        pogingen=overdracht.pogingen,
        reden=reden,
        blijvend=overdracht.aflevering is Aflevering.GEWEIGERD,
        uiterlijk_op=overdracht.uiterlijk_op,
        teruggekomen_op=teruggekomen_op,
        bij_houvast=overdracht.fout_bij_houvast and teruggekomen_op is None,
        tot_hervatten=tot_hervatten,
    )


def _tell(
    state: Casus, overdracht: Overdracht, *, reden: str, context: Context, tot_hervatten: bool = False
) -> Decision[Casus]:
    event = stagnatie_event(overdracht, reden=reden, now=context.now, tot_hervatten=tot_hervatten)
    return Decision(
        state.with_overdracht(overdracht),
        events=(event,),
        journal=(_line("aflevering-gestagneerd", overdracht, reden=reden, pogingen=overdracht.pogingen),),
    )


def _request(state: Casus, overdracht: Overdracht, due_at: datetime, *, kader: Kader) -> Request:
    """The personal data travels in it as JWE; the receiver sees the same id and the same bytes over every attempt.

    That is why the address for answers is written down here: whoever received it may compare, also after this hub moved.
    """
    return Request(
        id=overdracht.opdracht_id,
        kind=f"aflevering-{overdracht.kanaal.value}",
        destination=kader.destination(overdracht, due_at),
        content={
            "overdrachtId": str(overdracht.id),
            "gemeente": overdracht.gemeente,
            "team": overdracht.team,
            "partij": overdracht.partij,
            "aangebodenDoor": overdracht.aangeboden_door,
            "kanaal": overdracht.kanaal.value,
            "overdrachtsoort": overdracht.soort.value,
            "aangemaaktOp": iso(overdracht.aangemaakt_op),
            "meldingOntvangenOp": iso(overdracht.melding_ontvangen_op),
            "regio": overdracht.regio,
            "ronde": overdracht.ronde,
            "linkGeldigTot": None if overdracht.link is None else iso(overdracht.link.geldig_tot),
            "antwoordbasis": kader.public_url,
            "document": overdracht.document.jwe,
            **_bijlagen_of(state, overdracht),
        },
        due_at=due_at,
    )


def _bijlagen_of(state: Casus, overdracht: Overdracht) -> JsonObject:
    """What opens its files, where they are brought along: a zaaksysteem has no way to fetch them."""
    if overdracht.kanaal is not Kanaal.ZGW or not overdracht.bijlagen:
        return {}
    return {BIJLAGEN: {str(item.id): item.geheim.jwe for item in state.bijlagen if item.id in overdracht.bijlagen}}


def warning_of(overdracht: Overdracht, kader: Kader) -> SetTimer | None:
    """The timer that tells people of a delivery that does not arrive; None where it set out no more."""
    if overdracht.aflevering is not Aflevering.ONDERWEG or ended_because(overdracht) is not None:
        return None
    since = overdracht.ronde_begonnen_op or overdracht.aangemaakt_op
    return _timer(overdracht, kader.stagnatie.due_at(since, overdracht.uiterlijk_op))


def _timer(overdracht: Overdracht, due_at: datetime) -> SetTimer:
    return SetTimer(timer_name(overdracht), due_at, {"overdrachtId": str(overdracht.id)})


def timer_name(overdracht: Overdracht) -> str:
    """The timer that tells people in time that it does not arrive."""
    return f"stagnatie:{overdracht.id}"


def _of_request(state: Casus | None, content: JsonObject) -> Overdracht | None:
    return None if state is None else state.overdracht(UUID(str(content["overdrachtId"])))


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


def _line(what: str, overdracht: Overdracht, **facts: JsonValue) -> JournalLine:
    """What happened, with the rule that says by when it matters."""
    about: JsonObject = {
        "overdracht": str(overdracht.id),
        "gemeente": overdracht.gemeente,
        "partij": overdracht.partij,
        "soort": overdracht.soort.value,
        "kanaal": overdracht.kanaal.value,
    }
    return JournalLine(what, overdracht.uiterlijk_regel, overdracht.afspraken_versie, about | facts)
