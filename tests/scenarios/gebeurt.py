"""Every sentence of `gegeven` and `wanneer`. Importing this is what fills the list."""

from tests.scenarios import gebeurt_overdracht, gebeurt_toezicht, gebeurt_triage
from tests.scenarios.handelen import GEBEURT

__all__ = ["GEBEURT", "gebeurt_overdracht", "gebeurt_toezicht", "gebeurt_triage"]
