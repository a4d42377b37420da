"""Rows as the API shows them: camelCase names, and a rule with its sentence."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from contracts.afspraken import Afspraken, Anker, Gebeurd, GeenAfspraken, Initiatief, RuleBook, local_date
from contracts.afspraken.toepassing import find_initiatief
from services.runtime.unit.decision import JsonObject

_MOMENTS = {
    "afgeleverd_op": Anker.OVERDRACHT_AFGELEVERD,
    "teruggekoppeld_op": Anker.OVERDRACHT_TERUGGEKOPPELD,
    "geweigerd_op": Anker.OVERDRACHT_GEWEIGERD,
    "ingetrokken_op": Anker.OVERDRACHT_INGETROKKEN,
}
"""The moments of an overdracht that say whose initiative it is, by their column."""


def camel(row: JsonObject) -> JsonObject:
    """The row with its names as interfaces write them."""
    return {to_camel(key): value for key, value in row.items()}


def zicht_on(ledger: Sequence[JsonObject], op: datetime) -> JsonObject | None:
    """The line of the ledger that answers for this moment; lines are in the order in which they were written."""
    found: JsonObject | None = None
    for line in ledger:
        if datetime.fromisoformat(str(line["vanaf"])) <= op and not line["vervangen"]:
            found = line
    return found


def initiatief_on(casus: JsonObject, afspraken: Afspraken | None, op: datetime) -> Initiatief | None:
    """Whose initiative a coercive measure is at this moment, as far as the read tables tell what happened."""
    rows = casus["overdracht"]
    assert isinstance(rows, list)
    happened = [(Anker.MELDING_ONTVANGEN, _moment(casus["melding_ontvangen_op"]), None)]
    for row in rows:
        assert isinstance(row, dict)
        happened += [(anker, _moment(row[name]), UUID(str(row["id"]))) for name, anker in _MOMENTS.items()]
    gebeurd = [Gebeurd(anker, at, "", about) for anker, at, about in happened if at is not None]
    return None if afspraken is None else find_initiatief(gebeurd, afspraken, op)


def _moment(value: JsonValue) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


class Verwijzer:
    """Finds the sentence behind a rule id, in the agreements of the case."""

    def __init__(self, rule_book: RuleBook) -> None:
        self._rule_book = rule_book

    def regel(self, casus: JsonObject, regel_id: JsonValue) -> JsonObject | None:
        """The rule with its label, source and reading, or None where there is no such rule."""
        afspraken = None if regel_id is None else self.afspraken(casus)
        if afspraken is None:
            return None
        regel = afspraken.regel(str(regel_id))
        if regel is None:
            return {"id": str(regel_id)}
        bron = {"document": regel.bron.document, "paragraaf": regel.bron.paragraaf, "citaat": regel.bron.citaat}
        return {"id": regel.id, "label": regel.label, "bron": {**bron}, "lezing": regel.lezing}

    def label(self, casus: JsonObject, regel_id: JsonValue) -> str:
        """What the rule is called, for people to read; its id where the agreements of the case do not have it."""
        regel = self.regel(casus, regel_id)
        return "–" if regel is None else str(regel.get("label") or regel["id"])

    def afspraken(self, casus: JsonObject) -> Afspraken | None:
        """The agreements of this case, if there are any."""
        if casus["melding_ontvangen_op"] is None:
            return None
        on = local_date(datetime.fromisoformat(str(casus["melding_ontvangen_op"])))
        try:
            return self._rule_book.for_case(regio=str(casus["regio"]), gemeente=str(casus["gemeente"]), on=on)
        except GeenAfspraken:
            return None
