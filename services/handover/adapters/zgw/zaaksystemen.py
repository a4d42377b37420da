"""How every errand at a zaaksysteem begins and ends: whose it is by now, and what its answer means for the next attempt."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from contracts.afspraken import local_date
from contracts.register import Gemeente, NietInRegister, Partij, Register, ZgwEndpoint
from services.handover.adapters.rest import judge
from services.handover.adapters.zgw.catalogus import Catalogi, ZaaktypeOnbruikbaar
from services.handover.adapters.zgw.client import Verbinding, ZgwClient
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.handover.adapters.zgw.rechten import lets_us_work
from services.handover.domain.kader import receiver_of
from services.runtime.outbound.network import UnusableCertificate
from services.runtime.outbound.own_fault import own_fault
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt, JsonObject, Result
from services.runtime.unit.frozen import replace

_SLOW_CALLS = 3
"""An errand is up to a dozen calls that each take a moment; together they may take as long as this many slow ones."""
_LONGEST_SECONDS = 45.0
"""Well under the lease of a request: whoever takes over must not find us still at work."""


class AndersAangesloten(LookupError):
    """The register gives this receiver another kind of endpoint by now."""


NIET_INGESTELD = (NietInRegister, SecretUnavailable, AndersAangesloten)
"""What stands wrong on our side before anything is asked."""


@dataclass(frozen=True, slots=True)
class Zaaksystemen:
    """The zaaksystemen of the register. `klok` says which entry holds; the connections and zaaktypen are kept."""

    verbinding: Verbinding
    register: Register
    secret: Callable[[str], str]
    klok: Klok
    catalogi: Catalogi

    def open(self, content: JsonObject) -> tuple[Gemeente | Partij, ZgwClient]:
        """Whom a request is for, and its zaaksysteem. Raises `NIET_INGESTELD`."""
        receiver = receiver_of(self.register, content, on=local_date(self.klok.now()))
        endpoint = receiver.endpoint_for(team_of(content), "zgw")
        if not isinstance(endpoint, ZgwEndpoint):
            raise AndersAangesloten(f"{receiver.naam} heeft nu een endpoint van soort {endpoint.soort}")
        return receiver, ZgwClient(self.verbinding, endpoint, secret=self.secret(endpoint.geheim))

    async def attempt(self, client: ZgwClient, work: Callable[[], Awaitable[Attempt]]) -> Attempt:
        """What came of it. After a refusal the zaaktypen are looked up anew, for they may have changed."""
        longest = min(_SLOW_CALLS * self.verbinding.timeout, _LONGEST_SECONDS)
        try:
            async with asyncio.timeout(longest):
                return await self._weigh(client, work)
        except ZaaktypeOnbruikbaar as error:
            self.catalogi.forget(client.endpoint)
            return Attempt(Result.PERMANENT, str(error))
        except ZaaksysteemOnbereikbaar as error:
            return Attempt(Result.TEMPORARY, str(error))
        except (SecretUnavailable, UnusableCertificate) as error:
            return own_fault(error)
        except TimeoutError:
            return Attempt(Result.TEMPORARY, f"niet klaar binnen {longest:g} seconden")

    async def _weigh(self, client: ZgwClient, work: Callable[[], Awaitable[Attempt]]) -> Attempt:
        """A right that we lack for one zaak and have for others is about that zaak: people closed it, or hid it."""
        try:
            return await work()
        except ZaaksysteemWeigert as refused:
            self.catalogi.forget(client.endpoint)
            attempt = judge_refusal(refused, self.verbinding.wall.now())
            if attempt.refused and refused.fout.forbids and refused.about_one and await lets_us_work(client):
                return replace(attempt, result=Result.PERMANENT, refused=False)
            return attempt


def team_of(content: JsonObject) -> str | None:
    return str(content["team"]) if content["team"] is not None else None


def judge_refusal(refused: ZaaksysteemWeigert, now: datetime) -> Attempt:
    """What a refusal means. A 401 or 403 is about us, and waits until we are let in. A token that stays too old and a
    moment that lies ahead are about clocks, and something that we may not see may come to be seen: these pass.
    """
    fout = refused.fout
    judged = judge(fout.status, refused.retry_after, now)
    passes = fout.expired or fout.is_early or fout.already_there
    result = Result.TEMPORARY if passes else judged.result
    return replace(judged, result=result, detail=f"{judged.detail} ({refused})")
