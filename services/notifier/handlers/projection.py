"""What the read table shows: who was told what, and did it leave."""

from collections.abc import Iterator
from uuid import UUID

from contracts.messages.identifiers import CasusId
from services.notifier.domain import Notificatie, Notificaties, Zending, Zendingstatus
from services.notifier.handlers.casus import NOBODY
from services.notifier.handlers.intrekken import AFGELOPEN
from services.runtime.unit.decision import RowValues, ViewRow


def project(casus_id: CasusId, notificaties: Notificaties) -> Iterator[ViewRow]:
    """Give a row per person and channel; one row without channel where nobody could be asked."""
    for notificatie in notificaties.alle.values():
        if not notificatie.zendingen:
            yield ViewRow("notificatie", notificatie.vraag.notificatie_id, _row, casus_id, notificatie, None)
        for zending in notificatie.zendingen.values():
            yield ViewRow("notificatie", zending.id, _row, casus_id, notificatie, zending)


def _row(casus_id: UUID, notificatie: Notificatie, zending: Zending | None) -> RowValues:
    vraag = notificatie.vraag
    sent = zending is not None and zending.status is Zendingstatus.VERZONDEN
    return {
        "casus_id": casus_id,
        "notificatie_id": vraag.notificatie_id,
        "escalatie_id": vraag.escalatie_id,
        "regio": vraag.regio,
        "gemeente": vraag.gemeente,
        "rol": vraag.rol,
        "partij": vraag.partij if zending is None else zending.partij,
        "kanaal": None if zending is None else zending.kanaal.value,
        "status": _without_zending(notificatie).value if zending is None else zending.status.value,
        "urgentie": vraag.urgentie.value,
        "aanleiding": vraag.aanleiding.value,
        "gevraagd_op": notificatie.gevraagd_op.isoformat(),
        "verzonden_op": zending.afgelopen_op.isoformat() if sent and zending and zending.afgelopen_op else None,
        "onderwerp": vraag.onderwerp,
        "referentie": vraag.referentie,
        "link": vraag.link,
        "wettelijk_moment": None if vraag.wettelijk_moment is None else vraag.wettelijk_moment.isoformat(),
        "pogingen": 0 if zending is None else zending.pogingen,
        "reden": _reden(notificatie, zending),
    }


def _without_zending(notificatie: Notificatie) -> Zendingstatus:
    return Zendingstatus.MISLUKT if notificatie.vervallen_op is None else Zendingstatus.VERVALLEN


def _reden(notificatie: Notificatie, zending: Zending | None) -> str | None:
    if zending is not None:
        return zending.reden
    return NOBODY if notificatie.vervallen_op is None else AFGELOPEN
