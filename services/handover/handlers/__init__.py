"""Every message that handover handles, and the rows that follow from it."""

from services.handover.handlers.handler import PASSED_OVER, Handlers
from services.handover.handlers.projection import project

__all__ = ["PASSED_OVER", "Handlers", "project"]
