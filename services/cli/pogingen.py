"""`houvast gemeente pogingen`: every attempt to deliver, with what went, what came back and how long it took."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.cli.tabel import print_table
from services.runtime.unit.in_words import show_second

if TYPE_CHECKING:
    from services.runtime.settings import Settings
    from services.runtime.unit.attempts import Tried


async def load_pogingen(settings: "Settings", wat: str, *, aantal: int) -> "Sequence[Tried]":
    """The latest attempts for an overdracht (by its id) or a destination, oldest first."""
    from services.cli.reach import reached_database
    from services.runtime.unit.attempts import latest_attempts

    async with reached_database(settings) as connection:
        await connection.execute("set search_path to handover")
        return list(reversed(await latest_attempts(connection, wat, number=aantal)))


def print_pogingen(rows: "Sequence[Tried]") -> None:
    print_table(
        "Pogingen, oudste eerst",
        ("Moment", "Bestemming", "Poging", "Uitkomst", "Ging mee", "Kwam terug", "Duur"),
        [_cells(row) for row in rows],
        right={"Poging", "Duur"},
    )


def _cells(row: "Tried") -> tuple[str, ...]:
    return (
        show_second(row.at),
        f"{row.destination} ({row.kind})",
        str(row.number),
        row.outcome,
        row.sent,
        row.answer,
        "" if row.duration_ms is None else f"{row.duration_ms} ms",
    )
