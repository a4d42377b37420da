"""`houvast herstel`: send every event again, after a Kafka cluster was lost."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from contracts.messages.moment import EARLIEST, LATEST
from contracts.messages.topics import Service
from services.cli.reach import reached_database
from services.runtime.settings import Settings, load_settings


def herstel(
    sinds: Annotated[
        datetime | None,
        typer.Option(help="Alleen wat vanaf dit moment (zonder tijdzone: UTC) gemaakt is; zonder: alles."),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Map van `houvast up`.")] = None,
    database: Annotated[str | None, typer.Option(help="URL van de database.")] = None,
) -> None:
    """Bied alle gebeurtenissen opnieuw aan Kafka aan. Niets gebeurt dubbel: wie een gebeurtenis al had, slaat haar over."""
    settings = load_settings(data_dir=data, database=database)
    number = asyncio.run(_republish(settings, None if sinds is None else _moment(sinds)))
    typer.echo(f"{number} gebeurtenis(sen) worden opnieuw verzonden zodra de diensten draaien.", err=True)


def _moment(told: datetime) -> datetime:
    """In the zone that was told, or else in UTC. Raises `BadParameter` for a year that no calendar holds."""
    moment = told if told.tzinfo is not None else told.replace(tzinfo=UTC)
    if not EARLIEST <= moment < LATEST:
        raise typer.BadParameter(f"--sinds ligt niet tussen {EARLIEST.year} en {LATEST.year}")
    return moment


async def _republish(settings: Settings, since: datetime | None) -> int:
    number = 0
    async with reached_database(settings) as connection:
        for service in Service:
            schema = service.value
            if not await connection.fetchval("select to_regclass($1)", f"{schema}.outbox"):
                continue
            done = await connection.execute(
                f"insert into {schema}.te_verzenden select positie from {schema}.outbox"  # noqa: S608  a service
                " where $1::timestamptz is null or gemaakt_op >= $1::timestamptz on conflict do nothing",
                since,
            )
            number += int(done.rpartition(" ")[2])
            await connection.execute("update houvast.watermerk set einden = '{}' where zender = $1", schema)
            await connection.execute("select pg_notify($1, 'outbox')", f"houvast_{schema}")
    return number
