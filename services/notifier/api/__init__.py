"""The HTTP side of the notifier: who was told what, and did it leave."""

from fastapi import FastAPI

from contracts.register import Register
from services.notifier.api import notificaties
from services.notifier.api.kanalen import add_kanalen
from services.notifier.api.notificaties import Inzage
from services.notifier.domain import Casus
from services.notifier.handlers import reference_of
from services.notifier.ports import Proefpost, Queries
from services.runtime.access.tokens import Verifier
from services.runtime.http import bounces, create_api
from services.runtime.http.bounces import Postbus
from services.runtime.http.provided import add_routes, provide
from services.runtime.outbound.bounces import ReturnAddress
from services.runtime.unit.hub import Hub

BASE_PATH = "/notificaties/v1"
VERSION = "1.0.0"


def build_api(
    hub: Hub[Casus],
    queries: Queries,
    proefpost: Proefpost,
    *,
    register: Register,
    verifier: Verifier,
    return_address: ReturnAddress | None = None,
    public_url: str = "",
) -> FastAPI:
    """The API of the notifier, under `/notificaties/v1`."""
    api = create_api(
        title="Houvast notificaties",
        version=VERSION,
        description="Wie in welke rol bericht kreeg, langs welk kanaal, en of het is verzonden.",
        base_path=BASE_PATH,
        name="notifier",
        verifier=verifier,
        public_url=public_url,
    )
    provide(api, Inzage(queries, register=register, klok=hub.klok), Postbus(hub, return_address, reference_of))
    add_routes(api, notificaties.router, bounces.router)
    add_kanalen(api, hub, queries, proefpost, register)
    return api
