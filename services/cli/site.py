"""What stands beside the APIs on the same port: health, login and the pages of the services."""

from fastapi import FastAPI

from services.cli.ground import Running
from services.runtime.access.tokens import Toegang
from services.runtime.database.connection import AWAY
from services.runtime.http import Check, create_site, health_router, login_router

STUCK_AFTER_SECONDS = 300.0


def build_site(services: list[Running], toegang: Toegang, *, public_url: str) -> FastAPI:
    """Pages and technical endpoints beside the APIs. A session that was begun over https stays there."""
    site = create_site(name="site", verifier=toegang)
    live = {running.path: _liveness(running) for running in services}
    ready = {running.path: _readiness(running) for running in services}
    site.include_router(
        health_router(live=live, ready=ready, warn={running.path: _warnings(running) for running in services})
    )
    site.include_router(login_router(toegang, secure_cookie=public_url.startswith("https://")))
    for running in services:
        if (build_pages := running.process.app.build_pages) is not None:
            site.include_router(build_pages(running.process.hub))
    return site


def _liveness(running: Running) -> Check:
    """Alive is whatever mends itself: only a loop that stays down asks for a new process."""

    async def check() -> str | None:
        stuck = running.process.supervisor.stuck(STUCK_AFTER_SECONDS)
        return f"loopt al lang niet: {', '.join(stuck)}" if stuck else None

    return check


def _warnings(running: Running) -> Check:
    """Nothing while the database is away: then it is not ready either, and says so."""

    async def check() -> str | None:
        try:
            return "; ".join(await running.process.warnings()) or None
        except AWAY:
            return None

    return check


def _readiness(running: Running) -> Check:
    async def check() -> str | None:
        problems = await running.process.problems()
        return "; ".join(problems) or None

    return check
