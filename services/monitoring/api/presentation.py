"""Rows as the API shows them: camelCase names, and a rule with its sentence."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from contracts.afspraken import Anker, GeenAfspraken, Initiatief, RuleBook, local_date
from services.monitoring.domain import Casusregels
from services.monitoring.domain.initiatief import choose
from services.runtime.unit.decision import JsonObject


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


def initiatief_on(casus: JsonObject, initiatieven: Sequence[Initiatief], op: datetime) -> Initiatief | None:
    """Whose initiative a coercive measure is at this moment, as far as the read tables tell what happened."""
    happened = [(Anker.MELDING_ONTVANGEN, _moment(casus["melding_ontvangen_op"]))]
    overdrachten = casus["overdracht"]
    assert isinstance(overdrachten, list)
    for overdracht in overdrachten:
        assert isinstance(overdracht, dict)
        returned = (_moment(overdracht[name]) for name in ("teruggekoppeld_op", "geweigerd_op", "ingetrokken_op"))
        if all(back is None or back > op for back in returned):
            happened.append((Anker.OVERDRACHT_AFGELEVERD, _moment(overdracht["afgeleverd_op"])))
    return choose([(anker, at) for anker, at in happened if at is not None], initiatieven, op)


def _moment(value: JsonValue) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


class Verwijzer:
    """Finds the sentence behind a rule id, in the agreements of the case."""

    def __init__(self, rule_book: RuleBook) -> None:
        self._rule_book = rule_book
        self._found: dict[int, Casusregels] = {}

    def regel(self, casus: JsonObject, regel_id: JsonValue) -> JsonObject | None:
        """The rule with its label, source and reading, or None where there is no such rule."""
        regels = None if regel_id is None else self._regels(casus)
        if regels is None:
            return None
        regel = regels.regel(str(regel_id))
        if regel is None:
            return {"id": str(regel_id)}
        bron = {"document": regel.bron.document, "paragraaf": regel.bron.paragraaf, "citaat": regel.bron.citaat}
        return {"id": regel.id, "label": regel.label, "bron": {**bron}, "lezing": regel.lezing}

    def label(self, casus: JsonObject, regel_id: JsonValue) -> str:
        """What the rule is called, for people to read; its id where the agreements of the case do not have it."""
        regel = self.regel(casus, regel_id)
        return "–" if regel is None else str(regel.get("label") or regel["id"])

    def initiatieven(self, casus: JsonObject) -> tuple[Initiatief, ...]:
        """What the agreements of this case say about who takes the initiative."""
        regels = self._regels(casus)
        return () if regels is None else regels.afspraken.initiatieven

    def _regels(self, casus: JsonObject) -> Casusregels | None:
        if casus["melding_ontvangen_op"] is None:
            return None
        on = local_date(datetime.fromisoformat(str(casus["melding_ontvangen_op"])))
        try:
            afspraken = self._rule_book.for_case(regio=str(casus["regio"]), gemeente=str(casus["gemeente"]), on=on)
        except GeenAfspraken:
            return None
        found = self._found.get(id(afspraken))
        if found is None or found.afspraken is not afspraken:
            found = self._found[id(afspraken)] = Casusregels.of(afspraken)
        return found
