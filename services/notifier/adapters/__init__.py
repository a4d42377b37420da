"""The outside of the notifier: the register, the mail relay, Teams, the read table."""

from services.notifier.adapters.mail import MailPerformer
from services.notifier.adapters.mensen import RegisterMensen
from services.notifier.adapters.queries import PostgresQueries
from services.notifier.adapters.teams import TeamsPerformer

__all__ = ["MailPerformer", "PostgresQueries", "RegisterMensen", "TeamsPerformer"]
