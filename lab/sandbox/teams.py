"""A Teams workflow that checks a card before it shows it, where the real one answers 202 and fails afterwards."""

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from contracts.messages.envelope import Problem, problems_of
from services.runtime.outbound.secrets import TEAMS_PREFIX, SecretUnavailable
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import JsonObject

MAX_BYTES = 28 * 1024
"""What a workflow takes at most."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class _Action(_Part):
    type: Literal["Action.OpenUrl"]
    title: Annotated[str, Field(min_length=1)]
    url: Annotated[str, Field(pattern=r"^https?://")]


class _Run(_Part):
    type: Literal["TextRun"]
    text: str
    selectAction: _Action | None = None  # noqa: N815  the name is Microsoft's


class _Element(_Part):
    type: Annotated[str, Field(min_length=1)]
    inlines: list[_Run] = []


class _Card(_Part):
    type: Literal["AdaptiveCard"]
    version: Literal["1.0", "1.1", "1.2", "1.3", "1.4"]
    body: Annotated[list[_Element], Field(min_length=1)]
    actions: list[_Action] = []


class _Attachment(_Part):
    contentType: Literal["application/vnd.microsoft.card.adaptive"]  # noqa: N815  the name is Microsoft's
    contentUrl: None = None  # noqa: N815  idem
    content: _Card


class _Message(_Part):
    type: Literal["message"]
    attachments: Annotated[list[_Attachment], Field(min_length=1, max_length=1)]


@dataclass(frozen=True, slots=True)
class Kaart:
    """A card as it came in, with the moment on the Clock: its texts in order and its links."""

    ontvangen_op: datetime
    kanaal: str
    teksten: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


class CardRefused(Exception):
    """A card that Teams could not show, with everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...], *, status: int = 400) -> None:
        super().__init__("; ".join(f"{problem.place}: {problem.message}" for problem in problems))
        self.problems = problems
        self.status = status


class TeamsSink:
    """Takes the cards of every workflow address that the sandbox has a secret for."""

    def __init__(self, klok: Klok, *, secret: Callable[[str], str]) -> None:
        self.kaarten: list[Kaart] = []
        self._klok = klok
        self._secret = secret

    def knows(self, kanaal: str, sleutel: str) -> bool:
        """Whether this is the address of that workflow; asking makes no new one valid."""
        try:
            address = self._secret(f"sandbox:{TEAMS_PREFIX}{kanaal}")
        except SecretUnavailable:
            return False
        return hmac.compare_digest(address.rpartition("/")[2].encode(), sleutel.encode())

    def receive(self, kanaal: str, body: bytes) -> Kaart:
        """Keep the card. Raises `CardRefused`."""
        if len(body) > MAX_BYTES:
            raise CardRefused((Problem("$", "is groter dan 28 kB"),), status=413)
        try:
            message = _Message.model_validate_json(body)
        except ValidationError as error:
            raise CardRefused(problems_of(error)) from None
        card = message.attachments[0].content
        kaart = Kaart(
            ontvangen_op=self._klok.now(),
            kanaal=kanaal,
            teksten=tuple(_texts([element.model_dump(mode="json") for element in card.body])),
            links=tuple((action.title, action.url) for action in (*_links_in(card.body), *card.actions)),
        )
        self.kaarten.append(kaart)
        return kaart


def _links_in(elements: Iterable[_Element]) -> Iterator[_Action]:
    for run in (run for element in elements for run in element.inlines):
        if run.selectAction is not None:
            yield run.selectAction


def _texts(elements: Iterable[JsonObject]) -> Iterator[str]:
    """What a person reads on a card, from top to bottom."""
    for element in elements:
        if element.get("type") == "TextBlock":
            yield str(element.get("text", ""))
        if element.get("type") == "RichTextBlock":
            yield "".join(str(run.get("text", "")) for run in _objects(element.get("inlines")))
        for fact in _objects(element.get("facts")):
            yield f"{fact.get('title', '')} {fact.get('value', '')}".strip()
        yield from _texts(_objects(element.get("items")))
        yield from _texts(_objects(element.get("columns")))


def _objects(value: JsonValue) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
