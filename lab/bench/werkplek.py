"""The workplace over very many open cases: how long a person waits for a page while meldingen flow through the hub."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from urllib.parse import urlencode
from uuid import UUID

from contracts.afspraken import load_rule_book, local_date
from contracts.messages.identifiers import short_reference
from contracts.messages.topics import Service
from lab.bench.casusrijen import make_rows
from lab.bench.meting import Figure, percentile
from lab.bench.opstelling import REGIO, VEILIG_THUIS, Straat
from lab.bench.road import Inkomend, warm_up
from services.runtime.access.sessions import begin_session
from services.runtime.access.tokens import default_scopes
from services.runtime.database.connection import Session
from services.runtime.http.callers import SESSION_COOKIE
from services.runtime.process.clock import SystemKlok

PER_SECOND = 20
"""Pages; what a region asks when everybody is at work and the pages look again by themselves."""
MELDINGEN_PER_SECOND = 50
PERSON = "Roderick Vermeulen"
"""A triagist of the sample register: everything that is asked of Veilig Thuis is on this home page."""
FEW = 50
"""Different references, gemeenten and cases in turn: no page is asked for twice in a row."""
FIRST_PAGE_KB = 100.0


@dataclass(slots=True)
class Gevraagd:
    """Pages of one kind that were asked for: how long each took from when it was due, and how large they were.

    `processor_ms` is what all of them took together, of server and database.
    """

    ms: list[float] = field(default_factory=list[float])
    kb: list[float] = field(default_factory=list[float])
    processor_ms: float = 0.0


async def measure_werkplek(
    road: Straat, inkomend: Inkomend, *, number: int, seconds: float, tell: Callable[[str], None]
) -> list[Figure]:
    """Home page and page of a case, filters and search, and the bare server under them; each with `seconds` of load."""
    tell(f"{number} open casussen klaarzetten")
    async with road.pool.acquire() as connection:
        await _make_rows(connection, road, number)
    tell("meldingen laten stromen")
    await warm_up(road, inkomend)
    async with road.pool.acquire() as connection:
        session = await begin_session(
            connection,
            partij=VEILIG_THUIS,
            persoon=PERSON,
            scopes=default_scopes("veilig-thuis"),
            herkomst=None,
            now=SystemKlok().now(),
        )
        references = [str(row["referentie"]) for row in await connection.fetch(_REFERENCES, FEW)]
    real = list(inkomend.decided)[:FEW]
    gemeenten = [gemeente.code for gemeente in road.register.gemeenten(local_date(SystemKlok().now()), regio=REGIO)]
    visit = _Bezoek(road, session, tell)
    homes = {"beginpagina": ["/"], "casusblad": [f"/casus/{casus}" for casus in real]}
    filters = _filters(gemeenten)
    searches = _searches([*references, *(short_reference(UUID(casus)) for casus in real)])
    found = await visit.ask({_AT_REST: _NOTHING}, seconds=seconds)
    alone = [
        await visit.ask({kind: paths}, seconds=_ALONE * seconds)
        for kind, paths in {_BARE: _NOTHING, **homes, **filters, **searches}.items()
    ]
    async with _flowing(inkomend) as flow:
        for kinds in ({_BARE: _NOTHING}, homes, filters, searches):
            found |= await visit.ask(kinds, seconds=seconds)
    reached = flow.in_time / flow.seconds
    told = f"{PER_SECOND} bladzijden/s, {number} open casussen, {reached:.0f} meldingen/s"
    return [
        *(_figure(kind, asked, told) for kind, asked in found.items()),
        Figure("eerste bladzijde, beginpagina", max(found["beginpagina"].kb), "kB", aim=FIRST_PAGE_KB),
        Figure("eerste bladzijde, casusblad", max(found["casusblad"].kb), "kB", aim=FIRST_PAGE_KB),
        Figure(
            "meldingen intussen", reached, "/s", aim=0.95 * MELDINGEN_PER_SECOND, more_is_better=True, note=flow.note
        ),
        *(_processor(kind, asked) for kinds in alone for kind, asked in kinds.items()),
    ]


_BARE = "bladzijde zonder inhoud"
_AT_REST = f"{_BARE}, in rust"
_NOTHING = ["/gezond/live"]
_ALONE = 0.25
"""Of the time of a measurement is enough to tell what a page takes of the processor where nothing else goes on."""
_REFERENCES = "select referentie from monitoring.casus order by casus_id limit $1"
_AIMS = {"beginpagina": 150.0, "casusblad": 150.0}
_FLOOR = "vloer: "


def _filters(gemeenten: Sequence[str]) -> dict[str, list[str]]:
    by = [{"gemeente": code, "telaat": late} for code in gemeenten for late in ("", "ja")]
    kept = [{name: value for name, value in one.items() if value} for one in by]
    return {
        "filter op de beginpagina": [f"/?{urlencode({**one, 'wat': 'triage'})}" for one in kept],
        "filter op de casussen": [f"/casussen?{urlencode(one)}" for one in kept],
    }


def _searches(references: Sequence[str]) -> dict[str, list[str]]:
    """Whole references, and beginnings as people type them."""
    typed = [reference[: 11 - number % 5] for number, reference in enumerate(references)]
    return {
        "zoeken op de beginpagina": [f"/?{urlencode({'zoek': one})}" for one in typed],
        "zoeken in de casussen": [f"/casussen?{urlencode({'zoek': one})}" for one in typed],
    }


def _figure(kind: str, asked: Gevraagd, told: str) -> Figure:
    bare = kind in {_BARE, _AT_REST}
    note = f"p50 {percentile(asked.ms, 0.5):.0f} ms; {len(asked.ms)} keer"
    aim = None if bare else _AIMS.get(kind, 200.0)
    return Figure(
        f"{_FLOOR if bare else ''}{kind}, p95",
        percentile(asked.ms, 0.95),
        "ms",
        aim=aim,
        note=note if kind == _AT_REST else f"{note}; {told}",
    )


def _processor(kind: str, asked: Gevraagd) -> Figure:
    """Hardly changed by what else the machine does: to compare where waiting says nothing."""
    name = f"{_FLOOR if kind == _BARE else ''}{kind}, processor per keer"
    return Figure(name, asked.processor_ms / max(1, len(asked.ms)), "ms", note="in rust; server en database")


async def _make_rows(connection: Session, road: Straat, number: int) -> None:
    """As many open cases beside those that came in, in the read tables of monitoring."""
    today = local_date(SystemKlok().now())
    gemeenten = [gemeente.code for gemeente in road.register.gemeenten(today, regio=REGIO)]
    versie = load_rule_book().for_regio(regio=REGIO, on=today).versie
    await connection.execute(f"set search_path to {Service.MONITORING.value}")
    await make_rows(connection, number, regio=REGIO, gemeenten=gemeenten, veilig_thuis=VEILIG_THUIS, versie=versie)
    await connection.execute("reset search_path")


class _Bezoek:
    """Somebody who is signed in and asks for pages at a fixed pace, whatever the answers do."""

    def __init__(self, road: Straat, session: str, tell: Callable[[str], None]) -> None:
        self._road = road
        self._client = road.monitoring
        self._tell = tell
        self._headers = {"Cookie": f"{SESSION_COOKIE}={session}", "Accept": "text/html"}

    async def ask(self, kinds: dict[str, list[str]], *, seconds: float) -> dict[str, Gevraagd]:
        """These kinds by turns. A wait begins when a page is due: what queues behind a slow one counts."""
        found = {kind: Gevraagd() for kind in kinds}
        turns = cycle([(found[kind], cycle(paths)) for kind, paths in kinds.items()])
        self._tell(f"{seconds:.0f} s: {' en '.join(kinds)}")
        before = self._processor_ms()
        asked = [
            asyncio.create_task(self._page(path=next(paths), due=due, into=into))
            async for due, (into, paths) in _paced(PER_SECOND, seconds, lambda: next(turns))
        ]
        await asyncio.gather(*asked)
        spent = self._processor_ms() - before
        for one in found.values():
            one.processor_ms = spent * len(one.ms) / len(asked)
        return found

    def _processor_ms(self) -> float:
        spent = self._road.processor_seconds()
        return 1000 * (spent[Service.MONITORING.value] + spent["PostgreSQL"])

    async def _page(self, *, path: str, due: float, into: Gevraagd) -> None:
        body = await self._client.get(path, headers=self._headers)
        into.ms.append(1000 * (time.perf_counter() - due))
        into.kb.append(len(body) / 1000)


async def _paced(
    per_second: float, seconds: float, give: Callable[[], tuple[Gevraagd, "cycle[str]"]]
) -> AsyncGenerator[tuple[float, tuple[Gevraagd, "cycle[str]"]]]:
    started = time.perf_counter()
    for number in range(int(per_second * seconds)):
        due = started + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        yield due, give()


@dataclass(slots=True)
class _Stroom:
    """Meldingen that were sent meanwhile."""

    sent: int = 0
    in_time: int = 0
    seconds: float = 0.0
    note: str = "elk met zijn triagebesluit en overdracht"


@asynccontextmanager
async def _flowing(inkomend: Inkomend) -> AsyncGenerator[_Stroom]:
    """Meldingen at a fixed pace for as long as this is entered; one that is refused ends the measuring."""
    flow, sent = _Stroom(), list[asyncio.Task[None]]()
    started = time.perf_counter()

    async def one() -> None:
        await inkomend.hand_over()
        flow.sent += 1

    async def run() -> None:
        for number in count():
            await asyncio.sleep(max(0.0, started + number / MELDINGEN_PER_SECOND - time.perf_counter()))
            sent.append(asyncio.create_task(one()))

    running = asyncio.create_task(run())
    try:
        yield flow
    finally:
        running.cancel()
        flow.seconds, flow.in_time = time.perf_counter() - started, flow.sent
        with suppress(asyncio.CancelledError):
            await running
        await asyncio.gather(*sent)
