"""What the zaaksystemen of the sandbox remember over a restart. What was in a document is not kept."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, ValidationError

from services.runtime.unit.decision import JsonObject


class _Regel(BaseModel):
    gemeente: str
    verzameling: str
    op: AwareDatetime
    bron: Annotated[dict[str, JsonValue], Field(min_length=1)]


class ZgwGeheugen:
    """A file to which lines are added. A half last line, of a process that was killed, counts as not written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, gemeente: str) -> Iterator[tuple[str, JsonObject, datetime]]:
        """What one gemeente has: the collection, what is in it and since when, in order."""
        lines = self._path.read_bytes().split(b"\n") if self._path.exists() else []
        for line in lines:
            try:
                regel = _Regel.model_validate_json(line)
            except ValidationError:
                continue
            if regel.gemeente == gemeente:
                yield regel.verzameling, regel.bron, regel.op

    def made(self, gemeente: str, verzameling: str, bron: JsonObject, *, op: datetime) -> None:
        """Remember that it was made."""
        bare = {name: value for name, value in bron.items() if name != "inhoud"}
        regel = _Regel(gemeente=gemeente, verzameling=verzameling, op=op, bron=bare)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(b"\n" + regel.model_dump_json().encode())
