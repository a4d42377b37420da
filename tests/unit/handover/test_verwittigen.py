"""Who had an overdracht hears that it was taken back, by whichever road it came; else people hear that they did not."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.messages.handover import Kanaal, OverdrachtAfgeleverd, OverdrachtIngetrokken
from contracts.messages.notifier import Doelgroep, NotificatieGevraagd, NotificatieUrgentie
from contracts.messages.topics import Service
from contracts.register import MailEndpoint, Register
from services.handover.domain.casus import Overdracht, Overdrachtstatus, Verwittiging
from services.handover.domain.invoer import AfleveringInvoer, IntrekkingInvoer
from services.handover.domain.retour import MAIL_INTREKKING
from services.handover.handlers.commands import OfferOverdrachtAgain, WithdrawOverdracht
from services.runtime.access.actor import Actor
from services.runtime.outbound.bounces import Bounce, BounceKind, MailNumber
from services.runtime.unit.decision import Attempt, Incoming, Request, RequestAttempted, Result
from services.runtime.unit.fold import Reply
from services.triage.domain.invoer import OvernameInvoer
from services.triage.handlers.commands import TakeOverMeldpuntmelding
from tests.unit.triage.road import MELDPUNT, VT_WB, Road, answer, case, example, sample_register

pytestmark = pytest.mark.anyio

AWAY = Attempt(Result.TEMPORARY, "antwoordde met status 503", 503)
REFUSED = Attempt(Result.PERMANENT, "geweigerd met status 404", 404)
RECEIVERS = {Kanaal.REST: "GM0758", Kanaal.ZGW: "GM0777", Kanaal.E_MAIL: "GM0840"}
"""Who receives by which road in the sample register."""


def only(road: Road) -> Overdracht:
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    return overdracht


async def handed_over(kanaal: Kanaal) -> Road:
    road = Road(kanalen=frozenset(Kanaal))
    await hand_over(road, RECEIVERS[kanaal])
    return road


async def hand_over(road: Road, gemeente: str) -> None:
    answer(await road.meld(gemeente=gemeente))
    answer(await road.decide(body=example("triagebesluit", ontvangers=None)))


async def withdraw(road: Road) -> Reply:
    invoer = IntrekkingInvoer.model_validate(example("intrekking"))
    return await road.handover(case("a"), WithdrawOverdracht(only(road).id, invoer), VT_WB)


def notices(road: Road) -> list[Request]:
    return [request for request in road.endpoint.requests if request.kind.startswith("intrekking-")]


def told_people(road: Road) -> list[NotificatieGevraagd]:
    return [event for event in road.events() if isinstance(event, NotificatieGevraagd)]


@pytest.mark.parametrize("kanaal", Kanaal)
async def test_whoever_received_it_is_told_by_the_same_road(kanaal: Kanaal) -> None:
    """D5, withdrawal: nothing of the content goes along."""
    road = await handed_over(kanaal)
    assert only(road).kanaal is kanaal
    assert answer(await withdraw(road))["gemeenteWordtVerwittigd"] is True
    (notice,) = notices(road)
    assert (notice.kind, notice.destination) == (f"intrekking-{kanaal.value}", RECEIVERS[kanaal])
    assert "document" not in notice.content
    assert [row["verwittigd_op"] for row in road.world.view(Service.HANDOVER, "overdracht")] == [
        "2026-03-02T08:00:00+00:00"
    ]


@pytest.mark.parametrize("kanaal", Kanaal)
async def test_a_withdrawal_that_is_said_twice_is_told_once(kanaal: Kanaal) -> None:
    """G2."""
    road = await handed_over(kanaal)
    assert answer(await withdraw(road))["ingetrokkenOp"] == answer(await withdraw(road))["ingetrokkenOp"]
    await road.pass_time(days=3)
    assert len(notices(road)) == 1
    assert [type(event) for event in road.events()].count(OverdrachtIngetrokken) == 1


def with_a_mailbox_too() -> Register:
    register = sample_register()
    uitwijk = MailEndpoint(soort="e-mail", adres="team@breda.example")
    entries = [
        entry.model_copy(update={"uitwijk": uitwijk}) if entry.code == "GM0758" else entry
        for entry in register.entries()
    ]
    return Register(gemeenten=entries, partijen=register.partijen())


async def test_every_road_that_was_taken_is_told() -> None:
    """Its system may have had it, although it never answered; then it went by mail."""
    road = Road(kanalen=frozenset(Kanaal), register=with_a_mailbox_too())
    road.endpoint.fails(AWAY)
    await hand_over(road, "GM0758")
    road.endpoint.works()
    again = OfferOverdrachtAgain(only(road).id, AfleveringInvoer(kanaal=Kanaal.E_MAIL))
    answer(await road.handover(case("a"), again, VT_WB))
    answer(await withdraw(road))
    assert {(notice.kind, notice.destination) for notice in notices(road)} == {
        ("intrekking-rest", "GM0758"),
        ("intrekking-e-mail", "e-mail:GM0758"),
    }
    assert len({notice.id for notice in notices(road)}) == 2


async def test_until_all_are_told_it_is_not_said_to_be_told() -> None:
    road = Road(kanalen=frozenset(Kanaal), register=with_a_mailbox_too())
    await hand_over(road, "GM0758")
    again = OfferOverdrachtAgain(only(road).id, AfleveringInvoer(kanaal=Kanaal.E_MAIL))
    answer(await road.handover(case("a"), again, VT_WB))
    road.endpoint.fails(AWAY)
    answer(await withdraw(road))
    intrekking = only(road).intrekking
    assert intrekking is not None
    assert (len(intrekking.verwittigingen), intrekking.verwittigd_op) == (2, None)
    road.endpoint.works()
    await road.pass_time(hours=1)
    told = only(road).intrekking
    assert told is not None
    assert told.verwittigd_op == max(item.verwittigd_op for item in told.verwittigingen if item.verwittigd_op)


async def test_what_is_refused_for_good_is_told_to_people_at_once() -> None:
    """They can pick up the telephone; Houvast cannot."""
    road = await handed_over(Kanaal.ZGW)
    road.endpoint.fails(REFUSED)
    answer(await withdraw(road))
    (told,) = told_people(road)
    assert (told.partij, told.rol, told.urgentie) == (VT_WB.partij, "coordinator", NotificatieUrgentie.SPOED)
    assert "Bel de ontvanger" in told.gevraagd
    assert told.doelgroep is Doelgroep.JEUGD, "there is a child in the example (D11)"
    await road.pass_time(days=3)
    assert (len(notices(road)), len(told_people(road))) == (1, 1)
    intrekking = only(road).intrekking
    assert intrekking is not None
    assert [item.fout for item in intrekking.verwittigingen] == ["geweigerd met status 404"]


async def test_a_receiver_that_stays_away_is_told_when_it_is_back_and_people_meanwhile_once() -> None:
    road = await handed_over(Kanaal.E_MAIL)
    road.endpoint.fails(AWAY)
    answer(await withdraw(road))
    await road.pass_time(hours=3)
    assert told_people(road) == []
    await road.pass_time(hours=24)
    assert len(told_people(road)) == 1
    road.endpoint.works()
    await road.pass_time(hours=6)
    assert len(told_people(road)) == 1
    assert len({notice.id for notice in notices(road)}) == 1
    intrekking = only(road).intrekking
    assert intrekking is not None
    assert intrekking.verwittigd_op is not None


@pytest.mark.parametrize("result", [Result.DONE, Result.TEMPORARY])
async def test_an_attempt_that_was_under_way_when_it_was_taken_back_is_followed_by_another_notice(
    result: Result,
) -> None:
    """It may have arrived after the notice did, or where nothing had to be told; delivered it is no more."""
    road = Road(kanalen=frozenset(Kanaal))
    road.endpoint.fails(AWAY)
    await hand_over(road, RECEIVERS[Kanaal.ZGW])
    answer(await withdraw(road))
    before = notices(road)
    first = road.endpoint.requests[0]
    road.endpoint.works()
    late = Incoming(UUID(int=99), case("a"), RequestAttempted(first, Attempt(result, "laat", 201)))
    await road.world.submit(Service.HANDOVER, late)
    await road.pass_time(hours=1)
    assert len({notice.id for notice in notices(road)}) == len({notice.id for notice in before}) + 1
    assert not any(isinstance(event, OverdrachtAfgeleverd) for event in road.events())
    assert only(road).status is Overdrachtstatus.INGETROKKEN
    asked = [request for request in road.endpoint.requests if request.kind == "aflevering-zgw"]
    await road.pass_time(days=2)
    assert [request for request in road.endpoint.requests if request.kind == "aflevering-zgw"] == asked


async def test_an_answer_to_a_notice_of_before_roads_were_kept_is_taken() -> None:
    """Requests wait in the database while the hub is replaced by a newer one."""
    road = await handed_over(Kanaal.REST)
    answer(await withdraw(road))
    content = {name: value for name, value in notices(road)[0].content.items() if name not in {"kanaal", "regio"}}
    old = Request(UUID(int=5), "intrekking-rest", "GM0758", content, road.now, 1)
    await road.world.submit(
        Service.HANDOVER,
        Incoming(UUID(int=98), case("a"), RequestAttempted(old, Attempt(Result.DONE, "aangenomen", 202))),
    )
    intrekking = only(road).intrekking
    assert intrekking is not None
    assert intrekking.verwittigingen == (Verwittiging(Kanaal.REST, intrekking.op),)
    assert road.now - intrekking.op < timedelta(minutes=1)


async def test_a_mail_about_it_that_comes_back_was_not_told() -> None:
    """The relay had taken it; the mail server of the team gave it back later, and again."""
    road = await handed_over(Kanaal.E_MAIL)
    answer(await withdraw(road))
    for number in (1, 2):
        bounce = Bounce(MailNumber(MAIL_INTREKKING, only(road).id), BounceKind.FAILED, "5.1.1")
        await road.world.submit(Service.HANDOVER, Incoming(UUID(int=number), case("a"), bounce))
    intrekking = only(road).intrekking
    assert intrekking is not None
    assert intrekking.verwittigd_op is None
    (told,) = told_people(road)
    assert told.onderwerp == "De intrekking van een overdracht komt niet aan"


@pytest.mark.parametrize(("wie", "signs"), [(MELDPUNT, MELDPUNT.partij), (VT_WB, None)])
async def test_who_took_an_offer_back_stands_in_the_notice(wie: Actor, signs: str | None) -> None:
    """docs/decisions/0019: the meldpunt made the offer; without a name it is Veilig Thuis that signs."""
    road = Road(kanalen=frozenset(Kanaal))
    answer(await road.meld_at_meldpunt(uitkomst="lokale-veld", vermoedenHgkm=False))
    asked = TakeOverMeldpuntmelding(OvernameInvoer.model_validate({"door": RECEIVERS[Kanaal.E_MAIL]}))
    answer(await road.triage(case("a"), asked, MELDPUNT))
    invoer = IntrekkingInvoer.model_validate(example("intrekking"))
    answer(await road.handover(case("a"), WithdrawOverdracht(only(road).id, invoer), wie))
    (notice,) = notices(road)
    assert (notice.content["aangebodenDoor"], notice.content["ingetrokkenDoor"]) == (MELDPUNT.partij, signs)
