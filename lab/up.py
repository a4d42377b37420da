"""`houvast up`: the whole hub on this machine."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.messages.topics import Service

if TYPE_CHECKING:
    from services.runtime.settings import Settings

BROKER_HELP = "embedded, local (Apache Kafka, vraagt Java 17 en Maven) of adressen zoals kafka:9092."
DATABASE_HELP = "embedded, of de URL van een PostgreSQL (15 of nieuwer)."


def up(
    broker: Annotated[str | None, typer.Option(help=BROKER_HELP)] = None,
    database: Annotated[str | None, typer.Option(help=DATABASE_HELP)] = None,
    data: Annotated[Path | None, typer.Option(help="Map waarin alles bewaard wordt.")] = None,
    register: Annotated[Path | None, typer.Option(help="Het register van gemeenten (TOML).")] = None,
    port: Annotated[int | None, typer.Option(help="Poort van Houvast; 0 kiest een vrije.")] = None,
) -> None:
    """Start alles op deze machine en toon de adressen. Stoppen: Ctrl-C. De toestand blijft bewaard.

    Een andere tijd dan nu: HOUVAST_CLOCK=2026-03-02T09:00+01:00@3600 (begin, en seconden per seconde).
    """
    import uvloop

    from lab.stack import AlreadyRunning
    from services.cli.geheimen import check_own_secrets
    from services.cli.ground import UNREACHED, open_logbook, read_register, secrets_of, settings_of
    from services.runtime.database.shared import KlokTerug
    from services.runtime.http import PortUnavailable
    from services.runtime.process.logging import configure_logging
    from services.runtime.process.starting import ServerStartError
    from services.runtime.settings import load_settings

    settings = load_settings(
        broker=broker,
        database=database,
        data_dir=data,
        register=register,
        port=port,
        services=settings_of(Service),
    )
    read_register(settings.register, variables=UNREACHED)  # what is wrong in it is told before anything is started
    check_own_secrets(settings, secrets_of(settings))
    configure_logging(settings.log_level, stream=open_logbook(settings.data_dir))
    try:
        uvloop.run(_serve(settings))
    except (AlreadyRunning, KlokTerug, PortUnavailable, ServerStartError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def stop_asked() -> asyncio.Event:
    """Set by Ctrl-C, and by whoever ends the process kindly."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _serve(settings: "Settings") -> None:
    from lab.stack import running_stack

    stop = stop_asked()
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with running_stack(settings, tell=lambda what: typer.echo(f"… {what}", err=True)) as hub:
        link = await hub.login_link()
        typer.echo(
            f"""
Houvast draait ({loop.time() - started:.1f} s)
  regiebord     {hub.address}/
  inloggen      {link}   (eenmalig, een uur geldig)
  API           {hub.address}/triage/v1/openapi.json · overdracht · monitoring · notificaties
  gezondheid    {hub.address}/gezond/klaar · {hub.address}/metrics
  sandbox       {hub.address}/sandbox/   (gemeenten, mail en Teams)
  Kafka         {hub.bootstrap} ({hub.broker_kind})
  gegevens      {hub.data_dir}   (logboek: houvast.log)
  klok          {hub.klok.now():%Y-%m-%d %H:%M} UTC

Een token voor een partij: houvast token veilig-thuis-west-brabant --data {hub.data_dir}
Stoppen: Ctrl-C
"""
        )
        await stop.wait()
        typer.echo("Houvast stopt …", err=True)
    typer.echo("Houvast is gestopt; alles is bewaard.", err=True)
