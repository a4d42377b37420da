"""The HTTP side of monitoring: its API and the regiebord."""

from services.monitoring.api.balie import BASE_PATH
from services.monitoring.api.pages import build_pages
from services.monitoring.api.routes import Afhandeling, Meningsverschil, Oppakking, build_api
from services.monitoring.api.signalen import Antwoord, Opstelling
from services.monitoring.api.vervolg import (
    Aanvaarding,
    Afsluiting,
    Correctie,
    Dwang,
    MomentPlanning,
    MomentUitkomst,
    Standmelding,
    Stap,
)

__all__ = [
    "BASE_PATH",
    "Aanvaarding",
    "Afhandeling",
    "Afsluiting",
    "Antwoord",
    "Correctie",
    "Dwang",
    "Meningsverschil",
    "MomentPlanning",
    "MomentUitkomst",
    "Oppakking",
    "Opstelling",
    "Standmelding",
    "Stap",
    "build_api",
    "build_pages",
]
