"""The triagebesluit: checked for everything at once, taken by people, and followed by what it asks."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.afspraken import load_rule_book, packaged_bronnen
from contracts.messages.envelope import CloudEvent
from contracts.messages.handover import OverdrachtTeruggekoppeld, Terugkoppelcriterium
from contracts.messages.topics import Service
from contracts.messages.triage import (
    Advies,
    Besluit,
    Besluittoelichting,
    Dienstsoort,
    OverdrachtsgesprekGepland,
    OverdrachtsgesprekVervallen,
    TriagebesluitGenomen,
    WarmeOverdrachtGehouden,
)
from services.handover.domain.invoer import TerugkoppelingInvoer
from services.handover.handlers.commands import GiveBackOverdracht
from services.runtime.access.sealing import SealerBatch
from services.runtime.in_memory.world import MASTER
from services.runtime.unit.decision import Refused
from services.triage.domain.advies import FITTING
from services.triage.domain.casus import AWAITING_BESLUIT, FASE_AFTER, TRANSITIONS, Fase
from services.triage.domain.dienst import DIENST_OF
from services.triage.domain.invoer import GespreksverslagInvoer
from services.triage.handlers.commands import ReportGesprek
from tests.builders import build
from tests.unit.triage.road import BREDA, VT_MB, Road, answer, case, example, places, refused, without

pytestmark = pytest.mark.anyio


def besluit(kind: Besluit, **changes: Any) -> dict[str, Any]:
    """A triagebesluit of another kind than a directe overdracht."""
    return example("triagebesluit", besluit=kind.value, ontvangers=None, overdrachtsdocument=None, **changes)


def departing(kind: Besluit) -> dict[str, Any]:
    return besluit(kind, redenAfwijking="In overleg met het team zo besloten.")


async def give_back(road: Road, casus: str = "a") -> None:
    """The lokaal team gives the one overdracht of this case back."""
    (overdracht,) = road.world.state(Service.HANDOVER, case(casus)).overdrachten[-1:]
    form = TerugkoppelingInvoer.model_validate(example("terugkoppeling"))
    answer(await road.handover(case(casus), GiveBackOverdracht(overdracht.id, form), BREDA))


async def test_a_complete_directe_overdracht_leaves_for_the_gemeente() -> None:
    """MB 4.1."""
    road = Road()
    await road.meld()
    body = answer(await road.decide())
    assert (body["besluit"], body["status"]) == ("directe-overdracht", "overgedragen")
    assert body["wijktAfVanAdvies"] is False
    assert "triagebesluit-genomen" in road.names()
    assert len(road.endpoint.requests) == 1


async def test_an_incomplete_document_names_every_missing_item_and_nothing_leaves() -> None:
    """MB 4.1: the content of the overdracht."""
    road = Road()
    await road.meld()
    before = road.names()
    reply = await road.decide(body=without(example("triagebesluit"), "grootsteZorg", "verrijking", "betrokkenen"))
    assert refused(reply).status == 400
    assert places(reply) == {f"overdrachtsdocument.{veld}" for veld in ("grootsteZorg", "verrijking", "betrokkenen")}
    assert road.names() == before
    assert road.endpoint.requests == []
    answer(await road.decide())


async def test_a_directe_overdracht_without_document_is_refused() -> None:
    road = Road()
    await road.meld()
    assert "overdrachtsdocument" in places(await road.decide(body=example("triagebesluit", overdrachtsdocument=None)))


@pytest.mark.parametrize(
    ("ontvangers", "place"),
    [
        ([{"gemeente": "GM9999"}], "ontvangers.0.gemeente"),
        ([{"gemeente": "GM0758"}, {"gemeente": "GM0855"}], "ontvangers.1.gemeente"),
        ([{"gemeente": "GM0758", "team": "bestaat-niet"}], "ontvangers.0.team"),
        ([{"gemeente": "GM0758"}, {"gemeente": "GM0758"}], "ontvangers"),
    ],
)
async def test_a_receiver_that_cannot_be_reached_is_refused(ontvangers: list[dict[str, str]], place: str) -> None:
    """Unknown, of another region (Tilburg), without that team, or named twice."""
    road = Road()
    await road.meld()
    assert places(await road.decide(body=example("triagebesluit", ontvangers=ontvangers))) == {place}


async def test_without_receivers_it_goes_to_the_gemeente_of_the_melding() -> None:
    road = Road()
    await road.meld()
    body = answer(await road.decide(body=example("triagebesluit", ontvangers=None)))
    assert body["ontvangers"] == [{"gemeente": "GM0758"}]


async def test_departing_from_the_advice_asks_why_and_the_reason_is_kept_sealed() -> None:
    """G5: people decide; the hub records why."""
    road = Road()
    await road.meld(feiten={"ernstigLetsel": True})
    assert places(await road.decide()) == {"redenAfwijking"}
    body = answer(await road.decide(body=example("triagebesluit", redenAfwijking="Letsel is van een val.")))
    assert body["wijktAfVanAdvies"] is True
    (event,) = (event for event in road.events() if isinstance(event, TriagebesluitGenomen))
    assert event.toelichting is not None
    opened = SealerBatch(MASTER, road.world.keys).for_case(case("a")).open(event.toelichting, Besluittoelichting)
    assert opened.reden_afwijking == "Letsel is van een val."


async def test_an_open_question_for_professionals_is_answered_in_the_besluit() -> None:
    """MB 4: Veilig Thuis and the team conclude together; whoever decides says what they concluded."""
    road = Road()
    await road.meld(feiten={"eergerelateerd": True})
    reply = refused(await road.decide())
    assert places(reply) == {"oordelen.kennisLokaalTeamOnvoldoende"}
    enough = example("triagebesluit", oordelen={"kennisLokaalTeamOnvoldoende": False})
    assert answer(await road.decide(body=enough))["wijktAfVanAdvies"] is False
    assert road.names().count("triageadvies-bepaald") == 2


async def test_overleg_needs_no_conclusion_yet() -> None:
    """MB 4.1: overleg is how Veilig Thuis and the team come to one."""
    road = Road()
    await road.meld(feiten={"eergerelateerd": True})
    assert answer(await road.decide(body=besluit(Besluit.OVERLEG)))["wijktAfVanAdvies"] is False


async def test_an_item_that_a_region_does_not_require_may_be_left_out() -> None:
    bronnen = packaged_bronnen()
    (name,) = (name for name in bronnen if name.endswith("national/overdrachtsdocument.toml"))
    before, after = 'veld = "verrijking"', 'veld = "verrijking"\nverplicht = false'
    bronnen[name] = bronnen[name].replace(before, after)
    road = Road(rule_book=load_rule_book(bronnen))
    await road.meld()
    answer(await road.decide(body=without(example("triagebesluit"), "verrijking")))


async def test_too_little_knowledge_at_the_team_makes_it_a_dienst() -> None:
    road = Road()
    await road.meld(feiten={"eergerelateerd": True})
    oordelen = {"kennisLokaalTeamOnvoldoende": True}
    assert places(await road.decide(body=example("triagebesluit", oordelen=oordelen))) == {"redenAfwijking"}
    answer(await road.decide(body=besluit(Besluit.DIENST_ONDERZOEK, oordelen=oordelen)))


@pytest.mark.parametrize("kind", [Besluit.OVERLEG, Besluit.ACUTE_CRISIS])
async def test_overleg_and_an_acute_crisis_leave_the_weighing_open(kind: Besluit) -> None:
    """MB 4.1: in case of doubt Veilig Thuis talks to the team first."""
    road = Road()
    await road.meld()
    assert answer(await road.decide(body=departing(kind)))["status"] == FASE_AFTER[kind]
    assert answer(await road.decide())["status"] == "overgedragen"


@pytest.mark.parametrize("kind", sorted(set(Besluit) - {Besluit.OVERLEG, Besluit.ACUTE_CRISIS}))
async def test_a_second_besluit_on_the_same_melding_is_refused(kind: Besluit) -> None:
    road = Road()
    await road.meld()
    answer(await road.decide(body=None if kind is Besluit.DIRECTE_OVERDRACHT else departing(kind)))
    reply = refused(await road.decide(body=departing(Besluit.OVERLEG)))
    assert (reply.status, reply.code) == (409, "al-besloten")


async def test_the_same_besluit_sent_twice_is_taken_once() -> None:
    """G2."""
    road = Road()
    await road.meld()
    assert answer(await road.decide()) == answer(await road.decide())
    assert road.names().count("triagebesluit-genomen") == 1
    assert len(road.endpoint.requests) == 1


async def test_after_a_terugkoppeling_veilig_thuis_weighs_again() -> None:
    """MB 4.1: alsnog een dienst, of opnieuw overdragen – also with the very same document."""
    road = Road()
    await road.meld()
    first = answer(await road.decide())
    await give_back(road)
    assert road.world.state(Service.TRIAGE, case("a")).fase is Fase.TERUGGEKOPPELD
    second = answer(await road.decide())
    assert second["id"] != first["id"]
    assert len(road.world.state(Service.HANDOVER, case("a")).overdrachten) == 2
    await give_back(road)
    answer(await road.decide(body=departing(Besluit.DIENST_VOORWAARDEN_VERVOLG)))


async def test_a_terugkoppeling_that_comes_twice_opens_the_weighing_once() -> None:
    road = Road()
    await road.meld()
    answer(await road.decide())
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    back = build(OverdrachtTeruggekoppeld).model_copy(
        update={"overdracht_id": overdracht.id, "criteria": (Terugkoppelcriterium.GEEN_CONTACT,)},
    )
    source = "urn:nld:oin:00000099000000001000:systeem:houvast-handover"
    for number in "12":
        await road.world.offer(CloudEvent(number, source, case("a"), road.now, None, back))
    assert road.world.state(Service.TRIAGE, case("a")).teruggekoppeld == (overdracht.id,)


async def test_a_terugkoppeling_before_its_melding_waits() -> None:
    road = Road()
    source = "urn:nld:oin:00000099000000001000:systeem:houvast-handover"
    back = build(OverdrachtTeruggekoppeld)
    await road.world.offer(CloudEvent("1", source, case("a"), road.now, None, back))
    assert [parked.reason for parked in road.world.parked(Service.TRIAGE)] == ["de melding"]
    await road.meld()
    assert road.world.parked(Service.TRIAGE) == []
    assert road.world.state(Service.TRIAGE, case("a")).teruggekoppeld == (back.overdracht_id,)


async def test_only_the_veilig_thuis_of_the_region_decides() -> None:
    road = Road()
    await road.meld()
    assert refused(await road.decide(actor=VT_MB)).status == 404
    assert refused(await road.decide(actor=BREDA)).status == 404
    assert refused(await road.decide("nergens")).status == 404


async def test_receivers_and_a_document_belong_to_a_directe_overdracht() -> None:
    road = Road()
    await road.meld()
    body = example("triagebesluit", besluit="geen-vervolg", redenAfwijking="Geen zorgen meer.")
    assert places(await road.decide(body=body)) == {"ontvangers", "overdrachtsdocument"}


async def test_more_than_fits_in_an_event_is_refused() -> None:
    road = Road()
    await road.meld()
    body = example("triagebesluit")
    body["overdrachtsdocument"] |= {"verrijking": "é" * 15_000, "verwachtingen": "é" * 15_000}
    assert places(await road.decide(body=body)) == {"overdrachtsdocument"}


async def test_the_largest_that_is_taken_still_travels() -> None:
    """The sealed document and its envelope stay under the 64 KB of an event."""
    road = Road()
    await road.meld()
    body = example("triagebesluit", afwegingen="a" * 4_000)
    body["overdrachtsdocument"] |= {"verrijking": "v" * 19_000, "verwachtingen": "w" * 18_000}
    answer(await road.decide(body=body))
    assert road.names()[-1] == "overdracht-afgeleverd"
    assert max(len(raw) for topic in road.world.topics.values() for raw in topic) > 55_000


async def test_a_dienst_starts_ends_and_hands_over() -> None:
    """MB 4.2 and 4.3."""
    road = Road()
    await road.meld(feiten={"ernstigLetsel": True})
    answer(await road.decide(body=besluit(Besluit.DIENST_VOORWAARDEN_VERVOLG)))
    started = answer(await road.start_dienst(dienstsoort="voorwaarden-vervolg"))
    assert started == answer(await road.start_dienst(dienstsoort="voorwaarden-vervolg"))
    await road.pass_time(weeks=6)
    finished = answer(await road.finish_dienst(started["id"]))
    assert finished == answer(await road.finish_dienst(started["id"]))
    assert road.world.state(Service.TRIAGE, case("a")).fase is Fase.OVERGEDRAGEN
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    assert overdracht.soort == "na-dienst"
    other = example("afronding", overdrachtsdocument=None, ontvangers=None, redenGeenOverdracht="Verhuisd.")
    assert refused(await road.finish_dienst(started["id"], body=other)).status == 409


NOTHING_HANDED_OVER: dict[str, Any] = {"overdrachtsdocument": None, "ontvangers": None, "overdrachtsgesprek": None}


async def in_dienst(road: Road) -> str:
    """A dienst that runs; its id."""
    await road.meld(feiten={"ernstigLetsel": True})
    answer(await road.decide(body=besluit(Besluit.DIENST_ONDERZOEK)))
    return str(answer(await road.start_dienst(dienstsoort="onderzoek"))["id"])


async def test_an_overdracht_after_a_dienst_asks_for_the_conversation_or_why_there_was_none() -> None:
    """MB 4.3: a warm overdracht in a conversation; digital only where that is not feasible."""
    road = Road()
    dienst_id = await in_dienst(road)
    await road.pass_time(weeks=6)
    for gesprek, place in (
        (None, "overdrachtsgesprek"),
        ({"uitkomst": "niet-haalbaar"}, "overdrachtsgesprek.reden"),
        ({"uitkomst": "gehouden"}, "overdrachtsgesprek.op"),
        ({"uitkomst": "gehouden", "op": "2027-01-01T10:00:00+01:00"}, "overdrachtsgesprek.op"),
        ({"uitkomst": "gehouden", "op": "2026-03-01T10:00:00+01:00"}, "overdrachtsgesprek.op"),
        ({"uitkomst": "gepland", "op": "2026-03-05T10:00:00+01:00"}, "overdrachtsgesprek.op"),
    ):
        assert places(await road.finish_dienst(dienst_id, body=example("afronding", overdrachtsgesprek=gesprek))) == {
            place,
        }
    digital = answer(await road.finish_dienst(dienst_id))
    assert digital["overdrachtsgesprek"] == "niet-haalbaar"
    assert "warme-overdracht-gehouden" not in road.names()


async def test_a_conversation_that_was_held_is_the_moment_of_the_warm_overdracht() -> None:
    """MB 4.3: then the responsibility goes to the lokaal team."""
    road = Road()
    dienst_id = await in_dienst(road)
    await road.pass_time(weeks=6)
    held = {"uitkomst": "gehouden", "op": "2026-04-10T10:00:00+02:00"}
    answer(await road.finish_dienst(dienst_id, body=example("afronding", overdrachtsgesprek=held)))
    (warm,) = [event for event in road.events() if isinstance(event, WarmeOverdrachtGehouden)]
    assert warm.gehouden_op == datetime.fromisoformat("2026-04-10T08:00:00+00:00")
    assert warm.gemeente == "GM0758"


async def test_a_conversation_that_was_planned_is_reported_later_and_once() -> None:
    road = Road()
    dienst_id = await in_dienst(road)
    await road.pass_time(weeks=6)
    planned = {"uitkomst": "gepland", "op": "2026-04-20T10:00:00+02:00"}
    answer(await road.finish_dienst(dienst_id, body=example("afronding", overdrachtsgesprek=planned)))
    await road.pass_time(weeks=2)
    report = GespreksverslagInvoer.model_validate(example("overdrachtsgesprek", op="2026-04-21T10:00:00+02:00"))
    command = ReportGesprek(UUID(dienst_id), report)
    first = answer(await road.triage(case("a"), command))
    assert first == answer(await road.triage(case("a"), command))
    assert road.names().count("warme-overdracht-gehouden") == 1
    cancelled = GespreksverslagInvoer.model_validate(
        example("overdrachtsgesprek", uitkomst="niet-haalbaar", op=None, reden="Toch niet."),
    )
    assert refused(await road.triage(case("a"), ReportGesprek(UUID(dienst_id), cancelled))).code == "al-vastgelegd"


async def test_a_dienst_may_end_without_an_overdracht_when_the_reason_is_given() -> None:
    road = Road()
    await road.meld(feiten={"ernstigLetsel": True})
    answer(await road.decide(body=besluit(Besluit.DIENST_ONDERZOEK)))
    started = answer(await road.start_dienst(dienstsoort="onderzoek"))
    nothing = example("afronding", overdrachtsdocument=None)
    assert places(await road.finish_dienst(started["id"], body=nothing)) == {
        "overdrachtsdocument",
        "ontvangers",
        "overdrachtsgesprek",
    }
    both = example("afronding", redenGeenOverdracht="Verhuisd.")
    assert places(await road.finish_dienst(started["id"], body=both)) == {"redenGeenOverdracht"}
    reason = example("afronding", **NOTHING_HANDED_OVER, redenGeenOverdracht="Verhuisd.")
    assert answer(await road.finish_dienst(started["id"], body=reason))["ontvangers"] == []
    assert road.world.state(Service.TRIAGE, case("a")).fase is Fase.GEEN_VERVOLG


async def test_after_a_dienst_the_document_holds_more() -> None:
    """MB 4.3: the additional content."""
    road = Road()
    await road.meld(feiten={"ernstigLetsel": True})
    answer(await road.decide(body=besluit(Besluit.DIENST_ONDERZOEK)))
    started = answer(await road.start_dienst(dienstsoort="onderzoek"))
    direct_only = example("afronding", overdrachtsdocument=example("triagebesluit")["overdrachtsdocument"])
    missing = places(await road.finish_dienst(started["id"], body=direct_only))
    assert {"overdrachtsdocument.veiligheidsvoorwaarden", "overdrachtsdocument.monitorfunctie"} <= missing


async def test_a_dienst_that_was_not_decided_on_does_not_start() -> None:
    road = Road()
    await road.meld(feiten={"ernstigLetsel": True})
    assert refused(await road.start_dienst()).status == 409
    answer(await road.decide(body=besluit(Besluit.DIENST_ONDERZOEK)))
    assert places(await road.start_dienst(dienstsoort="voorwaarden-vervolg")) == {"dienstsoort"}
    unknown = "00000000-0000-4000-8000-000000000000"
    assert refused(await road.finish_dienst(unknown)).status == 404
    assert isinstance(await road.start_dienst("nergens"), Refused)
    assert refused(await road.finish_dienst(unknown, "nergens")).status == 404


def test_every_phase_leads_somewhere_and_every_besluit_has_its_phase() -> None:
    assert set(TRANSITIONS) == set(Fase)
    assert set(FASE_AFTER) == set(Besluit)
    assert {following for options in TRANSITIONS.values() for following in options} | {Fase.IN_TRIAGE} == set(Fase)
    assert {Fase.IN_TRIAGE, Fase.IN_OVERLEG, Fase.ACUTE_CRISIS, Fase.TERUGGEKOPPELD} == AWAITING_BESLUIT


def test_every_advice_can_be_followed_and_every_dienst_decided_on() -> None:
    assert set(FITTING) == set(Advies)
    assert all(FITTING.values())
    assert set(DIENST_OF.values()) == set(Dienstsoort)


async def test_a_day_of_birth_after_a_dienst_lies_between_1900_and_today() -> None:
    road = Road()
    dienst = await in_dienst(road)
    born = [{"naam": "Noor Voorbeeld", "rol": "kind", "geboortedatum": "1899-01-01"}]
    document = example("afronding")["overdrachtsdocument"] | {"betrokkenen": born}
    found = places(await road.finish_dienst(dienst, body=example("afronding", overdrachtsdocument=document)))
    assert "overdrachtsdocument.betrokkenen.0.geboortedatum" in found


async def test_a_planned_conversation_is_told_with_its_moment_and_with_the_one_it_takes_the_place_of() -> None:
    """BK 4.4.1: so that somebody sees it when it is not held."""
    road = Road()
    dienst_id = await in_dienst(road)
    await road.pass_time(weeks=6)
    first, second = "2026-04-20T10:00:00+02:00", "2026-04-27T10:00:00+02:00"
    planned = {"uitkomst": "gepland", "op": first}
    answer(await road.finish_dienst(dienst_id, body=example("afronding", overdrachtsgesprek=planned)))
    moved = GespreksverslagInvoer.model_validate(example("overdrachtsgesprek", uitkomst="gepland", op=second))
    answer(await road.triage(case("a"), ReportGesprek(UUID(dienst_id), moved)))
    answer(await road.triage(case("a"), ReportGesprek(UUID(dienst_id), moved)))
    dropped = GespreksverslagInvoer.model_validate(
        example("overdrachtsgesprek", uitkomst="niet-haalbaar", op=None, reden="Toch niet."),
    )
    answer(await road.triage(case("a"), ReportGesprek(UUID(dienst_id), dropped)))
    told = [event for event in road.events() if isinstance(event, OverdrachtsgesprekGepland)]
    assert [(event.gesprek_op, event.was_op) for event in told] == [
        (datetime.fromisoformat(first), None),
        (datetime.fromisoformat(second), datetime.fromisoformat(first)),
    ]
    (ended,) = [event for event in road.events() if isinstance(event, OverdrachtsgesprekVervallen)]
    assert ended.was_op == datetime.fromisoformat(second)


@pytest.mark.parametrize(
    ("bron", "feiten", "informeert", "melder"),
    [
        ("professional", {}, "veilig-thuis", "extern"),
        ("professional", {"lokaalTeamBetrokken": True}, "lokaal-team", "extern"),
        ("ambtshalve", {"lokaalTeamBetrokken": False}, "veilig-thuis", "ambtshalve"),
    ],
)
async def test_the_besluit_says_who_tells_the_people_involved_and_whether_there_is_a_melder(
    bron: str, feiten: dict[str, bool], informeert: str, melder: str
) -> None:
    """AEF A; BK annex 1."""
    road = Road()
    answer(await road.meld(bron=bron, feiten=feiten))
    answer(await road.decide())
    (taken,) = [event for event in road.events() if isinstance(event, TriagebesluitGenomen)]
    assert (taken.informeert, taken.melder) == (informeert, melder)
