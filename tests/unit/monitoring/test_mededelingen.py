"""Who is told what without a term: at once, once, and not what was settled before the news came (G10)."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest

from contracts.messages.documenten import Urgentie
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.notifier import NotificatieGevraagd, NotificatieUrgentie
from contracts.messages.triage import Besluit
from services.monitoring.domain import berichten
from services.monitoring.domain.mededelen import taken_back
from services.runtime.unit.frozen import replace
from tests.unit.monitoring.casusloop import VT, Casusloop
from tests.unit.monitoring.test_termijnen import WB, handed_over
from tests.unit.monitoring.verhalen import MELDING, ONTVANGEN, at


def told(events: Iterable[Gebeurtenis], rol: str) -> list[NotificatieGevraagd]:
    return [event for event in events if isinstance(event, NotificatieGevraagd) and event.rol == rol]


def confirmed() -> Casusloop:
    """Zicht goes to the team on Friday 6 March at 00:00; nobody has taken the case up."""
    loop = handed_over()
    loop.deliver(WB.bevestigd(at("03-03 11:00")))
    return loop


@pytest.mark.parametrize("terug", [WB.geweigerd, WB.teruggekoppeld, WB.ingetrokken])
def test_what_comes_back_is_told_to_veilig_thuis_at_once(terug: Callable[[datetime], Gebeurtenis]) -> None:
    loop = handed_over()
    loop.move_to(at("03-04 09:00"))
    event = terug(at("03-04 09:00"))
    (bericht,) = told(loop.deliver(event), "triagist")
    assert (bericht.partij, bericht.urgentie) == (VT, NotificatieUrgentie.SPOED)
    assert "kies een andere weg" in bericht.gevraagd
    assert bericht.bron is not None
    assert bericht.bron.startswith("Geen afspraak, vangnet van Houvast: Zicht op veiligheid ligt weer bij Veilig Thuis")
    assert told([*loop.deliver(event), *loop.move_to(at("06-01 09:00"))], "triagist") == []


def test_what_came_back_is_told_once_however_late_it_is_heard() -> None:
    loop = handed_over()
    loop.move_to(at("03-20 09:00"))
    event = WB.geweigerd(at("03-04 09:00"))
    assert len(told([*loop.deliver(event), *loop.deliver(event), *loop.move_to(at("04-20 09:00"))], "triagist")) == 1


def test_what_was_weighed_again_before_the_news_came_is_not_told() -> None:
    loop = handed_over()
    loop.move_to(at("03-05 09:00"))
    loop.deliver(WB.besluit(at("03-05 09:00"), Besluit.GEEN_VERVOLG, besluit_id=MELDING))
    assert told(loop.deliver(WB.geweigerd(at("03-04 09:00"))), "triagist") == []


@pytest.mark.parametrize(("crisis", "vermoeden"), [(True, False), (False, True), (False, False)])
def test_the_meldpunt_calls_veilig_thuis_in_a_crisis_with_a_suspicion_alone(*, crisis: bool, vermoeden: bool) -> None:
    """BK part II 4.2: in one message with what the melding asks that comes of it in the same act."""
    melding = WB.melding()
    with_crisis = melding.model_copy(update={"urgentie": Urgentie.CRISIS})
    (bericht,) = told(Casusloop(ONTVANGEN).deliver(WB.bij_meldpunt(ONTVANGEN, crisis=True), with_crisis), "triagist")
    assert (bericht.partij, bericht.urgentie) == (VT, NotificatieUrgentie.CRISIS)
    assert "Neem nu contact op met het meldpunt" in bericht.gevraagd
    other = WB.bij_meldpunt(ONTVANGEN, crisis=crisis, vermoeden=vermoeden)
    follows = (melding,) if vermoeden else ()
    assert told(Casusloop(ONTVANGEN).deliver(other, *follows), "triagist") == []


def test_a_crisis_that_was_taken_over_before_the_news_came_calls_nobody() -> None:
    loop = Casusloop(ONTVANGEN)
    loop.now = ONTVANGEN + timedelta(hours=1)
    loop.deliver(WB.melding(), WB.overgenomen(ONTVANGEN + timedelta(minutes=5)))
    assert told(loop.deliver(WB.bij_meldpunt(ONTVANGEN, crisis=True)), "triagist") == []


def reminded(loop: Casusloop, until: datetime) -> int:
    asked = told(loop.move_to(until), "teamcoordinator")
    return len([event for event in asked if event.onderwerp == "De casus is nog niet opgepakt"])


def test_who_bears_zicht_and_does_not_take_up_is_reminded_until_it_does() -> None:
    """WB Risico's: a waiting list. Every seven days; a day ends at midnight after it."""
    loop = confirmed()
    assert reminded(loop, at("03-13 23:59")) == 0
    assert reminded(loop, at("03-14 00:00")) == 1
    assert reminded(loop, at("03-21 00:00")) == 1
    loop.deliver(WB.opgepakt(at("03-21 00:00")))
    assert reminded(loop, at("06-01 00:00")) == 0


def test_after_weeks_of_downtime_people_are_reminded_once() -> None:
    loop = confirmed()
    loop.move_to(at("03-06 09:00"))
    assert len(told(loop.wake_at(at("04-01 12:00")), "teamcoordinator")) == 1
    assert reminded(loop, at("04-04 00:00")) == 1


def test_nobody_is_reminded_of_what_was_done_before_the_news_came() -> None:
    loop = confirmed()
    loop.move_to(at("03-06 09:00"))
    loop.now = at("04-01 12:00")
    loop.deliver(WB.opgepakt(at("03-08 09:00")))
    assert reminded(loop, at("06-01 00:00")) == 0


def test_who_gave_back_is_reminded_no_more() -> None:
    loop = confirmed()
    loop.move_to(at("03-10 09:00"))
    loop.deliver(WB.teruggekoppeld(at("03-10 09:00")))
    assert reminded(loop, at("06-01 00:00")) == 0


def in_crisis(*events: Gebeurtenis) -> Casusloop:
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding().model_copy(update={"urgentie": Urgentie.CRISIS}), *events)
    return loop


def test_in_a_case_of_crisis_only_what_is_called_crisis_calls_people_at_night() -> None:
    """Telling the melder can wait until the morning; a crisis that nobody looked at cannot."""
    loop = in_crisis()
    loop.move_to(at("03-20 09:00"))
    said = [event for event in loop.events if isinstance(event, NotificatieGevraagd)]
    by_urgency = {
        urgentie: {event.onderwerp for event in said if event.urgentie is urgentie} for urgentie in NotificatieUrgentie
    }
    assert by_urgency[NotificatieUrgentie.CRISIS] == {
        "Er is een melding met urgentie crisis",
        "De melding met urgentie crisis is nog niet beoordeeld",
    }
    assert {"Termijn verstreken: Veiligheidsbeoordeling en triagebesluit"} <= by_urgency[NotificatieUrgentie.SPOED]


def test_a_crisis_that_comes_back_calls_at_once_and_after_a_next_step_it_is_a_case_like_others() -> None:
    loop = in_crisis()
    loop.move_to(at("03-03 10:00"))
    loop.deliver(WB.besluit(at("03-03 09:30")), WB.aangemaakt(at("03-03 09:31")), WB.afgeleverd(at("03-03 10:00")))
    loop.move_to(at("03-04 09:00"))
    (back,) = told(loop.deliver(WB.geweigerd(at("03-04 09:00"))), "triagist")
    assert back.urgentie is NotificatieUrgentie.CRISIS
    loop.move_to(at("03-04 10:00"))
    loop.deliver(WB.besluit(at("03-04 10:00"), besluit_id=MELDING))
    after = [event for event in loop.move_to(at("04-20 09:00")) if isinstance(event, NotificatieGevraagd)]
    assert after
    assert {event.urgentie for event in after} <= {NotificatieUrgentie.GEWOON, NotificatieUrgentie.SPOED}


def test_a_message_that_says_more_than_one_thing_is_taken_back_once_none_of_it_is_so() -> None:
    """G11: it need not leave any more; told anew it is another message."""
    loop = in_crisis()
    loop.move_to(at("03-03 10:00"))
    loop.deliver(WB.besluit(at("03-03 09:30")), WB.aangemaakt(at("03-03 09:31")), WB.afgeleverd(at("03-03 10:00")))
    loop.move_to(at("03-04 09:00"))
    (back,) = told(loop.deliver(WB.geweigerd(at("03-04 09:00"))), "triagist")
    (name,) = [name for name, under in loop.toezicht.verteld_in.items() if under == back.notificatie_id]
    known, messages = taken_back(loop.toezicht, {name}, ())
    assert messages == [back.notificatie_id]
    together = replace(loop.toezicht, verteld_in={**loop.toezicht.verteld_in, "other": back.notificatie_id})
    assert taken_back(together, {name}, ())[1] == []
    assert taken_back(together, {name, "other"}, ())[1] == [back.notificatie_id]
    op = loop.toezicht.verteld[name]
    ids = [
        berichten.id_of_mededelingen([(name, op)], toezicht=toezicht, casus_id=loop.casus_id)
        for toezicht in (loop.toezicht, known)
    ]
    assert ids[0] == back.notificatie_id
    assert ids[1] not in ids[:1]
