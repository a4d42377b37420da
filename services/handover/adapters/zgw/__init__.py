"""A zaaksysteem by the ZGW APIs: bringing an overdracht there, taking it back, and reading what its gemeente answered."""

from services.handover.adapters.zgw.aflevering import ZgwAflevering
from services.handover.adapters.zgw.catalogus import Catalogi
from services.handover.adapters.zgw.client import Api, Verbinding, ZgwClient
from services.handover.adapters.zgw.intrekking import ZgwIntrekking
from services.handover.adapters.zgw.levering import identify_zaak
from services.handover.adapters.zgw.stukken import Stukken
from services.handover.adapters.zgw.zaakstatus import ZgwZaakstatus
from services.handover.adapters.zgw.zaaksystemen import Zaaksystemen

__all__ = [
    "Api",
    "Catalogi",
    "Stukken",
    "Verbinding",
    "Zaaksystemen",
    "ZgwAflevering",
    "ZgwClient",
    "ZgwIntrekking",
    "ZgwZaakstatus",
    "identify_zaak",
]
