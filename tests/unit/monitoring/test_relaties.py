"""Whose a case is now, out of what monitoring heard; the rest of it the matrix of the service level tries."""

from datetime import datetime, timedelta

from contracts.messages.handover import OverdrachtGeweigerd, Overdrachtsoort, Weigeringscode
from contracts.messages.monitoring import Dwangmaatregel, Escalatieresultaat
from contracts.rechten import Relatie
from services.monitoring.domain.invoer import AfhandelingInvoer, DwangmaatregelInvoer, MeningsverschilInvoer
from services.monitoring.domain.relaties import readers_of, relaties_of
from services.monitoring.domain.toestand import Escalatiestatus
from services.monitoring.handlers import ReportDwangmaatregel, ReportMeningsverschil, SettleEscalatie
from services.runtime.unit.decision import Decision
from tests.unit.monitoring.casusloop import Casusloop
from tests.unit.monitoring.test_zicht_ketenpartners import IEMAND
from tests.unit.monitoring.verhalen import MELDING, ONTVANGEN, OVERDRACHT, Verhaal, at

MB = Verhaal(regio="midden-brabant", gemeente="GM0855")
TILBURG, VT = "GM0855", "veilig-thuis-midden-brabant"


def handed_over() -> Casusloop:
    loop = Casusloop(now=ONTVANGEN)
    loop.deliver(MB.melding(), MB.besluit(ONTVANGEN), MB.aangemaakt(ONTVANGEN), MB.afgeleverd(ONTVANGEN))
    return loop


def refused(op: datetime) -> OverdrachtGeweigerd:
    return OverdrachtGeweigerd(
        overdracht_id=OVERDRACHT,
        melding_id=MELDING,
        regio=MB.regio,
        gemeente=TILBURG,
        overdrachtsoort=Overdrachtsoort.DIRECT,
        melding_ontvangen_op=ONTVANGEN,
        geweigerd_op=op,
        geweigerd_door=TILBURG,
        code=Weigeringscode.GEEN_INWONER,
    )


def of_tilburg(loop: Casusloop) -> frozenset[Relatie]:
    return relaties_of(loop.toezicht).get(TILBURG, frozenset())


def test_offered_received_and_bearing_follow_each_other() -> None:
    loop = handed_over()
    assert of_tilburg(loop) == {Relatie.AANGEBODEN}
    loop.deliver(MB.bevestigd(ONTVANGEN + timedelta(hours=1)))
    assert of_tilburg(loop) == {Relatie.ONTVANGER}
    loop.move_to(ONTVANGEN + timedelta(days=9))
    assert Relatie.DRAGER in of_tilburg(loop)


def test_what_came_back_is_no_longer_its_own_also_when_it_bore_it() -> None:
    loop = handed_over()
    loop.move_to(ONTVANGEN + timedelta(days=9))
    for escalatie in list(loop.toezicht.escalaties.values()):
        if escalatie.status is not Escalatiestatus.AFGEHANDELD:
            loop.handle(
                SettleEscalatie(
                    escalatie.id, AfhandelingInvoer(door=IEMAND, resultaat=Escalatieresultaat.GEEN_ACTIE_NODIG)
                ),
                partij=VT,
            )
    loop.deliver(MB.teruggekoppeld(loop.now))
    assert of_tilburg(loop) == {Relatie.VOORBIJ}
    assert TILBURG not in readers_of(relaties_of(loop.toezicht))
    assert TILBURG in loop.toezicht.betrokken_partijen


def test_who_is_called_reads_and_acts_until_the_escalatie_is_closed() -> None:
    loop = handed_over()
    loop.deliver(refused(ONTVANGEN))
    assert of_tilburg(loop) == {Relatie.VOORBIJ}
    assert isinstance(
        loop.handle(ReportMeningsverschil(MeningsverschilInvoer(door=IEMAND, overdracht_id=OVERDRACHT)), partij=VT),
        Decision,
    )
    (escalatie,) = loop.toezicht.escalaties.values()
    assert (escalatie.bij, of_tilburg(loop)) == (TILBURG, {Relatie.VOORBIJ, Relatie.GEROEPEN})
    closing = SettleEscalatie(
        escalatie.id, AfhandelingInvoer(door=IEMAND, resultaat=Escalatieresultaat.GEEN_ACTIE_NODIG)
    )
    assert isinstance(loop.handle(closing, partij=TILBURG), Decision)
    assert of_tilburg(loop) == {Relatie.VOORBIJ}


def test_a_huisverbod_is_told_to_the_gemeente_until_it_lets_the_case_go() -> None:
    """AEF 2.4."""
    loop = handed_over()
    loop.now = ONTVANGEN + timedelta(hours=1)
    loop.handle(ReportDwangmaatregel(DwangmaatregelInvoer(maatregel=Dwangmaatregel.HUISVERBOD, door=IEMAND)), partij=VT)
    assert Relatie.INGELICHT in of_tilburg(loop)
    loop.now = ONTVANGEN + timedelta(hours=2)
    loop.deliver(refused(loop.now))
    assert of_tilburg(loop) == {Relatie.VOORBIJ}


def test_who_walks_along_does_so_until_the_dienst_ends() -> None:
    """MB 4.2."""
    loop = Casusloop(now=ONTVANGEN)
    loop.deliver(MB.melding(), MB.dienst(at("03-03 10:00")), MB.vbs(at("03-03 11:00")))
    assert of_tilburg(loop) == {Relatie.SAMENWERKER}
    loop.deliver(MB.dienst_klaar(at("04-03 10:00")))
    assert of_tilburg(loop) == {Relatie.VOORBIJ}
