"""From melding to delivery while processes die, events come twice or late, and a gemeente is away (G1, G2, G7)."""

from collections import Counter
from datetime import timedelta

import pytest

from contracts.messages.handover import AfleveringGestagneerd, OverdrachtAangemaakt, OverdrachtAfgeleverd
from contracts.messages.identifiers import derived_id
from contracts.messages.topics import Service
from services.runtime.unit.decision import Incoming
from services.triage.domain.huishouden import Radar
from services.triage.domain.invoer import MeldingInvoer, TriagebesluitInvoer
from services.triage.handlers.commands import ReceiveMelding, TakeTriagebesluit
from tests.simulation.storm import Storm
from tests.unit.triage.road import START, VT_WB, Road, case, example

pytestmark = pytest.mark.anyio

CASES = [str(number) for number in range(10)]


async def set_out(storm: Storm, name: str) -> None:
    melding = ReceiveMelding(MeldingInvoer.model_validate(example("melding", kenmerk="1")), Radar())
    besluit = TakeTriagebesluit(TriagebesluitInvoer.model_validate(example("triagebesluit")))
    for command in (melding, besluit):
        key = derived_id(name, type(command).__name__)
        await storm.submit(Service.TRIAGE, Incoming(key, case(name), command, VT_WB, "vingerafdruk"))
        await storm.blow(12)


@pytest.mark.parametrize("seed", range(4))
async def test_every_overdracht_is_made_and_delivered_once_through_any_storm(seed: int) -> None:
    road = Road()
    definitions = [resident.definition for resident in road.world.services.values()]
    storm = Storm(definitions, start=START, seed=seed, performers={"aflevering-rest": road.endpoint})
    for name in CASES:
        await set_out(storm, name)
    await storm.calm(rest=timedelta(days=3))
    assert storm.crashes > 0
    assert [parked for service in storm.world.services for parked in storm.world.parked(service)] == []
    for name in CASES:
        soorten = {event.id: str(event.data.soort) for event in storm.world.events(casus_id=case(name))}
        happened = Counter(soorten.values())
        assert (happened[OverdrachtAangemaakt.soort], happened[OverdrachtAfgeleverd.soort]) == (1, 1)
        assert happened[AfleveringGestagneerd.soort] <= 1
        (overdracht,) = storm.world.state(Service.HANDOVER, case(name)).overdrachten
        assert storm.received[overdracht.id] >= 1
