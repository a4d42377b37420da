"""Each service its own role: it reads and writes its own schema and the runtime's, and nobody else's."""

import asyncpg
import structlog

from services.runtime.database.connection import Session

log = structlog.get_logger(__name__)

SHARED_SCHEMA = "houvast"


async def ensure_role(connection: Session, schema: str) -> str | None:
    """The role of the service that owns `schema`, made when it is not there yet.

    None where the database user may not make roles; then whoever runs the database separates the services.
    """
    role = f"houvast_{schema}"
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtextextended('houvast-rollen', 0))")
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                await connection.execute(f'create role "{role}" nologin')
            await connection.execute(f'grant "{role}" to current_user')
            for granted in (schema, SHARED_SCHEMA):
                await connection.execute(f'grant usage on schema "{granted}" to "{role}"')
                await connection.execute(
                    f'grant select, insert, update, delete on all tables in schema "{granted}" to "{role}"'
                )
            await connection.execute(f'grant usage, select on all sequences in schema "{schema}" to "{role}"')
            await connection.execute(f'revoke update, delete on "{schema}".journaal from "{role}"')
            await connection.execute(f'revoke insert, update, delete on "{SHARED_SCHEMA}".registerversie from "{role}"')
    except asyncpg.InsufficientPrivilegeError:
        log.warning("role_not_made", rol=role)
        return None
    return role
