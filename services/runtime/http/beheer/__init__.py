"""The pages for whoever runs the hub (docs/decisions/0028): each service shows and mends what is its own."""

from services.runtime.http.beheer.berichten import Afhandelen, LaatVallen
from services.runtime.http.beheer.grond import Grond, build_environment
from services.runtime.http.beheer.pages import add_beheer
from services.runtime.http.beheer.register import register_router
from services.runtime.http.beheer.tokens import tokens_router

__all__ = ["Afhandelen", "Grond", "LaatVallen", "add_beheer", "build_environment", "register_router", "tokens_router"]
