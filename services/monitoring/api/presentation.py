"""What the API and the pages show beside a row: a rule with its sentence, and what held at a moment."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from contracts.afspraken import Afspraken, Anker, Gebeurd, GeenAfspraken, Initiatief, RuleBook, local_date
from contracts.afspraken.ankers import Rol
from contracts.afspraken.initiatief import find_initiatief
from contracts.messages.topics import Service
from services.monitoring.ports import rows
from services.runtime.unit.decision import JsonObject

_WORD = re.compile(r"\w+(?:-\w+)*")
_ROLES = frozenset(rol.value for rol in Rol)
_OWN_SERVICE = re.compile(rf"houvast-({'|'.join(Service)})")


def zicht_on(ledger: Sequence[rows.Zichtregel], op: datetime) -> rows.Zichtregel | None:
    """The line of the ledger that answers for this moment; lines are in the order in which they were written."""
    return next((line for line in reversed(ledger) if line.vanaf <= op and not line.vervangen), None)


def initiatief_on(casus: rows.Casus, afspraken: Afspraken | None, op: datetime) -> Initiatief | None:
    """Whose initiative a coercive measure is at this moment, as far as the read tables tell what happened."""
    happened: list[tuple[Anker, datetime | None, UUID | None]] = [
        (Anker.MELDING_ONTVANGEN, casus.melding_ontvangen_op, None)
    ]
    for overdracht in casus.overdrachten:
        happened += [
            (Anker.OVERDRACHT_AFGELEVERD, overdracht.afgeleverd_op, overdracht.id),
            (Anker.OVERDRACHT_TERUGGEKOPPELD, overdracht.teruggekoppeld_op, overdracht.id),
            (Anker.OVERDRACHT_GEWEIGERD, overdracht.geweigerd_op, overdracht.id),
            (Anker.OVERDRACHT_INGETROKKEN, overdracht.ingetrokken_op, overdracht.id),
        ]
    gebeurd = [Gebeurd(anker, at, "", about) for anker, at, about in happened if at is not None]
    return None if afspraken is None else find_initiatief(gebeurd, afspraken, op)


class Verwijzer:
    """Finds the sentence behind a rule id, in the agreements of the case."""

    def __init__(self, rule_book: RuleBook) -> None:
        self._rule_book = rule_book

    def regel(self, casus: rows.Casusregel, regel_id: str | None) -> JsonObject | None:
        """The rule with its label, source and reading, or None where there is no such rule."""
        afspraken = self.afspraken(casus)
        if regel_id is None or afspraken is None:
            return None
        regel = afspraken.regel(regel_id)
        if regel is None:
            return {"id": regel_id}
        bron = {"document": regel.bron.document, "paragraaf": regel.bron.paragraaf, "citaat": regel.bron.citaat}
        return {"id": regel.id, "label": regel.label, "bron": {**bron}, "lezing": regel.lezing}

    def label(self, casus: rows.Casusregel, regel_id: str | None) -> str:
        """What the rule is called, for people to read; its id where the agreements of the case do not have it."""
        regel = self.regel(casus, regel_id)
        return "–" if regel is None else str(regel.get("label") or regel["id"])

    def titel(self, casus: rows.Casusregel) -> str:
        """What the agreements of this case are called."""
        afspraken = self.afspraken(casus)
        return "nog niet bekend" if afspraken is None else afspraken.titel

    def afspraken(self, casus: rows.Casusregel) -> Afspraken | None:
        """The agreements of this case, if there are any."""
        if casus.melding_ontvangen_op is None:
            return None
        on = local_date(casus.melding_ontvangen_op)
        try:
            return self._rule_book.for_case(regio=casus.regio, gemeente=casus.gemeente, on=on)
        except GeenAfspraken:
            return None


def show_rol(rol: str) -> str:
    """What a role is called; one that is not known here any more, as it was written."""
    return Rol(rol).label if rol in _ROLES else rol.replace("-", " ")


def show_actor(actor: str, naam: Callable[[str], str]) -> str:
    """Who did it in words: parties and roles as they are called, and the hub where it was one of its services."""

    def shown(token: re.Match[str]) -> str:
        word = token[0]
        return show_rol(word) if word in _ROLES else naam(word)

    return _WORD.sub(shown, _OWN_SERVICE.sub("Houvast", actor))
