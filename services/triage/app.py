"""Where triage is put together."""

from fastapi import FastAPI

from contracts.messages.topics import Service
from services.runtime.access.letter_box import Brievenbus
from services.runtime.access.sealing import blind_index
from services.runtime.http.reading import Inkijk
from services.runtime.running import Deps, ServiceApp
from services.runtime.settings import read_settings
from services.runtime.unit.decision import ServiceDefinition
from services.runtime.unit.hub import Hub
from services.triage.adapters import PostgresQueries
from services.triage.api import build_api
from services.triage.domain.casus import Casus
from services.triage.domain.kader import Kader
from services.triage.handlers import PASSED_OVER, Handlers, project
from services.triage.ports import rows
from services.triage.settings import PREFIX, TriageSettings
from services.triage.subscribers import bind


def build(deps: Deps, settings: TriageSettings | None = None) -> ServiceApp[Casus]:
    """Triage as a process runs it."""
    brievenbus = Brievenbus(deps.master)
    kader = Kader(
        rule_book=deps.rule_book,
        register=deps.register,
        grenzen=(settings or read_settings(TriageSettings, prefix=PREFIX)).grenzen(),
        blind=lambda text: blind_index(deps.master, text),
        open_offered=brievenbus.open,
        prove=deps.master.token_of,
    )

    def api(hub: Hub[Casus]) -> FastAPI:
        return build_api(
            hub,
            kader=kader,
            queries=PostgresQueries(hub.pool),
            inkijk=Inkijk(hub, deps.master),
            sleutel=brievenbus.public_jwk,
            verifier=deps.toegang,
            public_url=deps.public_url,
        )

    return ServiceApp(
        definition=ServiceDefinition(
            service=Service.TRIAGE,
            state=Casus,
            handle=Handlers(kader),
            project=project,
            tables=rows.TABLES,
            passes_over=PASSED_OVER,
        ),
        bind=bind,
        build_api=api,
        migrations="services.triage.migrations",
    )
