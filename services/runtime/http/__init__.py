"""The HTTP ground under the services: one way to be called, refused, described, watched and served."""

from services.runtime.http.application import Front, create_api, create_site, created, json_response
from services.runtime.http.callers import (
    CallKey,
    Idempotency,
    StreamKey,
    caller,
    idempotency,
    identify,
    visitor,
)
from services.runtime.http.health import health_router
from services.runtime.http.login import login_router
from services.runtime.http.problems import Probleem, Refusal, problem_response, refusal
from services.runtime.http.rates import Rates
from services.runtime.http.server import PortUnavailable, RunningServer, serve

__all__ = [
    "CallKey",
    "Front",
    "Idempotency",
    "PortUnavailable",
    "Probleem",
    "Rates",
    "Refusal",
    "RunningServer",
    "StreamKey",
    "caller",
    "create_api",
    "create_site",
    "created",
    "health_router",
    "idempotency",
    "identify",
    "json_response",
    "login_router",
    "problem_response",
    "refusal",
    "serve",
    "visitor",
]
