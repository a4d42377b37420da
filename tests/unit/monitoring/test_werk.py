"""What a case asks of whom, for the home page of each: nothing too much, and nothing that falls off."""

from datetime import timedelta

from contracts.messages.documenten import Urgentie
from contracts.messages.identifiers import CasusId
from contracts.messages.monitoring import Drager, Sluitreden
from contracts.rechten import HUB
from services.monitoring.domain.invoer import AfsluitingInvoer
from services.monitoring.domain.werk import Werk, Werksoort, at_region, find_werk
from services.monitoring.domain.zicht import timeline
from services.monitoring.handlers import CloseCasus, project
from services.monitoring.ports import rows
from services.runtime.unit.decision import Decision
from tests.builders.events import CASUS_ID
from tests.unit.monitoring.casusloop import Casusloop
from tests.unit.monitoring.test_relaties import MB, TILBURG, handed_over, refused
from tests.unit.monitoring.test_zicht import meldpunt_events
from tests.unit.monitoring.test_zicht_ketenpartners import IEMAND
from tests.unit.monitoring.verhalen import ONTVANGEN, OVERDRACHT, Verhaal, at

WB = Verhaal()
VEILIG_THUIS = "veilig-thuis@midden-brabant"


def asked(loop: Casusloop) -> set[tuple[Werksoort, str]]:
    return {(werk.soort, werk.aan) for werk in found_in(loop)}


def found_in(loop: Casusloop) -> list[Werk]:
    return list(find_werk(CASUS_ID, loop.toezicht, timeline(loop.toezicht.zicht)))


def test_a_melding_waits_for_triage_at_veilig_thuis_until_the_besluit() -> None:
    loop = Casusloop(now=ONTVANGEN)
    loop.deliver(MB.melding())
    assert (Werksoort.TRIAGE, VEILIG_THUIS) in asked(loop)
    loop.deliver(MB.besluit(ONTVANGEN))
    assert Werksoort.TRIAGE not in {soort for soort, _ in asked(loop)}


def test_an_overdracht_is_to_be_looked_at_then_to_be_taken_up_then_no_more() -> None:
    loop = handed_over()
    assert (Werksoort.AANBOD, TILBURG) in asked(loop)
    loop.deliver(MB.bevestigd(ONTVANGEN + timedelta(hours=1)))
    assert (Werksoort.AANBOD, TILBURG) not in asked(loop)
    assert (Werksoort.OPPAKKEN, TILBURG) in asked(loop)
    loop.deliver(MB.opgepakt(ONTVANGEN + timedelta(hours=2)))
    assert (Werksoort.OPPAKKEN, TILBURG) not in asked(loop)


def test_an_overdracht_is_asked_once_whether_or_not_a_term_runs_for_it() -> None:
    for verhaal, party in ((MB, TILBURG), (WB, "GM0758")):
        loop = Casusloop(now=ONTVANGEN)
        made = (verhaal.besluit(ONTVANGEN), verhaal.aangemaakt(ONTVANGEN), verhaal.afgeleverd(ONTVANGEN))
        loop.deliver(verhaal.melding(), *made)
        offers = [werk for werk in found_in(loop) if werk.soort is Werksoort.AANBOD]
        assert [(werk.aan, werk.onderwerp_id) for werk in offers] == [(party, OVERDRACHT)]


def test_what_is_refused_is_weighed_again_by_veilig_thuis_and_asks_nothing_of_the_team() -> None:
    loop = handed_over()
    loop.deliver(refused(ONTVANGEN + timedelta(hours=3)))
    (weighing,) = [werk for werk in found_in(loop) if werk.soort is Werksoort.HERWEGING]
    assert (weighing.aan, weighing.verstreken) == (VEILIG_THUIS, False)
    assert weighing.uiterlijk_op is not None
    assert TILBURG not in {aan for _, aan in asked(loop)}
    loop.move_to(at("04-20 09:00"))
    assert [werk.verstreken for werk in found_in(loop) if werk.soort is Werksoort.HERWEGING] == [True]


def test_what_is_late_goes_on_being_asked_and_a_ladder_calls_a_role() -> None:
    loop = Casusloop(now=ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(ONTVANGEN), WB.aangemaakt(ONTVANGEN), WB.afgeleverd(ONTVANGEN))
    loop.move_to(at("03-20 09:00"))
    late = [werk for werk in found_in(loop) if werk.soort is Werksoort.AANBOD]
    assert [werk.verstreken for werk in late] == [True]
    called = [werk for werk in found_in(loop) if werk.soort is Werksoort.ESCALATIE]
    assert called
    assert all(werk.rol is not None for werk in called)
    owed = {werk.wat: werk.sinds for werk in found_in(loop) if werk.soort is not Werksoort.ESCALATIE}
    assert all(werk.rang <= owed[werk.wat] for werk in called if werk.wat in owed), (
        "a call stands above what it is about"
    )


def test_what_was_given_back_asks_something_of_veilig_thuis_alone() -> None:
    loop = Casusloop(now=ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(ONTVANGEN), WB.aangemaakt(ONTVANGEN), WB.afgeleverd(ONTVANGEN))
    loop.deliver(WB.bevestigd(ONTVANGEN + timedelta(hours=1)), WB.opgepakt(ONTVANGEN + timedelta(hours=2)))
    assert "GM0758" in {aan for _, aan in asked(loop)}
    loop.deliver(WB.teruggekoppeld(ONTVANGEN + timedelta(hours=4)))
    assert {aan for _, aan in asked(loop)} == {at_region(Drager.VEILIG_THUIS, WB.regio)}


def test_a_closed_case_asks_nothing_any_more() -> None:
    loop = handed_over()
    loop.deliver(MB.bevestigd(ONTVANGEN + timedelta(hours=1)), MB.opgepakt(ONTVANGEN + timedelta(hours=2)))
    loop.move_to(at("04-20 09:00"))
    assert found_in(loop)
    closing = AfsluitingInvoer(reden=Sluitreden.STABIELE_VEILIGHEID, door=IEMAND)
    assert isinstance(loop.handle(CloseCasus(closing), partij=TILBURG), Decision)
    assert {soort for soort, _ in asked(loop)} <= {Werksoort.ESCALATIE}


def test_a_stalled_delivery_is_asked_of_veilig_thuis_and_of_whoever_runs_the_hub() -> None:
    loop = Casusloop(now=ONTVANGEN)
    loop.deliver(MB.melding(), MB.besluit(ONTVANGEN), MB.aangemaakt(ONTVANGEN))
    loop.deliver(MB.gestagneerd(ONTVANGEN + timedelta(hours=5)))
    assert {aan for soort, aan in asked(loop) if soort is Werksoort.AFLEVERING} == {HUB, VEILIG_THUIS}


def test_a_crisis_stands_above_everything_that_is_late() -> None:
    late, crisis = Casusloop(now=ONTVANGEN), Casusloop(now=ONTVANGEN)
    late.deliver(WB.melding(), WB.besluit(ONTVANGEN), WB.aangemaakt(ONTVANGEN), WB.afgeleverd(ONTVANGEN))
    for loop in (late, crisis):
        loop.move_to(at("11-20 09:00"))
    crisis.deliver(WB.melding(at("11-20 09:00")).model_copy(update={"urgentie": Urgentie.CRISIS}))
    (triage,) = [werk for werk in found_in(crisis) if werk.soort is Werksoort.TRIAGE]
    assert triage.crisis
    assert all(triage.rang < werk.rang for werk in found_in(late))
    assert not any(werk.crisis for werk in found_in(late))


def test_veilig_thuis_is_asked_to_take_over_until_it_does() -> None:
    came_in, passed_on, taken = meldpunt_events(crisis=True)
    loop = Casusloop(now=ONTVANGEN)
    loop.deliver(came_in, passed_on, WB.melding())
    (takeover,) = [werk for werk in found_in(loop) if werk.soort is Werksoort.OVERNAME]
    assert (takeover.aan, takeover.crisis) == (at_region(Drager.VEILIG_THUIS, WB.regio), True)
    assert takeover.uiterlijk_op == takeover.sinds + timedelta(hours=24)
    loop.move_to(at("03-02 15:00"))
    loop.deliver(taken)
    assert {Werksoort.OVERNAME, Werksoort.MELDPUNT}.isdisjoint({soort for soort, _ in asked(loop)})


def test_every_question_is_a_row_with_an_id_of_its_own() -> None:
    loop = handed_over()
    loop.move_to(at("04-20 09:00"))
    made = [view.row for view in project(CasusId(CASUS_ID), loop.toezicht) if view.kind is rows.Werk]
    assert len({row.id for row in made}) == len(made) == len(found_in(loop))
