"""Every message that triage handles, and the rows that follow from it."""

from services.triage.handlers.handler import PASSED_OVER, Handlers
from services.triage.handlers.projection import project

__all__ = ["PASSED_OVER", "Handlers", "project"]
