"""A card to a Teams workflow. The address is a secret: it is looked up when it is needed and appears nowhere."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import httpx
import orjson
from pydantic import JsonValue

from contracts.messages.notifier import NotificatieGevraagd, NotificatieUrgentie
from services.notifier.adapters.sjablonen import (
    Sjablonen,
    most_urgent_first,
    nl_moment,
    nl_rol,
    subject_of,
    subject_of_list,
)
from services.notifier.ports import Bericht, Waarom
from services.runtime.outbound.own_fault import own_fault
from services.runtime.outbound.retry_after import read_retry_after
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Attempt, JsonObject, Result
from services.runtime.unit.frozen import replace

_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_TEMPORARY = frozenset({408, 409, 425, 429})
_NOT_LET_IN = frozenset({401, 403})
"""The address is no longer good, for no message; people are told by another way at once."""
_SERVER_ERROR = 500
_LONGEST_TEXT = 1500
_LONGEST_LINE = 70
"""Bytes of what a line of a list is about; with fifty lines a card is as large as Teams takes."""
_LONGEST_REASON = 400
"""Bytes of a reason below a list."""
_MOST_REASONS = 5
_FEW = 20
"""With more lines than this there is no room on a card for what they rest on."""


class TeamsBode:
    """Posts messages as an Adaptive Card to a workflow.

    Only to `allowed_hosts` (suffixes that begin with a dot, or whole names) over https; with `local` also to this
    machine, for the sandbox.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        sjablonen: Sjablonen,
        klok: Klok,
        secret: Callable[[str], str],
        allowed_hosts: tuple[str, ...],
        local: bool,
    ) -> None:
        self._client = client
        self._sjablonen = sjablonen
        self._klok = klok
        self._secret = secret
        self._allowed = allowed_hosts
        self._local = local

    async def send(self, bericht: Bericht) -> Attempt:
        """Post it. Accepted is not seen."""
        try:
            url = self._secret(bericht.adres)
        except SecretUnavailable as error:
            return replace(own_fault(error), result=Result.PERMANENT)
        if not self._may_go_to(url):
            return Attempt(Result.PERMANENT, "het Teams-adres ligt buiten de toegestane hosts")
        card = card_of(bericht.vragen, link_of=self._sjablonen.link_of, waarom=bericht.waarom)
        return await self._post(url, card)

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
            wait = read_retry_after(response.headers.get("retry-after"), self._klok.now())
            return Attempt(Result.TEMPORARY, "de Teams-workflow neemt nu niets aan", status=status, retry_after=wait)
        refused = status in _NOT_LET_IN
        return Attempt(Result.PERMANENT, "de Teams-workflow weigert het bericht", status=status, refused=refused)


def card_of(
    vragen: Sequence[NotificatieGevraagd], *, link_of: Callable[[NotificatieGevraagd], str], waarom: Waarom
) -> JsonObject:
    """The message as Workflows takes it: one Adaptive Card 1.4, with one link or a list of them.

    Texts are runs, which Teams shows as they are; in a `TextBlock` brackets and stars would mean something.
    """
    if len(vragen) == 1:
        return _card_of_one(vragen[0], link_of(vragen[0]), waarom(vragen[0]))
    return _card_of_list(vragen, link_of, waarom)


def _card_of_one(vraag: NotificatieGevraagd, url: str, waarom: str | None) -> JsonObject:
    facts: list[JsonObject] = [{"title": "Referentie", "value": vraag.referentie}]
    if vraag.wettelijk_moment is not None:
        facts.append({"title": "Termijn", "value": nl_moment(vraag.wettelijk_moment)})
    facts.append({"title": "Uw rol" if waarom is None else "Bedoeld voor", "value": nl_rol(vraag.rol)})
    body: list[JsonObject] = [_title(subject_of(vraag), vraag), {"type": "FactSet", "facts": [*facts]}]
    if waarom is not None:
        body.append(_text(_run(waarom, weight="Bolder")))
    body.append(_text(_run(vraag.gevraagd[:_LONGEST_TEXT])))
    if vraag.bron is not None:
        body.append(_text(_run(vraag.bron[:_LONGEST_TEXT], isSubtle=True)))
    return _card(body, [{"type": "Action.OpenUrl", "title": "Open in Houvast", "url": url}])


def _card_of_list(
    vragen: Sequence[NotificatieGevraagd], link_of: Callable[[NotificatieGevraagd], str], waarom: Waarom
) -> JsonObject:
    """A line for each, with its link, as many as fit in what Teams takes; below it why they are told this."""
    ordered = most_urgent_first(vragen)
    body = [_title(subject_of_list(vragen), ordered[0])]
    for vraag in ordered:
        opens: JsonObject = {"type": "Action.OpenUrl", "title": "Open in Houvast", "url": link_of(vraag)}
        runs = [_run(subject_of(_in_short(vraag)), selectAction=opens)]
        if vraag.wettelijk_moment is not None:
            runs.append(_run(f" – {nl_moment(vraag.wettelijk_moment)}"))
        body.append(_text(*runs))
    reasons = dict.fromkeys(why for vraag in ordered if (why := waarom(vraag)) is not None)
    body += [_text(_run(why, isSubtle=True)) for why in [*reasons][:_MOST_REASONS]]
    bronnen = [*dict.fromkeys(vraag.bron for vraag in ordered if vraag.bron is not None)]
    shown = bronnen[: _MOST_REASONS if len(vragen) <= _FEW else 0]
    body += [_text(_run(_cut(bron, _LONGEST_REASON), isSubtle=True)) for bron in shown]
    if len(bronnen) > len(shown):
        body.append(_text(_run("Waarom u een bericht krijgt, staat ook bij de casus in Houvast.", isSubtle=True)))
    return _card(body, [])


def _in_short(vraag: NotificatieGevraagd) -> NotificatieGevraagd:
    """About the same, in fewer words; the reference stays whole."""
    return vraag.model_copy(update={"onderwerp": _cut(vraag.onderwerp, _LONGEST_LINE)})


def _cut(text: str, most: int) -> str:
    """As much of it as fits in this many bytes."""
    raw = text.encode()
    return text if len(raw) <= most else raw[:most].decode(errors="ignore") + "…"


def _title(subject: str, vraag: NotificatieGevraagd) -> JsonObject:
    color = "Default" if vraag.urgentie is NotificatieUrgentie.GEWOON else "Attention"
    return _text(_run(subject, weight="Bolder", size="Medium", color=color))


def _text(*runs: JsonObject) -> JsonObject:
    return {"type": "RichTextBlock", "inlines": [*runs]}


def _run(text: str, **look: JsonValue) -> JsonObject:
    return {"type": "TextRun", "text": text, **look}


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
