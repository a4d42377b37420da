"""Which secrets a register refers to, and for whom: so that what is missing can be told before anybody waits for it."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from contracts.messages.adressen import GEHEIMVERWIJZING
from contracts.register.register import Register


def find_verwijzingen(register: Register) -> Mapping[str, tuple[str, ...]]:
    """Every reference (`env:NAME`, `file:PATH`), with the names of the organisations that need it."""
    found: dict[str, dict[str, None]] = {}
    for organisatie in (*register.entries(), *register.partijen()):
        for verwijzing in _in_model(organisatie):
            found.setdefault(verwijzing, {})[organisatie.naam] = None
    return {verwijzing: tuple(names) for verwijzing, names in found.items()}


def _in_model(value: object) -> Iterator[str]:
    match value:
        case BaseModel():
            for _, inner in value:
                yield from _in_model(inner)
        case tuple():
            for inner in value:  # pyright: ignore[reportUnknownVariableType]  of whatever a model holds
                yield from _in_model(inner)  # pyright: ignore[reportUnknownArgumentType]  idem
        case str() if GEHEIMVERWIJZING.matches(value):
            yield value
        case _:
            pass
