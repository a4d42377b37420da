"""What the tests of services share: a database as the migrations leave it, which have tests of their own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.fixtures.apart import run_apart
from tests.fixtures.postgres import database_on

if TYPE_CHECKING:
    from services.runtime.database.server import RunningDatabase


@pytest.fixture(scope="session")
def migrated(database: "RunningDatabase") -> Iterator[str]:
    """The name of a database in which every service ran its migrations, and nothing else."""
    with database_on(database.url) as url:
        run_apart(_migrate(url))
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture
def fresh_database(database: "RunningDatabase", migrated: str) -> Iterator[str]:
    """The URL of a database with nothing in its tables: a service that starts on it finds that all of them are there."""
    with database_on(database.url, like=migrated) as url:
        yield url


async def _migrate(url: str) -> None:
    import asyncpg

    from contracts.messages.topics import Service
    from services.runtime.database.migrate import migrate
    from services.runtime.database.shared import migrate_gedeeld

    connection = await asyncpg.connect(url)
    try:
        await migrate_gedeeld(connection)
        for name in (service.value for service in Service):
            own = (name, f"services.{name}.migrations")
            await migrate(connection, name, [("runtime", "services.runtime.database.migrations.dienst"), own])
    finally:
        await connection.close()
