"""The state of a case as it was written last, for judging what can be done; not for showing."""

from typing import TypeVar
from uuid import UUID

from services.runtime.database.connection import Connection
from services.runtime.unit.store import adapter_of

S = TypeVar("S")


async def read_state(connection: Connection, kind: type[S], casus_id: UUID) -> S | None:
    """None where this service has none; the search path is its schema."""
    found = await connection.fetch("select toestand from aggregaat where casus_id = $1", casus_id)
    return adapter_of(kind).validate_json(found[0]["toestand"]) if found else None
