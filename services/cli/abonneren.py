"""Having a zaaksysteem tell the hub what happens to its zaken: a token for that alone, and the one abonnement.

The token is made of the master key, so it is nowhere kept and the same command writes the same abonnement.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from contracts.register import Gemeente, Partij
from services.handover.adapters.zgw import Verbinding, ZgwClient
from services.handover.adapters.zgw.abonnement import CALLBACK, Abonnement, Gedaan, keep_abonnement
from services.runtime.access.sealing import MasterKey
from services.runtime.access.tokens import PREFIX, Scope, admit, is_open, revoke_text
from services.runtime.database.connection import Connection
from services.runtime.outbound.network import LOCAL_HOSTS, open_client
from services.runtime.process.clock import Klok

_SECONDS = 15.0


class OnveiligAdres(ValueError):
    """The address of the hub is not one to send a token to. In Dutch, for whoever gave the command."""


@dataclass(frozen=True, slots=True)
class Abonneren:
    """What is needed for it. `wall` is the clock that tokens live by; `public_url` where gemeenten reach the hub."""

    connection: Connection
    master: MasterKey
    public_url: str
    wall: Klok

    async def keep(self, client: ZgwClient, ontvanger: Gemeente | Partij, *, renew: bool = False) -> Gedaan:
        """The one abonnement of this hub at this zaaksysteem; with `renew` under a new token, and the old one ends.

        Raises `OnveiligAdres`, `ZaaksysteemWeigert`, `ZaaksysteemOnbereikbaar`, `SecretUnavailable` or
        `UnusableCertificate`; whatever happened until then, doing it again puts it right.
        """
        callback_url = callback_of(self.public_url)
        token, others = await self._choose_token(client, ontvanger, renew=renew)
        await admit(
            self.connection,
            token,
            partij=ontvanger.code,
            scopes={Scope.ZAKEN_MELDEN},
            omschrijving=f"abonnement bij het zaaksysteem van {ontvanger.naam}",
            now=self.wall.now(),
        )
        done = await keep_abonnement(client, Abonnement(callback_url, f"Bearer {token}", client.endpoint.zaaktype))
        for other in others:
            await revoke_text(self.connection, other, now=self.wall.now())
        return done

    async def _choose_token(
        self, client: ZgwClient, ontvanger: Gemeente | Partij, *, renew: bool
    ) -> tuple[str, list[str]]:
        """The last one that holds, or else the next; and those that are to end once it is in use."""
        known, chosen = list[str](), None
        while True:
            name = f"abonnement/{client.endpoint.url}/{ontvanger.code}/{len(known) + 1}"
            token = PREFIX + self.master.token_of(name)
            stands = await is_open(self.connection, token)
            if stands is None:
                break
            known.append(token)
            chosen = token if stands else chosen
        if chosen is None or renew:
            chosen = token
        return chosen, [other for other in known if other != chosen]


def open_verbinding(secret: Callable[[str], str], wall: Klok) -> Verbinding:
    """For a command: a few calls, each in its time."""
    return Verbinding(partial(open_client, timeout_seconds=_SECONDS), secret=secret, wall=wall, timeout=_SECONDS)


def callback_of(public_url: str) -> str:
    """Where notificaties come in. Raises `OnveiligAdres` where a token would travel in the open."""
    parts = urlsplit(public_url)
    if parts.scheme != "https" and parts.hostname not in LOCAL_HOSTS:
        raise OnveiligAdres(f"{public_url} begint niet met https://; zet HOUVAST_PUBLIC_URL op het adres van de hub")
    return public_url.rstrip("/") + CALLBACK
