"""The page on which an organisation keeps its own people, as far as whoever is signed in may (docs/decisions/0030)."""

from services.runtime.http.mensen.pages import mensen_router

__all__ = ["mensen_router"]
