"""A mail that its relay accepted and that came back: it was never delivered, and everybody hears so (G7, G8)."""

import pytest

from contracts.messages.documenten import Professional
from contracts.messages.handover import AfleveringGestagneerd, Kanaal, OverdrachtAfgeleverd
from contracts.messages.topics import Service
from services.handover.domain.casus import Aflevering, Overdracht, Retouruitkomst
from services.handover.domain.invoer import (
    AfleveringInvoer,
    IntrekkingInvoer,
    OntvangstbevestigingInvoer,
    RetourbeoordelingInvoer,
)
from services.handover.domain.retour import MAIL, MAIL_INTREKKING, reference_of
from services.handover.handlers.commands import ConfirmOntvangst, JudgeRetour, OfferOverdrachtAgain, WithdrawOverdracht
from services.runtime.access.actor import HOUVAST, Actor
from services.runtime.outbound.bounces import Bounce, BounceKind, MailNumber
from services.runtime.unit.decision import Attempt, Refused, Result
from services.runtime.unit.fold import Done
from tests.unit.triage.road import VT_WB, Road, answer, case, example

pytestmark = pytest.mark.anyio

RUCPHEN = Actor("GM0840")
UNCLEAR = "op de mail kwam een bericht terug waaruit niet blijkt of zij is bezorgd"
BUSY = Attempt(Result.TEMPORARY, "de mailserver neemt het bericht nu niet aan (SMTP 451)", 451)


async def mailed() -> Road:
    """An overdracht to a gemeente with nothing but a mailbox."""
    road = Road(kanalen=frozenset(Kanaal))
    answer(await road.meld(gemeente="GM0840"))
    answer(await road.decide(body=example("triagebesluit", ontvangers=[{"gemeente": "GM0840"}])))
    return road


def only(road: Road) -> Overdracht:
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    return overdracht


async def bounce(
    road: Road,
    *,
    ronde: int = 1,
    kind: BounceKind = BounceKind.FAILED,
    mail: str = MAIL,
    letter: str | None = None,
) -> None:
    number = MailNumber(mail, only(road).id, ronde)
    reply = await road.handover(case("a"), Bounce(number, kind, "5.1.1", letter), HOUVAST)
    assert isinstance(reply, Done), reply


def stalled(road: Road) -> list[AfleveringGestagneerd]:
    return [event for event in road.events() if isinstance(event, AfleveringGestagneerd)]


def deliveries(road: Road) -> list[OverdrachtAfgeleverd]:
    return [event for event in road.events() if isinstance(event, OverdrachtAfgeleverd)]


def journal(road: Road) -> list[str]:
    tables = road.world.services[Service.HANDOVER].store.tables
    return [row.line.what for row in tables.journal if row.casus_id == case("a")]


async def test_what_came_back_was_never_delivered_and_people_are_told() -> None:
    road = await mailed()
    was = only(road).afgeleverd_op
    await road.pass_time(hours=3)
    await bounce(road)
    (told,) = stalled(road)
    assert (told.blijvend, told.teruggekomen_op) == (True, was)
    assert told.reden == "de mail kwam terug als onbestelbaar (5.1.1)"
    assert (only(road).aflevering, only(road).afgeleverd_op) == (Aflevering.GEWEIGERD, None)
    await road.pass_time(days=3)
    assert len(road.endpoint.requests) == 1, "no further attempts by themselves"


async def test_the_same_bounce_twice_tells_once() -> None:
    road = await mailed()
    for _ in range(2):
        await bounce(road)
    assert len(stalled(road)) == 1


async def test_offered_again_it_is_delivered_anew_and_may_come_back_anew() -> None:
    """The new delivery is the one that counts: terms begin there."""
    road = await mailed()
    await bounce(road)
    await road.pass_time(hours=1)
    answer(await road.handover(case("a"), OfferOverdrachtAgain(only(road).id, AfleveringInvoer()), VT_WB))
    first, second = deliveries(road)
    assert first.afgeleverd_op < second.afgeleverd_op == only(road).afgeleverd_op
    await bounce(road)
    assert only(road).aflevering is Aflevering.AFGELEVERD, "a late word about the former mail"
    await bounce(road, ronde=2)
    assert len(stalled(road)) == 2


async def test_a_bounce_before_the_relay_has_answered_stops_further_attempts() -> None:
    """The relay took it, but its answer was lost."""
    road = Road(kanalen=frozenset(Kanaal))
    road.endpoint.fails(BUSY)
    answer(await road.meld(gemeente="GM0840"))
    answer(await road.decide(body=example("triagebesluit", ontvangers=[{"gemeente": "GM0840"}])))
    tried = len(road.endpoint.requests)
    await bounce(road)
    road.endpoint.works()
    await road.pass_time(days=1)
    assert len(road.endpoint.requests) == tried
    (told,) = stalled(road)
    assert (told.teruggekomen_op, only(road).aflevering) == (None, Aflevering.GEWEIGERD)


async def test_the_former_mail_comes_back_while_a_new_one_is_under_way() -> None:
    road = await mailed()
    was = only(road).afgeleverd_op
    road.endpoint.fails(BUSY)
    answer(await road.handover(case("a"), OfferOverdrachtAgain(only(road).id, AfleveringInvoer(opnieuw=True)), VT_WB))
    await bounce(road)
    assert (only(road).aflevering, only(road).afgeleverd_op) == (Aflevering.GESTAGNEERD, None)
    assert [(event.blijvend, event.teruggekomen_op) for event in stalled(road)] == [(False, was)]
    road.endpoint.works()
    await road.pass_time(days=1)
    assert len(deliveries(road)) == 2


async def test_the_former_mail_comes_back_after_a_new_one_was_delivered() -> None:
    """No alarm, but the moment of delivery was another one."""
    road = await mailed()
    was = only(road).afgeleverd_op
    await road.pass_time(hours=2)
    answer(await road.handover(case("a"), OfferOverdrachtAgain(only(road).id, AfleveringInvoer(opnieuw=True)), VT_WB))
    assert only(road).afgeleverd_op == was
    await bounce(road)
    assert stalled(road) == []
    assert deliveries(road)[-1].teruggekomen_op == was
    assert deliveries(road)[-1].afgeleverd_op == only(road).afgeleverd_op == road.now


async def test_who_confirmed_has_received_whatever_a_mail_server_says() -> None:
    """A mailbox may pass mail on to several people, and one of them may be gone."""
    road = await mailed()
    answer(await road.handover(case("a"), ConfirmOntvangst(only(road).id, OntvangstbevestigingInvoer()), RUCPHEN))
    await bounce(road)
    assert stalled(road) == []
    assert only(road).aflevering is Aflevering.AFGELEVERD
    assert journal(road)[-1] == "mail-teruggekomen-zonder-gevolg"


async def test_of_what_was_withdrawn_nothing_follows_and_its_own_mail_is_noted() -> None:
    road = await mailed()
    answer(await road.handover(case("a"), WithdrawOverdracht(only(road).id, IntrekkingInvoer()), VT_WB))
    await bounce(road)
    await bounce(road, mail=MAIL_INTREKKING)
    assert stalled(road) == []
    assert journal(road)[-2:] == ["mail-teruggekomen-zonder-gevolg", "mail-over-intrekking-teruggekomen"]


async def test_what_is_held_up_was_not_delivered_yet_and_people_are_told() -> None:
    """Zicht stays where it is until the mail is known to have arrived (G8); its mail server goes on trying."""
    road = await mailed()
    was = only(road).afgeleverd_op
    for _ in range(2):
        await bounce(road, kind=BounceKind.DELAYED)
    (told,) = stalled(road)
    assert (told.blijvend, told.teruggekomen_op) == (False, was)
    assert told.reden == "de mail is nog niet bezorgd bij de ontvanger (5.1.1)"
    assert (only(road).aflevering, only(road).afgeleverd_op) == (Aflevering.GESTAGNEERD, None)
    await road.pass_time(days=3)
    assert len(road.endpoint.requests) == 1, "the mail is still under way"


async def test_what_was_held_up_arrives_or_comes_back_after_all() -> None:
    road = await mailed()
    await bounce(road, kind=BounceKind.DELAYED)
    await road.pass_time(hours=5)
    await bounce(road, kind=BounceKind.DELIVERED)
    assert deliveries(road)[-1].afgeleverd_op == only(road).afgeleverd_op == road.now
    await bounce(road)
    assert [event.blijvend for event in stalled(road)] == [False, True]
    assert only(road).aflevering is Aflevering.GEWEIGERD


async def test_what_is_held_up_is_sent_anew_on_request_and_the_late_word_about_it_is_no_news() -> None:
    road = await mailed()
    await bounce(road, kind=BounceKind.DELAYED)
    answer(await road.handover(case("a"), OfferOverdrachtAgain(only(road).id, AfleveringInvoer()), VT_WB))
    assert (len(road.endpoint.requests), only(road).aflevering) == (2, Aflevering.AFGELEVERD)
    before = (only(road), road.names())
    await bounce(road)
    await bounce(road, kind=BounceKind.DELIVERED)
    assert (only(road), road.names()) == before


async def test_good_news_changes_nothing() -> None:
    road = await mailed()
    before = (only(road), road.names())
    await bounce(road, kind=BounceKind.DELIVERED)
    assert (only(road), road.names()) == before
    assert journal(road)[-1] == "mail-bezorgd"


def read_it(uitkomst: Retouruitkomst) -> RetourbeoordelingInvoer:
    return RetourbeoordelingInvoer(uitkomst=uitkomst, medewerker=Professional(naam="Robin Zandbak", functie="triagist"))


@pytest.mark.parametrize(
    ("uitkomst", "aflevering"),
    [(Retouruitkomst.BEZORGD, Aflevering.AFGELEVERD), (Retouruitkomst.ONBESTELBAAR, Aflevering.GEWEIGERD)],
)
async def test_what_nobody_can_tell_is_read_by_a_person_who_says_what_it_is(
    uitkomst: Retouruitkomst, aflevering: Aflevering
) -> None:
    """Never 204 and silence: until somebody has read it, the mail is not taken for delivered."""
    road = await mailed()
    await bounce(road, kind=BounceKind.UNCLEAR, letter="Er is iets met het bericht aan Noor Voorbeeld.")
    (told,) = stalled(road)
    assert (told.blijvend, told.reden) == (False, UNCLEAR)
    assert only(road).afgeleverd_op is None
    (row,) = road.world.services[Service.HANDOVER].store.view("retourbrief")
    assert "Noor" not in str(row), "it is sealed"
    command = JudgeRetour(only(road).id, read_it(uitkomst))
    assert isinstance(await road.handover(case("a"), command, RUCPHEN), Refused)
    for _ in range(2):
        assert answer(await road.handover(case("a"), command, VT_WB))["uitkomst"] == uitkomst.value
    assert only(road).aflevering is aflevering
    (row,) = road.world.services[Service.HANDOVER].store.view("retourbrief")
    assert row["uitkomst"] == uitkomst.value
    other = next(each for each in Retouruitkomst if each is not uitkomst)
    assert isinstance(await road.handover(case("a"), JudgeRetour(only(road).id, read_it(other)), VT_WB), Refused)


async def test_there_is_nothing_to_judge_where_nothing_unclear_came_back() -> None:
    road = await mailed()
    command = JudgeRetour(only(road).id, read_it(Retouruitkomst.BEZORGD))
    assert isinstance(await road.handover(case("a"), command, VT_WB), Refused)
    assert isinstance(await road.handover(case("a"), JudgeRetour(case("b"), command.invoer), VT_WB), Refused)


async def test_a_withdrawal_that_is_held_up_or_delivered_is_a_line_in_the_journal() -> None:
    road = await mailed()
    answer(await road.handover(case("a"), WithdrawOverdracht(only(road).id, IntrekkingInvoer()), VT_WB))
    told = road.names()
    for kind in (BounceKind.DELAYED, BounceKind.DELIVERED):
        await bounce(road, mail=MAIL_INTREKKING, kind=kind)
    assert road.names() == told
    assert journal(road)[-2:] == ["mail-over-intrekking-vertraagd", "mail-over-intrekking-bezorgd"]


async def test_a_mail_of_another_service_leads_nowhere_here() -> None:
    road = await mailed()
    identifier = only(road).id
    assert reference_of(MailNumber(MAIL, identifier)) == ("overdracht", str(identifier))
    assert reference_of(MailNumber("n", identifier)) is None
