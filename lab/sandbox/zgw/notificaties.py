"""The Notificaties API of the sandbox: who subscribed and to what, and telling them, a limited number of times."""

import asyncio
import os
from collections.abc import Coroutine
from datetime import UTC, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import httpx
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from lab.sandbox.zgw.fout import Veld, ZgwFout, invalid
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import JsonObject

KANALEN = {"zaken": frozenset({"bronorganisatie", "zaaktype", "vertrouwelijkheidaanduiding"})}
"""The kanalen that there are, and what they can be filtered by."""

_TIMEOUT_SECONDS = 15.0
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)
_ATTEMPTS = 20
_REFUSES_STRANGERS = frozenset({401, 403})
_TAKEN = 204
_TAKES = range(200, 210)
_TEST: JsonObject = {
    "kanaal": "test",
    "hoofdObject": "https://zaken.example/zaken/api/v1/zaken/1",
    "resource": "test",
    "resourceUrl": "https://zaken.example/zaken/api/v1/zaken/1",
    "actie": "test",
    "aanmaakdatum": "2019-01-01T12:00:00Z",
    "kenmerken": {},
}


class _Bericht(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Kanaal(_Bericht):
    """A kanaal, and what the kenmerken of a notificatie must be; without filters it is everything."""

    naam: str
    filters: dict[str, str] = Field(default_factory=dict)

    def lets_through(self, notificatie: JsonObject) -> bool:
        kenmerken = notificatie["kenmerken"]
        assert isinstance(kenmerken, dict), "made here"
        return notificatie["kanaal"] == self.naam and all(
            kenmerken.get(name) == value for name, value in self.filters.items()
        )


class Abonnement(_Bericht):
    """Where notificaties go, and the whole `Authorization` header that goes with them; it is never shown."""

    callback_url: str
    auth: Annotated[str, Field(min_length=1, repr=False)]
    kanalen: Annotated[tuple[Kanaal, ...], Field(min_length=1)]

    def wants(self, notificatie: JsonObject) -> bool:
        return any(kanaal.lets_through(notificatie) for kanaal in self.kanalen)


_KEPT = TypeAdapter(dict[str, dict[UUID, Abonnement]])


class Notificaties:
    """The abonnementen of every zaaksystem of the sandbox, also after a restart; and what is told to them."""

    def __init__(self, klok: Klok, *, data_dir: Path) -> None:
        self._klok = klok
        self._path = data_dir / "sandbox-abonnementen.json"
        self.abonnementen: dict[str, dict[UUID, Abonnement]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
        if self._path.exists():
            self.abonnementen = _KEPT.validate_json(self._path.read_bytes())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def of(self, code: str) -> dict[UUID, Abonnement]:
        return self.abonnementen.setdefault(code, {})

    async def put(self, code: str, body: JsonObject, abonnement_id: UUID | None = None) -> UUID:
        """Take an abonnement, new or in the place of another. Raises `ZgwFout` where it is not accepted."""
        if abonnement_id is not None and abonnement_id not in self.of(code):
            raise ZgwFout(404, "not_found", "Niet gevonden.")
        abonnement = await self._accept(body)
        known = abonnement_id or uuid4()
        self.of(code)[known] = abonnement
        self._keep()
        return known

    def remove(self, code: str, abonnement_id: UUID) -> None:
        if self.of(code).pop(abonnement_id, None) is None:
            raise ZgwFout(404, "not_found", "Niet gevonden.")
        self._keep()

    def tell(self, code: str, wat: str, zaak: JsonObject, resource: JsonObject) -> None:
        """Whoever has an abonnement on this now; nobody else, and nobody later."""
        notificatie: JsonObject = {
            "kanaal": "zaken",
            "hoofdObject": zaak["url"],
            "resource": wat,
            "resourceUrl": resource["url"],
            "actie": "create",
            "aanmaakdatum": self._klok.now().astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "kenmerken": {
                "bronorganisatie": zaak["bronorganisatie"],
                "zaaktype": zaak["zaaktype"],
                "vertrouwelijkheidaanduiding": zaak.get("vertrouwelijkheidaanduiding"),
            },
        }
        for abonnement in self.of(code).values():
            if abonnement.wants(notificatie):
                self._do(self._deliver(abonnement, notificatie))

    async def _accept(self, body: JsonObject) -> Abonnement:
        try:
            abonnement = Abonnement.model_validate(body)
        except ValidationError as error:
            velden = [Veld(str(item["loc"][0]), "required", "Dit veld is vereist.") for item in error.errors()]
            raise invalid(*velden) from None
        for kanaal in abonnement.kanalen:
            if kanaal.naam not in KANALEN:
                raise invalid(Veld("naam", "kanaal_naam", "Kanaal met deze naam bestaat niet."))
            if not kanaal.filters.keys() <= KANALEN[kanaal.naam]:
                raise invalid(Veld("filters", "inconsistent-abonnement-filters", "Filters horen niet bij dit kanaal."))
        if await self._try(abonnement.callback_url, "") not in _REFUSES_STRANGERS:
            raise invalid(Veld("callbackUrl", "no-auth-on-callback-url", "De callback URL is niet beveiligd."))
        if await self._try(abonnement.callback_url, abonnement.auth) not in _TAKES:
            reason = "De opgegeven callback URL kan geen notificaties ontvangen."
            raise invalid(Veld("nonFieldErrors", "invalid-callback-url", reason))
        return abonnement

    async def _try(self, url: str, auth: str) -> int:
        """The status. Where nobody answers a real one breaks down, and says no more than that."""
        status = await self._post(url, auth, _TEST)
        if status is None:
            raise ZgwFout(500, "error", "Er is een serverfout opgetreden.")
        return status

    async def _deliver(self, abonnement: Abonnement, notificatie: JsonObject) -> None:
        """A number of times, and then no more: that is how it goes in life."""
        wait = _FIRST_WAIT
        for _ in range(_ATTEMPTS):
            if await self._post(abonnement.callback_url, abonnement.auth, notificatie) == _TAKEN:
                return
            await self._klok.sleep_until(self._klok.now() + wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _post(self, url: str, auth: str, notificatie: JsonObject) -> int | None:
        """The status, or None where nobody answered."""
        assert self._client is not None, "start() comes first"
        headers = {"Authorization": auth} if auth else {}
        try:
            response = await self._client.post(url, json=notificatie, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return response.status_code

    def _keep(self) -> None:
        """For its owner only: it holds what notificaties are let in by."""
        temporary = self._path.with_suffix(".nieuw")
        temporary.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_KEPT.dump_json(self.abonnementen))
        temporary.replace(self._path)

    def _do(self, job: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
