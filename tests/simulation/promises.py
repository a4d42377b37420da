"""What must hold when all has come to rest: over what lies on the topics, in the databases and with the receivers."""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from contracts.messages.identifiers import CasusId
from contracts.messages.monitoring import TermijnGestart, TermijnVerstreken
from contracts.messages.notifier import (
    NotificatieGevraagd,
    NotificatieMislukt,
    NotificatieVervallen,
    NotificatieVerzonden,
)
from contracts.messages.topics import DLQ, Service
from services.monitoring.adapters import RegisterPartijen
from services.monitoring.domain.toestand import Termijnstatus
from services.notifier.adapters.bezorging import vragen_of
from services.notifier.handlers.postvak import TIMER
from services.runtime.unit.decision import Request, Result
from services.runtime.unit.fold import Done
from tests.scenarios.geen_stilte import find_silences
from tests.scenarios.geheugen import rule_book, sample_register
from tests.simulation import test_houvast as houvast
from tests.simulation.hub import decoded
from tests.unit.triage.road import case

if TYPE_CHECKING:
    from tests.simulation.four import Story
    from tests.simulation.hub import Hub


def hold(story: "Story") -> None:
    """Raises `AssertionError` at the first promise that was broken."""
    hub = story.hub
    every_caller_was_told_the_same(hub)
    everything_written_was_published(hub)
    every_event_was_taken_once(hub)
    events_are_numbered_without_gap_or_repetition(hub)
    for name in story.names:
        houvast.every_step_was_taken_once(story, name)
        no_case_is_silent(hub, case(name))
        houvast.one_party_holds_zicht_from_the_melding_on(story, name)
        every_termijn_ends_once_and_not_early(story, name)
        houvast.nobody_is_accused_who_was_in_time(story, case(name))
    every_mailbox_leaves_in_time(hub)
    every_notificatie_arrives(story)
    every_request_went_out(hub)


def every_caller_was_told_the_same(hub: "Hub") -> None:
    """G2: whatever copy answers, and how often it is asked."""
    for submission in hub.submissions:
        assert submission.replies, "a caller had no answer"
        answers = [reply.answer for reply in submission.replies if isinstance(reply, Done)]
        assert len(answers) == len(submission.replies), f"a caller was refused: {submission.replies}"
        assert all(answer == answers[0] for answer in answers), "a caller was told something else the second time"


def everything_written_was_published(hub: "Hub") -> None:
    """G1: the relay passed nothing over."""
    lies = {raw for raws in hub.topics.values() for raw in raws}
    for service in hub.definitions:
        lost = [row["positie"] for row in hub.rows(service, "outbox").values() if row["bericht"] not in lies]
        assert not lost, f"{service.value} never published {lost}"


def every_event_was_taken_once(hub: "Hub") -> None:
    """G2: whatever place it has on its topic, and however often it came."""
    for (service, event), keys in hub.taken.items():
        entered = keys & hub.rows(service, "inbox").keys()
        assert len(entered) <= 1, f"{service.value} took an event twice: {event}"


def events_are_numbered_without_gap_or_repetition(hub: "Hub") -> None:
    """Order per case: of each sender on each topic, without what was sent again; dead letters have no number."""
    on_topic: dict[tuple[str, str, UUID], list[int]] = defaultdict(list)
    everything: dict[tuple[str, UUID], list[int]] = defaultdict(list)
    for topic, raws in hub.topics.items():
        for raw in dict.fromkeys(raws):
            event = decoded(raw)
            if topic != DLQ.name:
                assert event.sequence is not None
                on_topic[topic, event.source, event.casus_id].append(event.sequence)
                everything[event.source, event.casus_id].append(event.sequence)
    for numbers in on_topic.values():
        assert numbers == sorted(set(numbers)), f"events of a case left out of order, or twice: {numbers}"
    for numbers in everything.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), f"an event of a case is missing: {sorted(numbers)}"


def no_case_is_silent(hub: "Hub", casus_id: CasusId) -> None:
    """G10: whoever bears zicht was told by a channel that accepted it, and something is still to come."""
    toezicht = hub.state(Service.MONITORING, casus_id)
    household = {casus_id, *toezicht.huishouden}
    told = [row for row in hub.view(Service.NOTIFIER, "notificatie") if UUID(str(row["casus_id"])) in household]
    silences = find_silences(
        casus_id,
        toezicht,
        told,
        others=[hub.state(Service.MONITORING, CasusId(other)) for other in toezicht.huishouden],
        partijen=RegisterPartijen(sample_register()),
        rule_book=rule_book(),
        now=hub.klok.now(),
    )
    assert not (found := list(silences)), f"silence: {'; '.join(found)}"


def every_termijn_ends_once_and_not_early(story: "Story", name: str) -> None:
    """G4: what was due has passed, once, at or after its moment; what runs still has its timer."""
    hub, casus_id = story.hub, case(name)
    toezicht = hub.state(Service.MONITORING, casus_id)
    assert {event.data.termijn_id for event in houvast.once(story, TermijnGestart, casus_id)} == set(toezicht.termijnen)
    passed = houvast.once(story, TermijnVerstreken, casus_id)
    assert max(Counter(event.data.termijn_id for event in passed).values(), default=1) == 1, "a termijn passed twice"
    assert all(event.time >= event.data.eindigt_op for event in passed), "a termijn passed early"
    said = {event.data.termijn_id for event in passed}
    now = hub.klok.now()
    for termijn in toezicht.termijnen.values():
        runs = termijn.status is Termijnstatus.LOPEND and termijn.eindigt_op <= now
        assert not runs, f"termijn {termijn.regel_id} never ended"
        assert termijn.status is not Termijnstatus.VERSTREKEN or termijn.id in said, "a termijn passed unsaid"
    timers = hub.rows(Service.MONITORING, "timer").values()
    mine = {row["naam"]: row["due_at"] for row in timers if row["casus_id"] == casus_id}
    assert mine == toezicht.wekkers, "the timers are not those that the case waits for"


def every_mailbox_leaves_in_time(hub: "Hub") -> None:
    """G4: what waits with others leaves when the first of them may wait no longer."""
    timers = hub.rows(Service.NOTIFIER, "timer")
    for casus_id in hub.rows(Service.NOTIFIER, "aggregaat"):
        postvak = hub.state(Service.NOTIFIER, casus_id).postvak
        if postvak is not None:
            timer = timers.get((casus_id, TIMER))
            due_at = None if timer is None else timer["due_at"]
            assert due_at == postvak.due_at, f"a mailbox leaves at {due_at} in the place of {postvak.due_at}"


def every_notificatie_arrives(story: "Story") -> None:
    """Every message to a person ended, one event says how, and what leaves with others leaves once."""
    hub = story.hub
    asked = {event.data.notificatie_id for event in houvast.once(story, NotificatieGevraagd)}
    ended = [event.data for kind in (NotificatieVerzonden, NotificatieMislukt) for event in houvast.once(story, kind)]
    over = {event.data.notificatie_id for event in houvast.once(story, NotificatieVervallen)}
    bundled = _still_to_leave(hub)
    known = {message.notificatie_id for message in ended} | over
    assert known <= asked, "somebody was told what nobody asked"
    assert asked - known <= bundled, "a message to a person is lost"
    requests = {row["id"]: _request_of(row) for row in hub.rows(Service.NOTIFIER, "opdracht").values()}
    told = Counter(
        (request.kind, str(request.content["persoon"]), vraag.notificatie_id)
        for identifier, request in requests.items()
        if identifier in hub.received  # what is withdrawn from a bundle makes another of it, and the first never leaves
        for vraag in vragen_of(request)
    )
    assert set(told.values()) <= {1}, "a message leaves under two ids"
    received = {
        (request.kind, vraag.notificatie_id)
        for identifier, request in requests.items()
        if identifier in hub.received
        for vraag in vragen_of(request)
    }
    sent = [message for message in ended if isinstance(message, NotificatieVerzonden)]
    assert {(message.kanaal.value, message.notificatie_id) for message in sent} <= received, (
        "said to be sent and is not"
    )


def _still_to_leave(hub: "Hub") -> set[UUID]:
    """What waits in a mailbox, or for a later attempt, when the story ends."""
    rows = hub.view(Service.NOTIFIER, "notificatie")
    return {UUID(row["notificatie_id"]) for row in rows if row["status"] not in {"verzonden", "mislukt", "vervallen"}}


def _request_of(row: "dict[str, object]") -> Request:
    content = orjson.loads(str(row["inhoud"]))
    return Request(row["id"], row["soort"], row["bestemming"], content, row["due_at"])  # type: ignore[arg-type]


def every_request_went_out(hub: "Hub") -> None:
    """G1, G2 towards the world outside: under the id it was asked with, recorded as it went, once where nothing failed."""
    asked: dict[UUID, Service] = {}
    done: dict[UUID, list[int]] = defaultdict(list)
    for service in hub.definitions:
        asked |= dict.fromkeys(hub.rows(service, "opdracht"), service)
        for (identifier, number), row in hub.rows(service, "poging").items():
            if row["resultaat"] == Result.DONE.value:
                done[identifier].append(number)
    assert set(hub.received) <= set(asked), "something went out that nobody asked"
    for identifier, numbers in done.items():
        assert len(numbers) == 1, "one request was done twice"
        assert hub.received[identifier] >= 1, "said to be done and is not"
        if hub.weather.is_mild:
            assert hub.received[identifier] == 1, "a receiver got twice what nothing disturbed"
