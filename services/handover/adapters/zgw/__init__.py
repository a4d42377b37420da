"""A zaaksysteem by the ZGW APIs: bringing an overdracht there, and reading what its gemeente answered by a status."""

from services.handover.adapters.zgw.aflevering import ZgwAflevering
from services.handover.adapters.zgw.catalogus import Catalogi
from services.handover.adapters.zgw.client import Api, Verbinding, ZgwClient
from services.handover.adapters.zgw.levering import identify_zaak
from services.handover.adapters.zgw.stukken import Stukken
from services.handover.adapters.zgw.zaakstatus import ZgwZaakstatus

__all__ = ["Api", "Catalogi", "Stukken", "Verbinding", "ZgwAflevering", "ZgwClient", "ZgwZaakstatus", "identify_zaak"]
