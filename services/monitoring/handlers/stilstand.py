"""A case that some service cannot go on with: people hear so at once, and see it until it goes on."""

from functools import partial
from uuid import UUID

from contracts.afspraken import local_date
from contracts.afspraken.model import Aanspreekpunt
from contracts.messages.dlq import DodeBrief, DodeBriefAfgehandeld
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import Drager
from services.monitoring.domain import berichten
from services.monitoring.domain.toestand import Stilstand, Toezicht
from services.monitoring.handlers.kader import Kader
from services.runtime.unit.decision import Context, Decision, Incoming, JournalLine
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import unchanged


def stop_at(
    toezicht: Toezicht, brief: DodeBrief, incoming: Incoming, *, context: Context, kader: Kader
) -> Decision[Toezicht]:
    """Tell Veilig Thuis and the beheerder. Of a case of which nothing is known here yet only the beheerder can be told."""
    sleutel = UUID(str(incoming.cause))
    here = _place(brief.service, sleutel)
    if here in toezicht.stilstand:
        return unchanged(toezicht)
    messages = tuple(
        berichten.about_stilstand(brief, sleutel, wie=wie, toezicht=toezicht, casus_id=context.casus_id)
        for wie in _who(toezicht, context=context, kader=kader)
    )
    held = {**toezicht.stilstand, here: Stilstand(brief.service, brief.geparkeerd_op)}
    line = JournalLine("casus staat stil: gemeld aan mensen", facts={"dienst": brief.service})
    return Decision(replace(toezicht, stilstand=held), events=messages, journal=(line,))


def go_on(toezicht: Toezicht, event: DodeBriefAfgehandeld) -> Decision[Toezicht]:
    """The case goes on."""
    gone = _place(event.service, event.sleutel)
    held = {place: item for place, item in toezicht.stilstand.items() if place != gone}
    if len(held) == len(toezicht.stilstand):
        return unchanged(toezicht)
    line = JournalLine("casus gaat verder", facts={"dienst": event.service})
    return Decision(replace(toezicht, stilstand=held), journal=(line,))


def _place(service: str, sleutel: UUID) -> UUID:
    """The same record has the same key at every service that could not handle it."""
    return derived_id("stilstand", service, str(sleutel))


def _who(toezicht: Toezicht, *, context: Context, kader: Kader) -> list[tuple[str, Aanspreekpunt]]:
    regio = toezicht.regio
    code = None
    if regio is not None:
        code = kader.partijen.code(Drager.VEILIG_THUIS, regio=regio, gemeente=toezicht.gemeente or "")
    asked = partial(kader.rule_book.aanspreekpunt, regio=regio or berichten.ONBEKENDE_REGIO, on=local_date(context.now))
    return berichten.hub_and_veilig_thuis(code, asked)
