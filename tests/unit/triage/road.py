"""Triage and handover side by side in memory, spoken to through their front doors, and a gemeente that does as told."""

import json
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts.afspraken import RuleBook, load_rule_book
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import Kanaal
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.notifier import Notificatiekanaal
from contracts.messages.topics import Service
from contracts.register import Register, parse_register
from services.handover.domain.casus import Casus as HandoverCasus
from services.handover.domain.kader import Kader as HandoverKader
from services.handover.domain.kader import intrekking_over
from services.handover.handlers import Handlers as HandoverHandlers
from services.handover.handlers import project as project_handover
from services.handover.settings import HandoverSettings
from services.runtime.access.actor import Actor
from services.runtime.access.letter_box import Brievenbus
from services.runtime.access.sealing import Sealer, SealerBatch, blind_index
from services.runtime.in_memory import MemoryWorld
from services.runtime.in_memory.world import MASTER
from services.runtime.unit.decision import Attempt, Context, Incoming, Refused, Request, Result, ServiceDefinition
from services.runtime.unit.fold import Done, Reply
from services.triage.domain.casus import Casus
from services.triage.domain.huishouden import Radar, huishouden_sleutels, make_radar
from services.triage.domain.invoer import (
    AfrondingInvoer,
    DienstInvoer,
    MeldingInvoer,
    MeldpuntmeldingInvoer,
    TriagebesluitInvoer,
)
from services.triage.domain.kader import Kader
from services.triage.handlers import Handlers, project
from services.triage.handlers.commands import (
    FinishDienst,
    ReceiveMelding,
    ReceiveMeldpuntmelding,
    StartDienst,
    TakeTriagebesluit,
)
from services.triage.settings import TriageSettings
from tests.fakes.radar import find_earlier

DEPLOY = Path(__file__).parents[3] / "deploy"
START = datetime.fromisoformat("2026-03-02T09:00:00+01:00")
VT_WB = Actor("veilig-thuis-west-brabant")
VT_MB = Actor("veilig-thuis-midden-brabant")
MELDPUNT = Actor("meldpunt-west-brabant")
BREDA = Actor("GM0758")
TILBURG = Actor("GM0855")

Changes = dict[str, Any]

TAKEN = Attempt(Result.DONE, "aangenomen", 202)


def example(name: str, **changes: Any) -> Changes:
    """A body from `deploy/voorbeeld`, with these fields in the place of its own; `None` leaves one out."""
    body: Changes = json.loads((DEPLOY / "voorbeeld" / f"{name}.json").read_text("utf-8"))
    return {key: value for key, value in (body | changes).items() if value is not None}


def without(body: Changes, *fields: str) -> Changes:
    """An overdrachtsdocument that misses these."""
    changed = deepcopy(body)
    for field in fields:
        del changed["overdrachtsdocument"][field]
    return changed


@cache
def sample_register() -> Register:
    text = (DEPLOY / "register.toml").read_text("utf-8")
    return parse_register(text, bestand="register.toml", variabelen={"sandbox": "http://127.0.0.1:1"})


class Endpoint:
    """The endpoint of every gemeente: answers as it was told, and remembers what it was sent."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._answer = TAKEN

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        del casus_id, sealer
        self.requests.append(request)
        return self._answer

    def fails(self, attempt: Attempt) -> None:
        self._answer = attempt

    def works(self) -> None:
        self._answer = TAKEN


class Road:
    """The road of a case; every method is a message through a front door."""

    def __init__(
        self,
        *,
        kanalen: frozenset[Kanaal] = frozenset({Kanaal.REST}),
        rule_book: RuleBook | None = None,
        register: Register | None = None,
    ) -> None:
        self.register = register or sample_register()
        self.rule_book = rule_book or load_rule_book()
        self.kader = Kader(
            rule_book=self.rule_book,
            register=self.register,
            grenzen=TriageSettings().grenzen(),
            blind=lambda text: blind_index(MASTER, text),
            open_offered=Brievenbus(MASTER).open,
            prove=MASTER.token_of,
        )
        chosen = HandoverSettings()
        handover = HandoverKader(
            rule_book=self.rule_book,
            register=self.register,
            herhaling=chosen.herhaling(),
            stagnatie=chosen.stagnatie(),
            moment_vooruit=chosen.moment_vooruit,
            kanalen=kanalen,
            derive_token=MASTER.token_of,
            public_url="https://hub.example",
            link_geldig=chosen.link_geldig,
            link_speling=chosen.link_speling,
            leescode=chosen.leescode(Notificatiekanaal),
        )
        self.endpoint = Endpoint()
        self.world = MemoryWorld(
            [
                ServiceDefinition(Service.TRIAGE, Casus, Handlers(self.kader), project),
                ServiceDefinition(Service.HANDOVER, HandoverCasus, HandoverHandlers(handover), project_handover),
            ],
            start=START,
            performers={f"aflevering-{kanaal.value}": self.endpoint for kanaal in Kanaal}
            | {intrekking_over(kanaal): self.endpoint for kanaal in Kanaal},
        )
        self._calls = 0

    @property
    def now(self) -> datetime:
        return self.world.klok.now()

    async def triage(self, casus_id: CasusId, command: object, actor: Actor = VT_WB) -> Reply:
        return await self._submit(Service.TRIAGE, casus_id, command, actor)

    async def handover(self, casus_id: CasusId, command: object, actor: Actor = BREDA) -> Reply:
        return await self._submit(Service.HANDOVER, casus_id, command, actor)

    async def meld(
        self,
        casus: str = "a",
        *,
        actor: Actor = VT_WB,
        radar: Radar | None = None,
        **changes: Any,
    ) -> Reply:
        invoer = MeldingInvoer.model_validate(example("melding", **changes))
        return await self.triage(
            case(casus), ReceiveMelding(invoer, radar or self.radar(invoer).without(case(casus))), actor
        )

    async def meld_at_meldpunt(self, casus: str = "a", *, actor: Actor = MELDPUNT, **changes: Any) -> Reply:
        invoer = MeldpuntmeldingInvoer.model_validate(example("meldpuntmelding", **changes))
        return await self.triage(
            case(casus), ReceiveMeldpuntmelding(invoer, self.radar(invoer).without(case(casus))), actor
        )

    async def decide(self, casus: str = "a", *, actor: Actor = VT_WB, body: Changes | None = None) -> Reply:
        invoer = TriagebesluitInvoer.model_validate(example("triagebesluit") if body is None else body)
        return await self.triage(case(casus), TakeTriagebesluit(invoer), actor)

    async def start_dienst(self, casus: str = "a", **changes: Any) -> Reply:
        invoer = DienstInvoer.model_validate(example("dienst", **changes))
        return await self.triage(case(casus), StartDienst(invoer))

    async def finish_dienst(self, dienst_id: str, casus: str = "a", *, body: Changes | None = None) -> Reply:
        invoer = AfrondingInvoer.model_validate(example("afronding") if body is None else body)
        return await self.triage(case(casus), FinishDienst(UUID(dienst_id), invoer))

    def radar(self, invoer: MeldingInvoer | MeldpuntmeldingInvoer) -> Radar:
        """What the radarfunctie finds just before, as the API has it done."""
        sleutels = huishouden_sleutels(invoer, self.kader.blind, now=self.now)
        return make_radar(sleutels, find_earlier(self.world.services[Service.TRIAGE].store, sleutels))

    def events(self, casus: str = "a") -> list[Gebeurtenis]:
        """What was published about a case, in order per topic."""
        return [event.data for event in self.world.events(casus_id=case(casus))]

    def names(self, casus: str = "a") -> list[str]:
        """The events of a case by the last part of their type."""
        return [event.soort.removesuffix(".v1").rpartition(".")[2] for event in self.events(casus)]

    def context(self) -> Context:
        """For what calls a handler itself."""
        sealer = SealerBatch(MASTER, self.world.keys).for_case(case("a"))
        return Context(self.now, case("a"), VT_WB, sealer, self.world.new_id)

    async def pass_time(self, **span: float) -> None:
        await self.world.move(timedelta(**span))

    async def _submit(self, service: Service, casus_id: CasusId, command: object, actor: Actor) -> Reply:
        self._calls += 1
        key = derived_id("call", str(self._calls))
        return await self.world.submit(service, Incoming(key, casus_id, command, actor))


def case(name: str) -> CasusId:
    return CasusId(derived_id("case", name))


def answer(reply: Reply) -> Changes:
    """What a caller got back; refuses a refusal, telling why."""
    assert isinstance(reply, Done), reply
    assert reply.answer is not None
    return dict(reply.answer)


def refused(reply: Reply) -> Refused:
    assert isinstance(reply, Refused), reply
    return reply


def places(reply: Reply) -> set[str]:
    """Where a refusal says that something is wrong."""
    return {problem.place for problem in refused(reply).problems}
