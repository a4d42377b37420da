"""Verbindend samenwerken: asked with consent, assigned, in contact, or back to the normal road (MB 4.2)."""

from typing import Any
from uuid import UUID

import pytest

from contracts.messages.handover import VbsGevraagd
from contracts.messages.notifier import NotificatieGevraagd
from contracts.messages.topics import Service
from services.handover.domain.invoer import (
    CapaciteitssignaalInvoer,
    ContactInvoer,
    EersteContactInvoer,
    SamenwerkingInvoer,
    VbsVerdelingInvoer,
)
from services.handover.domain.samenwerking import TRANSITIONS, Samenwerkstatus
from services.handover.handlers.commands import AnswerSamenwerking, AskSamenwerking
from services.runtime.access.actor import Actor
from services.runtime.unit.fold import Reply
from services.triage.domain.invoer import AfrondingInvoer, DienstInvoer
from services.triage.handlers.commands import FinishDienst, StartDienst
from tests.unit.triage.road import BREDA, TILBURG, VT_MB, VT_WB, Road, answer, case, example, places, refused

pytestmark = pytest.mark.anyio

TEAM = {"naam": "Dina van Voorbeeld", "functie": "teamcoördinator"}


async def in_dienst(*, actor: Actor = VT_MB, gemeente: str = "GM0855") -> tuple[Road, str]:
    """A dienst that runs, and its id."""
    road = Road()
    answer(await road.meld(actor=actor, gemeente=gemeente))
    besluit = example(
        "triagebesluit",
        besluit="dienst-onderzoek",
        ontvangers=None,
        overdrachtsdocument=None,
        redenAfwijking="Samen zo besloten.",
    )
    answer(await road.decide(actor=actor, body=besluit))
    start = DienstInvoer.model_validate(example("dienst", dienstsoort="onderzoek"))
    started = answer(await road.triage(case("a"), StartDienst(start), actor))
    return road, str(started["id"])


async def ask(road: Road, *, actor: Actor = VT_MB, **changes: Any) -> Reply:
    invoer = SamenwerkingInvoer.model_validate(example("samenwerking", gemeente=None, team=None, **changes))
    return await road.handover(case("a"), AskSamenwerking(invoer), actor)


async def tell(road: Road, samenwerking_id: str, invoer: Any, actor: Actor = TILBURG) -> Reply:
    return await road.handover(case("a"), AnswerSamenwerking(UUID(samenwerking_id), invoer), actor)


def status(road: Road) -> Samenwerkstatus:
    (found,) = road.world.state(Service.HANDOVER, case("a")).samenwerkingen
    assert isinstance(found.status, Samenwerkstatus)
    return found.status


async def test_a_team_is_asked_once_and_told_with_the_legal_moment() -> None:
    road, dienst_id = await in_dienst()
    first = answer(await ask(road, urgentie="crisis"))
    assert first == answer(await ask(road, urgentie="crisis"))
    (asked,) = [event for event in road.events() if isinstance(event, VbsGevraagd)]
    assert (str(asked.dienst_id), asked.gemeente, asked.urgentie) == (dienst_id, "GM0855", "crisis")
    (told,) = [event for event in road.events() if isinstance(event, NotificatieGevraagd)]
    assert (told.rol, told.partij, told.urgentie) == ("teamcoordinator", "GM0855", "crisis")
    assert told.wettelijk_moment is not None
    assert told.wettelijk_moment.isoformat() == "2026-03-05T00:00:00+01:00"


async def test_without_consent_the_normal_road_holds() -> None:
    """Als een directbetrokkene geen toestemming geeft, zet VTMB een dienst in."""
    road, _ = await in_dienst()
    reply = refused(await ask(road, toestemming=False))
    assert reply.code == "geen-toestemming"
    assert "MB 4.2" in reply.problems[0].message
    assert "gewone weg" in reply.problems[0].message
    assert road.world.view(Service.HANDOVER, "samenwerking") == []


async def test_a_region_that_did_not_agree_it_has_none() -> None:
    """WB 2022 speaks of no VBS."""
    road, _ = await in_dienst(actor=VT_WB, gemeente="GM0758")
    assert refused(await ask(road, actor=VT_WB)).code == "geen-samenwerkvorm"


async def test_it_belongs_to_a_dienst_that_runs_and_to_the_veilig_thuis_of_the_case() -> None:
    road, _ = await in_dienst()
    assert refused(await ask(road, actor=VT_WB)).status == 404
    assert refused(await ask(road, actor=TILBURG)).status == 404
    assert refused(await road.handover(case("b"), AskSamenwerking(_invoer()), VT_MB)).status == 404
    wrong = SamenwerkingInvoer.model_validate(example("samenwerking", gemeente="GM9999", team=None))
    assert places(await road.handover(case("a"), AskSamenwerking(wrong), VT_MB)) == {"gemeente"}
    team = SamenwerkingInvoer.model_validate(example("samenwerking", gemeente="GM0855", team="bestaat-niet"))
    assert places(await road.handover(case("a"), AskSamenwerking(team), VT_MB)) == {"team"}


async def test_from_assigned_by_the_first_contact_to_the_house_visit() -> None:
    """Four facts; each comes after the one before, once, from whom it may come."""
    road, _ = await in_dienst()
    identifier = str(answer(await ask(road))["id"])
    contact = ContactInvoer.model_validate({"wijze": "huisbezoek"})
    assert refused(await tell(road, identifier, contact)).status == 409
    assert refused(await tell(road, identifier, VbsVerdelingInvoer(), BREDA)).status == 404
    assert refused(await tell(road, identifier, VbsVerdelingInvoer(), VT_MB)).status == 404
    verdeling = VbsVerdelingInvoer.model_validate({"medewerker": TEAM})
    assert answer(await tell(road, identifier, verdeling)) == answer(await tell(road, identifier, verdeling))
    await road.pass_time(days=1)
    answer(await tell(road, identifier, EersteContactInvoer(), VT_MB))
    early = ContactInvoer.model_validate({"wijze": "contact", "contactOp": "2026-03-02T08:00:00+01:00"})
    assert places(await tell(road, identifier, early)) == {"contactOp"}
    await road.pass_time(days=1)
    done = answer(await tell(road, identifier, contact))
    assert done["status"] == "contact-gelegd"
    assert road.names().count("vbs-verdeeld") == 1
    assert [name for name in road.names() if "contact" in name] == ["vbs-eerste-contact", "vbs-contact-gelegd"]


async def test_a_case_that_was_assigned_is_not_assigned_to_another_in_passing() -> None:
    road, _ = await in_dienst()
    identifier = str(answer(await ask(road))["id"])
    verdeling = VbsVerdelingInvoer.model_validate({"medewerker": TEAM})
    assigned = answer(await tell(road, identifier, verdeling))
    other = VbsVerdelingInvoer.model_validate({"medewerker": {**TEAM, "naam": "Robin Zandbak"}})
    assert "al verdeeld aan Dina van Voorbeeld" in refused(await tell(road, identifier, other)).problems[0].message
    assert answer(await tell(road, identifier, verdeling)) == assigned


async def test_a_team_without_staff_says_so_at_once_and_may_join_later() -> None:
    """VTMB kan besluiten om alvast te starten; zodra er een medewerker is, sluit deze aan."""
    road, _ = await in_dienst()
    identifier = str(answer(await ask(road))["id"])
    signaal = CapaciteitssignaalInvoer.model_validate({"medewerker": TEAM})
    assert answer(await tell(road, identifier, signaal))["status"] == "wacht-op-capaciteit"
    told = [event for event in road.events() if isinstance(event, NotificatieGevraagd)]
    assert [(event.partij, event.rol) for event in told][-1] == ("veilig-thuis-midden-brabant", "coordinator")
    assert answer(await tell(road, identifier, signaal))["status"] == "wacht-op-capaciteit"
    assert answer(await tell(road, identifier, VbsVerdelingInvoer()))["status"] == "verdeeld"
    assert refused(await tell(road, identifier, ContactInvoer.model_validate({"wijze": "contact"}))).status == 409


async def test_a_team_that_never_joined_receives_the_case_by_the_normal_road() -> None:
    """Als het gedurende de dienst niet lukt om aan te sluiten, vindt een overdracht volgens reguliere werkwijze plaats."""
    road, dienst_id = await in_dienst()
    identifier = str(answer(await ask(road))["id"])
    await road.pass_time(weeks=3)
    finish = AfrondingInvoer.model_validate(example("afronding", ontvangers=None))
    answer(await road.triage(case("a"), FinishDienst(UUID(dienst_id), finish), VT_MB))
    assert status(road) is Samenwerkstatus.NIET_AANGESLOTEN
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    assert overdracht.soort == "na-dienst"
    assert refused(await tell(road, identifier, VbsVerdelingInvoer())).status == 404
    assert refused(await ask(road)).code == "geen-dienst"


async def test_moments_of_a_team_cannot_be_in_the_future() -> None:
    road, _ = await in_dienst()
    identifier = str(answer(await ask(road))["id"])
    future = VbsVerdelingInvoer.model_validate({"verdeeldOp": "2027-01-01T00:00:00Z"})
    assert places(await tell(road, identifier, future)) == {"verdeeldOp"}


def test_every_status_has_its_row_and_two_are_the_end() -> None:
    assert set(TRANSITIONS) == set(Samenwerkstatus)
    ends = {status for status, following in TRANSITIONS.items() if not following}
    assert ends == {Samenwerkstatus.CONTACT_GELEGD, Samenwerkstatus.NIET_AANGESLOTEN}


def _invoer() -> SamenwerkingInvoer:
    return SamenwerkingInvoer.model_validate(example("samenwerking", gemeente=None, team=None))
