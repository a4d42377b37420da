"""What stands beside the APIs on the same port: health, login and the pages of the services."""

import httpx
from fastapi import FastAPI

from services.cli.ground import Running
from services.cli.people import scopes_of, today_by
from services.runtime.access.verifying import Access
from services.runtime.database.connection import Connection
from services.runtime.http import create_site, health_router, login_router
from services.runtime.http.beheer import register_router, tokens_router
from services.runtime.http.mensen import mensen_router
from services.runtime.http.signing_in import People, SigningIn
from services.runtime.outbound.network import Uitgang, open_client
from services.runtime.outbound.openid import TIMEOUT_SECONDS, OpenId, Provider
from services.runtime.process.probing import Check, Finding
from services.runtime.register import RegisterKeeper
from services.runtime.running import Deps

STUCK_AFTER_SECONDS = 300.0


def build_site(
    services: list[Running],
    deps: Deps,
    access: Access,
    connection: Connection,
    *,
    geheimen: Check,
    keeper: RegisterKeeper,
) -> FastAPI:
    """Pages and technical endpoints beside the APIs. A session that was begun over https stays there.

    `geheimen` looks whether the secrets of the hub are there: what is missing keeps nobody from calling.
    """
    site = create_site(name="site", verifier=access)
    live = {running.path: _liveness(running) for running in services}
    ready: dict[str, Check] = {running.path: running.process.look for running in services}
    ready["geheimen"] = geheimen
    ready["register"] = keeper.look
    site.include_router(health_router(live=live, ready=ready))
    signing_in = _signing_in(deps, connection)
    secure = deps.public_url.startswith("https://")
    site.include_router(signing_in.router())
    site.include_router(login_router(access, secure_cookie=secure, organisations=signing_in))
    site.router.routes.extend(tokens_router(connection, deps.wall, naam=deps.register.naam).routes)
    site.router.routes.extend(register_router(keeper, deps.klok).routes)
    site.router.routes.extend(mensen_router(keeper).routes)
    for running in services:
        if (build_pages := running.process.app.build_pages) is not None:
            site.include_router(build_pages(running.process.hub))
    return site


def _signing_in(deps: Deps, connection: Connection) -> SigningIn:
    """By the providers of the register, each reached as its organisation says."""

    def open_provider(provider: Provider) -> httpx.AsyncClient:
        return open_client(Uitgang(private_network=provider.private_network), timeout_seconds=TIMEOUT_SECONDS)

    people = People(register=lambda: deps.register, today=today_by(deps.klok), secret=deps.secret, scopes=scopes_of)
    openid = OpenId(open_provider, deps.wall)
    return SigningIn(people, openid, connection, deps.master, deps.wall, public_url=deps.public_url)


def _liveness(running: Running) -> Check:
    """Alive is whatever mends itself: only a loop that stays down asks for a new process."""

    async def check() -> Finding | None:
        stuck = running.process.supervisor.stuck(STUCK_AFTER_SECONDS)
        return Finding(f"loopt al lang niet: {', '.join(stuck)}") if stuck else None

    return check
