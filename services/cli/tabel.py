"""Tables of the command line: as wide as the terminal for people, as wide as their values for whatever reads a pipe."""

import sys
from collections.abc import Collection, Iterable, Sequence

_WIDER_THAN_ANY_ROW = 100_000


def print_table(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[str] = ()
) -> None:
    """Print the rows under their headings; `right` are the headings of numbers.

    In a pipe or file every row is one line and no value is cut off or wrapped, whatever COLUMNS says. White space inside
    a value is one space.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(" ".join(value.split())) for value in row))
    Console(highlight=False, width=None if sys.stdout.isatty() else _WIDER_THAN_ANY_ROW).print(table)
