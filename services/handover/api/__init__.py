"""The HTTP interface of handover, in Dutch, by the NL API Design Rules."""

import re

from fastapi import FastAPI

from services.handover.api import (
    bevestigen,
    bijlagen,
    brieven,
    documentblad,
    leeslink,
    notificaties,
    overdrachten,
    retour,
    samenwerken,
)
from services.handover.api.balie import BASE_PATH, Balie
from services.handover.api.bevestigen import Bevestigbalie
from services.handover.api.bijlagen import Bijlagebalie, Bijlagekamer
from services.handover.api.brieven import Briefbalie, Briefkamer
from services.handover.api.documentblad import Documentblad
from services.handover.api.endpoints import add_endpoints
from services.handover.api.formulieren import Formulierbalie
from services.handover.api.leeslink import Leesbalie
from services.handover.api.linkdeur import Linkdeur
from services.handover.api.notificaties import Notificatiebalie
from services.handover.api.overdrachten import Inzage
from services.handover.api.retour import Retourbalie
from services.handover.api.samenwerken import Samenwerkbalie
from services.handover.domain.casus import Casus
from services.handover.domain.kader import Kader
from services.handover.domain.retour import reference_of
from services.handover.ports import Bijlageopslag, Brieven, Queries
from services.runtime.access.tokens import Verifier
from services.runtime.http import bounces, create_api
from services.runtime.http.bounces import Postbus
from services.runtime.http.forms import add_forms
from services.runtime.http.provided import add_routes, provide
from services.runtime.http.reading import Inkijk
from services.runtime.outbound.bounces import ReturnAddress
from services.runtime.unit.hub import Hub

VERSION = "1.0.0"
_STREAMS = re.compile(r"/casussen/[^/]+/bijlagen")
"""Where a file comes in."""


def build_api(  # noqa: PLR0913  everything it is put together from
    hub: Hub[Casus],
    *,
    kader: Kader,
    queries: Queries,
    inkijk: Inkijk,
    opslag: Bijlageopslag,
    drukker: Brieven,
    verifier: Verifier,
    public_url: str = "",
    return_address: ReturnAddress | None = None,
) -> FastAPI:
    """The app that serves `/overdracht/v1`."""
    api = create_api(
        title="Houvast overdracht",
        version=VERSION,
        description=(
            "Overdrachten aan gemeenten en andere partijen, en hun vier ontvangsten: afgeleverd, ontvangen, opgepakt, "
            "terug."
        ),
        base_path=BASE_PATH,
        name="handover",
        verifier=verifier,
        public_url=public_url,
        streams=_STREAMS,
    )
    briefkamer = Briefkamer(kader=kader, queries=queries, inkijk=inkijk, brieven=drukker, klok=hub.klok)
    deur = Linkdeur(hub, kader=kader, queries=queries)
    bijlagekamer = Bijlagekamer(queries, inkijk, opslag)
    provide(
        api,
        Balie(hub),
        Inzage(kader, queries, briefkamer, hub.klok),
        Briefbalie(briefkamer),
        Documentblad(kader, briefkamer),
        Bijlagebalie(hub, kader=kader, inkijk=inkijk, opslag=opslag, brieven=briefkamer, kamer=bijlagekamer),
        Bevestigbalie(deur),
        Leesbalie(deur, kader=kader, brieven=briefkamer, bijlagen=bijlagekamer),
        Notificatiebalie(hub, kader),
        Postbus(hub, return_address, reference_of),
        Retourbalie(hub, kamer=briefkamer, queries=queries, inkijk=inkijk),
        Samenwerkbalie(hub, queries, kader=kader),
    )
    add_routes(
        api,
        overdrachten.router,
        brieven.router,
        documentblad.router,
        bijlagen.router,
        bevestigen.router,
        leeslink.router,
        notificaties.router,
        bounces.router,
        retour.router,
        samenwerken.router,
    )
    add_endpoints(api, hub, queries, kader.register)
    desk = Formulierbalie(kader, queries, briefkamer, hub.klok)
    add_forms(api, base_path=BASE_PATH, desk=desk, register=kader.register, klok=hub.klok)
    return api
