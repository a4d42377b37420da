"""What the notifier remembers and decides, pure: who is told, by which channel, together with what, and when again."""

from services.notifier.domain.notificatie import (
    TRANSITIONS,
    Bereikbaar,
    Casus,
    Notificatie,
    Schema,
    Zending,
    Zendingstatus,
    address,
    attempted_again,
    finish,
    leave,
    persoon_key,
    postvak_key,
)
from services.notifier.domain.postvak import Bundel, Bundeling, Postvak, Stuk, is_hurried, leaves_from
from services.notifier.domain.proef import BEHEERPAGINA, Proef, case_of_proef, write_proefbericht

__all__ = [
    "BEHEERPAGINA",
    "TRANSITIONS",
    "Bereikbaar",
    "Bundel",
    "Bundeling",
    "Casus",
    "Notificatie",
    "Postvak",
    "Proef",
    "Schema",
    "Stuk",
    "Zending",
    "Zendingstatus",
    "address",
    "attempted_again",
    "case_of_proef",
    "finish",
    "is_hurried",
    "leave",
    "leaves_from",
    "persoon_key",
    "postvak_key",
    "write_proefbericht",
]
