"""A card to a Teams workflow. The address is a secret: it is looked up when it is needed and appears nowhere."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import orjson

from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import NotificatieGevraagd, NotificatieUrgentie
from services.notifier.adapters.sjablonen import (
    Sjablonen,
    most_urgent_first,
    nl_moment,
    nl_rol,
    subject_of,
    subject_of_list,
    vragen_of,
)
from services.notifier.ports import Adresboek
from services.runtime.decision import Attempt, JsonObject, Request, Result, Sealer
from services.runtime.geheimen import SecretUnavailable
from services.runtime.klok import Klok

_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_TEMPORARY = frozenset({408, 409, 425, 429})
_NOT_LET_IN = frozenset({401, 403})
"""The address is no longer good, for no message; people are told by another way at once."""
_SERVER_ERROR = 500
_LONGEST_TEXT = 1500
_LONGEST_LINE = 150


class TeamsPerformer:
    """Posts a notificatie as an Adaptive Card to the workflow of one person.

    Only to `allowed_hosts` (suffixes that begin with a dot, or whole names) over https; with `local` also to this
    machine, for the sandbox.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        adresboek: Adresboek,
        sjablonen: Sjablonen,
        klok: Klok,
        secret: Callable[[str], str],
        allowed_hosts: tuple[str, ...],
        local: bool,
    ) -> None:
        self._client = client
        self._adresboek = adresboek
        self._sjablonen = sjablonen
        self._klok = klok
        self._secret = secret
        self._allowed = allowed_hosts
        self._local = local

    async def __call__(self, request: Request, casus_id: CasusId, sealer: Sealer) -> Attempt:
        """Post it. Accepted is not seen."""
        del casus_id, sealer
        partij, persoon = str(request.content["partij"]), str(request.content["persoon"])
        reference = self._adresboek.teams(partij, persoon, at=self._klok.now())
        if reference is None:
            return Attempt(Result.PERMANENT, "deze persoon heeft geen Teams-adres meer in het register")
        try:
            url = self._secret(reference)
        except SecretUnavailable:
            return Attempt(Result.PERMANENT, "het Teams-adres is niet te vinden")
        if not self._may_go_to(url):
            return Attempt(Result.PERMANENT, "het Teams-adres ligt buiten de toegestane hosts")
        vragen = vragen_of(request)
        if len(vragen) == 1:
            return await self._post(url, card_of(vragen[0], self._sjablonen.link_of(vragen[0])))
        return await self._post(url, card_of_list(vragen, self._sjablonen.link_of))

    def _may_go_to(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            return False
        if self._local and host in _LOCAL_HOSTS:
            return parts.scheme in {"http", "https"}
        known = any(host.endswith(allowed) if allowed.startswith(".") else host == allowed for allowed in self._allowed)
        return parts.scheme == "https" and known

    async def _post(self, url: str, card: JsonObject) -> Attempt:
        try:
            response = await self._client.post(
                url, content=orjson.dumps(card), headers={"Content-Type": "application/json"}, follow_redirects=False
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Attempt(Result.TEMPORARY, f"Teams is niet bereikbaar ({type(error).__name__})")
        status = response.status_code
        if response.is_success:
            return Attempt(Result.DONE, "de Teams-workflow heeft het bericht aangenomen", status=status)
        if status in _TEMPORARY or status >= _SERVER_ERROR:
            wait = _retry_after(response.headers.get("retry-after"))
            return Attempt(Result.TEMPORARY, "de Teams-workflow neemt nu niets aan", status=status, retry_after=wait)
        refused = status in _NOT_LET_IN
        return Attempt(Result.PERMANENT, "de Teams-workflow weigert het bericht", status=status, refused=refused)


def card_of(vraag: NotificatieGevraagd, url: str) -> JsonObject:
    """The message as Workflows takes it: one Adaptive Card 1.4 with one link."""
    facts: list[JsonObject] = [{"title": "Referentie", "value": vraag.referentie}]
    if vraag.wettelijk_moment is not None:
        facts.append({"title": "Termijn", "value": nl_moment(vraag.wettelijk_moment)})
    facts.append({"title": "Uw rol", "value": nl_rol(vraag.rol)})
    urgent = vraag.urgentie is not NotificatieUrgentie.GEWOON
    body: list[JsonObject] = [
        {
            "type": "TextBlock",
            "text": subject_of(vraag),
            "wrap": True,
            "weight": "Bolder",
            "size": "Medium",
            "color": "Attention" if urgent else "Default",
        },
        {"type": "FactSet", "facts": [*facts]},
        {"type": "TextBlock", "text": vraag.gevraagd[:_LONGEST_TEXT], "wrap": True},
    ]
    if vraag.bron is not None:
        body.append({"type": "TextBlock", "text": vraag.bron[:_LONGEST_TEXT], "wrap": True, "isSubtle": True})
    return _card(body, [{"type": "Action.OpenUrl", "title": "Open in Houvast", "url": url}])


def card_of_list(vragen: Sequence[NotificatieGevraagd], link_of: Callable[[NotificatieGevraagd], str]) -> JsonObject:
    """Several messages on one card: a line for each, with its link, as many as fit in what Teams takes."""
    ordered = most_urgent_first(vragen)
    body: list[JsonObject] = [
        {
            "type": "TextBlock",
            "text": subject_of_list(vragen),
            "wrap": True,
            "weight": "Bolder",
            "size": "Medium",
            "color": "Attention" if ordered[0].urgentie is not NotificatieUrgentie.GEWOON else "Default",
        }
    ]
    for vraag in ordered:
        moment = "" if vraag.wettelijk_moment is None else f" – {nl_moment(vraag.wettelijk_moment)}"
        body.append(
            {
                "type": "TextBlock",
                "text": f"[{subject_of(vraag)[:_LONGEST_LINE]}]({link_of(vraag)}){moment}",
                "wrap": True,
            }
        )
    return _card(body, [])


def _card(body: list[JsonObject], actions: list[JsonObject]) -> JsonObject:
    content: JsonObject = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": "nl",
        "body": [*body],
        "actions": [*actions],
    }
    attachment: JsonObject = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}


def _retry_after(value: str | None) -> timedelta | None:
    """Seconds only; Workflows sends no dates. At most a day."""
    if value is None or not value.isdigit():
        return None
    return timedelta(seconds=min(int(value), 86_400))
