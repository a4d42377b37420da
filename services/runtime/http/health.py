"""Is it alive, is it ready, and what does it count: for whatever keeps the process running."""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter
from starlette.responses import Response

from services.runtime.http.application import json_response
from services.runtime.process.metrics import exposition

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, otherwise a sentence without personal data."""


def health_router(
    *, live: Mapping[str, Check], ready: Mapping[str, Check], warn: Mapping[str, Check] | None = None
) -> APIRouter:
    """`/gezond/live` (503: restart me), `/gezond/klaar` (503: send me nothing yet) and `/metrics`.

    What `warn` finds is told by `klaar` and keeps nothing from working.
    """
    router = APIRouter()

    @router.get("/gezond/live", include_in_schema=False)
    async def show_live() -> Response:
        return await _answer(live)

    @router.get("/gezond/klaar", include_in_schema=False)
    async def show_ready() -> Response:
        return await _answer(ready, warn or {})

    @router.get("/metrics", include_in_schema=False)
    async def show_metrics() -> Response:
        return Response(exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")

    del show_live, show_ready, show_metrics
    return router


async def _answer(checks: Mapping[str, Check], warn: Mapping[str, Check] | None = None) -> Response:
    outcomes = {name: await check() for name, check in checks.items()}
    warnings = {name: said for name, check in (warn or {}).items() if (said := await check()) is not None}
    wrong = {name: outcome for name, outcome in outcomes.items() if outcome is not None}
    body = {"status": "storing" if wrong else "ok", "onderdelen": {name: wrong.get(name, "ok") for name in outcomes}}
    body |= {"waarschuwingen": warnings} if warnings else {}
    return json_response(body, status=503 if wrong else 200)
