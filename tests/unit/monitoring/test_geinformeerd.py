"""That people were told is a fact of the case: a region may hang a term on it (MB 4.1, BK annex 1)."""

from contracts.afspraken import Anker
from contracts.messages.handover import BetrokkenenGeinformeerd
from contracts.messages.triage import MelderGeinformeerd
from tests.unit.monitoring.test_termijnen import handed_over
from tests.unit.monitoring.verhalen import MELDING, OVERDRACHT, at


def test_each_party_is_a_fact_of_its_own_and_a_correction_takes_its_place() -> None:
    loop = handed_over()
    vt = BetrokkenenGeinformeerd(
        overdracht_id=OVERDRACHT, geinformeerd_op=at("03-03 11:00"), wijze="brief", geinformeerd_door="veilig-thuis-x"
    )
    team = vt.model_copy(update={"geinformeerd_door": "GM0758", "geinformeerd_op": at("03-04 11:00")})
    right = vt.model_copy(update={"geinformeerd_op": at("03-03 12:00"), "was_op": vt.geinformeerd_op})
    melder = MelderGeinformeerd(melding_id=MELDING, geinformeerd_op=at("03-03 13:00"))
    for _ in range(2):
        loop.deliver(vt, team, right, melder)
    found = {(feit.anker, feit.door): feit.op for feit in loop.toezicht.feiten if "geinformeerd" in feit.anker.value}
    assert found == {
        (Anker.BETROKKENEN_GEINFORMEERD, "veilig-thuis-x"): at("03-03 12:00"),
        (Anker.BETROKKENEN_GEINFORMEERD, "GM0758"): at("03-04 11:00"),
        (Anker.MELDER_GEINFORMEERD, "houvast-triage"): at("03-03 13:00"),
    }
