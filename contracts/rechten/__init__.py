"""Who may see and do what in a case: one table of acts and relations, and the one function that reads it."""

from contracts.rechten.handeling import Handeling
from contracts.rechten.handelingen import HANDELINGEN, NIET_DOOR_MENSEN, find_handeling, handelingen_of
from contracts.rechten.kring import HUB, Kring, is_veilig_thuis_of, kring_of
from contracts.rechten.overname import Aandeel, ends_by
from contracts.rechten.tabel import MAG, Daad, Relatie, Toegang, decide, may

__all__ = [
    "HANDELINGEN",
    "HUB",
    "MAG",
    "NIET_DOOR_MENSEN",
    "Aandeel",
    "Daad",
    "Handeling",
    "Kring",
    "Relatie",
    "Toegang",
    "decide",
    "ends_by",
    "find_handeling",
    "handelingen_of",
    "is_veilig_thuis_of",
    "kring_of",
    "may",
]
