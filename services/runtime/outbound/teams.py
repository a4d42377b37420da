"""Teams by its Workflows: an Adaptive Card to an address that is itself the secret.

It is looked up when it is needed and appears nowhere.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import orjson
from pydantic import JsonValue

from services.runtime.outbound.own_fault import own_fault
from services.runtime.outbound.retry_after import read_retry_after
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt, JsonObject, Result
from services.runtime.unit.frozen import replace

HOSTS = (".logic.azure.com", ".api.powerplatform.com")
"""Where Workflows addresses live."""

_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_TEMPORARY = frozenset({408, 409, 425, 429})
_NOT_LET_IN = frozenset({401, 403})
"""The address is no longer good, for no message; people are told by another way at once."""
_SERVER_ERROR = 500


def allowed_hosts(more: str) -> tuple[str, ...]:
    """Suffixes of the hosts that cards may go to: those of Workflows, and `more`, separated by commas."""
    added = (host.strip().lower() for host in more.split(","))
    return (*HOSTS, *(host for host in added if host))


class TeamsWorkflow:
    """Posts cards to workflows.

    Only to `allowed` (suffixes that begin with a dot, or whole names) over https; with `local` also to this machine,
    for the sandbox.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        klok: Klok,
        secret: Callable[[str], str],
        allowed: tuple[str, ...],
        local: bool,
    ) -> None:
        self._client = client
        self._klok = klok
        self._secret = secret
        self._allowed = allowed
        self._local = local

    async def post(self, adres: str, made: JsonObject) -> Attempt:
        """One attempt with this card; `adres` is the reference to the secret."""
        try:
            url = self._secret(adres)
        except SecretUnavailable as error:
            return replace(own_fault(error), result=Result.PERMANENT)
        if not self._may_go_to(url):
            return Attempt(Result.PERMANENT, "het Teams-adres ligt buiten de toegestane hosts")
        return await self._post(url, made)

    def _may_go_to(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            return False
        if self._local and host in _LOCAL_HOSTS:
            return parts.scheme in {"http", "https"}
        is_allowed = any(
            host.endswith(allowed) if allowed.startswith(".") else host == allowed for allowed in self._allowed
        )
        return parts.scheme == "https" and is_allowed

    async def _post(self, url: str, made: JsonObject) -> Attempt:
        try:
            response = await self._client.post(
                url, content=orjson.dumps(made), headers={"Content-Type": "application/json"}, follow_redirects=False
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Attempt(Result.TEMPORARY, f"Teams is niet bereikbaar ({type(error).__name__})")
        status = response.status_code
        if response.is_success:
            return Attempt(Result.DONE, "de Teams-workflow heeft het bericht aangenomen", status=status)
        if status in _TEMPORARY or status >= _SERVER_ERROR:
            wait = read_retry_after(response.headers.get("retry-after"), self._klok.now())
            return Attempt(Result.TEMPORARY, "de Teams-workflow neemt nu niets aan", status=status, retry_after=wait)
        refused = status in _NOT_LET_IN
        return Attempt(Result.PERMANENT, "de Teams-workflow weigert het bericht", status=status, refused=refused)


def text(*runs: JsonObject) -> JsonObject:
    """A paragraph. Runs are shown as they are; in a `TextBlock` brackets and stars would mean something."""
    return {"type": "RichTextBlock", "inlines": [*runs]}


def text_run(words: str, **look: JsonValue) -> JsonObject:
    return {"type": "TextRun", "text": words, **look}


def card(body: list[JsonObject], actions: list[JsonObject]) -> JsonObject:
    """The message as Workflows takes it: one Adaptive Card 1.4."""
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
