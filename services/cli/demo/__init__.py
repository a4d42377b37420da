"""`houvast demo`: three weeks in the life of sixteen gemeenten, on the real hub, in about a minute."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

SPEED = 34_000.0
"""Seconds of the demo per real second: three weeks in just under a minute."""


def demo(
    snelheid: Annotated[float, typer.Option(help="Seconden van de demo per echte seconde.", min=1, max=60_000)] = SPEED,
    data: Annotated[
        Path | None, typer.Option(help="Nieuwe of lege map; zonder: een map die na afloop verdwijnt.")
    ] = None,
) -> None:
    """Zestig verzonnen meldingen, van maandag 2 maart 2026 09:00 tot en met drie weken later.

    Eén gemeente bevestigt nooit, één endpoint ligt twee dagen plat, één melding komt dubbel, één overdrachtsdocument is
    onvolledig, één melder blijft anoniem bij een gesloten gezin, twee meldingen komen van het meldpunt. Aan het eind een
    overzicht per overdracht, de mails en kaarten, en of de beloften G1–G4 op deze gegevens gehouden zijn (anders is de
    afloopcode 1).
    """
    from services.cli.demo.uitvoering import DataNotEmpty, play
    from services.runtime.http import PortUnavailable
    from services.runtime.local_server import ServerStartError

    try:
        if data is not None:
            kept = asyncio.run(play(data, speed=snelheid))
        else:
            with tempfile.TemporaryDirectory(prefix="houvast-demo-") as folder:
                kept = asyncio.run(play(Path(folder) / "data", speed=snelheid))
    except (DataNotEmpty, PortUnavailable, ServerStartError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if kept else 1)
