"""What the queries of triage find of earlier cases, in the memory of a test."""

from typing import Any

from services.triage.domain.casus import Fase
from services.triage.domain.huishouden import Gevonden, Sleutels


def find_earlier(store: Any, sleutels: Sleutels) -> tuple[Gevonden, ...]:
    """The cases under the keys that are looked for, each with those by which it was found."""
    found: dict[Any, set[str]] = {}
    for key in sleutels.gezocht:
        for casus_id in store.tables.references.get(("huishouden", key), ()):
            found.setdefault(casus_id, set()).add(key)
    lopend = {str(row["casus_id"]) for row in store.view("melding") if row["status"] != Fase.GEEN_VERVOLG.value}
    return tuple(Gevonden(casus_id, keys, loopt=str(casus_id) in lopend) for casus_id, keys in found.items())
