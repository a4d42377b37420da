"""Every channel is tried by the clock: who hears it, and what is known of it where it is not taken."""

from datetime import timedelta

import pytest

from contracts.afspraken import load_rule_book
from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import Notificatiekanaal
from services.notifier.adapters import RegisterMensen
from services.notifier.domain import Proef, case_of_proef, persoon_key
from services.notifier.handlers import Handlers, project
from services.notifier.handlers.commands import KeepProef
from services.runtime.unit.decision import (
    Attempt,
    CancelRequest,
    CancelTimer,
    Decision,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
    TimerDue,
)
from tests.unit.notifier.test_notificaties import BUSY, DONE, GONE, SCHEMA, Loop, register

DAY = timedelta(days=1)
MAIL, TEAMS = case_of_proef(Notificatiekanaal.E_MAIL), case_of_proef(Notificatiekanaal.TEAMS)
OURS = Attempt(Result.PERMANENT, "bij Houvast ontbreekt een mailserver", ours=True)


def trying(ritme: timedelta | None = DAY) -> Loop:
    """A notifier that began."""
    loop = Loop(handler=Handlers(RegisterMensen(register(), load_rule_book()), SCHEMA, ritme=ritme))
    begin(loop)
    return loop


def begin(loop: Loop) -> None:
    for kanaal in Notificatiekanaal:
        loop.handle(KeepProef(kanaal), case_of_proef(kanaal))


def pass_time(loop: Loop, casus_id: CasusId = MAIL) -> Decision[object]:
    """Until the timer of this channel, and what follows then."""
    due_at = loop.timers[casus_id, "proef"]
    loop.now = due_at
    return loop.handle(TimerDue("proef", due_at, {}), casus_id)


def attempt(loop: Loop, request: Request, ended: Attempt) -> Decision[object]:
    return loop.handle(RequestAttempted(request, ended), MAIL)


def of(loop: Loop, casus_id: CasusId = MAIL) -> Proef:
    proef = loop.states[casus_id].proef
    assert proef is not None
    return proef


def test_a_channel_is_tried_a_rhythm_after_the_start_on_who_runs_the_hub() -> None:
    loop = trying()
    assert loop.open == {}, "a start by itself sends nothing"
    (request,) = [item for item in pass_time(loop).requests if isinstance(item, Request)]
    assert (request.kind, request.content["persoon"]) == ("e-mail", persoon_key("houvast", "Nadia Verwey"))
    assert "U hoeft niets te doen" in str(request.content)
    attempt(loop, request, DONE)
    assert (of(loop).gelukt_op, of(loop).reden, of(loop).opdracht_id) == (loop.now, None, None)
    assert loop.timers[MAIL, "proef"] == loop.now + DAY


def test_a_start_in_between_moves_no_try_and_a_shorter_rhythm_brings_it_forward() -> None:
    loop = trying()
    due_at = loop.timers[MAIL, "proef"]
    loop.now += timedelta(hours=5)
    begin(loop)
    assert loop.timers[MAIL, "proef"] == due_at
    loop.handler = Handlers(RegisterMensen(register(), load_rule_book()), SCHEMA, ritme=timedelta(hours=1))
    begin(loop)
    assert loop.timers[MAIL, "proef"] == loop.now + timedelta(hours=1)


@pytest.mark.parametrize("ended", [BUSY, GONE], ids=["for now", "for good"])
def test_one_that_is_not_taken_stays_open_until_it_is_or_until_the_next(ended: Attempt) -> None:
    """So the alarm of what is not delivered sounds for as long as the channel fails."""
    loop = trying()
    (request,) = [item for item in pass_time(loop).requests if isinstance(item, Request)]
    (again,) = attempt(loop, request, ended).requests
    assert isinstance(again, RetryRequest)
    assert (of(loop).mislukt_op, of(loop).reden) == (loop.now, ended.detail)
    stopped, fresh = pass_time(loop).requests
    assert stopped == CancelRequest(request.id)
    assert isinstance(fresh, Request)
    assert attempt(loop, request, DONE).requests == (), "an answer to one that was stopped says nothing any more"
    assert of(loop).gelukt_op is None
    attempt(loop, fresh, DONE)
    assert of(loop).reden is None


def test_what_is_missing_at_the_hub_itself_is_noted_and_not_tried() -> None:
    loop = trying()
    (request,) = [item for item in pass_time(loop).requests if isinstance(item, Request)]
    assert attempt(loop, request, OURS).requests == ()
    assert of(loop).reden == OURS.detail


def test_where_nobody_who_runs_the_hub_has_an_address_it_says_so() -> None:
    """Nadia Verwey has no Teams."""
    loop = trying()
    assert pass_time(loop, TEAMS).requests == ()
    assert of(loop, TEAMS).reden == "geen beheerder heeft voor dit kanaal een adres in het register"
    (row,) = project(TEAMS, loop.states[TEAMS])
    assert row.row.table == "proef"


def test_without_a_rhythm_nothing_is_tried_any_more() -> None:
    loop = trying()
    loop.handler = Handlers(RegisterMensen(register(), load_rule_book()), SCHEMA)
    decision = loop.handle(KeepProef(Notificatiekanaal.E_MAIL), MAIL)
    assert decision.timers == (CancelTimer("proef"),)
    assert loop.handle(TimerDue("proef", loop.now, {}), MAIL).requests == ()
