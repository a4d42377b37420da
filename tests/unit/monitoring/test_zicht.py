"""Who bears zicht op veiligheid (DOMAIN D6): exactly one party, at every moment, whatever the order of arrival."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.monitoring import Drager, ZichtOpVeiligheidOvergegaan
from contracts.messages.triage import (
    Besluit,
    MeldpuntmeldingDoorgezet,
    MeldpuntmeldingOntvangen,
    MeldpuntmeldingOvergenomen,
    MeldpuntUitkomst,
)
from contracts.messages.verzegeld import Verzegeld
from services.monitoring.domain.toestand import Overgang, Toezicht
from services.monitoring.domain.zicht import additions, timeline, zicht_at
from tests.builders.events import SEALED
from tests.examples import examples
from tests.unit.monitoring.casusloop import VT, Casusloop
from tests.unit.monitoring.verhalen import MELDING, ONTVANGEN, OVERDRACHT, Verhaal, at

WB = Verhaal()
MB = Verhaal(regio="midden-brabant", gemeente="GM0855")
TWEEDE = UUID("00000000-0000-7000-8000-00000000000d")
BESLUIT_2 = UUID("00000000-0000-7000-8000-00000000000e")
MELDPUNT = UUID("00000000-0000-7000-8000-00000000000f")


def bearer(toezicht: Toezicht, op: datetime) -> str | None:
    found = zicht_at(toezicht.zicht, op)
    return None if found is None else found.partij


def delivered(verhaal: Verhaal) -> Casusloop:
    loop = Casusloop(ONTVANGEN)
    loop.deliver(verhaal.melding())
    loop.move_to(at("03-03 10:00"))
    loop.deliver(verhaal.besluit(at("03-03 09:30")), verhaal.afgeleverd(at("03-03 10:00")))
    return loop


def test_west_brabant_moves_after_two_werkdagen_without_anyone_doing_anything() -> None:
    """WB a: after 2 werkdagen it is the local team's, also with a waiting list."""
    loop = delivered(WB)
    happened = loop.move_to(at("03-06 09:00"))
    (moved,) = [event for event in happened if isinstance(event, ZichtOpVeiligheidOvergegaan)]
    assert (moved.van, moved.van_partij, moved.naar, moved.naar_partij) == (
        Drager.VEILIG_THUIS,
        VT,
        Drager.LOKAAL_TEAM,
        "GM0758",
    )
    assert moved.op == at("03-06 00:00")
    assert (moved.regel_id, moved.herziening) == ("zicht-na-overdracht", False)
    assert bearer(loop.toezicht, at("03-05 23:59")) == VT
    assert bearer(loop.toezicht, at("03-06 00:00")) == "GM0758"


def test_midden_brabant_stays_with_veilig_thuis_for_seven_dagen() -> None:
    """MB: until 7 days after the overdracht it stays with VT."""
    loop = delivered(MB)
    loop.move_to(at("03-20 09:00"))
    assert bearer(loop.toezicht, at("03-10 23:59")) == "veilig-thuis-midden-brabant"
    assert bearer(loop.toezicht, at("03-11 00:00")) == "GM0855"


def test_an_overdracht_that_was_never_delivered_moves_nothing() -> None:
    """BK 4.4: ik laat niet los voordat een ander overneemt."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(at("03-03 09:30")), WB.aangemaakt(at("03-03 09:31")))
    loop.deliver(WB.gestagneerd(at("03-04 09:00")))
    loop.move_to(at("04-30 09:00"))
    assert bearer(loop.toezicht, at("04-30 09:00")) == VT


def test_terugkoppeling_moves_it_back_at_once() -> None:
    """MB 4.1: on receipt of the form the responsibility lies with VT."""
    loop = delivered(WB)
    loop.move_to(at("03-10 14:00"))
    loop.deliver(WB.teruggekoppeld(at("03-10 14:00")))
    assert bearer(loop.toezicht, at("03-10 13:59")) == "GM0758"
    assert bearer(loop.toezicht, at("03-10 14:00")) == VT


def test_given_back_before_the_move_it_never_leaves() -> None:
    """What was given back within the two werkdagen does not go over afterwards."""
    loop = delivered(WB)
    loop.move_to(at("03-04 14:00"))
    loop.deliver(WB.teruggekoppeld(at("03-04 14:00")))
    loop.move_to(at("04-01 00:00"))
    assert len(loop.toezicht.zicht) == 1


def test_news_of_a_terugkoppeling_that_comes_late_revises_the_ledger_openly() -> None:
    """The line that was wrong stays; a later line says what holds, and the event says it is a revision."""
    loop = delivered(WB)
    loop.move_to(at("03-06 09:00"))
    happened = loop.deliver(WB.teruggekoppeld(at("03-05 14:00")))
    (revised,) = [event for event in happened if isinstance(event, ZichtOpVeiligheidOvergegaan)]
    assert (revised.naar_partij, revised.op, revised.herziening) == (VT, at("03-06 00:00"), True)
    assert bearer(loop.toezicht, at("03-06 05:00")) == VT
    known_then = zicht_at(loop.toezicht.zicht, at("03-06 05:00"), known_at=at("03-06 08:59"))
    assert known_then is not None
    assert known_then.partij == "GM0758"


def test_a_second_overdracht_after_a_terugkoppeling_moves_it_again() -> None:
    """VT weighs again and hands over again: the rule holds for each overdracht."""
    loop = delivered(WB)
    loop.move_to(at("03-10 14:00"))
    loop.deliver(WB.teruggekoppeld(at("03-10 14:00")))
    loop.move_to(at("03-11 10:00"))
    loop.deliver(WB.besluit(at("03-11 09:00"), besluit_id=BESLUIT_2))
    loop.deliver(WB.afgeleverd(at("03-11 10:00"), overdracht_id=TWEEDE))
    loop.move_to(at("03-20 00:00"))
    assert [line.partij for line in timeline(loop.toezicht.zicht)] == [VT, "GM0758", VT, "GM0758"]
    assert bearer(loop.toezicht, at("03-14 00:00")) == "GM0758"


def test_a_closed_case_is_borne_by_nobody() -> None:
    """It ends at closure (AEF C)."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding())
    loop.move_to(at("03-04 09:00"))
    loop.deliver(WB.besluit(at("03-04 09:00"), Besluit.GEEN_VERVOLG))
    assert bearer(loop.toezicht, at("03-04 08:59")) == VT
    assert bearer(loop.toezicht, at("03-04 09:00")) is None
    assert loop.toezicht.zicht[-1].drager is None


def meldpunt_events(*, crisis: bool) -> tuple[Gebeurtenis, Gebeurtenis, Gebeurtenis]:
    return (
        MeldpuntmeldingOntvangen(
            meldpuntmelding_id=MELDPUNT,
            regio="west-brabant",
            gemeente="GM0758",
            crisis=crisis,
            vermoeden_hgkm=True,
            uitkomst=MeldpuntUitkomst.VEILIG_THUIS,
            ontvangen_op=ONTVANGEN,
            gegevens=Verzegeld(SEALED),
        ),
        MeldpuntmeldingDoorgezet(
            meldpuntmelding_id=MELDPUNT,
            regio="west-brabant",
            gemeente="GM0758",
            crisis=crisis,
            naar=MeldpuntUitkomst.VEILIG_THUIS,
            ontvangen_op=ONTVANGEN,
            doorgezet_op=ONTVANGEN,
            melding_id=MELDING,
        ),
        MeldpuntmeldingOvergenomen(
            meldpuntmelding_id=MELDPUNT,
            regio="west-brabant",
            door=VT,
            overgenomen_op=at("03-02 15:00"),
        ),
    )


def test_in_a_crisis_the_meldpunt_keeps_the_regie_until_it_is_taken_over() -> None:
    """BK 4.4: until another party has accepted, the meldpunt keeps the regie."""
    ontvangen, doorgezet, overgenomen = meldpunt_events(crisis=True)
    loop = Casusloop(ONTVANGEN)
    loop.deliver(ontvangen, doorgezet, WB.melding())
    loop.move_to(at("03-02 15:00"))
    assert bearer(loop.toezicht, at("03-02 14:00")) == "meldpunt-west-brabant"
    loop.deliver(overgenomen)
    assert bearer(loop.toezicht, at("03-02 15:00")) == VT


@pytest.mark.parametrize("crisis", [True, False])
def test_a_meldpuntmelding_runs_a_clock_of_24_hours_only_in_a_crisis(crisis: bool) -> None:  # noqa: FBT001
    """BK: warm handover of a crisis within 24 hours."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(*meldpunt_events(crisis=crisis)[:2])
    ends = [item.eindigt_op for item in loop.toezicht.termijnen.values()]
    assert ends == ([at("03-03 09:00")] if crisis else [])


# --- whatever the order ---

STORY: tuple[tuple[datetime, Gebeurtenis], ...] = (
    (at("03-02 09:00"), WB.melding()),
    (at("03-03 09:30"), WB.besluit(at("03-03 09:30"))),
    (at("03-03 09:31"), WB.aangemaakt(at("03-03 09:31"))),
    (at("03-03 10:00"), WB.afgeleverd(at("03-03 10:00"))),
    (at("03-04 10:00"), WB.bevestigd(at("03-04 10:00"))),
    (at("03-05 10:00"), WB.opgepakt(at("03-05 10:00"))),
    (at("03-09 11:00"), WB.teruggekoppeld(at("03-09 11:00"))),
    (at("03-10 09:00"), WB.besluit(at("03-10 09:00"), besluit_id=BESLUIT_2)),
    (at("03-10 09:30"), WB.afgeleverd(at("03-10 09:30"), overdracht_id=TWEEDE)),
    (at("03-16 12:00"), WB.besluit(at("03-16 12:00"), Besluit.GEEN_VERVOLG, besluit_id=UUID(int=9 << 64))),
)
CLOSED = at("03-16 12:00")
PROBES = [at("03-02 09:00") + timedelta(hours=7 * step) for step in range(49)]


@st.composite
def arrivals(draw: st.DrawFn) -> list[tuple[datetime, Gebeurtenis]]:
    """Every event at least once, late by up to ten days, some twice, so in any order."""
    delays = st.integers(min_value=0, max_value=240)
    found: list[tuple[datetime, Gebeurtenis]] = []
    for moment, event in STORY:
        found.extend(
            (moment + timedelta(hours=draw(delays)), event) for _ in range(draw(st.integers(min_value=1, max_value=2)))
        )
    return sorted(found, key=lambda pair: pair[0])


def run(arrived: list[tuple[datetime, Gebeurtenis]], *, asleep: tuple[int, int] = (0, 0)) -> Casusloop:
    """Deliver at the moments of arrival; between two hours after the start the service is down and hears nothing."""
    start, end = (ONTVANGEN + timedelta(hours=hours) for hours in asleep)
    loop = Casusloop(ONTVANGEN)
    for moment, event in arrived:
        when = end if start <= moment < end else moment
        loop.move_to(max(when, loop.now)) if not start <= loop.now < end else loop.wake_at(max(when, loop.now))
        loop.deliver(event)
    loop.move_to(at("04-15 00:00"))
    return loop


def told_by(arrived: list[tuple[datetime, Gebeurtenis]]) -> list[tuple[datetime, str | None]]:
    return [(line.vanaf, line.partij) for line in timeline(run(arrived).toezicht.zicht)]


@cache
def told_in_order() -> list[tuple[datetime, str | None]]:
    return told_by(list(STORY))


@examples(25)
@given(arrivals(), st.integers(0, 200), st.integers(0, 100))
def test_exactly_one_bearer_at_every_moment_in_any_order(
    arrived: list[tuple[datetime, Gebeurtenis]],
    asleep_from: int,
    asleep_for: int,
) -> None:
    """G3: from the melding to closure never none and never two, for any order, duplication and delay."""
    loop = run(arrived, asleep=(asleep_from, asleep_from + asleep_for))
    lines = timeline(loop.toezicht.zicht)
    assert lines[0].vanaf == ONTVANGEN
    assert all(earlier.vanaf < later.vanaf for earlier, later in pairwise(lines))
    for probe in PROBES:
        found = zicht_at(loop.toezicht.zicht, probe)
        assert found is not None
        assert (found.partij is None) == (probe >= CLOSED)
    assert loop.waiting == []
    assert loop.timers == {}


@examples(25)
@given(arrivals())
def test_the_order_of_arrival_does_not_change_who_bore_it_when(arrived: list[tuple[datetime, Gebeurtenis]]) -> None:
    """Facts decide, not the road they came by."""
    assert told_by(arrived) == told_in_order()


@examples(25)
@given(arrivals())
def test_the_ledger_only_grows_and_never_leaves_a_gap_on_the_way(
    arrived: list[tuple[datetime, Gebeurtenis]],
) -> None:
    """At every moment of knowledge there was one answer for the present, and nothing written was ever changed."""
    loop = Casusloop(ONTVANGEN)
    before: tuple[Overgang, ...] = ()
    for moment, event in arrived:
        loop.move_to(max(moment, loop.now))
        loop.deliver(event)
        if loop.state is None:
            continue
        assert loop.state.zicht[: len(before)] == before
        before = loop.state.zicht
        found = zicht_at(before, loop.now)
        assert found is not None


@examples(25)
@given(arrivals())
def test_events_tell_the_ledger_line_by_line(arrived: list[tuple[datetime, Gebeurtenis]]) -> None:
    """Who only reads the events knows the same ledger."""
    loop = run(arrived)
    told = [
        (event.op, event.naar, event.naar_partij)
        for event in loop.events
        if isinstance(event, ZichtOpVeiligheidOvergegaan)
    ]
    assert told == [(line.vanaf, line.drager, line.partij) for line in loop.toezicht.zicht]


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.sampled_from([*Drager, None])),
        min_size=1,
        max_size=12,
    ),
)
def test_a_ledger_of_any_lines_answers_with_the_last_word_about_a_moment(
    lines: list[tuple[int, Drager | None]],
) -> None:
    """A line speaks about all time from its moment on; compared with reading the lines one by one."""
    zero = datetime(2026, 1, 1, tzinfo=UTC)
    ledger = [
        Overgang(
            vanaf=zero + timedelta(days=day),
            drager=drager,
            partij=None if drager is None else drager.value,
            regel_id="regel",
            afspraken_versie="versie",
            handeling="handeling",
            vastgesteld_op=zero,
        )
        for day, drager in lines
    ]
    for day in range(52):
        op = zero + timedelta(days=day)
        spoken = [line for line in ledger if line.vanaf <= op]
        found = zicht_at(ledger, op)
        assert (None if found is None else found.drager) == (spoken[-1].drager if spoken else None)


def test_overdracht_id_is_not_mistaken_for_another() -> None:
    """Two overdrachten of one case keep their own receipts."""
    loop = delivered(WB)
    loop.deliver(WB.afgeleverd(at("03-03 11:00"), overdracht_id=TWEEDE), WB.bevestigd(at("03-03 12:00")))
    status = {item.onderwerp_id: item.gehaald_op for item in loop.toezicht.termijnen.values()}
    assert status[OVERDRACHT] == at("03-03 12:00")
    assert status[TWEEDE] is None


def _line(day: int, drager: Drager | None) -> Overgang:
    zero = datetime(2026, 1, 1, tzinfo=UTC)
    partij = None if drager is None else drager.value
    return Overgang(zero + timedelta(days=day), drager, partij, f"regel-{drager}", "versie", "handeling", zero)


def _succession(days: list[int], bearers: list[Drager]) -> list[Overgang]:
    """Lines as facts and rules give them: later and later, each to another bearer."""
    found: list[Overgang] = []
    for day, drager in zip(sorted(set(days)), bearers, strict=False):
        if not found or found[-1].drager is not drager:
            found.append(_line(day, drager))
    return found


@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from([*Drager, None])), max_size=8),
    st.lists(st.integers(0, 20), min_size=1, max_size=6),
    st.lists(st.sampled_from(list(Drager)), min_size=6, max_size=6),
)
def test_whatever_was_written_before_one_addition_makes_the_ledger_say_what_the_facts_say(
    written: list[tuple[int, Drager | None]],
    days: list[int],
    bearers: list[Drager],
) -> None:
    """And a second addition adds nothing."""
    ledger, wanted = [_line(day, drager) for day, drager in written], _succession(days, bearers)
    ledger += additions(ledger, wanted, now=datetime(2026, 2, 1, tzinfo=UTC))
    assert [(line.vanaf, line.drager) for line in timeline(ledger)] == [(line.vanaf, line.drager) for line in wanted]
    assert additions(ledger, wanted, now=datetime(2026, 2, 1, tzinfo=UTC)) == []
