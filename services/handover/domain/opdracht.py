"""The request that brings an overdracht to its receiver, and the timer that tells people when it does not arrive."""

from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from contracts.messages.handover import Kanaal
from services.handover.domain.casus import Aflevering, Casus, Overdracht
from services.handover.domain.kader import Kader
from services.handover.domain.terugnemen import ended_because
from services.runtime.unit.decision import JournalLine, JsonObject, Request, SetTimer
from services.runtime.unit.outcomes import iso

BIJLAGEN = "bijlagen"
"""Where a request has the sealed keys of the files that are brought along, by id."""


def ask_delivery(state: Casus, overdracht: Overdracht, due_at: datetime, *, kader: Kader) -> Request:
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
    return stagnatie_timer(overdracht, kader.stagnatie.due_at(since, overdracht.uiterlijk_op))


def stagnatie_timer(overdracht: Overdracht, due_at: datetime) -> SetTimer:
    return SetTimer(timer_name(overdracht), due_at, {"overdrachtId": str(overdracht.id)})


def timer_name(overdracht: Overdracht) -> str:
    """The timer that tells people in time that it does not arrive."""
    return f"stagnatie:{overdracht.id}"


def of_request(state: Casus | None, content: JsonObject) -> Overdracht | None:
    return None if state is None else state.overdracht(UUID(str(content["overdrachtId"])))


def line_about(what: str, overdracht: Overdracht, **facts: JsonValue) -> JournalLine:
    """What happened, with the rule that says by when it matters."""
    about: JsonObject = {
        "overdracht": str(overdracht.id),
        "gemeente": overdracht.gemeente,
        "partij": overdracht.partij,
        "soort": overdracht.soort.value,
        "kanaal": overdracht.kanaal.value,
    }
    return JournalLine(what, overdracht.uiterlijk_regel, overdracht.afspraken_versie, about | facts)
