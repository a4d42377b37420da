"""What comes together for one mailbox leaves together; what is urgent never waits longer than the minute (D12)."""

from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import load_rule_book
from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import (
    Aanleiding,
    NotificatieGebundeld,
    NotificatieGevraagd,
    Notificatiekanaal,
    NotificatieMislukt,
    NotificatieUrgentie,
    NotificatieVerzonden,
)
from services.notifier.adapters import RegisterMensen
from services.notifier.adapters.bezorging import vragen_of
from services.notifier.adapters.sjablonen import Sjablonen
from services.notifier.adapters.teams import card_of
from services.notifier.domain import Bundeling, Zendingstatus
from services.notifier.handlers import Handlers
from services.runtime.outbound.bounces import BounceKind
from services.runtime.unit.decision import Request
from tests.unit.notifier.test_notificaties import BUSY, DONE, GONE, SCHEMA, Loop, register, vraag

MINUTE = timedelta(minutes=1)
CALM = Aanleiding.TERMIJN_NADERT


def case(number: int) -> CasusId:
    return CasusId(UUID(int=1000 + number))


def asked(number: int, *, urgentie: NotificatieUrgentie = NotificatieUrgentie.GEWOON, aanleiding: Aanleiding = CALM):  # noqa: ANN201
    """The question of case `number`, to the same role."""
    question = vraag(rol="leidinggevende", urgentie=urgentie, aanleiding=aanleiding)
    changes = {"notificatie_id": UUID(int=5000 + number), "referentie": f"HV-{number:08X}"}
    return question.model_copy(update=changes)


def ask(loop: Loop, number: int, **how: object) -> NotificatieGevraagd:
    question = asked(number, **how)  # type: ignore[arg-type]
    loop.handle(question, case(number))
    return question


def mails(loop: Loop) -> list[Request]:
    return [request for request in loop.open.values() if request.kind == Notificatiekanaal.E_MAIL.value]


def told(requests: list[Request]) -> list[list[str]]:
    return [[question.referentie for question in vragen_of(request)] for request in requests]


def test_the_first_leaves_at_once_and_what_follows_leaves_together() -> None:
    loop = Loop()
    for number in range(4):
        ask(loop, number)
    assert told(mails(loop)) == [["HV-00000000"]]
    loop.move(timedelta(minutes=10))
    assert told(mails(loop)) == [["HV-00000000"], ["HV-00000001", "HV-00000002", "HV-00000003"]]
    loop.move(timedelta(days=1))
    assert len(mails(loop)) == 2, "nothing leaves twice"


def test_what_is_urgent_takes_the_rest_along_within_the_minute() -> None:
    loop = Loop()
    for number in range(3):
        ask(loop, number)
    ask(loop, 3, urgentie=NotificatieUrgentie.SPOED)
    loop.move(MINUTE)
    assert told(mails(loop))[1] == ["HV-00000003", "HV-00000001", "HV-00000002"]


def test_a_crisis_waits_for_nothing_and_nobody() -> None:
    """Day and night, also right after another message, and it takes nothing along."""
    loop = Loop()
    ask(loop, 0)
    ask(loop, 1)
    ask(loop, 2, urgentie=NotificatieUrgentie.CRISIS)
    assert told(mails(loop)) == [["HV-00000000"], ["HV-00000002"]]


@pytest.mark.parametrize("aanleiding", [Aanleiding.ESCALATIE, Aanleiding.AFLEVERING_GESTAGNEERD])
def test_whoever_is_next_on_a_ladder_hears_it_within_the_minute(aanleiding: Aanleiding) -> None:
    loop = Loop()
    ask(loop, 0)
    ask(loop, 1, aanleiding=aanleiding)
    loop.move(MINUTE)
    assert told(mails(loop))[1] == ["HV-00000001"]


def test_a_bundle_is_told_as_one_event_and_each_message_in_its_own_case() -> None:
    loop = Loop()
    for number in range(3):
        ask(loop, number)
    loop.move(timedelta(minutes=10))
    for request in mails(loop):
        loop.attempt(request.id, DONE)
    (together,) = (event for event in loop.events if isinstance(event, NotificatieGebundeld))
    assert together.notificaties == (UUID(int=5001), UUID(int=5002))
    sent = [event.notificatie_id for event in loop.events if isinstance(event, NotificatieVerzonden)]
    assert sorted(sent) == [UUID(int=5000), UUID(int=5001), UUID(int=5002)]


def test_a_channel_that_people_share_gets_one_card() -> None:
    """Two gedragswetenschappers of Breda have one Teams channel."""
    loop = Loop()
    for number in range(3):
        question = asked(number).model_copy(update={"rol": "gedragswetenschapper"})
        loop.handle(question, case(number))
    loop.move(timedelta(minutes=10))
    cards = [request for request in loop.open.values() if request.kind == Notificatiekanaal.TEAMS.value]
    to_teams = [
        zending
        for zending in loop.states[case(0)].alle[UUID(int=5000)].zendingen.values()
        if zending.kanaal is Notificatiekanaal.TEAMS
    ]
    assert len(to_teams) > len({zending.postvak for zending in to_teams}) == 1
    assert told(cards) == [["HV-00000000"], ["HV-00000001", "HV-00000002"]]
    for request in cards:
        loop.attempt(request.id, DONE)
    ended = [zending.status for zending in loop.states[case(0)].alle[UUID(int=5000)].zendingen.values()]
    assert ended.count(Zendingstatus.VERZONDEN) == len(to_teams), "each of them was told, on one card"


def test_many_wait_in_a_row_of_bundles_the_urgent_first() -> None:
    loop = Loop(handler=Handlers(RegisterMensen(register(), load_rule_book()), SCHEMA, Bundeling(grootste=5)))
    for number in range(12):
        ask(loop, number)
    ask(loop, 12, urgentie=NotificatieUrgentie.SPOED)
    loop.move(timedelta(minutes=15))
    assert [len(refs) for refs in told(mails(loop))] == [1, 5, 5, 2]
    assert "HV-0000000C" in told(mails(loop))[1]


def test_a_new_message_is_a_reason_to_try_what_failed_again_now() -> None:
    """Else it would wait behind it: the order per mailbox is kept."""
    loop = Loop()
    ask(loop, 0)
    (first,) = mails(loop)
    loop.attempt(first.id, BUSY)
    later = loop.retries.pop(first.id)
    loop.move(MINUTE / 60)
    ask(loop, 1, aanleiding=Aanleiding.ESCALATIE)
    loop.now = max(loop.now, later - timedelta(seconds=1))
    loop.move(MINUTE)
    assert first.id not in loop.retries or loop.retries[first.id] <= loop.now


def test_what_waited_through_days_of_downtime_is_tried_for_as_long_as_any_other() -> None:
    """The first attempt starts the count, not the asking: a week away is no reason to give up at once."""
    for urgentie in (NotificatieUrgentie.GEWOON, NotificatieUrgentie.CRISIS):
        loop = Loop()
        ask(loop, 0, urgentie=urgentie)
        (request,) = mails(loop)
        loop.now += timedelta(days=7)
        began = loop.now
        for number in range(1, 400):
            loop.attempt(request.id, BUSY, number)
            if request.id not in loop.retries:
                break
            loop.now = loop.retries.pop(request.id)
        assert timedelta(hours=71) <= loop.now - began <= timedelta(hours=72)


@given(st.data())
def test_whatever_comes_when_everything_leaves_once_and_nothing_urgent_late(data: st.DataObject) -> None:
    """Twice, in any order, with failures between: one mail says it, and within the minute where somebody waits."""
    loop = Loop()
    asked_at = dict[str, object]()
    left_at = dict[str, list[object]]()
    seen = set[UUID]()
    hurried = set[str]()

    def look() -> None:
        for request in mails(loop):
            if request.id not in seen:
                seen.add(request.id)
                for question in vragen_of(request):
                    left_at.setdefault(question.referentie, []).append(request.due_at)

    for number in range(data.draw(st.integers(1, 12))):
        urgentie = data.draw(st.sampled_from(NotificatieUrgentie))
        question = ask(loop, number, urgentie=urgentie, aanleiding=data.draw(st.sampled_from(Aanleiding)))
        loop.handle(question, case(number))
        asked_at[question.referentie] = loop.now
        if urgentie is not NotificatieUrgentie.GEWOON or question.aanleiding is Aanleiding.ESCALATIE:
            hurried.add(question.referentie)
        look()
        if data.draw(st.booleans()) and mails(loop):
            loop.attempt(data.draw(st.sampled_from(mails(loop))).id, data.draw(st.sampled_from([DONE, BUSY])))
        loop.move(timedelta(seconds=data.draw(st.integers(0, 90))))
        look()
    loop.move(timedelta(hours=1))
    look()
    assert {reference: len(times) for reference, times in left_at.items()} == dict.fromkeys(asked_at, 1)
    for reference in hurried:
        assert left_at[reference][0] - asked_at[reference] <= MINUTE  # type: ignore[operator]


def test_a_list_names_no_person_and_each_has_its_link_and_its_moment() -> None:
    questions = [asked(number) for number in range(3)] + [asked(9, urgentie=NotificatieUrgentie.SPOED)]
    text = Sjablonen("https://houvast.example").render(questions)
    assert text.subject == "Spoed: 4 berichten van Houvast"
    for body in (text.plain, text.html):
        assert body.index("HV-00000009") < body.index("HV-00000000")
        assert body.count("https://houvast.example/casus/") == 4
        assert body.count("donderdag 5 maart 2026, einde van de dag") == 4


def test_each_in_a_list_says_why_they_are_told() -> None:
    """G10: the sentence agreed on, or that there is none and the reason."""
    reasons = ["MB, 4.1: “een zin”", "Geen afspraak, vangnet van Houvast: omdat een crisis niet wacht."]
    questions = [asked(number).model_copy(update={"bron": bron}) for number, bron in enumerate(reasons)]
    sjablonen = Sjablonen("https://houvast.example")
    text = sjablonen.render(questions)
    card = str(card_of(questions, link_of=sjablonen.link_of, waarom=lambda _: None))
    for body in (text.plain, text.html, card):
        assert all(reason in body for reason in reasons)
    assert "Waarom krijgt u dit bericht?\nGeen afspraak, vangnet" in sjablonen.render(questions[1:]).plain


def test_the_largest_card_still_fits_in_what_teams_takes() -> None:
    """STANDARDS: at most 21 kB, at the size of the largest bundle."""
    long = "Termijn verstreken: 😢 " * 20
    questions = [
        asked(number).model_copy(update={"onderwerp": long, "bron": f"{number} {'😢' * 500}"})
        for number in range(Bundeling().grootste)
    ]
    sjablonen = Sjablonen("https://houvast.example")
    card = card_of(questions, link_of=sjablonen.link_of, waarom=lambda vraag: f"{vraag.referentie} {'w' * 200}")
    assert len(orjson.dumps(card)) < 21_000
    assert all(vraag.referentie in str(card) for vraag in questions)


# --- mail that comes back ---------------------------------------------------------------------------------------------


def test_a_mail_that_came_back_was_not_told_and_others_are_asked() -> None:
    """D12: its relay had accepted it; nobody read it."""
    loop = Loop()
    loop.handle(asked(0).model_copy(update={"rol": "wethouder"}), case(0))
    before = list(loop.open)
    for request_id in before:
        loop.attempt(request_id, GONE if loop.open[request_id].kind == "teams" else DONE)
    loop.bounce(mails(loop)[0].id)
    failed = [event for event in loop.events if isinstance(event, NotificatieMislukt) and event.teruggekomen]
    assert [event.reden for event in failed] == ["de mail kwam terug als onbestelbaar (5.1.1)"]
    assert failed[0].niemand_bereikt


def test_a_bounce_of_a_bundle_reaches_every_case_that_was_in_it_once() -> None:
    loop = Loop()
    for number in range(3):
        ask(loop, number)
    loop.move(timedelta(minutes=10))
    _, bundle = mails(loop)
    loop.attempt(bundle.id, DONE)
    for _ in range(2):
        loop.bounce(bundle.id)
    back = [event.notificatie_id for event in loop.events if isinstance(event, NotificatieMislukt)]
    assert sorted(back) == [UUID(int=5001), UUID(int=5002)]


@pytest.mark.parametrize("urgentie", [NotificatieUrgentie.GEWOON, NotificatieUrgentie.CRISIS])
def test_a_bounce_that_is_faster_than_the_answer_of_the_relay_counts(urgentie: NotificatieUrgentie) -> None:
    loop = Loop()
    ask(loop, 0, urgentie=urgentie)
    (request,) = mails(loop)
    loop.bounce(request.id)
    loop.attempt(request.id, DONE)
    (notificatie,) = loop.states[case(0)].alle.values()
    found = [item.status for item in notificatie.zendingen.values() if item.kanaal is Notificatiekanaal.E_MAIL]
    assert found == [Zendingstatus.MISLUKT]


def test_a_delay_changes_nothing() -> None:
    loop = Loop()
    ask(loop, 0)
    (request,) = mails(loop)
    loop.attempt(request.id, DONE)
    before = (list(loop.events), dict(loop.states))
    loop.bounce(request.id, BounceKind.DELAYED)
    assert (loop.events, loop.states) == before


def together(loop: Loop, number: int, urgentie: NotificatieUrgentie) -> None:
    question = asked(number, urgentie=urgentie, aanleiding=Aanleiding.OVERIG)
    loop.handle(question.model_copy(update={"samen": True}), case(number))


@pytest.mark.parametrize("urgentie", NotificatieUrgentie)
def test_what_is_asked_for_the_same_people_at_one_moment_leaves_together_within_seconds(
    urgentie: NotificatieUrgentie,
) -> None:
    """Of one case or of several: one mail names them all, and nothing follows a minute later."""
    loop = Loop()
    for number, how in enumerate((urgentie, NotificatieUrgentie.GEWOON)):
        together(loop, number, how)
    loop.move(timedelta(seconds=2))
    assert told(mails(loop)) == [["HV-00000000", "HV-00000001"]]
    loop.move(timedelta(days=1))
    assert len(mails(loop)) == 1


def test_a_crisis_waits_for_what_comes_with_it_and_for_nothing_else() -> None:
    loop = Loop()
    ask(loop, 0)
    together(loop, 1, NotificatieUrgentie.GEWOON)
    together(loop, 2, NotificatieUrgentie.CRISIS)
    loop.move(timedelta(seconds=2))
    assert told(mails(loop)) == [["HV-00000000"], ["HV-00000002", "HV-00000001"]]
