"""Who comes with a link out of a mail: what it leads to, as whom its holder acts, and what may be read by it."""

from uuid import UUID

from starlette.responses import Response

from contracts.afspraken import local_date
from contracts.messages.identifiers import derived_id
from contracts.rechten import Daad, may
from services.handover.api.linkbladen import Linkbladen
from services.handover.domain.bevestigen import digest_of
from services.handover.domain.casus import Casus
from services.handover.domain.kader import Kader
from services.handover.domain.relaties import of_overdracht
from services.handover.ports import LinkView, Queries, rows
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import Incoming, Refused
from services.runtime.unit.fold import Done
from services.runtime.unit.hub import Hub

ROL = "houder van de link"
_LONGEST_TOKEN = 100


class Linkdeur:
    """The one way in for the pages of a link."""

    def __init__(self, hub: Hub[Casus], *, kader: Kader, queries: Queries) -> None:
        self.klok = hub.klok
        self.bladen = Linkbladen(kader, hub.klok)
        self._hub = hub
        self._kader = kader
        self._queries = queries

    async def open(self, token: str) -> LinkView | Response:
        """What the link leads to, or a page that says no more than that it does not work."""
        link = await self._queries.link(digest_of(token)) if len(token) <= _LONGEST_TOKEN else None
        if link is None:
            return self.bladen.message(
                "Deze link werkt niet",
                "Is de link helemaal overgenomen uit de mail? Is er een nieuwere mail over deze overdracht, gebruik dan"
                " de link daarin.",
                404,
            )
        if link.geldig_tot <= self.klok.now():
            return self.bladen.message(
                "Deze link is verlopen", "Neem contact op met Veilig Thuis als u nog een vraag hebt.", 410
            )
        return link

    async def open_to_read(self, token: str) -> LinkView | Response:
        """The same, for what is about people: of an overdracht that is over nothing is shown any more."""
        link = await self.open(token)
        if not isinstance(link, LinkView):
            return link
        relaties = of_overdracht(self.actor(link.overdracht), link.overdracht, kader=self._kader, at=self.klok.now())
        return link if may(Daad.OVERDRACHT_LEZEN, relaties) else self.bladen.is_over()

    def actor(self, overdracht: rows.Overdrachtregel) -> Actor:
        """Who has the link acts for whoever the overdracht it was mailed for is with."""
        on = local_date(self.klok.now())
        return Actor(self._kader.register.bearer_of(overdracht.ontvanger, on=on), ROL)

    async def submit(self, link: LinkView, token: str, act: tuple[str, ...], command: object) -> Done | Refused:
        """The same key for the same act by the same link: sent twice, done once."""
        key: UUID = derived_id("bevestigen", digest_of(token), *act)
        return await self._hub.submit(Incoming(key, link.overdracht.casus_id, command, self.actor(link.overdracht)))

    async def refused(self, link: LinkView, token: str, act: str, command: object) -> Refused | None:
        """Why it was not done; None where it was."""
        reply = await self.submit(link, token, (act,), command)
        return reply if isinstance(reply, Refused) else None
