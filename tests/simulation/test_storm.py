"""The promises G1 to G4, over small services, in bad weather. Whatever the seed, all is as it should be in the end."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from contracts.messages.envelope import decode
from contracts.messages.identifiers import CasusId
from contracts.messages.topics import CATALOGUE, Service
from services.runtime.unit.decision import Incoming
from tests.fakes.estafette import ESTAFETTE, GEMEENTE, VT, Leveringen, Meld, Meldingen, Zicht
from tests.simulation.storm import Storm, answers_of

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SEEDS = range(240)
CASES = 3
MELDINGEN = 8


async def weather(seed: int) -> tuple[Storm, list[CasusId]]:
    storm = Storm(ESTAFETTE, start=START, seed=seed, weather=(0.05, 0.15, 0.3)[seed % 3])
    world = storm.world
    cases = [CasusId(world.new_id()) for _ in range(CASES)]
    for number in range(MELDINGEN):
        note = Meld(f"melding {number}")
        await storm.submit(Service.TRIAGE, Incoming(world.new_id(), world.random.choice(cases), note, fingerprint="x"))
        await storm.blow(world.random.randint(0, 30))
    await storm.blow(60)
    await storm.calm(rest=timedelta(days=9))
    return storm, cases


@pytest.mark.parametrize("seed", SEEDS)
def test_the_promises_hold_in_any_weather(seed: int) -> None:
    """G1-G4: nothing lost, nothing twice, one bearer of zicht, every termijn once and never early."""
    storm, cases = asyncio.run(weather(seed))
    nothing_is_set_aside(storm)
    every_caller_was_told_the_same(storm)
    events_left_in_order(storm)
    accepted = Counter(submission.incoming.casus_id for submission in storm.submissions)
    for casus_id in cases:
        if accepted[casus_id]:
            every_effect_happened_once(storm, casus_id, accepted[casus_id])
            one_party_holds_zicht(storm, casus_id)
            every_termijn_ended_once(storm, casus_id)


def test_the_weather_is_bad() -> None:
    """The storm does what it is for: crashes, repeated answers, deliveries made twice, timers that fire."""
    storms = [asyncio.run(weather(seed)) for seed in range(2, 62, 3)]
    assert sum(storm.crashes for storm, _ in storms) > 200
    assert any(count > 1 for storm, _ in storms for count in storm.received.values())
    zichten = [storm.world.state(Service.MONITORING, casus_id) for storm, cases in storms for casus_id in cases]
    assert any(zicht.fired for zicht in zichten if zicht)
    assert any(zicht.cancelled for zicht in zichten if zicht)


def test_the_same_seed_gives_the_same_story() -> None:
    first, second = asyncio.run(weather(7))[0], asyncio.run(weather(7))[0]
    assert first.world.topics == second.world.topics


def nothing_is_set_aside(storm: Storm) -> None:
    for service in storm.world.services:
        assert storm.world.parked(service) == []


def every_caller_was_told_the_same(storm: Storm) -> None:
    for submission in storm.submissions:
        answers = answers_of(submission)
        assert answers
        assert all(answer == answers[0] for answer in answers)


def events_left_in_order(storm: Storm) -> None:
    """Without the repetitions, the events of a case leave each service as 1, 2, 3…"""
    seen: dict[tuple[str, UUID], list[int]] = {}
    for raws in storm.world.topics.values():
        for raw in dict.fromkeys(raws):
            event = decode(raw, CATALOGUE)
            assert event.sequence is not None
            seen.setdefault((event.source, event.casus_id), []).append(event.sequence)
    for sequence in seen.values():
        assert sequence == list(range(1, len(sequence) + 1))


def every_effect_happened_once(storm: Storm, casus_id: CasusId, accepted: int) -> None:
    world = storm.world
    meldingen: Meldingen = world.state(Service.TRIAGE, casus_id)
    leveringen: Leveringen = world.state(Service.HANDOVER, casus_id)
    zicht: Zicht = world.state(Service.MONITORING, casus_id)
    assert len(meldingen.notes) == len(set(meldingen.notes)) == accepted
    assert len(leveringen.asked) == len(leveringen.delivered) == accepted
    assert set(leveringen.asked) == set(leveringen.delivered) == set(zicht.known) <= storm.received.keys()
    assert meldingen.delivered == accepted
    rows = [row for row in world.view(Service.TRIAGE, "notitie") if row["casus_id"] == str(casus_id)]
    assert [row["tekst"] for row in rows] == list(meldingen.notes)
    lines = Counter(
        row.line.what
        for service in world.services
        for row in world.services[service].store.tables.journal
        if row.casus_id == casus_id
    )
    assert lines["melding-aangenomen"] == lines["termijn-gestart"] == accepted
    assert lines["termijn-verstreken"] == len(zicht.fired)


def one_party_holds_zicht(storm: Storm, casus_id: CasusId) -> None:
    ledger = storm.world.state(Service.MONITORING, casus_id).ledger
    assert ledger[0][0] == VT
    assert ledger[-1][0] == GEMEENTE
    for (before, since), (after, until) in pairwise(ledger):
        assert before != after
        assert since <= until


def every_termijn_ended_once(storm: Storm, casus_id: CasusId) -> None:
    zicht: Zicht = storm.world.state(Service.MONITORING, casus_id)
    fired = [rung.name for rung in zicht.fired]
    assert sorted([*fired, *zicht.cancelled]) == sorted(name for name, _ in zicht.started)
    assert all(rung.fired_at >= rung.due_at == dict(zicht.started)[rung.name] for rung in zicht.fired)
    assert storm.world.services[Service.MONITORING].store.tables.timers == {}
