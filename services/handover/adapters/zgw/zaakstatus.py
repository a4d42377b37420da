"""Asking a zaaksysteem how far its gemeente is with a zaak of ours: a notificatie only says that there is news."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from contracts.messages.identifiers import CasusId
from contracts.register import NietInRegister, Register, Zaakantwoord
from services.handover.adapters.zgw.aflevering import AndersAangesloten, judge_refusal, open_client
from services.handover.adapters.zgw.catalogus import Catalogi, Zaaktype, ZaaktypeOnbruikbaar
from services.handover.adapters.zgw.client import Api, Verbinding, ZgwClient, resource_id, text_of, unreadable
from services.handover.adapters.zgw.fouten import ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.handover.adapters.zgw.levering import identify_zaak
from services.handover.domain.kader import iso, local_date
from services.runtime.decision import Attempt, JsonObject, Request, Result, Sealer
from services.runtime.geheimen import SecretUnavailable
from services.runtime.klok import Klok

_STAP = "statussen lezen"
_CALLS = 3


class ZgwZaakstatus:
    """Reads the statussen of a zaak and says which answers they are, by the table of the register."""

    def __init__(
        self,
        verbinding: Verbinding,
        *,
        register: Register,
        secret: Callable[[str], str],
        klok: Klok,
        catalogi: Catalogi,
    ) -> None:
        self._verbinding = verbinding
        self._register = register
        self._secret = secret
        self._klok = klok
        self._catalogi = catalogi

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """One attempt. The receipt holds per `Zaakantwoord` the earliest moment at which the gemeente gave it."""
        del casus_id, sealer
        content = request.content
        try:
            gemeente = self._register.going_on_for(str(content["gemeente"]), on=local_date(self._klok.now()))
            team = str(content["team"]) if content["team"] is not None else None
            client = open_client(self._verbinding, gemeente, team, secret=self._secret)
        except (NietInRegister, SecretUnavailable, AndersAangesloten) as error:
            return Attempt(Result.TEMPORARY, f"instelling bij ons: {error}")
        return await self._attempt(client, UUID(str(content["kenmerk"])), UUID(str(content["overdrachtId"])))

    async def _attempt(self, client: ZgwClient, zaak_id: UUID, overdracht_id: UUID) -> Attempt:
        try:
            async with asyncio.timeout(_CALLS * self._verbinding.timeout):
                return await self._read(client, zaak_id, overdracht_id)
        except ZaaktypeOnbruikbaar as error:
            return Attempt(Result.PERMANENT, str(error))
        except ZaaksysteemWeigert as refused:
            self._catalogi.forget(client.endpoint)
            return judge_refusal(refused, self._verbinding.wall.now())
        except ZaaksysteemOnbereikbaar as error:
            return Attempt(Result.TEMPORARY, str(error))
        except TimeoutError:
            return Attempt(Result.TEMPORARY, "de statussen kwamen niet op tijd")

    async def _read(self, client: ZgwClient, zaak_id: UUID, overdracht_id: UUID) -> Attempt:
        zaak = await client.get(Api.ZAKEN, f"zaken/{zaak_id}", stap=_STAP)
        if not isinstance(zaak, dict):
            raise unreadable(_STAP)
        if zaak.get("identificatie") != identify_zaak(overdracht_id):
            return Attempt(Result.PERMANENT, "deze zaak is niet van deze overdracht")
        zaaktype = await self._catalogi.zaaktype(client, text_of(zaak, "zaaktype", stap=_STAP))
        url = text_of(zaak, "url", stap=_STAP)
        statussen = await client.find(Api.ZAKEN, "statussen", stap=_STAP, zaak=url)
        earliest: dict[Zaakantwoord, datetime] = {}
        for antwoord, op in _antwoorden(statussen, zaaktype, client):
            earliest[antwoord] = min(op, earliest.get(antwoord, op))
        receipt: JsonObject = {antwoord.value: iso(op) for antwoord, op in earliest.items()}
        return Attempt(Result.DONE, f"{len(statussen)} statussen gelezen", 200, receipt=receipt)


def _antwoorden(
    statussen: list[JsonObject], zaaktype: Zaaktype, client: ZgwClient
) -> Iterator[tuple[Zaakantwoord, datetime]]:
    """What people said. The status that a zaak begins with we set ourselves, whatever the table makes of it."""
    meaning = {
        statustype.id: client.endpoint.statussen.get(statustype.omschrijving) for statustype in zaaktype.statustypen
    }
    meaning[zaaktype.first_status.id] = None
    for status in statussen:
        antwoord = meaning.get(resource_id(status.get("statustype"), stap=_STAP))
        if antwoord is not None:
            yield antwoord, _moment(status)


def _moment(status: JsonObject) -> datetime:
    try:
        moment = datetime.fromisoformat(text_of(status, "datumStatusGezet", stap=_STAP))
    except ValueError:
        raise unreadable(_STAP) from None
    if moment.tzinfo is None:
        raise unreadable(_STAP)
    return moment
