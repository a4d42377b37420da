"""The rows that the GETs read, made of the state of a case."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from contracts.messages.handover import (
    BetrokkenenGeinformeerd,
    OntvangstBevestigd,
    OverdrachtAangeboden,
    OverdrachtAfgeleverd,
    OverdrachtGeweigerd,
    OverdrachtIngetrokken,
    OverdrachtOpgepakt,
    OverdrachtTeruggekoppeld,
    PlanOpgesteld,
)
from contracts.messages.identifiers import CasusId, derived_id
from services.handover.domain.casus import Bijlage, Casus, Overdracht, Retourbrief
from services.handover.domain.link import Bevestiglink
from services.handover.domain.samenwerking import Samenwerking
from services.handover.ports import rows
from services.runtime.unit.decision import ViewRow
from services.runtime.unit.rows import row_of


def project(casus_id: CasusId, state: Casus) -> Iterable[ViewRow]:
    """The rows that the GETs read: the overdracht, its sealed document, its link, and what its gemeente can fetch."""
    for overdracht in state.overdrachten:
        yield ViewRow(rows.Overdrachtregel, overdracht.id, _overdracht_row, casus_id, overdracht)
        yield ViewRow(rows.Documentregel, overdracht.id, _document_row, casus_id, overdracht)
        if overdracht.link is not None:
            yield ViewRow(rows.Linkregel, overdracht.id, _link_row, casus_id, overdracht.id, overdracht.link)
        if overdracht.retourbrief is not None:
            yield ViewRow(
                rows.Retourbriefregel, overdracht.id, _retour_row, casus_id, overdracht.id, overdracht.retourbrief
            )
        for bijlage_id in overdracht.bijlagen:
            row_id = derived_id("overdrachtsbijlage", str(overdracht.id), str(bijlage_id))
            yield ViewRow(rows.Meegaandebijlage, row_id, _goes_along_row, casus_id, row_id, overdracht.id, bijlage_id)
        for soort, op in _happened(overdracht):
            row_id = derived_id(str(overdracht.id), soort)
            yield ViewRow(rows.Gebeurtenis, row_id, _gebeurtenis_row, casus_id, row_id, overdracht, soort, op)
    for bijlage in state.bijlagen:
        yield ViewRow(rows.Bijlageregel, bijlage.id, _bijlage_row, casus_id, bijlage)
    for samenwerking in state.samenwerkingen:
        yield ViewRow(rows.Samenwerkingregel, samenwerking.id, _samenwerking_row, casus_id, samenwerking)


def _happened(overdracht: Overdracht) -> Iterator[tuple[str, datetime]]:
    """What a gemeente can have missed about its overdracht, by CloudEvents type."""
    yield OverdrachtAangeboden.soort, overdracht.aangemaakt_op
    if overdracht.afgeleverd_op is not None:
        yield OverdrachtAfgeleverd.soort, overdracht.afgeleverd_op
    if overdracht.ontvangst is not None:
        yield OntvangstBevestigd.soort, overdracht.ontvangst.op
    if overdracht.verdeling is not None:
        yield OverdrachtOpgepakt.soort, overdracht.verdeling.op
    if overdracht.terugkoppeling is not None:
        yield OverdrachtTeruggekoppeld.soort, overdracht.terugkoppeling.op
    if overdracht.weigering is not None:
        yield OverdrachtGeweigerd.soort, overdracht.weigering.op
    if (told_op := _informed_at(overdracht)) is not None:
        yield BetrokkenenGeinformeerd.soort, told_op
    if overdracht.plannen:
        yield PlanOpgesteld.soort, overdracht.plannen[0].op
    if overdracht.intrekking is not None:
        yield OverdrachtIngetrokken.soort, overdracht.intrekking.op


def _retour_row(casus_id: CasusId, overdracht_id: UUID, brief: Retourbrief) -> rows.Retourbriefregel:
    return rows.Retourbriefregel(
        id=overdracht_id,
        casus_id=casus_id,
        ontvangen_op=brief.op,
        uitkomst=brief.oordeel and brief.oordeel.uitkomst,
        beoordeeld_op=brief.oordeel and brief.oordeel.op,
        tekst=brief.tekst.jwe,
    )


def _informed_at(overdracht: Overdracht) -> datetime | None:
    return max((item.op for item in overdracht.informeringen), default=None)


def _overdracht_row(casus_id: CasusId, overdracht: Overdracht) -> rows.Overdrachtregel:
    weigering, intrekking = overdracht.weigering, overdracht.intrekking
    return row_of(
        rows.Overdrachtregel,
        overdracht,
        casus_id=casus_id,
        ontvangen_op=overdracht.ontvangst and overdracht.ontvangst.op,
        opgepakt_op=overdracht.verdeling and overdracht.verdeling.op,
        teruggekoppeld_op=overdracht.terugkoppeling and overdracht.terugkoppeling.op,
        geweigerd_op=weigering and weigering.op,
        weigeringscode=weigering and weigering.code,
        ingetrokken_op=intrekking and intrekking.op,
        verwittigd_op=intrekking and intrekking.verwittigd_op,
        betrokkenen_geinformeerd_op=_informed_at(overdracht),
        aanvaard_volgens_bewijs=_bewijs_of(overdracht),
    )


def _bewijs_of(overdracht: Overdracht) -> str | None:
    bewijs = overdracht.verdeling and overdracht.verdeling.bewijs
    return bewijs and bewijs.functie


def _samenwerking_row(casus_id: CasusId, samenwerking: Samenwerking) -> rows.Samenwerkingregel:
    return row_of(rows.Samenwerkingregel, samenwerking, casus_id=casus_id)


def _bijlage_row(casus_id: CasusId, bijlage: Bijlage) -> rows.Bijlageregel:
    return row_of(rows.Bijlageregel, bijlage, casus_id=casus_id, geheim=bijlage.geheim.jwe)


def _goes_along_row(casus_id: CasusId, row_id: UUID, overdracht_id: UUID, bijlage_id: UUID) -> rows.Meegaandebijlage:
    return rows.Meegaandebijlage(id=row_id, casus_id=casus_id, overdracht_id=overdracht_id, bijlage_id=bijlage_id)


def _document_row(casus_id: CasusId, overdracht: Overdracht) -> rows.Documentregel:
    return rows.Documentregel(id=overdracht.id, casus_id=casus_id, document=overdracht.document.jwe)


def _link_row(casus_id: CasusId, overdracht_id: UUID, link: Bevestiglink) -> rows.Linkregel:
    return rows.Linkregel(id=overdracht_id, casus_id=casus_id, digest=link.digest, geldig_tot=link.geldig_tot)


def _gebeurtenis_row(
    casus_id: CasusId, row_id: UUID, overdracht: Overdracht, soort: str, op: datetime
) -> rows.Gebeurtenis:
    return row_of(
        rows.Gebeurtenis, overdracht, id=row_id, casus_id=casus_id, overdracht_id=overdracht.id, soort=soort, op=op
    )
