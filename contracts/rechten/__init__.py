"""Who may see and do what: one table of acts, relations to a case and roles, and the one function that reads it."""

from contracts.afspraken.overname import Aandeel, ends_by
from contracts.rechten.handeling import Handeling
from contracts.rechten.handelingen import HANDELINGEN, NIET_DOOR_MENSEN, find_handeling, handelingen_of
from contracts.rechten.kring import HUB, Kring, is_veilig_thuis_of, kring_of, standing_outside
from contracts.rechten.rollen import (
    GEROEPEN_ALS,
    ROL_GEEFT,
    ROL_MAG,
    STAAT_IN,
    WERKT_BIJ,
    acts_of,
    decide,
    may,
    roles_for,
    standing,
)
from contracts.rechten.scopes import SCOPES, Scope
from contracts.rechten.tabel import MAG, Daad, Relatie, Toegang
from contracts.rechten.woorden import DAAD_IN_WOORDEN, RELATIE_IN_WOORDEN

__all__ = [
    "DAAD_IN_WOORDEN",
    "GEROEPEN_ALS",
    "HANDELINGEN",
    "HUB",
    "MAG",
    "NIET_DOOR_MENSEN",
    "RELATIE_IN_WOORDEN",
    "ROL_GEEFT",
    "ROL_MAG",
    "SCOPES",
    "STAAT_IN",
    "WERKT_BIJ",
    "Aandeel",
    "Daad",
    "Handeling",
    "Kring",
    "Relatie",
    "Scope",
    "Toegang",
    "acts_of",
    "decide",
    "ends_by",
    "find_handeling",
    "handelingen_of",
    "is_veilig_thuis_of",
    "kring_of",
    "may",
    "roles_for",
    "standing",
    "standing_outside",
]
