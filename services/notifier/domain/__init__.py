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

__all__ = [
    "TRANSITIONS",
    "Bereikbaar",
    "Bundel",
    "Bundeling",
    "Casus",
    "Notificatie",
    "Postvak",
    "Schema",
    "Stuk",
    "Zending",
    "Zendingstatus",
    "address",
    "attempted_again",
    "finish",
    "is_hurried",
    "leave",
    "leaves_from",
    "persoon_key",
    "postvak_key",
]
