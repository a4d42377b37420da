"""A page beside the operations of an API, which no description of the API has."""

from starlette.routing import Match, Route
from starlette.types import Scope


class PageRoute(Route):
    """A route that says in log and metrics which it is."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        return match, {**found, "route": self}
