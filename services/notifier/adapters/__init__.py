"""The outside of the notifier: the register, the mail relay, Teams, the read table."""

from services.notifier.adapters.bezorging import Bezorger
from services.notifier.adapters.mail import MailBode
from services.notifier.adapters.mensen import RegisterMensen
from services.notifier.adapters.proefpost import BodenProefpost
from services.notifier.adapters.queries import PostgresQueries
from services.notifier.adapters.teams import TeamsBode

__all__ = ["Bezorger", "BodenProefpost", "MailBode", "PostgresQueries", "RegisterMensen", "TeamsBode"]
