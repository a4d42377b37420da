"""Who closes a case, and what becomes of a closure that somebody went on with all the same (AEF C; G3, G10)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.messages.documenten import Professional
from contracts.messages.doorgegeven import SluitingDoorgegeven
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.monitoring import EscalatieOpgeschaald, Sluitreden
from contracts.messages.notifier import NotificatieGevraagd
from contracts.messages.triage import Besluit
from services.monitoring.domain.invoer import AfsluitingInvoer, MeningsverschilInvoer
from services.monitoring.domain.zicht import timeline
from services.monitoring.handlers import CloseCasus, ReportMeningsverschil
from services.runtime.unit.decision import Decision, Outcome, Refused
from tests.unit.monitoring.casusloop import VT, Casusloop
from tests.unit.monitoring.verhalen import ONTVANGEN, Verhaal

WB = Verhaal()
NOOR = Professional(naam="Noor de Vries", functie="triagist")
UUR = timedelta(hours=1)


def close(loop: Casusloop, partij: str = VT, *, op: datetime | None = None) -> Outcome[object]:
    return loop.handle(CloseCasus(AfsluitingInvoer(reden=Sluitreden.GEEN_HGKM, door=NOOR, op=op)), partij=partij)


def why(outcome: Outcome[object]) -> str:
    assert isinstance(outcome, Refused), outcome
    return "; ".join(problem.message for problem in outcome.problems)


def bears(loop: Casusloop) -> str | None:
    return timeline(loop.toezicht.zicht)[-1].partij


def closed() -> Casusloop:
    """A melding that Veilig Thuis closed an hour after it came."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding())
    loop.move_to(ONTVANGEN + UUR)
    assert isinstance(close(loop), Decision)
    assert bears(loop) is None
    return loop


class TestWhoCloses:
    def test_veilig_thuis_does_not_end_a_crisis_that_the_meldpunt_bears(self) -> None:
        """BK deel II 4.2: the meldpunt keeps the regie until another takes over by its own act."""
        loop = Casusloop(ONTVANGEN)
        loop.deliver(WB.bij_meldpunt(ONTVANGEN, crisis=True, vermoeden=True), WB.melding())
        meldpunt = bears(loop)
        assert meldpunt == "meldpunt-west-brabant"
        assert "neem de meldpuntmelding eerst over" in why(close(loop))
        assert bears(loop) == meldpunt
        loop.deliver(WB.overgenomen(loop.now))
        assert bears(loop) == VT
        assert "nog geen vervolgstap" in why(close(loop)), "and then the crisis is its own to look after"

    def test_veilig_thuis_does_not_close_a_case_of_which_a_gemeente_bears_zicht(self) -> None:
        loop = Casusloop(ONTVANGEN)
        loop.deliver(WB.melding(), WB.besluit(ONTVANGEN), WB.aangemaakt(ONTVANGEN), WB.afgeleverd(ONTVANGEN))
        loop.move_to(ONTVANGEN + timedelta(days=7))
        assert bears(loop) == "GM0758"
        assert "alleen Breda sluit deze casus" in why(close(loop))
        assert isinstance(close(loop, "GM0758"), Decision)


def handed_over(op: datetime) -> list[Gebeurtenis]:
    return [WB.besluit(op), WB.aangemaakt(op), WB.afgeleverd(op)]


GOES_ON: dict[str, Callable[[datetime], list[Gebeurtenis]]] = {
    "overdracht": handed_over,
    "dienst": lambda op: [WB.dienst(op)],
    "samenwerking": lambda op: [WB.vbs(op)],
    "overname": lambda op: [WB.overgenomen(op)],
}


class TestOvertaken:
    """Triage hears a moment later that a case was closed: what it decided in that moment stands."""

    @pytest.mark.parametrize("wat", GOES_ON)
    def test_it_is_open_again_and_somebody_bears_it(self, wat: str) -> None:
        loop = closed()
        before = len(loop.events)
        loop.deliver(*GOES_ON[wat](loop.now))
        told = loop.events[before:]
        assert bears(loop) == VT
        (passed_on,) = [event for event in told if isinstance(event, SluitingDoorgegeven)]
        assert passed_on.staat is None, "triage and handover go on with it too"
        onderwerpen = {(item.onderwerp, item.partij) for item in told if isinstance(item, NotificatieGevraagd)}
        assert ("De casus is weer open", VT) in onderwerpen
        assert loop.timers, "something is still to come"
        loop.move_to(loop.now + timedelta(days=8))
        assert any(isinstance(event, NotificatieGevraagd) for event in loop.events[before + len(told) :])

    def test_an_overdracht_made_in_the_moment_of_the_closing_goes_its_way(self) -> None:
        """Its receiver is asked, bears it after two werkdagen, and closes it itself."""
        loop = closed()
        loop.deliver(*handed_over(loop.now))
        loop.move_to(loop.now + timedelta(days=7))
        assert bears(loop) == "GM0758"
        assert isinstance(close(loop, "GM0758"), Decision)

    def test_a_ladder_that_ended_with_it_calls_its_people_again_and_climbs_on(self) -> None:
        """They heard that nobody is called any more: that is no longer so."""
        loop = TestMeningsverschil().differing()
        loop.move_to(ONTVANGEN + UUR)
        assert isinstance(close(loop), Decision)
        before = len(loop.events)
        loop.deliver(WB.dienst(loop.now))
        (escalatie,) = loop.toezicht.escalaties.values()
        assert (escalatie.status.value, escalatie.volgende_op is None) == ("open", False)
        asked = [event for event in loop.events[before:] if isinstance(event, NotificatieGevraagd)]
        again = {(event.rol, event.partij) for event in asked if event.escalatie_id == escalatie.id}
        assert (escalatie.rol, escalatie.bij) in again
        assert len({event.notificatie_id for event in asked}) == len(asked)
        loop.move_to(loop.now + timedelta(days=14))
        assert any(isinstance(event, EscalatieOpgeschaald) for event in loop.events[before:])

    def test_what_ends_a_case_or_answers_it_changes_nothing(self) -> None:
        loop = closed()
        loop.deliver(WB.besluit(loop.now, besluit=Besluit.GEEN_VERVOLG))
        assert bears(loop) is None

    def test_what_happened_before_it_was_closed_changes_nothing_however_late_it_is_heard_of(self) -> None:
        loop = closed()
        loop.deliver(WB.besluit(ONTVANGEN))
        assert bears(loop) is None

    def test_nobody_closes_it_at_a_moment_before_somebody_went_on_with_it(self) -> None:
        loop = Casusloop(ONTVANGEN)
        loop.deliver(WB.melding())
        loop.move_to(ONTVANGEN + UUR)
        loop.deliver(*handed_over(loop.now))
        assert "verderging" in why(close(loop, op=ONTVANGEN + UUR / 2))


class TestMeningsverschil:
    """MB 6.1: people who differ have a case to differ about."""

    def differing(self) -> Casusloop:
        loop = Casusloop(ONTVANGEN)
        loop.deliver(WB.melding())
        differs = ReportMeningsverschil(MeningsverschilInvoer(door=NOOR))
        assert isinstance(loop.handle(differs, partij=VT), Decision)
        return loop

    def test_its_ladder_ends_when_the_case_is_closed_and_who_was_called_hears_that_once(self) -> None:
        loop = self.differing()
        before = len(loop.events)
        assert isinstance(close(loop), Decision)
        (escalatie,) = loop.toezicht.escalaties.values()
        assert (escalatie.status.value, escalatie.volgende_op) == ("afgehandeld", None)
        loop.move_to(loop.now + timedelta(days=60))
        after = [event for event in loop.events[before:] if isinstance(event, NotificatieGevraagd)]
        told = [event for event in after if "waarover u geroepen bent" in event.gevraagd]
        assert [(event.rol, event.partij) for event in told] == [(escalatie.rol, escalatie.bij)]
        assert not any(isinstance(event, EscalatieOpgeschaald) for event in loop.events)

    def test_none_begins_in_a_closed_case(self) -> None:
        """Who differs about the closing makes a new melding."""
        loop = closed()
        assert "nieuwe melding nodig" in why(
            loop.handle(ReportMeningsverschil(MeningsverschilInvoer(door=NOOR)), partij=VT)
        )
        assert not loop.toezicht.escalaties


@settings(max_examples=40)
@given(
    st.permutations([*handed_over(ONTVANGEN + UUR), WB.dienst(ONTVANGEN + UUR), WB.vbs(ONTVANGEN + UUR)]),
    st.integers(0, 5),
)
def test_in_whatever_order_it_is_heard_a_case_is_closed_or_borne_and_never_neither(
    events: list[Gebeurtenis], first: int
) -> None:
    """G3, G10: a closing in the same moment as everything else."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding())
    loop.move_to(ONTVANGEN + UUR)
    loop.deliver(*events[:first])
    outcome = close(loop)
    loop.deliver(*events[first:])
    heard_all = first == len(events)
    assert isinstance(outcome, Decision)
    assert (bears(loop) is None) == heard_all or _only_delivered(events[first:])
    assert bears(loop) is None or loop.timers


def _only_delivered(events: list[Gebeurtenis]) -> bool:
    """A delivery says of itself that it arrived, and not that somebody goes on."""
    return [event.soort for event in events] == [WB.afgeleverd(ONTVANGEN).soort]
