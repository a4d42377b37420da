"""Who is who, kept by the hub itself: its versions, and the one that holds now for every service (docs/decisions/0030)."""

from services.runtime.register.keeper import Bezwaren, FileHolds, Follow, RegisterKeeper, Trouble
from services.runtime.register.versions import (
    Bron,
    Change,
    ChangedMeanwhile,
    Versie,
    add_version,
    find_by_key,
    find_version,
    latest_version,
    list_versions,
)

__all__ = [
    "Bezwaren",
    "Bron",
    "Change",
    "ChangedMeanwhile",
    "FileHolds",
    "Follow",
    "RegisterKeeper",
    "Trouble",
    "Versie",
    "add_version",
    "find_by_key",
    "find_version",
    "latest_version",
    "list_versions",
]
