"""`houvast schemas …`: write, check and release the machine-readable contracts in `contracts/schemas`."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.schemas import files

app = typer.Typer(
    help="De schema's van gebeurtenissen en API's: schrijven, controleren, vrijgeven.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Option("--folder", help="Map met de schema's.")]


@app.command()
def write(folder: Folder = files.SCHEMAS) -> None:
    """Schrijf alle schema's opnieuw uit de contracten."""
    changed = files.write(folder)
    _print(changed)
    counted = "1 bestand" if len(changed) == 1 else f"{len(changed)} bestanden"
    typer.echo(f"{counted} bijgewerkt." if changed else "Alles was al bijgewerkt.")


@app.command()
def check(folder: Folder = files.SCHEMAS) -> None:
    """Controleer of de schema's kloppen met de contracten en niets breken dat is vrijgegeven."""
    problems = [*files.differences(folder), *files.broken_promises(folder)]
    if problems:
        _print(problems)
        typer.echo("Werk de schema's bij met: houvast schemas write", err=True)
        raise typer.Exit(1)
    typer.echo("De schema's kloppen.")


@app.command()
def release(folder: Folder = files.SCHEMAS) -> None:
    """Leg de schema's van nu vast als belofte; vanaf nu mag niets ervan breken."""
    problems = files.broken_promises(folder)
    if problems:
        _print(problems)
        typer.echo("Wat is vrijgegeven blijft gelden: maak een nieuwe versie van de gebeurtenis.", err=True)
        raise typer.Exit(1)
    files.release(folder)
    typer.echo("Vrijgegeven.")


def _print(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line, err=True)
