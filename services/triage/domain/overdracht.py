"""What must hold before a case may leave: known receivers with an endpoint, and a complete overdrachtsdocument."""

import hmac
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Protocol
from uuid import UUID

from pydantic.alias_generators import to_camel

from contracts.afspraken import Afspraken, GeenAfspraken, local_date
from contracts.messages.documenten import Overdrachtsdocument, wrong_geboortedatums
from contracts.messages.envelope import Problem
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.identifiers import CasusId
from contracts.messages.triage import Ontvanger
from contracts.register import NietInRegister
from services.runtime.access.actor import Actor
from services.triage.domain.casus import Melding
from services.triage.domain.invoer import OntvangerInvoer
from services.triage.domain.kader import Kader

DOCUMENT = "overdrachtsdocument"


class Bestemd(Protocol):
    """What of a melding says where it can go; its row in the read table has that too."""

    @property
    def regio(self) -> str: ...
    @property
    def ontvangen_op(self) -> datetime: ...


_called = cache(to_camel)
"""A field as interfaces name it."""


def check_document(
    document: Overdrachtsdocument | None, soort: Overdrachtsoort, afspraken: Afspraken, *, today: date
) -> list[Problem]:
    """Every item that the region asks for and that is missing, named at once (MB 4.1, after a dienst MB 4.3).

    And every date of birth in it that cannot be true.
    """
    if document is None:
        return [Problem(DOCUMENT, "ontbreekt")]
    present = {_called(name) for name, value in document if value is not None and value != ()}
    missing = [
        Problem(f"{DOCUMENT}.{veld.veld}", f"ontbreekt: {veld.label} ({veld.vindplaats})")
        for veld in afspraken.document_velden(soort.value)
        if veld.verplicht and veld.veld not in present
    ]
    return [*missing, *wrong_geboortedatums(f"{DOCUMENT}.betrokkenen", document.betrokkenen, today)]


def check_bijlagen(
    document: Overdrachtsdocument | None, *, actor: Actor, casus_id: CasusId, kader: Kader
) -> list[Problem]:
    """Whether every file is kept for this case, as its `bewijs` shows, and is named once."""
    bijlagen = (document.bijlagen if document is not None else None) or ()
    problems = [
        Problem(f"{DOCUMENT}.bijlagen.{index}.bewijs", "ontbreekt of hoort niet bij deze bijlage, casus en afzender")
        for index, bijlage in enumerate(bijlagen)
        if not hmac.compare_digest(bijlage.bewijs or "", kader.prove(bijlage.proven_text(casus_id, actor.partij)))
    ]
    if len({bijlage.id for bijlage in bijlagen}) != len(bijlagen):
        problems.append(Problem(f"{DOCUMENT}.bijlagen", "noemt een bijlage twee keer"))
    return problems


def ids_of_bijlagen(document: Overdrachtsdocument | None) -> tuple[UUID, ...]:
    """What an event tells of the files that go along."""
    return tuple(bijlage.id for bijlage in (document.bijlagen if document is not None else None) or ())


def choose_ontvangers(given: Sequence[OntvangerInvoer], melding: Melding) -> tuple[Ontvanger, ...]:
    """The receivers that were named, else the gemeente of the melding."""
    if not given:
        return (Ontvanger(gemeente=melding.gemeente),)
    return tuple(
        Ontvanger(gemeente=item.gemeente or melding.gemeente, team=item.team, partij=item.partij) for item in given
    )


def name_ontvangers(ontvangers: Iterable[Ontvanger]) -> list[str]:
    """Their codes, as the journal names them."""
    return [ontvanger.partij or ontvanger.gemeente for ontvanger in ontvangers]


def check_ontvangers(
    ontvangers: Sequence[Ontvanger], melding: Bestemd, *, now: datetime, kader: Kader
) -> list[Problem]:
    """What is wrong with the receivers, each with its place."""
    problems = [
        Problem(f"ontvangers.{index}{place}", message)
        for index, ontvanger in enumerate(ontvangers)
        for place, message in _problems_of(ontvanger, melding, now=now, kader=kader)
    ]
    if len({(ontvanger.gemeente, ontvanger.team, ontvanger.partij) for ontvanger in ontvangers}) != len(ontvangers):
        problems.append(Problem("ontvangers", "noemt een ontvanger twee keer"))
    return problems


def _problems_of(ontvanger: Ontvanger, melding: Bestemd, *, now: datetime, kader: Kader) -> Iterable[tuple[str, str]]:
    if ontvanger.partij is not None:
        return _problems_of_partij(ontvanger.partij, melding, now=now, kader=kader)
    try:
        gemeente = kader.register.gemeente(ontvanger.gemeente, on=local_date(now))
        kader.afspraken(regio=melding.regio, gemeente=ontvanger.gemeente, ontvangen_op=melding.ontvangen_op)
    except (NietInRegister, GeenAfspraken) as error:
        return [(".gemeente", kader.in_words(error, ontvanger.gemeente))]
    if ontvanger.team is not None and gemeente.team(ontvanger.team) is None:
        known = ", ".join(f"{team.naam} ({team.code})" for team in gemeente.teams) or "geen enkel team"
        return [(".team", f"is geen team van {gemeente.naam}; bekend is {known}")]
    return []


def _problems_of_partij(code: str, melding: Bestemd, *, now: datetime, kader: Kader) -> Iterable[tuple[str, str]]:
    """Another party than a gemeente: known, working in this region, and with an endpoint."""
    try:
        partij = kader.register.partij(code)
        if partij.regio != melding.regio:
            return [(".partij", f"{partij.naam} werkt volgens het register niet in de regio {melding.regio}")]
        kader.register.receiver(code, on=local_date(now))
    except NietInRegister as error:
        return [(".partij", str(error))]
    return []
