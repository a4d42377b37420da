"""`houvast demo`: three weeks in the life of sixteen gemeenten, on the real hub, in about a minute."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

SPEED = 34_000.0
"""Seconds of the demo per real second, at most: three weeks in just under a minute."""


FOLDER = Path(".houvast/demo")


def demo(
    snelheid: Annotated[
        float, typer.Option(help="Hoogstens zoveel seconden van de demo per echte seconde.", min=1, max=60_000)
    ] = SPEED,
    data: Annotated[
        Path | None, typer.Option(help=f"Nieuwe of lege map; zonder: {FOLDER}, die elke keer opnieuw begint.")
    ] = None,
    rondkijken: Annotated[
        bool | None,
        typer.Option(
            help="Blijf na afloop draaien, met een inloglink; zonder keuze: in een terminal.", show_default=False
        ),
    ] = None,
) -> None:
    """Zestig verzonnen meldingen, van maandag 2 maart 2026 09:00 tot en met drie weken later.

    Eén gemeente bevestigt nooit, één endpoint ligt twee dagen plat, één melding komt dubbel, één overdrachtsdocument is
    onvolledig, één melder blijft anoniem bij een gesloten gezin, twee meldingen komen van het meldpunt. Aan het eind een
    overzicht per overdracht, de mails en kaarten, en of de beloften G1–G4 en G10 op deze gegevens gehouden zijn (anders is de
    afloopcode 1). Op een trage machine duurt het langer; het verhaal blijft hetzelfde.
    """
    from lab.demo.uitvoering import DataNotEmpty
    from lab.stack import AlreadyRunning
    from services.runtime.http import PortUnavailable
    from services.runtime.process.starting import ServerStartError

    look_around = sys.stdin.isatty() and sys.stdout.isatty() if rondkijken is None else rondkijken
    try:
        kept = asyncio.run(_play(data, speed=snelheid, look_around=look_around))
    except (AlreadyRunning, DataNotEmpty, PortUnavailable, ServerStartError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGTERM) from None
    raise typer.Exit(0 if kept else 1)


async def _play(data: Path | None, *, speed: float, look_around: bool) -> bool:
    from lab.demo.rondkijken import clear_former
    from lab.demo.uitvoering import play

    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # what was started is stopped too
    if data is None:
        await clear_former(FOLDER)
    return await play(data or FOLDER, speed=speed, look_around=look_around)
