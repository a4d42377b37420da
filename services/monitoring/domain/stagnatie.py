"""A delivery that stalls: people hear of it in time to use another road, and zicht stays where it is (G7)."""

from uuid import UUID

from contracts.afspraken import Afspraken, Rol
from contracts.messages.monitoring import Drager
from services.monitoring.domain import berichten
from services.monitoring.domain.toestand import Termijnstatus
from services.monitoring.domain.verloop import Uitleg, Verloop


def tell_stalled(verloop: Verloop, overdracht_id: UUID, *, blijvend: bool) -> None:
    """Tell Veilig Thuis and the receiver, by the role that a ladder calls first."""
    toezicht = verloop.toezicht
    beeld = toezicht.overdrachten[overdracht_id]
    receiver = Drager.LOKAAL_TEAM if beeld.partij is None else Drager.KETENPARTNER
    rol = _first_role(verloop.afspraken, receiver)
    open_ends = [item.eindigt_op for item in toezicht.termijnen.values() if item.status is Termijnstatus.LOPEND]
    for drager in (Drager.VEILIG_THUIS, receiver):
        partij = verloop.partijen.code(drager, regio=verloop.regio, gemeente=beeld.gemeente, partij=beeld.partij)
        verloop.events.append(
            berichten.about_stalled(
                beeld,
                rol=rol,
                partij=partij,
                partijen=verloop.partijen,
                toezicht=toezicht,
                casus_id=verloop.casus_id,
                voor=min(open_ends, default=None),
                blijvend=blijvend,
            )
        )
    facts = {"overdracht": str(overdracht_id), "bij": beeld.ontvanger, "blijvend": blijvend}
    verloop.uitleg.append(Uitleg("aflevering gestagneerd: partijen gewaarschuwd", None, {**facts}))


def _first_role(afspraken: Afspraken, receiver: Drager) -> Rol:
    """The first rung for whoever receives; where it owes nothing, that for any other overdracht."""
    found = [
        regel
        for regel in afspraken.termijnen
        if regel.ladder is not None and regel.vanaf.value.startswith("overdracht-")
    ]
    own = [regel for regel in found if regel.verantwoordelijke.value == receiver.value]
    overdracht = (regel.ladder for regel in (*own, *found))
    ladder_id = next(overdracht, None)
    ladder = afspraken.ladders[0] if ladder_id is None else afspraken.ladder(ladder_id)
    return ladder.treden[0].rol
