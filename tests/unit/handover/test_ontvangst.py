"""What people at the gemeente answer: four receipts, never mixed up, each once (FS; MB 4.1, 7.1)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import load_rule_book, packaged_bronnen
from contracts.messages.documenten import Professional
from contracts.messages.doorgegeven import SluitingDoorgegeven
from contracts.messages.handover import (
    OntvangstBevestigd,
    OverdrachtOpgepakt,
    OverdrachtTeruggekoppeld,
    Plansoort,
    Terugkoppelcriterium,
    Weigeringscode,
)
from contracts.messages.topics import Service
from services.handover.domain.casus import Overdracht, Overdrachtstatus
from services.handover.domain.invoer import (
    AfleveringInvoer,
    OntvangstbevestigingInvoer,
    PlanInvoer,
    TerugkoppelingInvoer,
    VerdelingInvoer,
    WeigeringInvoer,
)
from services.handover.handlers.commands import (
    ConfirmOntvangst,
    DrawUpPlan,
    GiveBackOverdracht,
    OfferOverdrachtAgain,
    RefuseOverdracht,
    TakeUpOverdracht,
)
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import Attempt, Result
from services.runtime.unit.fold import Done, Reply
from services.runtime.unit.outcomes import iso
from services.triage.domain.invoer import AfrondingInvoer, DienstInvoer
from services.triage.handlers.commands import FinishDienst, StartDienst
from tests.examples import examples
from tests.unit.triage.road import BREDA, TILBURG, VT_MB, VT_WB, Road, answer, case, example, places, refused, without

pytestmark = pytest.mark.anyio

WIE = Professional(naam="Robin Zandbak", functie="medewerker lokaal team")


def only(road: Road) -> Overdracht:
    return road.world.state(Service.HANDOVER, case("a")).overdrachten[-1]


async def hand_over(*, midden_brabant: bool = False) -> Road:
    road = Road()
    if midden_brabant:
        answer(await road.meld(actor=VT_MB, gemeente="GM0855"))
        answer(await road.decide(actor=VT_MB, body=example("triagebesluit", ontvangers=None)))
    else:
        answer(await road.meld())
        answer(await road.decide())
    return road


async def confirm(road: Road, actor: Actor = BREDA, **changes: Any) -> Reply:
    invoer = OntvangstbevestigingInvoer.model_validate(changes)
    return await road.handover(case("a"), ConfirmOntvangst(only(road).id, invoer), actor)


async def take_up(road: Road, actor: Actor = BREDA, **changes: Any) -> Reply:
    invoer = VerdelingInvoer.model_validate(changes)
    return await road.handover(case("a"), TakeUpOverdracht(only(road).id, invoer), actor)


async def give_back(road: Road, actor: Actor = BREDA, **changes: Any) -> Reply:
    invoer = TerugkoppelingInvoer.model_validate(example("terugkoppeling", **changes))
    return await road.handover(case("a"), GiveBackOverdracht(only(road).id, invoer), actor)


async def test_a_receipt_is_recorded_with_who_gave_it() -> None:
    road = await hand_over()
    worker = {"naam": "Robin Zandbak", "functie": "medewerker lokaal team"}
    body = answer(await confirm(road, medewerker=worker))
    assert body["bevestigdOp"] == "2026-03-02T08:00:00Z"
    (event,) = (event for event in road.events() if isinstance(event, OntvangstBevestigd))
    assert (event.bevestigd_door, event.gemeente) == ("GM0758", "GM0758")
    assert event.medewerker is not None
    assert "Robin" not in repr(only(road))


async def test_a_technical_delivery_is_no_receipt_and_a_receipt_no_taking_up() -> None:
    """G8."""
    road = await hand_over()
    assert only(road).status is Overdrachtstatus.AFGELEVERD
    assert "ontvangst-bevestigd" not in road.names()
    answer(await confirm(road))
    assert only(road).status is Overdrachtstatus.ONTVANGEN
    assert "overdracht-opgepakt" not in road.names()


async def test_taking_up_says_nothing_about_a_receipt_that_nobody_gave() -> None:
    """G8."""
    road = await hand_over()
    answer(await take_up(road))
    assert "ontvangst-bevestigd" not in road.names()
    assert only(road).ontvangst is None
    (event,) = (event for event in road.events() if isinstance(event, OverdrachtOpgepakt))
    assert event.opgepakt_door == "GM0758"


async def test_a_receipt_before_our_own_delivery_is_noted_is_fine() -> None:
    road = Road()
    road.endpoint.fails(Attempt(Result.TEMPORARY, "geen antwoord binnen 15 seconden"))
    answer(await road.meld())
    answer(await road.decide())
    answer(await confirm(road))
    road.endpoint.works()
    await road.pass_time(hours=1)
    overdracht = only(road)
    assert overdracht.ontvangst is not None
    assert overdracht.afgeleverd_op is not None
    assert overdracht.ontvangst.op < overdracht.afgeleverd_op


async def test_a_moment_that_the_gemeente_names_is_kept() -> None:
    road = await hand_over()
    await road.pass_time(days=1)
    body = answer(await confirm(road, bevestigdOp="2026-03-02T14:00:00+01:00"))
    assert body["bevestigdOp"] == "2026-03-02T13:00:00Z"
    assert answer(await take_up(road, opgepaktOp="2026-03-03T08:00:00Z"))["opgepaktOp"] == "2026-03-03T08:00:00Z"


@pytest.mark.parametrize("moment", ["2026-03-01T09:00:00+01:00", "2026-03-02T09:30:00+01:00"])
async def test_a_moment_before_the_overdracht_or_in_the_future_is_refused(moment: str) -> None:
    road = await hand_over()
    assert places(await confirm(road, bevestigdOp=moment)) == {"bevestigdOp"}
    assert places(await take_up(road, opgepaktOp=moment)) == {"opgepaktOp"}


async def test_repeating_an_answer_gives_the_same_answer_and_no_second_effect() -> None:
    """G2; also when later things happened in between, and when the repetition differs."""
    road = await hand_over()
    received = answer(await confirm(road))
    taken = answer(await take_up(road))
    before = road.names()
    await road.pass_time(days=1)
    assert answer(await confirm(road, bevestigdOp=road.now.isoformat())) == received
    assert answer(await take_up(road)) == taken
    assert road.names() == before


async def test_who_gave_a_case_back_finds_nothing_to_answer_any_more() -> None:
    """Only who has a role in the case now acts in it; the very same request is answered from the inbox (G2)."""
    road = await hand_over()
    for act in (confirm, take_up, give_back):
        answer(await act(road))
    before = road.names()
    for act in (confirm, take_up, give_back):
        assert (refused(await act(road)).status, refused(await act(road)).code) == (404, "teruggekoppeld")
    assert road.names() == before


@pytest.mark.parametrize("actor", [TILBURG, VT_WB, Actor("GM0826")])
async def test_for_anyone_but_the_receiving_gemeente_it_does_not_exist(actor: Actor) -> None:
    road = await hand_over()
    for act in (confirm, take_up, give_back):
        assert refused(await act(road, actor)).status == 404
    stranger = case("nergens")
    invoer = OntvangstbevestigingInvoer()
    for command in (
        ConfirmOntvangst(only(road).id, invoer),
        TakeUpOverdracht(only(road).id, VerdelingInvoer()),
        GiveBackOverdracht(only(road).id, TerugkoppelingInvoer.model_validate(example("terugkoppeling"))),
    ):
        assert refused(await road.handover(stranger, command, BREDA)).status == 404


async def test_a_case_can_be_given_back_with_the_form() -> None:
    """MB 4.1, 7.1."""
    road = await hand_over(midden_brabant=True)
    answer(await give_back(road, TILBURG))
    (event,) = (event for event in road.events() if isinstance(event, OverdrachtTeruggekoppeld))
    assert event.criteria == (Terugkoppelcriterium.GEEN_CONTACT,)
    assert "deed niemand open" not in repr(event)
    journal = road.world.services[Service.HANDOVER].store.tables.journal
    (line,) = (row.line for row in journal if row.line.what == "overdracht-teruggekoppeld")
    assert (line.rule_id, line.rule_version) == ("terugkoppeling-venster", "midden-brabant-2024")


async def test_a_case_that_was_given_back_is_not_taken_up() -> None:
    road = await hand_over()
    answer(await give_back(road))
    assert refused(await take_up(road)).status == 404


async def test_for_who_gave_a_case_back_there_is_nothing_left_to_do_in_it() -> None:
    """Only who has a role in the case now may act in it; what it did before is answered as it was then (G2)."""
    road = await hand_over()
    answer(await give_back(road))
    before = len(road.events())
    acts = (
        ConfirmOntvangst(only(road).id, OntvangstbevestigingInvoer()),
        TakeUpOverdracht(only(road).id, VerdelingInvoer()),
        RefuseOverdracht(only(road).id, WeigeringInvoer(code=Weigeringscode.DUBBEL)),
        DrawUpPlan(only(road).id, PlanInvoer(medewerker=WIE, plannen=(Plansoort.VEILIGHEIDSPLAN,))),
        OfferOverdrachtAgain(only(road).id, AfleveringInvoer()),
    )
    for act in acts:
        assert refused(await road.handover(case("a"), act, BREDA)).status == 404, act
    assert len(road.events()) == before


async def close(road: Road) -> None:
    gesloten = SluitingDoorgegeven(
        regio="west-brabant",
        gemeente="GM0758",
        door="triagist (veilig-thuis-west-brabant)",
        gesloten_op=road.now,
    )
    assert isinstance(await road.handover(case("a"), gesloten, Actor("houvast-monitoring")), Done)


async def test_in_a_case_that_was_closed_nothing_is_taken_up_refused_or_given_back() -> None:
    """AEF C; what was answered before is answered as it was (G2), and since when the case is closed."""
    road = await hand_over()
    received = answer(await confirm(road))
    for _ in range(2):
        await close(road)
    before = len(road.events())
    refusal = RefuseOverdracht(only(road).id, WeigeringInvoer(code=Weigeringscode.DUBBEL))
    for reply in (await take_up(road), await give_back(road), await road.handover(case("a"), refusal, BREDA)):
        assert (refused(reply).status, refused(reply).code) == (409, "gesloten")
        assert "een nieuwe melding nodig" in refused(reply).problems[0].message
    assert answer(await confirm(road)) == received | {"casusGeslotenOp": iso(road.now)}
    assert len(road.events()) == before


async def test_a_receipt_that_was_on_its_way_when_the_case_closed_is_kept_and_hears_that() -> None:
    road = await hand_over()
    await close(road)
    told = answer(await confirm(road))
    assert told["casusGeslotenOp"] == iso(road.now)
    assert only(road).ontvangst is not None
    assert answer(await confirm(road)) == told


async def test_a_plan_from_before_the_closing_can_be_told_and_one_from_after_it_not() -> None:
    road = await hand_over()
    await take_up(road)
    before = road.now
    await road.pass_time(hours=1)
    await close(road)
    plan = PlanInvoer(medewerker=WIE, plannen=(Plansoort.VEILIGHEIDSPLAN,))
    late = refused(await road.handover(case("a"), DrawUpPlan(only(road).id, plan), BREDA))
    assert (late.status, late.code) == (409, "gesloten")
    earlier = plan.model_copy(update={"opgesteld_op": before})
    told = answer(await road.handover(case("a"), DrawUpPlan(only(road).id, earlier), BREDA))
    assert told["casusGeslotenOp"] == iso(road.now)


async def test_of_two_people_who_take_one_case_up_the_second_hears_who_has_it() -> None:
    """Nothing that somebody says is swallowed; the same once more is answered as it was (G2)."""
    road = await hand_over()
    noor, robin = ({"naam": naam, "functie": "medewerker lokaal team"} for naam in ("Noor de Vries", "Robin Zandbak"))
    taken = answer(await take_up(road, medewerker=noor))
    before = len(road.events())
    reply = refused(await take_up(road, medewerker=robin))
    assert (reply.status, reply.code) == (409, "al-opgepakt")
    assert "al opgepakt door Noor de Vries" in reply.problems[0].message
    later = (road.now - timedelta(minutes=1)).isoformat()
    assert "corrigeer dan het moment" in refused(await take_up(road, opgepaktOp=later)).problems[0].message
    assert answer(await take_up(road, medewerker=noor)) == answer(await take_up(road)) == taken
    assert len(road.events()) == before


async def test_a_terugkoppeling_within_three_months_is_taken() -> None:
    """MB 4.1: until the third month has passed."""
    road = await hand_over(midden_brabant=True)
    await road.pass_time(days=92)
    answer(await give_back(road, TILBURG))


async def test_a_terugkoppeling_after_three_months_is_refused_and_needs_a_new_melding() -> None:
    """MB 4.1."""
    road = await hand_over(midden_brabant=True)
    await road.pass_time(days=93)
    reply = refused(await give_back(road, TILBURG))
    assert (reply.status, reply.code) == (409, "terugkoppeltermijn-verstreken")
    assert "een nieuwe melding is nodig" in reply.problems[0].message
    assert "MB" in reply.problems[0].message


async def test_where_a_region_agreed_no_term_a_case_can_always_be_given_back() -> None:
    """WB 2022 names none."""
    road = await hand_over()
    await road.pass_time(days=300)
    answer(await give_back(road))


async def test_after_a_dienst_a_case_is_not_given_back_with_the_form() -> None:
    """MB 4.1 speaks of a directe overdracht."""
    road = Road()
    answer(await road.meld(actor=VT_MB, gemeente="GM0855"))
    dienst = example(
        "triagebesluit",
        besluit="dienst-onderzoek",
        ontvangers=None,
        overdrachtsdocument=None,
        redenAfwijking="Samen zo besloten.",
    )
    answer(await road.decide(actor=VT_MB, body=dienst))
    await finish_dienst(road)
    assert refused(await give_back(road, TILBURG)).code == "geen-terugkoppeling"


async def finish_dienst(road: Road) -> None:
    start = DienstInvoer.model_validate(example("dienst", dienstsoort="onderzoek"))
    started = answer(await road.triage(case("a"), StartDienst(start), VT_MB))
    finish = AfrondingInvoer.model_validate(example("afronding", ontvangers=None))
    answer(await road.triage(case("a"), FinishDienst(UUID(started["id"]), finish), VT_MB))


async def test_each_ground_asks_for_what_it_needs() -> None:
    """MB 7.1: er is reeds hulpverlening betrokken, namelijk…; afgestemd met gedragsdeskundige, namelijk…"""
    road = await hand_over(midden_brabant=True)
    reply = await give_back(road, TILBURG, criteria=["hulp-betrokken"], gedragsdeskundigeToelichting=None)
    confirmed = {"hulpGerichtOpGeweld", "veiligheidCentraal"}
    assert places(reply) == {"betrokkenHulpverlening", "gedragsdeskundigeToelichting", *confirmed}
    there = {"criteria": ["hulp-betrokken"], "betrokkenHulpverlening": "Kader, sinds januari."}
    assert places(await give_back(road, TILBURG, **there, **dict.fromkeys(confirmed, False))) == confirmed
    answer(await give_back(road, TILBURG, **there, **dict.fromkeys(confirmed, True)))


async def test_a_ground_that_the_region_did_not_agree_is_refused() -> None:
    """With the grounds of a region that knows fewer of them."""
    bronnen = packaged_bronnen()
    (name,) = (name for name in bronnen if name.endswith("midden-brabant-2024.toml"))
    bronnen[name] = bronnen[name].replace('id = "zorgen-kleiner"', 'id = "iets-anders"')
    road = Road(rule_book=load_rule_book(bronnen))
    answer(await road.meld(actor=VT_MB, gemeente="GM0855"))
    answer(await road.decide(actor=VT_MB, body=example("triagebesluit", ontvangers=None)))
    assert places(await give_back(road, TILBURG, criteria=["geen-contact", "zorgen-kleiner"])) == {"criteria.1"}


def test_every_box_of_the_form_is_a_ground_in_the_afspraken() -> None:
    road = Road()
    on = road.now.date()
    afspraken = road.rule_book.for_case(regio="midden-brabant", gemeente="GM0855", on=on)
    assert {regel.id for regel in afspraken.terugkoppelcriteria} == {str(item) for item in Terugkoppelcriterium}


Step = Callable[[Road], Awaitable[Reply]]


def once_known(step: Step) -> Step:
    """What a gemeente can do as soon as there is an overdracht."""

    async def act(road: Road) -> Reply:
        return await step(road) if known(road) else await road.meld()

    return act


def deciding(**changes: Any) -> Step:
    return lambda road: road.decide(body=example("triagebesluit", **changes))


STEPS: dict[str, Step] = {
    "melding": lambda road: road.meld(),
    "andere melding": lambda road: road.meld("b"),
    "besluit": deciding(),
    "onvolledig besluit": lambda road: road.decide(body=without(example("triagebesluit"), "verrijking")),
    "overleg": deciding(besluit="overleg", ontvangers=None, overdrachtsdocument=None, redenAfwijking="Twijfel."),
    "ontvangst": once_known(confirm),
    "verdeling": once_known(take_up),
    "terugkoppeling": once_known(give_back),
}


def known(road: Road) -> bool:
    state = road.world.state(Service.HANDOVER, case("a"))
    return state is not None and bool(state.overdrachten)


@examples(25)
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=8), away=st.booleans())
async def test_doing_everything_twice_is_doing_it_once(steps: list[str], away: bool) -> None:  # noqa: FBT001
    """G2: whatever the order, a repetition under another key adds nothing."""
    once, twice = Road(), Road()
    for road, times in ((once, 1), (twice, 2)):
        if away:
            road.endpoint.fails(Attempt(Result.TEMPORARY, "antwoordde met status 503", 503))
        for step in ["melding", *steps]:
            for _ in range(times):
                await STEPS[step](road)
        road.endpoint.works()
        await road.pass_time(days=1)
    assert once.names() == twice.names()
    assert once.names("b") == twice.names("b")
    assert len(once.endpoint.requests) == len(twice.endpoint.requests)
