"""What the read table shows: who was told what, and did it leave."""

from collections.abc import Iterator
from uuid import UUID

from contracts.messages.identifiers import CasusId
from services.notifier.domain import Casus, Notificatie, Proef, Zending, Zendingstatus
from services.notifier.handlers.casus import NOBODY
from services.notifier.handlers.intrekken import AFGELOPEN
from services.notifier.ports import rows
from services.runtime.unit.decision import ViewRow
from services.runtime.unit.rows import row_of


def project(casus_id: CasusId, casus: Casus) -> Iterator[ViewRow]:
    """Give the row of a channel that is tried; else one per person and channel, or one without channel for nobody."""
    if casus.proef is not None:
        yield ViewRow(rows.Proef, casus_id, _proef, casus_id, casus.proef)
    for notificatie in casus.alle.values():
        if not notificatie.zendingen:
            yield ViewRow(rows.Notificatie, notificatie.vraag.notificatie_id, _row, casus_id, notificatie, None)
        for zending in notificatie.zendingen.values():
            yield ViewRow(rows.Notificatie, zending.id, _row, casus_id, notificatie, zending)


def _proef(casus_id: UUID, proef: Proef) -> rows.Proef:
    return row_of(rows.Proef, proef, id=casus_id, casus_id=casus_id)


def _row(casus_id: UUID, notificatie: Notificatie, zending: Zending | None) -> rows.Notificatie:
    vraag = notificatie.vraag
    sent = zending is not None and zending.status is Zendingstatus.VERZONDEN
    return row_of(
        rows.Notificatie,
        vraag,
        id=vraag.notificatie_id if zending is None else zending.id,
        casus_id=casus_id,
        partij=vraag.partij if zending is None else zending.partij,
        kanaal=zending and zending.kanaal,
        status=_without_zending(notificatie) if zending is None else zending.status,
        gevraagd_op=notificatie.gevraagd_op,
        verzonden_op=zending.afgelopen_op if sent and zending else None,
        pogingen=0 if zending is None else zending.pogingen,
        reden=_reden(notificatie, zending),
    )


def _without_zending(notificatie: Notificatie) -> Zendingstatus:
    return Zendingstatus.MISLUKT if notificatie.vervallen_op is None else Zendingstatus.VERVALLEN


def _reden(notificatie: Notificatie, zending: Zending | None) -> str | None:
    if zending is not None:
        return zending.reden
    return NOBODY if notificatie.vervallen_op is None else AFGELOPEN
