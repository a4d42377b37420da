"""`houvast bench storm`: faults one after another on a hub at work, and what an auditor finds afterwards."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from random import Random

import httpx
import structlog

from lab.bench.storm.controle import Controleur, Luisteraar
from lab.bench.storm.huis import Huis, open_huis
from lab.bench.storm.melders import Gemeld, Melders
from lab.bench.storm.meldkamer import Meldkamer, about_the_hub
from lab.bench.storm.plek import Onmogelijk, Plek
from lab.bench.storm.storingen import STORINGEN, Storing
from lab.bench.storm.verslag import Ronde, Verslag
from services.runtime.process.clock import SystemKlok

log = structlog.get_logger(__name__)

CALM_SECONDS = 3.0
"""Before a fault, so that there is work under way of before it."""
SETTLE_SECONDS = 90.0
"""How long is waited for the hub after a fault. What has not come by then is lost."""
TELL_SECONDS = 60.0
_LOOK_SECONDS = 0.25

Tell = Callable[[str], None]


async def run_storm(
    *, seed: int, rounds: int, seconds: float, names: Sequence[str], per_second: float, tell: Tell, command: str
) -> Verslag:
    """`rounds` of every fault, in an order of chance, or fewer where `seconds` are over."""
    random = Random(seed)  # noqa: S311  a storm that can be repeated
    chosen = [STORINGEN[name] for name in names]
    begun, started = SystemKlok().now(), time.monotonic()
    tell("PostgreSQL, Kafka en acht kopieën starten")
    async with open_huis() as huis:
        listener, alarm = Luisteraar(huis), Meldkamer(huis)
        melders = Melders(huis, seed=seed, per_second=per_second)
        storm = _Storm(huis, random, melders, listener, alarm, tell)
        background = [asyncio.create_task(part.run()) for part in (listener, alarm, melders)]
        try:
            await asyncio.sleep(CALM_SECONDS)
            order = [storing for _ in range(rounds) for storing in random.sample(chosen, len(chosen))]
            for number, storing in enumerate(order, 1):
                if time.monotonic() - started > seconds:
                    tell(f"de tijd is om; {len(order) - number + 1} storingen blijven over")
                    break
                tell(f"{number}/{len(order)} {storing.name}: {storing.what}")
                await storm.round(storing)
            background[-1].cancel()
            await melders.finish(SETTLE_SECONDS)
            tell("controle")
            await storm.judge()
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
        return Verslag(
            command=command,
            seed=seed,
            begun=f"{begun:%Y-%m-%d %H:%M} UTC",
            seconds=time.monotonic() - started,
            per_second=per_second,
            rondes=storm.rondes,
            repeated=listener.repeated,
            changed=listener.changed,
            said=huis.said,
            load=os.getloadavg(),
        )


class _Storm:
    """Rounds that were, each with the meldingen that came in during it."""

    def __init__(
        self, huis: Huis, random: Random, melders: Melders, listener: Luisteraar, alarm: Meldkamer, tell: Tell
    ) -> None:
        self.rondes: list[Ronde] = []
        self._huis = huis
        self._random = random
        self._melders = melders
        self._listener = listener
        self._auditor = Controleur(huis, listener)
        self._alarm = alarm
        self._tell = tell
        self._meldingen: list[Sequence[Gemeld]] = []

    async def round(self, storing: Storing) -> None:
        ronde = Ronde(storing.name)
        first, mails, began = len(self._melders.gemeld), len(self._huis.mail.mails), time.monotonic()
        await asyncio.sleep(CALM_SECONDS)
        struck = time.monotonic()
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                well = await storing.strike(Plek(self._huis, self._random))
            except Onmogelijk as error:
                ronde.impossible, well = str(error), time.monotonic()
            mended = time.monotonic()
            self._listener.begin_anew()
            ronde.ready = await self._until_ready(client, since=mended)
            last = len(self._melders.gemeld)
            during = self._melders.gemeld[first:last]
            await self._until_settled(during, client)
        if not ronde.impossible:
            ronde.recovery = self._longest_wait(during, well)
        if storing.told:
            await self._until_told(storing, struck)
        told = self._alarm.between(struck, time.monotonic())
        ronde.told = dict(told) | {name: float(n) for name, n in about_the_hub(self._huis.mail.mails[mails:]).items()}
        in_time = [name for name, after in told.items() if name in storing.told and after <= TELL_SECONDS]
        ronde.untold = bool(storing.told) and not in_time and not ronde.impossible
        self.rondes.append(ronde)
        self._meldingen.append(during)
        self._tell(
            f"  {ronde.impossible or f'{len(during)} meldingen, herstel {ronde.recovery:.1f} s'}"
            f", {time.monotonic() - began:.0f} s in totaal"
        )

    async def _until_ready(self, client: httpx.AsyncClient, *, since: float) -> float:
        """A copy that gave up by itself is started again, as whatever keeps processes running would."""
        while time.monotonic() - since < SETTLE_SECONDS:
            if await self._huis.all_ready(client):
                break
            for kopie in self._huis.kopieen.values():
                if not kopie.runs:
                    await self._huis.start(kopie)
            await asyncio.sleep(_LOOK_SECONDS)
        return time.monotonic() - since

    async def _until_settled(self, during: Sequence[Gemeld], client: httpx.AsyncClient) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        left: Sequence[object] = during
        while left and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_SECONDS)
            unanswered = [melding for melding in during if melding.accepted_at is None and melding.refused is None]
            left = unanswered or await self._auditor.unsettled(during, client)

    async def _until_told(self, storing: Storing, struck: float) -> None:
        """An alert may come after the hub has recovered; nobody waits for it longer than a minute."""
        while time.monotonic() - struck < TELL_SECONDS:
            if self._alarm.between(struck, time.monotonic()).keys() & set(storing.told):
                return
            await asyncio.sleep(_LOOK_SECONDS)

    def _longest_wait(self, during: Sequence[Gemeld], well: float) -> float:
        """From when it was offered, or from when the world was well if that came later, to its arrival."""
        waits = [0.0]
        for melding in during:
            offered = self._huis.ontvanger.offered.get(melding.casus_id or "")
            arrived = time.monotonic() if offered is None else offered.first
            if melding.refused is None:
                waits.append(arrived - max(melding.begun_at, well))
        return max(waits)

    async def judge(self) -> None:
        """At the end, when whatever a fault brought about later has come too."""
        spans = [*self._meldingen, self._melders.gemeld[sum(map(len, self._meldingen)) :]]
        rondes = [*self.rondes, Ronde("tot slot")]
        async with httpx.AsyncClient(trust_env=False) as client:
            await self._until_settled(self._melders.gemeld, client)
            for ronde, span in zip(rondes, spans, strict=True):
                oordelen = await self._auditor.judge(span, client)
                ronde.meldingen = len(oordelen)
                for oordeel in oordelen:
                    ronde.lost += oordeel.lost
                    ronde.doubled += oordeel.doubled
                    ronde.out_of_order += oordeel.out_of_order
                    ronde.accused += oordeel.accused
                ronde.lost += [f"geweigerd: {melding.refused}" for melding in span if melding.refused]
                offered = [self._huis.ontvanger.offered.get(melding.casus_id or "") for melding in span]
                ronde.again = sum(max(0, found.times - 1) for found in offered if found is not None)
        self.rondes = rondes if spans[-1] else rondes[:-1]


def chosen_names(names: Sequence[str]) -> list[str]:
    """The faults of these names, all where none is given. Raises `KeyError` with the first that is unknown."""
    for name in names:
        if name not in STORINGEN:
            raise KeyError(name)
    return list(names) or list(STORINGEN)


__all__ = ["STORINGEN", "Verslag", "chosen_names", "run_storm"]
