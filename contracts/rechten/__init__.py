"""Who may see and do what in a case: one table of acts and relations, and the one function that reads it."""

from contracts.rechten.kring import HUB, Kring, is_veilig_thuis_of, kring_of
from contracts.rechten.overname import Aandeel, ends_by
from contracts.rechten.tabel import MAG, Daad, Relatie, Toegang, decide, may

__all__ = [
    "HUB",
    "MAG",
    "Aandeel",
    "Daad",
    "Kring",
    "Relatie",
    "Toegang",
    "decide",
    "ends_by",
    "is_veilig_thuis_of",
    "kring_of",
    "may",
]
