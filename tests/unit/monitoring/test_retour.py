"""A delivery that was told and then taken back: zicht stays where it was, terms run from what really arrived (G3, G8)."""

from datetime import datetime

import pytest

from contracts.afspraken import Termijnstatus
from contracts.messages.handover import AfleveringGestagneerd, OverdrachtAfgeleverd
from contracts.messages.monitoring import Drager
from services.monitoring.domain.toestand import Escalatiestatus
from services.monitoring.domain.zicht import zicht_at
from tests.unit.monitoring.casusloop import Casusloop, asked, names
from tests.unit.monitoring.test_termijnen import MB, WB, handed_over
from tests.unit.monitoring.verhalen import ONTVANGEN, Verhaal, at

DELIVERED = at("03-03 10:00")


def back(op: datetime, *, was: datetime = DELIVERED, verhaal: Verhaal = WB) -> AfleveringGestagneerd:
    return verhaal.gestagneerd(op, blijvend=True).model_copy(update={"teruggekomen_op": was})


def instead(op: datetime, *, was: datetime = DELIVERED) -> OverdrachtAfgeleverd:
    return WB.afgeleverd(op).model_copy(update={"teruggekomen_op": was})


def bearer(loop: Casusloop, op: datetime) -> Drager | None:
    line = zicht_at(loop.toezicht.zicht, op)
    return None if line is None else line.drager


def running(loop: Casusloop) -> list[tuple[str, datetime]]:
    """What the team and Veilig Thuis agreed on; apart from the term to make it arrive after all."""
    return [
        (item.regel_id, item.begint_op)
        for item in loop.toezicht.termijnen.values()
        if item.status is Termijnstatus.LOPEND and item.regel_id != "aflevering-alsnog"
    ]


def test_the_term_of_the_team_lapses_and_both_are_asked_to_use_another_road() -> None:
    loop = handed_over()
    loop.now = at("03-03 15:00")
    happened = loop.deliver(back(loop.now))
    assert "termijn-vervallen" in names(happened)
    assert [regel for regel, _ in running(loop)] == ["overdracht-na-melding"]
    assert {partij for _, partij in asked(happened)} == {"veilig-thuis-west-brabant", "GM0758"}
    loop.move_to(at("03-20 00:00"))
    assert bearer(loop, at("03-20 00:00")) is Drager.VEILIG_THUIS


def test_a_mail_that_comes_back_after_zicht_moved_moves_it_back_for_the_whole_time() -> None:
    """G3: the ledger says who bore it, and since when that is known."""
    loop = handed_over()
    loop.move_to(at("03-10 09:00"))
    assert bearer(loop, at("03-09 12:00")) is Drager.LOKAAL_TEAM
    happened = loop.deliver(back(loop.now))
    assert bearer(loop, at("03-09 12:00")) is Drager.VEILIG_THUIS
    assert asked(happened) == [
        ("triagist", "veilig-thuis-west-brabant"),
        ("leidinggevende", "GM0758"),
        ("teamcoordinator", "GM0758"),  # who was told that zicht was theirs
    ]
    known_then = zicht_at(loop.toezicht.zicht, at("03-09 12:00"), known_at=at("03-09 13:00"))
    assert known_then is not None
    assert known_then.drager is Drager.LOKAAL_TEAM


def test_who_was_called_about_a_team_that_received_nothing_need_not_act() -> None:
    """The term had passed and a ladder was climbed; no miss of the team, for nothing was there to miss."""
    loop = handed_over()
    loop.move_to(at("03-10 09:00"))
    assert any(item.status is Escalatiestatus.OPEN for item in loop.toezicht.escalaties.values())
    loop.deliver(back(loop.now))
    assert all(item.status is Escalatiestatus.AFGEHANDELD for item in loop.toezicht.escalaties.values())
    assert not any(name.startswith("trede:") for name in loop.timers)


@pytest.mark.parametrize("returned_at", ["03-03 15:00", "03-10 09:00"])
def test_a_new_delivery_starts_the_term_and_zicht_anew(returned_at: str) -> None:
    loop = handed_over()
    loop.move_to(at(returned_at))
    loop.deliver(back(loop.now))
    loop.move_to(at("03-11 10:00"))
    loop.deliver(WB.afgeleverd(loop.now))
    assert running(loop) == [("ontvangstbevestiging", at("03-11 10:00"))]
    loop.move_to(at("03-13 23:00"))
    assert bearer(loop, loop.now) is Drager.VEILIG_THUIS
    loop.move_to(at("03-14 00:00"))
    assert bearer(loop, loop.now) is Drager.LOKAAL_TEAM


def test_a_delivery_that_takes_the_place_of_another_moves_the_terms_without_alarm() -> None:
    loop = handed_over()
    loop.now = at("03-04 10:00")
    happened = loop.deliver(instead(at("03-04 09:00")))
    assert asked(happened) == []
    assert running(loop) == [("ontvangstbevestiging", at("03-04 09:00"))]


def test_the_order_in_which_it_is_heard_does_not_matter() -> None:
    """A delivery that is heard of after it was taken back is none."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding())
    loop.move_to(at("03-03 15:00"))
    loop.deliver(WB.besluit(at("03-03 09:30")), WB.aangemaakt(at("03-03 09:31")), back(loop.now))
    loop.deliver(WB.afgeleverd(DELIVERED))
    assert [regel for regel, _ in running(loop)] == ["overdracht-na-melding"]
    loop.deliver(back(loop.now))
    loop.move_to(at("03-20 00:00"))
    assert bearer(loop, loop.now) is Drager.VEILIG_THUIS


def test_what_the_delivery_had_met_runs_on_again() -> None:
    """MB 4.1: also the overdracht falls within five werkdagen of the melding; one that came back has not happened."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(MB.melding())
    loop.now = DELIVERED
    loop.deliver(MB.besluit(at("03-03 09:30")), MB.aangemaakt(at("03-03 09:31")), MB.afgeleverd(DELIVERED))
    assert "overdracht-na-melding" not in dict(running(loop))
    loop.now = at("03-04 10:00")
    loop.deliver(back(loop.now, verhaal=MB))
    assert "overdracht-na-melding" in dict(running(loop))
    happened = loop.move_to(at("03-11 00:00"))
    assert "gestart" in names(happened), "and a ladder is climbed when nothing is done"
