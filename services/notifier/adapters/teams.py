"""What people are told, as a card to a Teams workflow."""

from collections.abc import Callable, Sequence

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
from services.runtime.outbound.teams import TeamsWorkflow, card, text, text_run
from services.runtime.unit.decision import Attempt, JsonObject

_LONGEST_TEXT = 1500
_LONGEST_LINE = 70
"""Bytes of what a line of a list is about; with fifty lines a card is as large as Teams takes."""
_LONGEST_REASON = 400
"""Bytes of a reason below a list."""
_MOST_REASONS = 5
_FEW = 20
"""With more lines than this there is no room on a card for what they rest on."""


class TeamsBode:
    """Posts messages as an Adaptive Card to the workflow of whoever they are for."""

    def __init__(self, workflow: TeamsWorkflow, *, sjablonen: Sjablonen) -> None:
        self._workflow = workflow
        self._sjablonen = sjablonen

    async def send(self, bericht: Bericht) -> Attempt:
        """Post it. Accepted is not seen."""
        made = card_of(bericht.vragen, link_of=self._sjablonen.link_of, waarom=bericht.waarom)
        return await self._workflow.post(bericht.adres, made)


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
        body.append(text(text_run(waarom, weight="Bolder")))
    body.append(text(text_run(vraag.gevraagd[:_LONGEST_TEXT])))
    if vraag.bron is not None:
        body.append(text(text_run(vraag.bron[:_LONGEST_TEXT], isSubtle=True)))
    return card(body, [{"type": "Action.OpenUrl", "title": "Open in Houvast", "url": url}])


def _card_of_list(
    vragen: Sequence[NotificatieGevraagd], link_of: Callable[[NotificatieGevraagd], str], waarom: Waarom
) -> JsonObject:
    """A line for each, with its link, as many as fit in what Teams takes; below it why they are told this."""
    ordered = most_urgent_first(vragen)
    body = [_title(subject_of_list(vragen), ordered[0])]
    for vraag in ordered:
        opens: JsonObject = {"type": "Action.OpenUrl", "title": "Open in Houvast", "url": link_of(vraag)}
        runs = [text_run(subject_of(_in_short(vraag)), selectAction=opens)]
        if vraag.wettelijk_moment is not None:
            runs.append(text_run(f" – {nl_moment(vraag.wettelijk_moment)}"))
        body.append(text(*runs))
    reasons = dict.fromkeys(why for vraag in ordered if (why := waarom(vraag)) is not None)
    body += [text(text_run(why, isSubtle=True)) for why in [*reasons][:_MOST_REASONS]]
    bronnen = [*dict.fromkeys(vraag.bron for vraag in ordered if vraag.bron is not None)]
    shown = bronnen[: _MOST_REASONS if len(vragen) <= _FEW else 0]
    body += [text(text_run(_cut(bron, _LONGEST_REASON), isSubtle=True)) for bron in shown]
    if len(bronnen) > len(shown):
        body.append(text(text_run("Waarom u een bericht krijgt, staat ook bij de casus in Houvast.", isSubtle=True)))
    return card(body, [])


def _in_short(vraag: NotificatieGevraagd) -> NotificatieGevraagd:
    """About the same, in fewer words; the reference stays whole."""
    return vraag.model_copy(update={"onderwerp": _cut(vraag.onderwerp, _LONGEST_LINE)})


def _cut(text: str, most: int) -> str:
    """As much of it as fits in this many bytes."""
    raw = text.encode()
    return text if len(raw) <= most else raw[:most].decode(errors="ignore") + "…"


def _title(subject: str, vraag: NotificatieGevraagd) -> JsonObject:
    color = "Default" if vraag.urgentie is NotificatieUrgentie.GEWOON else "Attention"
    return text(text_run(subject, weight="Bolder", size="Medium", color=color))
