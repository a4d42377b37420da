"""What monitoring decides, pure: facts, zicht op veiligheid, termijnen, escalaties. Start at `verloop`."""

from contracts.afspraken import Termijnstatus
from services.monitoring.domain import berichten, correcties, huishouden, monitoring, signaalberichten, signalen
from services.monitoring.domain.escalaties import Escalatiegrond
from services.monitoring.domain.feiten import accepted_instead, add_feit, note, note_aanvaard, utc
from services.monitoring.domain.herrekening import recompute
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.relaties import of_escalatie, readers_of, relaties_of
from services.monitoring.domain.stagnatie import follow_retour, tell_stalled
from services.monitoring.domain.toestand import (
    ESCALATIE_TRANSITIONS,
    TERMIJN_TRANSITIONS,
    Escalatie,
    Escalatiestatus,
    Feit,
    Monitormoment,
    Overdrachtbeeld,
    Overgang,
    Stagnatie,
    Termijn,
    Toezicht,
)
from services.monitoring.domain.vastlegging import Vastlegging
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.vertellen import Uitleg
from services.monitoring.domain.zicht import timeline, zicht_at

__all__ = [
    "ESCALATIE_TRANSITIONS",
    "TERMIJN_TRANSITIONS",
    "Escalatie",
    "Escalatiegrond",
    "Escalatiestatus",
    "Feit",
    "Monitormoment",
    "Overdrachtbeeld",
    "Overgang",
    "Partijen",
    "Stagnatie",
    "Termijn",
    "Termijnstatus",
    "Toezicht",
    "Uitleg",
    "Vastlegging",
    "Verloop",
    "accepted_instead",
    "add_feit",
    "berichten",
    "correcties",
    "follow_retour",
    "huishouden",
    "monitoring",
    "note",
    "note_aanvaard",
    "of_escalatie",
    "readers_of",
    "recompute",
    "relaties_of",
    "signaalberichten",
    "signalen",
    "tell_stalled",
    "timeline",
    "utc",
    "zicht_at",
]
