"""The composition root of the notifier."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from fastapi import FastAPI

from contracts.messages.notifier import Notificatiekanaal
from contracts.messages.topics import Service
from services.notifier.adapters import Bezorger, BodenProefpost, MailBode, PostgresQueries, RegisterMensen, TeamsBode
from services.notifier.adapters.sjablonen import Sjablonen
from services.notifier.api import build_api
from services.notifier.domain import Casus, Schema, case_of_proef
from services.notifier.handlers import Handlers, project
from services.notifier.handlers.commands import KeepProef
from services.notifier.ports import Bode, rows
from services.notifier.settings import PREFIX, NotifierSettings
from services.notifier.subscribers import bind
from services.runtime.outbound.mail import MailRelay, return_address_of
from services.runtime.outbound.network import Uitgang, open_client
from services.runtime.outbound.teams import TeamsWorkflow, allowed_hosts
from services.runtime.running import Deps, ServiceApp
from services.runtime.settings import read_settings
from services.runtime.unit.decision import Incoming, ServiceDefinition
from services.runtime.unit.hub import Hub


def build(deps: Deps) -> ServiceApp[Casus]:
    """The notifier, over the register, the mail relay and the secrets that it is given."""
    settings = read_settings(NotifierSettings, prefix=PREFIX)
    mensen = RegisterMensen(deps.register, deps.rule_book)
    sjablonen = Sjablonen(deps.public_url)
    client = open_client(Uitgang(), timeout_seconds=settings.attempt_seconds)
    smtp = deps.settings.smtp
    return_address = return_address_of(smtp, deps.master.token_of)
    relay = (
        None
        if smtp is None
        else MailRelay(
            smtp, secret=deps.secret, timeout_seconds=settings.attempt_seconds, return_address=return_address
        )
    )
    workflow = TeamsWorkflow(
        client,
        klok=deps.klok,
        secret=deps.secret,
        allowed=allowed_hosts(settings.teams_hosts),
        local=not deps.settings.production,
    )
    boden: Mapping[Notificatiekanaal, Bode] = {
        Notificatiekanaal.E_MAIL: MailBode(relay, sjablonen=sjablonen, klok=deps.klok),
        Notificatiekanaal.TEAMS: TeamsBode(workflow, sjablonen=sjablonen),
    }
    definition = ServiceDefinition(
        service=Service.NOTIFIER,
        state=Casus,
        handle=Handlers(mensen, _schema(settings), settings.bundeling, ritme=settings.proefritme),
        project=project,
        tables=rows.TABLES,
        performers={
            kanaal.value: Bezorger(kanaal, bode, adresboek=mensen, klok=deps.klok) for kanaal, bode in boden.items()
        },
        opens_sealed=False,
    )

    def api(hub: Hub[Casus]) -> FastAPI:
        return build_api(
            hub,
            PostgresQueries(hub.pool),
            BodenProefpost(boden, adresboek=mensen, klok=deps.klok),
            register=deps.register,
            verifier=deps.toegang,
            return_address=return_address,
            public_url=deps.public_url,
        )

    return ServiceApp(
        definition=definition,
        bind=bind,
        build_api=api,
        migrations="services.notifier.migrations",
        close=client.aclose,
        begin=keep_trying,
    )


async def keep_trying(hub: Hub[Casus]) -> None:
    """Every channel is tried by the clock from here on, also where it was not yet, or not as often."""
    for kanaal in Notificatiekanaal:
        await hub.submit(Incoming(uuid4(), case_of_proef(kanaal), KeepProef(kanaal)))


def _schema(settings: NotifierSettings) -> Schema:
    return Schema(
        first=timedelta(seconds=settings.first_wait_seconds),
        longest=timedelta(seconds=settings.longest_wait_seconds),
        persist=settings.persist,
    )
