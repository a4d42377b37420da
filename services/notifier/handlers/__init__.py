"""Every message that the notifier handles, and the rows that follow from it."""

from services.notifier.handlers.casus import MAIL, reference_of
from services.notifier.handlers.handler import Handlers
from services.notifier.handlers.projection import project

__all__ = ["MAIL", "Handlers", "project", "reference_of"]
