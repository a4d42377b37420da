"""The hub listens to the zaaksystemen of the sandbox."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from contracts.afspraken import local_date
from contracts.register import Register
from lab.sandbox.zgw import Zaaksysteem
from services.cli.abonneren import Abonneren, open_verbinding
from services.handover.adapters.zgw.client import ZgwClient
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.runtime.process.clock import Klok


class Sandboxabonnementen:
    """The abonnementen at the zaaksystemen of the sandbox, taken as those at real ones are."""

    def __init__(
        self,
        abonneren: Abonneren,
        register: Register,
        zaaksystemen: Mapping[str, Zaaksysteem],
        *,
        klok: Klok,
        secret: Callable[[str], str],
    ) -> None:
        self._abonneren = abonneren
        self._register = register
        self._left = dict(zaaksystemen)
        self._klok = klok
        self._secret = secret
        self._verbinding = open_verbinding(secret, abonneren.wall)

    async def take(self) -> bool:
        """Whether there is one left that would not take it now."""
        for code, zaaksysteem in tuple(self._left.items()):
            gemeente = self._register.gemeente(code, on=local_date(self._klok.now()))
            client = ZgwClient(self._verbinding, zaaksysteem.endpoint, secret=self._secret(zaaksysteem.endpoint.geheim))
            with suppress(ZaaksysteemWeigert, ZaaksysteemOnbereikbaar):
                await self._abonneren.keep(client, gemeente)
                del self._left[code]
        return bool(self._left)

    async def close(self) -> None:
        await self._verbinding.close()
