"""Where handover is put together."""

from functools import partial

from fastapi import FastAPI

from contracts.messages.envelope import source_urn
from contracts.messages.handover import Kanaal
from contracts.messages.notifier import Notificatiekanaal
from contracts.messages.topics import Service
from contracts.register import Gemeente, Register
from services.handover.adapters import (
    Bevestigpagina,
    Endpoints,
    Leescodepost,
    MailAflevering,
    MailIntrekking,
    PostgresBijlagen,
    PostgresQueries,
    RestAflevering,
    TypstBrieven,
)
from services.handover.adapters.zgw import (
    Catalogi,
    Stukken,
    Verbinding,
    Zaaksystemen,
    ZgwAflevering,
    ZgwIntrekking,
    ZgwZaakstatus,
)
from services.handover.api import build_api
from services.handover.domain.casus import Casus
from services.handover.domain.kader import Kader, destination_of, intrekking_over
from services.handover.domain.leescode import LEESCODE
from services.handover.domain.zaakstatus import ZAAKSTATUS
from services.handover.handlers import PASSED_OVER, Handlers, project
from services.handover.ports import Bijlageopslag, Brieven, rows
from services.handover.settings import PREFIX, HandoverSettings
from services.handover.subscribers import bind
from services.runtime.http.reading import Inkijk
from services.runtime.outbound.mail import MailRelay, return_address_of
from services.runtime.outbound.network import Uitgang, open_client
from services.runtime.outbound.teams import TeamsWorkflow, allowed_hosts
from services.runtime.running import Deps, ServiceApp
from services.runtime.settings import SmtpSettings, read_settings
from services.runtime.unit.decision import ServiceDefinition
from services.runtime.unit.destinations import Tempo
from services.runtime.unit.hub import Hub


def build(deps: Deps, settings: HandoverSettings | None = None) -> ServiceApp[Casus]:
    """Handover as a process runs it."""
    chosen = settings or read_settings(HandoverSettings, prefix=PREFIX)
    rest = RestAflevering(
        Endpoints(secret=deps.secret, wall=deps.wall, timeout=chosen.timeout, at_once=chosen.tempo_tegelijk),
        register=deps.register,
        source=source_urn(deps.oin, Service.HANDOVER.value),
        klok=deps.klok,
        wall=deps.wall,
    )
    brieven, bijlagen = TypstBrieven(), PostgresBijlagen(deps.wall)
    zgw = _Zgw(deps, chosen, brieven, bijlagen)
    relay = _relay(deps, chosen)
    client = open_client(Uitgang(), timeout_seconds=chosen.timeout.total_seconds())
    workflow = TeamsWorkflow(
        client,
        klok=deps.klok,
        secret=deps.secret,
        allowed=allowed_hosts(chosen.teams_hosts),
        local=not deps.settings.production,
    )
    kanalen = frozenset(Notificatiekanaal) - (set() if relay else {Notificatiekanaal.E_MAIL})
    kader = Kader(
        rule_book=deps.rule_book,
        register=deps.register,
        herhaling=chosen.herhaling(),
        stagnatie=chosen.stagnatie(),
        moment_vooruit=chosen.moment_vooruit,
        kanalen=frozenset(Kanaal),
        derive_token=deps.master.token_of,
        public_url=deps.public_url.rstrip("/"),
        link_geldig=chosen.link_geldig,
        link_speling=chosen.link_speling,
        leescode=chosen.leescode(kanalen),
    )
    mail = MailAflevering(
        relay,
        register=deps.register,
        rule_book=deps.rule_book,
        brieven=brieven,
        pagina=Bevestigpagina(deps.public_url, deps.master.token_of),
        klok=deps.klok,
    )

    def api(hub: Hub[Casus]) -> FastAPI:
        bijlagen.attach(hub.pool)
        return build_api(
            hub,
            kader=kader,
            queries=PostgresQueries(hub.pool),
            opslag=bijlagen,
            inkijk=Inkijk(hub, deps.master),
            drukker=brieven,
            verifier=deps.toegang,
            public_url=deps.public_url,
            return_address=return_address_of(_smtp(deps), deps.master.token_of),
        )

    async def close() -> None:
        await rest.close()
        await zgw.aflevering.close()
        await client.aclose()

    return ServiceApp(
        definition=ServiceDefinition(
            service=Service.HANDOVER,
            state=Casus,
            handle=Handlers(kader),
            project=project,
            tables=rows.TABLES,
            passes_over=PASSED_OVER,
            performers={
                f"aflevering-{Kanaal.REST.value}": rest,
                f"aflevering-{Kanaal.ZGW.value}": zgw.aflevering,
                f"aflevering-{Kanaal.E_MAIL.value}": mail,
                ZAAKSTATUS: zgw.zaakstatus,
                LEESCODE: Leescodepost(
                    relay, workflow, register=deps.register, derive_token=deps.master.token_of, klok=deps.klok
                ),
                intrekking_over(Kanaal.REST): rest,
                intrekking_over(Kanaal.ZGW): zgw.intrekking,
                intrekking_over(Kanaal.E_MAIL): MailIntrekking(relay, register=deps.register, klok=deps.klok),
            },
            tempos=lambda: tempos_of(deps.register, usual=chosen.tempo()),
            breaker=chosen.breaker(),
        ),
        bind=bind,
        build_api=api,
        migrations="services.handover.migrations",
        close=close,
    )


def tempos_of(register: Register, *, usual: Tempo) -> dict[str, Tempo]:
    """How fast each endpoint of the register may be called, by the name of its destination."""
    tempos: dict[str, Tempo] = {}
    for receiver in register.receivers():
        teams = receiver.teams if isinstance(receiver, Gemeente) else ()
        for team in (None, *(team.code for team in teams)):
            for road in receiver.roads_for(team):
                asked = road.tempo
                name = destination_of(receiver, team, road.soort)
                tempos[name] = Tempo(asked.per_seconde or usual.per_second, asked.tegelijk or usual.at_once)
    return tempos


class _Zgw:
    """The errands at a zaaksysteem, over the same connections and with the same memory of zaaktypen."""

    def __init__(self, deps: Deps, settings: HandoverSettings, brieven: Brieven, bijlagen: Bijlageopslag) -> None:
        timeout = settings.timeout.total_seconds()
        zaaksystemen = Zaaksystemen(
            Verbinding(
                partial(open_client, timeout_seconds=timeout),
                secret=deps.secret,
                wall=deps.wall,
                timeout=timeout,
                at_once=settings.tempo_tegelijk,
            ),
            register=deps.register,
            secret=deps.secret,
            klok=deps.klok,
            catalogi=Catalogi(deps.wall),
        )
        stukken = Stukken(register=deps.register, rule_book=deps.rule_book, brieven=brieven, bijlagen=bijlagen)
        self.aflevering = ZgwAflevering(zaaksystemen, stukken=stukken)
        self.zaakstatus = ZgwZaakstatus(zaaksystemen)
        self.intrekking = ZgwIntrekking(zaaksystemen)


def _relay(deps: Deps, settings: HandoverSettings) -> MailRelay | None:
    """The mail relay that was set, if any."""
    smtp = _smtp(deps)
    if smtp is None:
        return None
    return MailRelay(
        smtp,
        secret=deps.secret,
        timeout_seconds=settings.timeout.total_seconds(),
        return_address=return_address_of(smtp, deps.master.token_of),
    )


def _smtp(deps: Deps) -> SmtpSettings | None:
    smtp: SmtpSettings | None = getattr(deps.settings, "smtp", None)
    return smtp
