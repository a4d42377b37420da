"""`houvast leestabellen`: make what the pages and the API read anew, out of what is kept of every case."""

import asyncio
from typing import Annotated

import typer

from contracts.messages.topics import Service
from services.cli.dlq import DatabaseOption, DataOption, RegisterOption, load
from services.runtime.settings import Settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def leestabellen() -> None:
    """Wat de pagina's en de API lezen."""


@app.command()
def herbouw(
    dienst: Annotated[Service | None, typer.Argument(help="Zonder: alle vier.")] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    register: RegisterOption = None,
) -> None:
    """Maak de leestabellen opnieuw, terwijl de diensten doorwerken. Afgebroken? Dezelfde opdracht gaat verder."""
    settings = load(data, database, register)
    faults = [fault for service in ([dienst] if dienst else Service) for fault in _rebuild(service, settings)]
    for fault in faults:
        typer.echo(f"niet gemaakt: {fault}", err=True)
    if faults:
        typer.echo(f"{len(faults)} regel(s) zijn niet gemaakt; wat er stond is gebleven.", err=True)
        raise typer.Exit(1)


def _rebuild(service: Service, settings: Settings) -> list[str]:
    return asyncio.run(_run(service, settings))


async def _run(service: Service, settings: Settings) -> list[str]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from services.cli.bijspringen import service_beside
    from services.cli.ground import UNREACHED
    from services.cli.register_now import register_now
    from services.runtime.outbound.secrets import Geheimen

    register = await register_now(settings, variables=UNREACHED)
    secret = Geheimen(data_dir=settings.data_dir, variabelen=UNREACHED).resolve
    async with service_beside(service, settings, register, secret) as process:
        rebuild = process.rebuild
        await rebuild.begin()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns) as bar:
            task = bar.add_task(f"{service.value}: casussen", total=await rebuild.count_cases())
            while await rebuild.step():
                bar.update(task, completed=(await rebuild.progress()).done)
            bar.update(task, completed=(await rebuild.progress()).done)
        return [f"{service.value}, {fault}" for fault in (await rebuild.progress()).faults]
