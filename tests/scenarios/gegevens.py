"""The bodies of the requests in a story: the examples of `deploy/voorbeeld`, for households that do not exist."""

import json
from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from typing import Any

from pydantic.alias_generators import to_camel

from contracts.afspraken import Triagefeit
from contracts.messages.identifiers import derived_id
from services.cli.ground import DEPLOY
from tests.scenarios.vertelling import KloptNiet

Inhoud = dict[str, Any]

PROFESSIONAL = {"naam": "Robin Verzonnen", "functie": "professional"}


@cache
def _voorbeeld(name: str) -> Inhoud:
    found: Inhoud = json.loads((DEPLOY / "voorbeeld" / f"{name}.json").read_text("utf-8"))
    return found


def voorbeeld(name: str, **changes: Any) -> Inhoud:
    """A body of `deploy/voorbeeld` with these fields in the place of its own; `None` leaves one out."""
    changed = deepcopy(_voorbeeld(name)) | changes
    return {key: value for key, value in changed.items() if value is not None}


def huishouden(name: str) -> Inhoud:
    """The people and the address of a household, the same for the same name and shared with no other."""
    number = derived_id("huishouden", name).int % 10**9
    adres = {"straat": "Verzonnen Straat", "huisnummer": str(number), "postcode": "4899 ZZ", "plaats": "Nergens"}
    betrokkenen = [
        {"naam": f"Ouder {number}", "rol": "ouder", "geboortedatum": "1989-04-17", "telefoon": "06-00000001"},
        {"naam": f"Kind {number}", "rol": "kind", "geboortedatum": "2013-06-09"},
    ]
    return {"betrokkenen": [{**betrokkene, "adres": adres} for betrokkene in betrokkenen], "adres": adres}


def feiten(sentences: Iterable[str]) -> dict[str, bool]:
    """Facts by their name in the glossary with spaces: `ernstig letsel`, or `niet: ernstig letsel`."""
    found: dict[str, bool] = {}
    for sentence in sentences:
        name = sentence.removeprefix("niet: ").replace(" ", "_")
        if name not in set(Triagefeit):
            known = ", ".join(feit.value.replace("_", " ") for feit in Triagefeit)
            raise KloptNiet(f"{sentence!r} is geen feit uit de begrippenlijst; die kent {known}")
        found[to_camel(name)] = not sentence.startswith("niet: ")
    return found


def document(name: str, missend: Iterable[str] = ()) -> Inhoud:
    """A complete overdrachtsdocument of an example, without these fields."""
    found: Inhoud = voorbeeld(name)["overdrachtsdocument"]
    for field in missend:
        if field not in found:
            raise KloptNiet(f"{field!r} is geen veld van het overdrachtsdocument")
        del found[field]
    return found
