"""The four services and the regiebord over PostgreSQL, and cases in which a party stands in one relation.

Everything is real but the road between them: events are carried by hand, and nothing is sent outside.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from contracts.afspraken import AMSTERDAM, Rol, load_rule_book, local_date
from contracts.messages.documenten import Professional
from contracts.messages.handover import Kanaal, OverdrachtAfgeleverd, Overdrachtsoort
from contracts.messages.identifiers import CasusId
from contracts.messages.monitoring import Drager
from contracts.messages.topics import TOPICS, Service
from contracts.register import NietInRegister, Register
from services.handover import app as handover
from services.handover.domain.bevestigen import token_of
from services.monitoring import app as monitoring
from services.monitoring.domain.invoer import VerzendingInvoer
from services.monitoring.domain.signalen import Misser
from services.monitoring.handlers.commands import DraftSignaal, SendSignaal
from services.notifier import app as notifier
from services.runtime.access.actor import Actor
from services.runtime.access.sealing import MasterKey
from services.runtime.access.tokens import Caller, default_scopes
from services.runtime.database.shared import migrate_gedeeld
from services.runtime.http import Front, create_site
from services.runtime.process.clock import SystemKlok, VirtueleKlok
from services.runtime.running import Deps, Ground, ServiceProcess
from services.runtime.unit.decision import Incoming, Record
from services.triage import app as triage
from tests.unit.triage.road import START, example, sample_register

VT, VT_ELDERS = "veilig-thuis-midden-brabant", "veilig-thuis-west-brabant"
MELDPUNT, MELDPUNT_WB = "meldpunt-midden-brabant", "meldpunt-west-brabant"
GOIRLE, WAALWIJK, RUCPHEN = "GM0785", "GM0867", "GM0840"
GGZ, GGZ_WB = "ggz-crisisdienst-midden-brabant", "ggz-crisisdienst-west-brabant"
BEHEER = "houvast"
PERSOON = "Robin Zandbak"
ZONDER_SCOPE = "zonder-scope"
NERGENS = str(UUID(int=0))
EINDE = local_date(START) + timedelta(days=1)
"""From this day on Waalwijk goes on with the cases of Goirle."""
LISTENERS = {topic.name: topic.listeners for topic in TOPICS}
DOOR = {"naam": "Noor van Voorbeeld", "functie": "medewerker"}

Ids = dict[str, str]


class Toegang:
    """Whoever calls itself a party is that party, with what its kind may do; one token may do nothing.

    `GM0785/teamcoordinator` is a person there in that role.
    """

    async def verify(self, token: str) -> Caller | None:
        if token == ZONDER_SCOPE:
            return Caller(VT, frozenset())
        if "/" in token:
            partij, rol = token.split("/")
            known = await self.verify(partij)
            return known and replace(known, persoon=PERSOON, rollen=frozenset({rol}), collegas=frozenset(Rol))
        if token == BEHEER:
            return Caller(BEHEER, default_scopes("beheer"))
        try:
            soort = sample_register().partij(token).soort.value
        except NietInRegister:
            soort = "gemeente"
        return Caller(token, default_scopes(soort))


@dataclass
class Huis:
    """A hub without a road to the world. `http` reaches all of it."""

    http: httpx.AsyncClient
    klok: VirtueleKlok
    master: MasterKey
    parts: Mapping[Service, ServiceProcess[Any]]
    carried: dict[Service, int] = field(default_factory=dict[Service, int])
    merged: "list[Geval]" = field(default_factory=list["Geval"])

    async def post(self, path: str, body: Any, by: str = VT) -> dict[str, Any]:
        answer = await self.http.post(path, json=body, headers={"authorization": f"Bearer {by}"})
        assert answer.status_code == 201, f"{path}: {answer.text}"
        await self.carry()
        return dict(answer.json())

    async def carry(self) -> None:
        """What was published reaches whoever listens, and what they published in turn."""
        moved = True
        while moved:
            moved = False
            for service, sender in self.parts.items():
                rows = await sender.hub.pool.fetch(
                    "select positie, topic, bericht from outbox where positie > $1 order by positie",
                    self.carried.get(service, 0),
                )
                if not rows:
                    continue
                self.carried[service], moved = rows[-1]["positie"], True
                for listener, part in self.parts.items():
                    heard = [row for row in rows if listener in LISTENERS[row["topic"]]]
                    records = [Record(row["topic"], 0, row["positie"], bytes(row["bericht"])) for row in heard]
                    await part.hub.take(records)

    async def written(self) -> int:
        """How many events and lines of the journals there are."""
        query = "select (select count(*) from outbox) + (select count(*) from journaal where wat not like '%ingezien')"
        return sum([await part.hub.pool.fetchval(query) for part in self.parts.values()])

    async def first(self, service: Service, query: str, *values: object) -> str:
        return str(await self.parts[service].hub.pool.fetchval(query, *values))


@asynccontextmanager
async def open_huis(url: str) -> AsyncIterator[Huis]:
    """The whole hub on this database."""
    klok, master = VirtueleKlok(START), MasterKey.generate()
    deps = Deps(
        klok=klok,
        wall=SystemKlok(),
        rule_book=load_rule_book(),
        register=register_with_successor(),
        master=master,
        secret=lambda reference: reference,
        oin="00000099000000001000",
        public_url="http://houvast",
        settings=SimpleNamespace(smtp=None, production=False),
        toegang=Toegang(),
    )
    connection = await asyncpg.connect(url)
    await migrate_gedeeld(connection)
    await connection.close()
    async with AsyncExitStack() as stack:
        apps = (triage, handover, monitoring, notifier)
        parts = {
            part.service: part
            for app in apps
            for part in [ServiceProcess(app.build(deps), deps, Ground(url, "geen-kafka:9092"))]
        }
        for part in parts.values():
            await part.prepare()
            stack.push_async_callback(part.stop)
        running = [asyncio.create_task(part.hub.run()) for part in parts.values()]
        stack.push_async_callback(_end, running)
        site = create_site(name="site", verifier=deps.toegang)
        board = parts[Service.MONITORING]
        assert board.app.build_pages is not None
        site.include_router(board.app.build_pages(board.hub))
        mounts = {
            "/triage/v1": parts[Service.TRIAGE].api,
            "/overdracht/v1": parts[Service.HANDOVER].api,
            "/monitoring/v1": board.api,
            "/notificaties/v1": parts[Service.NOTIFIER].api,
        }
        transport = httpx.ASGITransport(app=Front(mounts, site))
        http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://houvast"))
        yield Huis(http, klok, master, parts)


def register_with_successor() -> Register:
    """The sample, in which Goirle ends."""
    sample = sample_register()
    last = {"geldig_tot": EINDE, "opvolger": WAALWIJK}
    entries = [entry.model_copy(update=last) if entry.code == GOIRLE else entry for entry in sample.entries()]
    return Register(gemeenten=entries, partijen=sample.partijen())


async def _end(running: list["asyncio.Task[None]"]) -> None:
    for task in running:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*running)


@dataclass(frozen=True)
class Geval:
    """Who calls, and the ids of what there is, by the part of a path they stand behind. `dienst` is of a case of its
    own in which a dienst runs. `leest`: whether it may read about people at all.
    """

    wie: str
    ids: Ids
    dienst: str = NERGENS
    leest: bool = False


Bouw = Callable[[Huis], Awaitable[Geval]]


async def hand_over(huis: Huis, *, partij: str | None = None) -> Ids:
    """A case of Goirle is handed to its team or to this party, and everything is in it that a path may name."""
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE))
    casus = str(melding["casusId"])
    kinds = {"content-type": "text/plain", "content-disposition": "attachment; filename=verslag.txt"}
    added = await huis.http.post(
        f"/overdracht/v1/casussen/{casus}/bijlagen",
        content=b"Femke was thuis.",
        headers=kinds | {"authorization": f"Bearer {VT}"},
    )
    body = example("triagebesluit", ontvangers=[{"gemeente": GOIRLE} if partij is None else {"partij": partij}])
    body["overdrachtsdocument"]["bijlagen"] = [added.json()]
    besluit = await huis.post(f"/triage/v1/meldingen/{casus}/triagebesluiten", body)
    overdracht = await huis.first(Service.HANDOVER, "select id from overdracht where casus_id = $1", UUID(casus))
    await _deliver(huis, CasusId(UUID(casus)), UUID(overdracht), partij)
    base = f"/monitoring/v1/casussen/{casus}"
    verschil = await huis.post(f"{base}/meningsverschillen", {"door": DOOR, "overdrachtId": overdracht})
    moment = await huis.post(f"{base}/monitormomenten", example("monitormoment"))
    return {
        "casussen": casus,
        "casus": casus,
        "meldingen": str(melding["id"]),
        "besluitId": str(besluit["id"]),
        "overdrachten": overdracht,
        "bijlageId": str(added.json()["id"]),
        "bevestigen": token_of(UUID(overdracht), 1, huis.master.token_of),
        "escalaties": str(verschil["id"]),
        "monitormomenten": str(moment["id"]),
    }


async def _deliver(huis: Huis, casus: CasusId, overdracht: UUID, partij: str | None) -> None:
    """Monitoring hears that it arrived."""
    event = OverdrachtAfgeleverd(
        overdracht_id=overdracht,
        regio="midden-brabant",
        gemeente=GOIRLE,
        partij=partij,
        overdrachtsoort=Overdrachtsoort.DIRECT,
        kanaal=Kanaal.E_MAIL,
        melding_ontvangen_op=huis.klok.now(),
        afgeleverd_op=huis.klok.now(),
        pogingen=1,
    )
    await huis.parts[Service.MONITORING].hub.submit(Incoming(uuid4(), casus, event))
    await huis.carry()


async def ask_to_take_over(huis: Huis, wie: str) -> Geval:
    """The team of Goirle, which has the case, says that the GGZ takes it over; the ids are those of that offer."""
    found = await build(huis, GOIRLE, einde="ontvangstbevestigingen", by=GOIRLE)
    body = {"door": DOOR, "partij": GGZ}
    asked = await huis.post(f"/monitoring/v1/casussen/{found.ids['casus']}/aanvaardingen", body, GOIRLE)
    overdracht = str(asked["overdrachtId"])
    link = {"bevestigen": token_of(UUID(overdracht), 1, huis.master.token_of)} if wie == GGZ else {}
    ids = {name: value for name, value in found.ids.items() if name != "bevestigen"}
    return replace(found, wie=wie, ids=ids | link | {"overdrachten": overdracht}, leest=wie == GGZ)


async def start_dienst(huis: Huis, *, ended: bool = False) -> tuple[str, Ids]:
    """A case of Goirle in a dienst, in which its team was asked to walk along; `ended` before it joined."""
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=GOIRLE))
    casus = str(melding["casusId"])
    changes = {"besluit": "dienst-voorwaarden-vervolg", "redenAfwijking": "Eerst is meer zicht nodig."}
    body = example("triagebesluit", **changes, overdrachtsdocument=None, ontvangers=None)
    await huis.post(f"/triage/v1/meldingen/{casus}/triagebesluiten", body)
    dienst = await huis.post(f"/triage/v1/casussen/{casus}/diensten", example("dienst"))
    asked = example("samenwerking", gemeente=GOIRLE, team=None)
    samen = await huis.post(f"/overdracht/v1/casussen/{casus}/samenwerkingen", asked)
    if ended:
        reden = {"afgerondDoor": DOOR, "redenGeenOverdracht": "Het gezin is verhuisd."}
        await huis.post(f"/triage/v1/diensten/{dienst['id']}/afrondingen", reden)
    return casus, {"diensten": str(dienst["id"]), "samenwerkingen": str(samen["id"])}


async def signal(huis: Huis) -> Ids:
    """The gemeente Goirle was told that its team fails the agreements."""
    identifier, now = uuid4(), huis.klok.now()
    misser = Misser(uuid4(), Drager.LOKAAL_TEAM, "midden-brabant", GOIRLE, now)
    command = DraftSignaal(misser, 3, now - timedelta(days=1))
    await huis.parts[Service.MONITORING].hub.submit(Incoming(uuid4(), CasusId(identifier), command))
    sent = SendSignaal(VerzendingInvoer(door=Professional.model_validate(DOOR)))
    await huis.parts[Service.MONITORING].hub.submit(Incoming(uuid4(), CasusId(identifier), sent, Actor(GOIRLE)))
    vraag = await huis.post("/triage/v1/adviesvragen", example("adviesvraag", gemeente=GOIRLE))
    return {"signalen": str(identifier), "adviesvragen": str(vraag["id"])}


async def intake(huis: Huis, *, door: str = VT, meldpunt: str = MELDPUNT, gemeente: str = GOIRLE) -> Ids:
    """A meldpunt took in what may be huiselijk geweld; `door` is nobody where nobody took over."""
    taken = await huis.post("/triage/v1/meldpuntmeldingen", example("meldpuntmelding", gemeente=gemeente), meldpunt)
    if door:
        await huis.post(f"/triage/v1/meldpuntmeldingen/{taken['id']}/overnames", {}, door)
    casus = str(taken["casusId"])
    melding = await huis.first(Service.TRIAGE, "select id from melding where casus_id = $1", UUID(casus))
    return {"meldpuntmeldingen": str(taken["id"]), "casussen": casus, "casus": casus, "meldingen": melding}


async def build(huis: Huis, wie: str, *, partij: str | None = None, einde: str = "", by: str = VT) -> Geval:
    """A case that is handed over and then answered by `by` in this way, and everything beside it."""
    ids = await hand_over(huis, partij=partij)
    dienst, walked = await start_dienst(huis, ended=einde in _ENDS)
    if einde in _ENDS:
        closing = example("afhandeling")
        await huis.post(f"/monitoring/v1/escalaties/{ids['escalaties']}/afhandelingen", closing)
    if einde:
        body = example(einde.removesuffix("en"))
        await huis.post(f"/overdracht/v1/overdrachten/{ids['overdrachten']}/{einde}", body, by)
    if wie != (partij or GOIRLE):
        del ids["bevestigen"]
    meldpunt = {"meldpuntmeldingen": (await intake(huis, door=""))["meldpuntmeldingen"]}
    found = ids | walked | await signal(huis) | meldpunt
    huis.klok.move(timedelta(minutes=30))
    return Geval(wie, found, dienst, leest=wie in {VT, partij or GOIRLE} and einde not in _ENDS)


async def after_merger(huis: Huis, wie: str) -> Geval:
    """What Goirle had received is with Waalwijk by now. After that day there are no more such cases to be made."""
    if not huis.merged:
        huis.merged = [await build(huis, wie, einde="ontvangstbevestigingen", by=GOIRLE) for _ in range(_MOST)]
        huis.klok.move(datetime.combine(EINDE, time(), AMSTERDAM) - huis.klok.now())
    return replace(huis.merged.pop(), leest=True)


async def at_meldpunt(huis: Huis, *, door: str) -> Geval:
    """What the meldpunt of West-Brabant took in, where agreements about a meldpunt exist."""
    other = await build(huis, MELDPUNT_WB)
    return Geval(MELDPUNT_WB, other.ids | await intake(huis, door=door, meldpunt=MELDPUNT_WB, gemeente=RUCPHEN))


_MOST = 25
"""More cases than there are operations that change something."""
_ENDS = frozenset({"weigeringen", "terugkoppelingen", "intrekkingen"})

RELATIES: Mapping[str, Bouw] = {
    "vt": lambda huis: build(huis, VT),
    "vt-elders": lambda huis: build(huis, VT_ELDERS),
    "aangeboden": lambda huis: build(huis, GOIRLE),
    "ontvanger": lambda huis: build(huis, GOIRLE, einde="ontvangstbevestigingen", by=GOIRLE),
    "weigerde": lambda huis: build(huis, GOIRLE, einde="weigeringen", by=GOIRLE),
    "gaf-terug": lambda huis: build(huis, GOIRLE, einde="terugkoppelingen", by=GOIRLE),
    "ingetrokken": lambda huis: build(huis, GOIRLE, einde="intrekkingen"),
    "opvolger": lambda huis: after_merger(huis, WAALWIJK),
    "opgevolgd": lambda huis: after_merger(huis, GOIRLE),
    "vreemd": lambda huis: build(huis, WAALWIJK),
    "keten": lambda huis: build(huis, GGZ, partij=GGZ),
    "keten-nam-aan": lambda huis: build(huis, GGZ, partij=GGZ, einde="ontvangstbevestigingen", by=GGZ),
    "keten-weigerde": lambda huis: build(huis, GGZ, partij=GGZ, einde="weigeringen", by=GGZ),
    "gevraagd": lambda huis: ask_to_take_over(huis, GGZ),
    "aanbieder": lambda huis: ask_to_take_over(huis, GOIRLE),
    "keten-vreemd": lambda huis: build(huis, GGZ_WB, partij=GGZ),
    "meldpunt": lambda huis: at_meldpunt(huis, door=""),
    "na-overname": lambda huis: at_meldpunt(huis, door=VT_ELDERS),
    "beheer": lambda huis: build(huis, BEHEER),
    "geen-scope": lambda huis: build(huis, ZONDER_SCOPE),
    "geen-token": lambda huis: build(huis, ""),
}
"""Every relation to a case, and how a case comes to be in it."""
