"""What stands beside the APIs on the same port: health, login and the pages of the services."""

from fastapi import FastAPI

from services.cli.ground import Running
from services.runtime.access.tokens import Toegang
from services.runtime.http import create_site, health_router, login_router
from services.runtime.process.probing import Check, Finding

STUCK_AFTER_SECONDS = 300.0


def build_site(services: list[Running], toegang: Toegang, *, public_url: str, geheimen: Check) -> FastAPI:
    """Pages and technical endpoints beside the APIs. A session that was begun over https stays there.

    `geheimen` looks whether the secrets of the hub are there: what is missing keeps nobody from calling.
    """
    site = create_site(name="site", verifier=toegang)
    live = {running.path: _liveness(running) for running in services}
    ready: dict[str, Check] = {running.path: running.process.look for running in services}
    ready["geheimen"] = geheimen
    site.include_router(health_router(live=live, ready=ready))
    site.include_router(login_router(toegang, secure_cookie=public_url.startswith("https://")))
    for running in services:
        if (build_pages := running.process.app.build_pages) is not None:
            site.include_router(build_pages(running.process.hub))
    return site


def _liveness(running: Running) -> Check:
    """Alive is whatever mends itself: only a loop that stays down asks for a new process."""

    async def check() -> Finding | None:
        stuck = running.process.supervisor.stuck(STUCK_AFTER_SECONDS)
        return Finding(f"loopt al lang niet: {', '.join(stuck)}") if stuck else None

    return check
