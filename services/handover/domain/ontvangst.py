"""What people at the receiver answer: received, taken up, given back. Three facts, and none follows from another."""

from datetime import datetime
from uuid import UUID

from pydantic.alias_generators import to_camel

from contracts.afspraken import Afspraken, Venster
from contracts.afspraken import Terugkoppelcriterium as Criteriumregel
from contracts.messages.door_mensen import who_did
from contracts.messages.envelope import Problem
from contracts.messages.handover import OntvangstBevestigd, OverdrachtTeruggekoppeld
from contracts.messages.identifiers import PartijCode
from contracts.rechten import Daad, Toegang, decide
from services.handover.domain.aanvaarden import accept
from services.handover.domain.antwoord import NOT_FOUND, receipt, why_otherwise
from services.handover.domain.bevestigen import VENSTER
from services.handover.domain.casus import Casus, Overdracht, Terugkoppeling, Verklaring
from services.handover.domain.invoer import OntvangstbevestigingInvoer, TerugkoppelingInvoer, VerdelingInvoer
from services.handover.domain.kader import Kader, situatie_of
from services.handover.domain.relaties import of_overdracht
from services.handover.domain.terugnemen import why_closed, why_over
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, invalid, iso, seal, unchanged


def confirm_ontvangst(
    state: Casus | None,
    overdracht_id: UUID,
    invoer: OntvangstbevestigingInvoer,
    *,
    context: Context,
    kader: Kader,
    door: PartijCode | None = None,
) -> Outcome[Casus]:
    """The overdracht was received (FS: in writing, by the receiving party). Also when our delivery is not yet noted.

    `door` where another than who acts gave the receipt: the gemeente that it goes on for.
    """
    if state is None or (overdracht := _own(state, overdracht_id, context=context, kader=kader)) is None:
        return NOT_FOUND
    if ended := why_over(overdracht):
        return ended
    if overdracht.ontvangst is not None:
        return unchanged(state, _answer(context, overdracht, "bevestigdOp", overdracht.ontvangst.op))
    if problems := _check_moment("bevestigdOp", invoer.bevestigd_op, overdracht, context=context, kader=kader):
        return invalid(problems)
    verklaring = Verklaring(
        invoer.bevestigd_op or context.now, door or context.actor.partij, seal(context, invoer.medewerker)
    )
    received = replace(overdracht, ontvangst=verklaring)
    event = OntvangstBevestigd(
        overdracht_id=received.id,
        regio=received.regio,
        gemeente=received.gemeente,
        team=received.team,
        partij=received.partij,
        aangeboden_door=received.aangeboden_door,
        overdrachtsoort=received.soort,
        melding_ontvangen_op=received.melding_ontvangen_op,
        bevestigd_op=verklaring.op,
        bevestigd_door=verklaring.door,
        medewerker=seal(context, who_did(context.actor, invoer.medewerker)),
    )
    return Decision(
        state.with_overdracht(received),
        events=(event,),
        journal=(_line("ontvangst-bevestigd", received, verklaring.op),),
        answer=_answer(context, received, "bevestigdOp", verklaring.op),
    )


def take_up(
    state: Casus | None,
    overdracht_id: UUID,
    invoer: VerdelingInvoer,
    *,
    context: Context,
    kader: Kader,
    door: PartijCode | None = None,
) -> Outcome[Casus]:
    """The case was assigned to a worker, `door` as above. It says nothing about a receipt that nobody sent.

    What others said that it accepted, its receiver may confirm: from then on it is its own act.
    """
    if state is None or (overdracht := _own(state, overdracht_id, context=context, kader=kader)) is None:
        return NOT_FOUND
    if ended := why_over(overdracht):
        return ended
    if overdracht.verdeling is not None and not overdracht.is_op_bewijs:
        return _again(state, overdracht, overdracht.verdeling, invoer, context=context)
    if closed := why_closed(state):
        return closed
    if problems := _check_moment("opgepaktOp", invoer.opgepakt_op, overdracht, context=context, kader=kader):
        return invalid(problems)
    verklaring = Verklaring(
        invoer.opgepakt_op or context.now, door or context.actor.partij, seal(context, invoer.medewerker)
    )
    accepted = accept(state, overdracht, verklaring, context=context, kader=kader)
    taken = accepted.state.overdracht(overdracht.id)
    assert taken is not None, "it was taken up just now"
    assert taken.verdeling is not None, "it was taken up just now"
    return replace(accepted, answer=_answer(context, taken, "opgepaktOp", taken.verdeling.op))


def _again(
    state: Casus, overdracht: Overdracht, known: Verklaring, invoer: VerdelingInvoer, *, context: Context
) -> Outcome[Casus]:
    """The same once more is the same answer; of two people who take one case up, the second hears who has it."""
    said = (invoer.opgepakt_op, invoer.medewerker)
    otherwise = why_otherwise((known.op, known.medewerker), said, wat="opgepakt", context=context)
    return otherwise or unchanged(state, _answer(context, overdracht, "opgepaktOp", known.op))


def give_back(
    state: Casus | None, overdracht_id: UUID, invoer: TerugkoppelingInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """The case goes back to Veilig Thuis, on a ground and within the time that the region agreed (MB 4.1, 7.1)."""
    if state is None or (overdracht := _own(state, overdracht_id, context=context, kader=kader)) is None:
        return NOT_FOUND
    if refused := why_over(overdracht) or why_closed(state):
        return refused
    if refused := why_not_give_back(overdracht, kader=kader, now=context.now):
        return refused
    afspraken = kader.afspraken(overdracht)
    venster = _venster(afspraken)
    if problems := _check_form(invoer, afspraken):
        return invalid(problems)
    return _give_back(state, overdracht, invoer, afspraken, venster, context=context)


def _give_back(
    state: Casus,
    overdracht: Overdracht,
    invoer: TerugkoppelingInvoer,
    afspraken: Afspraken,
    venster: Venster | None,
    *,
    context: Context,
) -> Outcome[Casus]:
    back = Terugkoppeling(context.now, context.actor.partij, tuple(dict.fromkeys(invoer.criteria)))
    returned = replace(overdracht, terugkoppeling=back)
    formulier = seal(context, invoer.formulier())
    event = OverdrachtTeruggekoppeld(
        overdracht_id=returned.id,
        melding_id=returned.melding_id,
        regio=returned.regio,
        gemeente=returned.gemeente,
        team=returned.team,
        partij=returned.partij,
        aangeboden_door=returned.aangeboden_door,
        overdrachtsoort=returned.soort,
        melding_ontvangen_op=returned.melding_ontvangen_op,
        teruggekoppeld_op=back.op,
        teruggekoppeld_door=back.door,
        criteria=back.criteria,
        formulier=formulier,
        medewerker=seal(context, who_did(context.actor, invoer.afzender)),
    )
    line = JournalLine(
        "overdracht-teruggekoppeld",
        venster.id if venster is not None else None,
        afspraken.versie,
        {"overdracht": str(returned.id), "criteria": [criterium.value for criterium in back.criteria]},
    )
    return Decision(
        state.with_overdracht(returned),
        events=(event,),
        journal=(line,),
        answer=_answer(context, returned, "teruggekoppeldOp", back.op),
    )


def why_not_give_back(overdracht: Overdracht, *, kader: Kader, now: datetime) -> Refused | None:
    """Why its receiver cannot give it back: it is not accepted, or the time for it is over; None while it can."""
    afspraken = kader.afspraken(overdracht)
    venster = _venster(afspraken)
    late = None if venster is None else _check_window(venster, overdracht, afspraken, now=now)
    return _why_not_accepted(overdracht) or late


def _venster(afspraken: Afspraken) -> Venster | None:
    return next((venster for venster in afspraken.vensters if venster.id == VENSTER), None)


def _why_not_accepted(overdracht: Overdracht) -> Refused | None:
    if not overdracht.is_gevraagd:
        return None
    message = "wat niet is aanvaard wordt geweigerd en niet teruggegeven"
    return conflict("Nog niet aanvaard", message, code="niet-aanvaard")


def _check_window(venster: Venster, overdracht: Overdracht, afspraken: Afspraken, *, now: datetime) -> Refused | None:
    if venster.alleen_bij is not None and not venster.alleen_bij.hold_in(situatie_of(overdracht)):
        message = f"teruggeven kan volgens de afspraken alleen bij een directe overdracht ({venster.vindplaats})"
        return conflict("Teruggeven kan niet", message, code="geen-terugkoppeling")
    closes_at = venster.end(overdracht.afgeleverd_op or overdracht.aangemaakt_op, afspraken.kalender)
    if now < closes_at:
        return None
    message = f"de termijn van {venster.duur} is verstreken; een nieuwe melding is nodig ({venster.vindplaats})"
    return conflict("Teruggeven kan niet meer", message, code="terugkoppeltermijn-verstreken")


def _check_form(invoer: TerugkoppelingInvoer, afspraken: Afspraken) -> list[Problem]:
    """The grounds are those of the region, and the form holds what each of them asks."""
    regels = {regel.id: regel for regel in afspraken.terugkoppelcriteria}
    problems: list[Problem] = []
    for index, criterium in enumerate(invoer.criteria):
        regel = regels.get(criterium.value)
        if regel is not None:
            problems += _check_asked(invoer, regel)
        elif regels:
            message = f"is geen criterium van {afspraken.versie}; wel {', '.join(regels)}"
            problems.append(Problem(f"criteria.{index}", message))
    if invoer.gedragsdeskundige_geraadpleegd and invoer.gedragsdeskundige_toelichting is None:
        problems.append(Problem("gedragsdeskundigeToelichting", "ontbreekt: wat kwam er uit de afstemming?"))
    return problems


def _check_asked(invoer: TerugkoppelingInvoer, regel: Criteriumregel) -> list[Problem]:
    missing = [
        Problem(to_camel(veld), f"ontbreekt; nodig bij: {regel.label}")
        for veld in (*regel.vraagt, *regel.bevestigt)
        if getattr(invoer, veld, None) is None
    ]
    denied = [
        Problem(to_camel(veld), f"is nee; dan past dit criterium niet: {regel.label}")
        for veld in regel.bevestigt
        if getattr(invoer, veld, None) is False
    ]
    return [*missing, *denied]


def _own(state: Casus, overdracht_id: UUID, *, context: Context, kader: Kader) -> Overdracht | None:
    """The overdracht, for who it is or was with; for anyone else it does not exist."""
    overdracht = state.overdracht(overdracht_id)
    if overdracht is None:
        return None
    relaties = of_overdracht(context.actor, overdracht, kader=kader, at=context.now)
    return None if decide(Daad.OVERDRACHT_BEANTWOORDEN, relaties) is Toegang.GEEN else overdracht


def _check_moment(
    place: str, given: datetime | None, overdracht: Overdracht, *, context: Context, kader: Kader
) -> list[Problem]:
    if given is None:
        return []
    if given > context.now + kader.moment_vooruit:
        return [Problem(place, "ligt in de toekomst")]
    if given < overdracht.aangemaakt_op - kader.moment_vooruit:
        return [Problem(place, f"ligt vóór de overdracht van {iso(overdracht.aangemaakt_op)}")]
    return []


def _answer(context: Context, overdracht: Overdracht, moment: str, op: datetime) -> JsonObject:
    return receipt(context.casus_id, overdracht, moment=moment, op=op)


def _line(what: str, overdracht: Overdracht, op: datetime) -> JournalLine:
    return JournalLine(what, facts={"overdracht": str(overdracht.id), "gemeente": overdracht.gemeente, "op": iso(op)})
