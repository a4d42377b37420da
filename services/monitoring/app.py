"""The composition root of monitoring."""

from fastapi import APIRouter, FastAPI

from contracts.messages.topics import JUDGES, Service
from services.monitoring.adapters import (
    PostgresBord,
    PostgresCijfers,
    PostgresQueries,
    RegisterPartijen,
    VerzegeldeNamen,
)
from services.monitoring.api import build_api, build_casusblad, build_pages
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.handlers import Handlers, project
from services.monitoring.ports import rows
from services.monitoring.subscribers import bind
from services.runtime.access.opening import SealedRows
from services.runtime.running import Deps, ServiceApp
from services.runtime.unit.decision import ServiceDefinition
from services.runtime.unit.hub import Hub


def build(deps: Deps) -> ServiceApp[Toezicht]:
    """Monitoring, over the rules and the register that it is given."""
    definition = ServiceDefinition(
        service=Service.MONITORING,
        state=Toezicht,
        handle=Handlers(deps.rule_book, RegisterPartijen(deps.register)),
        project=project,
        tables=rows.TABLES,
        must_hear=JUDGES[Service.MONITORING],
    )

    def api(hub: Hub[Toezicht]) -> FastAPI:
        return build_api(
            hub,
            PostgresQueries(hub.pool),
            PostgresCijfers(hub.pool),
            VerzegeldeNamen(SealedRows(hub.pool, deps.master)),
            rule_book=deps.rule_book,
            register=deps.register,
            partijen=RegisterPartijen(deps.register),
            verifier=deps.toegang,
            public_url=deps.public_url,
        )

    def pages(hub: Hub[Toezicht]) -> APIRouter:
        router = build_pages(
            PostgresBord(hub.pool),
            PostgresCijfers(hub.pool),
            VerzegeldeNamen(SealedRows(hub.pool, deps.master)),
            klok=hub.klok,
            register=deps.register,
            rule_book=deps.rule_book,
        )
        router.include_router(
            build_casusblad(
                PostgresQueries(hub.pool),
                RegisterPartijen(deps.register),
                VerzegeldeNamen(SealedRows(hub.pool, deps.master)),
                klok=hub.klok,
                register=deps.register,
                rule_book=deps.rule_book,
            )
        )
        return router

    return ServiceApp(
        definition=definition,
        bind=bind,
        build_api=api,
        build_pages=pages,
        migrations="services.monitoring.migrations",
    )
