"""The ports of handover on the world: its read tables, and one connector per kind of endpoint."""

from services.handover.adapters.bijlagen import PostgresBijlagen
from services.handover.adapters.brieven import TypstBrieven
from services.handover.adapters.leescode import Leescodepost
from services.handover.adapters.mail import Bevestigpagina, MailAflevering
from services.handover.adapters.mail_intrekking import MailIntrekking
from services.handover.adapters.queries import PostgresQueries
from services.handover.adapters.rest import Answer, Endpoints, RestAflevering, judge

__all__ = [
    "Answer",
    "Bevestigpagina",
    "Endpoints",
    "Leescodepost",
    "MailAflevering",
    "MailIntrekking",
    "PostgresBijlagen",
    "PostgresQueries",
    "RestAflevering",
    "TypstBrieven",
    "judge",
]
