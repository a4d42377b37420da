"""The hub in one process: the four services as their composition roots make them, over a memory and a virtual clock."""

import base64
import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from contracts.afspraken import RuleBook, load_rule_book
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import Service
from contracts.register import Register
from services.cli.ground import UNREACHED, build_app, build_deps, read_register
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.domain.zicht import zicht_at
from services.runtime.access.actor import Actor
from services.runtime.access.sealing import KEY_BYTES, Sealer, blind_index
from services.runtime.in_memory import MemoryWorld
from services.runtime.in_memory.world import MASTER, Resident
from services.runtime.process.clock import SystemKlok
from services.runtime.settings import load_settings
from services.runtime.unit.decision import Attempt, Incoming, Refused, Request, Result, ServiceDefinition
from services.runtime.unit.fold import Done
from services.triage.domain.huishouden import Radar, huishouden_sleutels, make_radar
from services.triage.handlers.commands import ReceiveMelding, ReceiveMeldpuntmelding
from tests.fakes.radar import find_earlier
from tests.scenarios.vormen import VORMEN
from tests.scenarios.wereld import Antwoord, Daad, Eindpunt, Rij

TAKEN = Attempt(Result.DONE, "aangenomen", 202)
_ANTWOORDEN = {
    Eindpunt.WERKT: TAKEN,
    Eindpunt.PLAT: Attempt(Result.TEMPORARY, "onbereikbaar", 503),
    Eindpunt.WEIGERT: Attempt(Result.PERMANENT, "geweigerd", 422),
}


@cache
def sample_register() -> Register:
    """Who is who in every story."""
    return read_register(None, variables=UNREACHED)


@cache
def rule_book() -> RuleBook:
    """The agreements that every story is about."""
    return load_rule_book()


@cache
def definitions() -> tuple[ServiceDefinition[Any], ...]:
    """The four services, without their roads to the outside world."""
    environment = {"HOUVAST_MASTER_KEY": base64.b64encode(bytes(range(KEY_BYTES))).decode()}
    settings = load_settings(environment, data_dir=Path(tempfile.gettempdir()))
    deps = build_deps(
        settings,
        klok=SystemKlok(),
        rule_book=rule_book(),
        register=sample_register(),
        secret=lambda reference: reference,
        toegang=cast("Any", None),  # nobody comes in by HTTP here
    )
    return tuple(build_app(service, deps).definition for service in Service)


@dataclass(slots=True)
class Buitenwereld:
    """Every endpoint, mail relay and Teams: takes what it is sent, unless the story says otherwise."""

    eindpunten: dict[str, Eindpunt] = field(default_factory=dict[str, Eindpunt])
    bezorgd: list[Request] = field(default_factory=list[Request])

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        del casus_id, sealer
        self.bezorgd.append(request)
        gemeente = request.destination.partition("/")[0]
        return _ANTWOORDEN[self.eindpunten.get(gemeente, Eindpunt.WERKT)]


class InGeheugen:
    """`Wereld` in memory: fast, and the same every time."""

    def __init__(self, start: datetime) -> None:
        self.register = sample_register()
        self._buiten = Buitenwereld()
        kinds = {kind for definition in definitions() for kind in definition.performers}
        self._world = MemoryWorld(definitions(), start=start, performers=dict.fromkeys(kinds, self._buiten))
        self._asleep: dict[Service, Resident] = {}

    @property
    def bezorgd(self) -> list[Request]:
        """Everything that was sent to anybody, in order."""
        return self._buiten.bezorgd

    def now(self) -> datetime:
        return self._world.klok.now()

    async def until(self, moment: datetime) -> None:
        await self._world.move_to(moment)

    async def do(self, daad: Daad) -> Antwoord:
        vorm = VORMEN[daad.vorm]
        try:
            command = vorm.command(daad.over or CasusId(derived_id("geen")), daad.inhoud)
        except ValidationError as error:
            reasons = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            return Antwoord(gelukt=False, redenen=reasons)
        casus_id = daad.casus_id or CasusId(derived_id(vorm.opent or "", daad.door, str(daad.inhoud["kenmerk"])))
        if isinstance(command, ReceiveMelding | ReceiveMeldpuntmelding):
            command = replace(command, radar=self._radar(command, casus_id))
        incoming = Incoming(derived_id("daad", daad.sleutel), casus_id, command, Actor(daad.door))
        reply = await self._world.submit(vorm.service, incoming)
        if isinstance(reply, Refused):
            reasons = "; ".join(f"{problem.place}: {problem.message}" for problem in reply.problems)
            return Antwoord(gelukt=False, redenen=f"{reply.title}; {reasons}")
        assert isinstance(reply, Done), reply
        return Antwoord(gelukt=True, inhoud={"casusId": str(casus_id), **(reply.answer or {})})

    async def rows(self, service: Service, table: str, casus_id: CasusId) -> list[Rij]:
        return [row for row in self._resident(service).store.view(table) if row["casus_id"] == str(casus_id)]

    async def toezicht(self, casus_id: CasusId) -> Toezicht | None:
        return self._resident(Service.MONITORING).store.state(casus_id)

    async def signalen(self, gemeente: str) -> list[Rij]:
        rows = self._resident(Service.MONITORING).store.view("signaal")
        return [row for row in rows if row["gemeente"] == gemeente]

    async def zicht(self, casus_id: CasusId, op: datetime, *, als: str) -> tuple[str | None, str | None] | None:
        del als
        toezicht: Toezicht | None = self._resident(Service.MONITORING).store.state(casus_id)
        line = None if toezicht is None else zicht_at(toezicht.zicht, op)
        return None if line is None else (None if line.drager is None else line.drager.value, line.partij)

    async def events(self, casus_id: CasusId) -> list[Gebeurtenis]:
        return [event.data for event in self._world.events(casus_id=casus_id)]

    async def set_endpoint(self, gemeente: str, eindpunt: Eindpunt) -> None:
        self._buiten.eindpunten[gemeente] = eindpunt

    async def publish_again(self, casus_id: CasusId) -> None:
        for resident in self._residents():
            for kept in resident.store.tables.outbox:
                if kept.row.casus_id == casus_id:
                    self._world.topics[kept.row.topic].append(kept.row.payload)
        await self._world.settle()

    async def stop(self, service: Service) -> None:
        self._asleep[service] = self._world.services.pop(service)

    async def start(self, service: Service) -> None:
        self._world.services[service] = self._asleep.pop(service)
        await self._world.move(timedelta(0))

    async def set_aside(self, casus_id: CasusId) -> list[str]:
        parked = [item for resident in self._residents() for item in resident.store.tables.parked.values()]
        return [item.reason for item in parked if item.casus_id == casus_id]

    def _residents(self) -> list[Resident]:
        return [*self._world.services.values(), *self._asleep.values()]

    def _resident(self, service: Service) -> Resident:
        return self._world.services.get(service) or self._asleep[service]

    def _radar(self, command: ReceiveMelding | ReceiveMeldpuntmelding, own: CasusId) -> Radar:
        """What the radarfunctie finds about this household just before, as the queries of triage do."""
        sleutels = huishouden_sleutels(command.invoer, lambda text: blind_index(MASTER, text), now=self.now())
        return make_radar(sleutels, find_earlier(self._resident(Service.TRIAGE).store, sleutels)).without(own)
