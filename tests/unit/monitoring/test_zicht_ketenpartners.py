"""Zicht op veiligheid with other parties than a lokaal team (D6, D13): still exactly one, and always who has the case."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.documenten import Professional
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.monitoring import (
    Drager,
    Dwangmaatregel,
    EscalatieGestart,
    Escalatieresultaat,
    Sluitreden,
    TermijnGestart,
)
from services.monitoring.domain.invoer import (
    AanvaardingInvoer,
    AfhandelingInvoer,
    AfsluitingInvoer,
    CorrectieInvoer,
    DwangmaatregelInvoer,
    MeningsverschilInvoer,
)
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.domain.zicht import timeline, zicht_at
from services.monitoring.handlers.commands import (
    CloseCasus,
    CorrectFeit,
    ReportAanvaarding,
    ReportDwangmaatregel,
    ReportMeningsverschil,
    SettleEscalatie,
)
from services.runtime.unit.decision import Decision, Refused
from tests.examples import examples
from tests.unit.monitoring.casusloop import VT, Casusloop, asked
from tests.unit.monitoring.verhalen import DIENST, ONTVANGEN, OVERDRACHT, Verhaal, at

TEAM = Verhaal()
PARTNER = Verhaal(partij="safegroup")
TWEEDE = UUID("00000000-0000-7000-8000-00000000000d")
IEMAND = Professional(naam="Robin Zandbak", functie="behandelaar")


def bearer(toezicht: Toezicht, op: datetime) -> str | None:
    found = zicht_at(toezicht.zicht, op)
    return None if found is None else found.partij


def handed_over(verhaal: Verhaal = PARTNER, soort: Overdrachtsoort = Overdrachtsoort.DIRECT) -> Casusloop:
    loop = Casusloop(ONTVANGEN)
    loop.deliver(verhaal.melding())
    loop.move_to(at("03-03 10:00"))
    loop.deliver(verhaal.besluit(at("03-03 09:30")), verhaal.afgeleverd(at("03-03 10:00"), soort=soort))
    return loop


def test_a_confirmation_is_no_acceptance() -> None:
    """AEF C: “en door deze partner is geaccepteerd”."""
    loop = handed_over()
    loop.move_to(at("03-04 10:00"))
    loop.deliver(PARTNER.bevestigd(at("03-04 10:00")))
    loop.move_to(at("04-01 10:00"))
    assert bearer(loop.toezicht, loop.now) == VT
    loop.deliver(PARTNER.opgepakt(at("04-01 10:00")))
    line = zicht_at(loop.toezicht.zicht, loop.now)
    assert line is not None
    assert (line.drager, line.partij) == (Drager.KETENPARTNER, "safegroup")
    assert line.regel_id == "zicht-na-overdracht-aan-ketenpartner"


def test_a_warm_overdracht_to_a_party_is_its_acceptance() -> None:
    """AEF C and MB 4.3."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(PARTNER.melding())
    loop.move_to(at("04-01 10:00"))
    loop.deliver(PARTNER.dienst(at("03-04 10:00")), PARTNER.dienst_klaar(at("04-01 09:00")))
    loop.deliver(PARTNER.warm(at("04-01 10:00")))
    assert loop.toezicht.ketenpartners == {DIENST: "safegroup"}
    assert bearer(loop.toezicht, loop.now) == "safegroup"


def test_only_who_received_it_can_give_it_away() -> None:
    """Two receivers: what the team gives back takes nothing from the party that bears it."""
    loop = handed_over()
    loop.deliver(TEAM.afgeleverd(at("03-03 10:00"), overdracht_id=TWEEDE), PARTNER.opgepakt(at("03-03 11:00")))
    loop.move_to(at("03-10 10:00"))
    assert bearer(loop.toezicht, loop.now) == "safegroup"
    loop.deliver(TEAM.teruggekoppeld(at("03-10 10:00"), overdracht_id=TWEEDE))
    assert bearer(loop.toezicht, loop.now) == "safegroup"
    loop.deliver(PARTNER.teruggekoppeld(at("03-10 10:00")))
    assert bearer(loop.toezicht, loop.now) == VT


def test_one_gemeente_gives_back_and_the_other_that_bears_it_goes_on_bearing_it() -> None:
    """The same between two lokale teams."""
    other = Verhaal(gemeente="GM0748")
    loop = handed_over(TEAM)
    loop.deliver(other.afgeleverd(at("03-05 10:00"), overdracht_id=TWEEDE))
    loop.move_to(at("03-10 10:00"))
    assert bearer(loop.toezicht, loop.now) == "GM0758"
    loop.deliver(other.teruggekoppeld(at("03-10 10:00"), overdracht_id=TWEEDE))
    assert bearer(loop.toezicht, loop.now) == "GM0758"


def test_what_is_owed_and_who_is_called_follow_the_receiver() -> None:
    """FS, BK 4.4.1: the party itself and Veilig Thuis; the lokaal team hears nothing of a case that it never had."""
    loop = handed_over()
    happened = loop.move_to(at("03-06 10:00"))
    (started,) = [event for event in loop.events if isinstance(event, TermijnGestart) and event.partij == "safegroup"]
    assert (started.regel_id, started.verantwoordelijke) == ("ontvangstbevestiging-ketenpartner", Drager.KETENPARTNER)
    (climb,) = [event for event in happened if isinstance(event, EscalatieGestart)]
    assert (climb.partij, climb.bij, climb.ook_bij, climb.rol) == ("safegroup", "safegroup", (VT,), "leidinggevende")
    assert loop.toezicht.betrokken_partijen == {VT, "safegroup"}


def test_after_a_dienst_veilig_thuis_plans_the_monitoring_of_a_party() -> None:
    """MB 5 leaves planning to the lokaal team; where there is none it stays with who monitors."""
    mb = Verhaal(regio="midden-brabant", gemeente="GM0855", partij="ggz-crisisdienst")
    loop = handed_over(mb, Overdrachtsoort.NA_DIENST)
    owes = {item.regel_id: (item.verantwoordelijke, item.partij) for item in loop.toezicht.termijnen.values()}
    assert owes["monitormoment-3-maanden-ketenpartner"] == (Drager.VEILIG_THUIS, "ggz-crisisdienst")
    assert "monitormoment-3-maanden" not in owes
    assert len(loop.toezicht.momenten) == 3


def test_a_party_acts_in_its_own_cases_and_in_no_other() -> None:
    """It bears zicht and closes; a party that has nothing to do with the case does not even see that it is there."""
    loop = handed_over()
    loop.move_to(at("03-04 10:00"))
    loop.deliver(PARTNER.opgepakt(at("03-04 10:00")))
    close = CloseCasus(AfsluitingInvoer(reden=Sluitreden.STABIELE_VEILIGHEID, door=IEMAND))
    for stranger in ("ggz-crisisdienst", "meldpunt-west-brabant", "veilig-thuis-midden-brabant", "GM0758"):
        assert isinstance(refused := loop.handle(close, partij=stranger), Refused)
        assert refused.status == 404
        accepted = ReportAanvaarding(AanvaardingInvoer(partij="ggz-crisisdienst", door=IEMAND))
        assert isinstance(loop.handle(accepted, partij=stranger), Refused)
    assert isinstance(loop.handle(close, partij="safegroup"), Decision)
    assert bearer(loop.toezicht, loop.now) is None


def test_a_party_puts_right_what_it_reported_itself_and_nothing_else() -> None:
    """D16; a party is bound as a gemeente is."""
    loop = handed_over()
    loop.move_to(at("03-05 10:00"))
    loop.deliver(PARTNER.opgepakt(at("03-05 10:00")))
    feiten = {feit.anker.value: feit for feit in loop.toezicht.feiten}
    own, other = feiten["overdracht-opgepakt"], feiten["overdracht-afgeleverd"]
    right = CorrectFeit(
        CorrectieInvoer(
            feit=own.anker,
            op=at("03-04 10:00"),
            door=IEMAND,
            toelichting="Verkeerd overgenomen.",
            onderwerp_id=own.onderwerp_id,
        )
    )
    wrong = CorrectFeit(
        CorrectieInvoer(
            feit=other.anker,
            op=at("03-03 11:00"),
            door=IEMAND,
            toelichting="Zo was het niet.",
            onderwerp_id=other.onderwerp_id,
        )
    )
    assert isinstance(loop.handle(wrong, partij="safegroup"), Refused)
    assert isinstance(loop.handle(right, partij="safegroup"), Decision)
    assert bearer(loop.toezicht, at("03-04 10:00")) == "safegroup"


def test_an_escalatie_is_handled_by_who_it_is_about_or_by_veilig_thuis() -> None:
    loop = handed_over()
    loop.move_to(at("03-06 10:00"))
    (escalatie,) = loop.toezicht.escalaties.values()
    done = SettleEscalatie(escalatie.id, AfhandelingInvoer(door=IEMAND, resultaat=Escalatieresultaat.ALSNOG_GEDAAN))
    assert isinstance(loop.handle(done, partij="ggz-crisisdienst"), Refused)
    assert isinstance(loop.handle(done, partij="safegroup"), Decision)


def test_a_huisverbod_is_told_to_the_team_and_to_the_party_that_bears_zicht() -> None:
    """AEF 2.4: the lokaal team in time; it may then see the case that it was told about. Zicht stays where it is."""
    loop = handed_over()
    loop.move_to(at("03-04 10:00"))
    loop.deliver(PARTNER.opgepakt(at("03-04 10:00")))
    before = len(loop.events)
    outcome = loop.handle(
        ReportDwangmaatregel(DwangmaatregelInvoer(maatregel=Dwangmaatregel.HUISVERBOD, door=IEMAND)), partij=VT
    )
    assert isinstance(outcome, Decision)
    assert asked(loop.events[before:]) == [("coordinator", "GM0758"), ("coordinator", "safegroup")]
    assert bearer(loop.toezicht, loop.now) == "safegroup"
    assert isinstance(loop.handle(ReportMeningsverschil(MeningsverschilInvoer(door=IEMAND)), partij="GM0758"), Decision)


# --- whatever happens, in whatever order ---


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Gebeurtenis], datetime | None]:
    """A case that goes to a team and a party, each of which does some of what it can; perhaps the case is closed."""
    regio, gemeente = draw(st.sampled_from([("west-brabant", "GM0758"), ("midden-brabant", "GM0855")]))
    team = Verhaal(regio=regio, gemeente=gemeente)
    partner = Verhaal(regio=regio, gemeente=gemeente, partij="safegroup")
    begun = at("03-03 09:30")
    told: list[Gebeurtenis] = [team.melding(), team.besluit(begun)]

    def later() -> datetime:
        return begun + timedelta(minutes=draw(st.integers(1, 30 * 24 * 60)))

    for verhaal, overdracht_id in ((team, OVERDRACHT), (partner, TWEEDE)):
        acts = draw(st.sets(st.sampled_from(["afgeleverd", "bevestigd", "opgepakt", "teruggekoppeld"])))
        told += [getattr(verhaal, act)(later(), overdracht_id=overdracht_id) for act in sorted(acts)]
    arrived = draw(st.permutations(told + draw(st.lists(st.sampled_from(told), max_size=4))))
    closes_at = begun + timedelta(days=31, minutes=draw(st.integers(0, 20 * 24 * 60)))
    return arrived, closes_at if draw(st.booleans()) else None


@examples(60)
@given(stories())
def test_exactly_one_bears_it_and_it_is_somebody_who_has_the_case(
    story: tuple[list[Gebeurtenis], datetime | None],
) -> None:
    """G3: never none and never two, from the melding to closure; Veilig Thuis, or who received it and kept it."""
    arrived, closes_at = story
    loop = Casusloop(at("05-01 00:00"))
    loop.deliver(*arrived)
    if closes_at is not None:
        bears = timeline(loop.toezicht.zicht)[-1].partij
        assert bears is not None
        outcome = loop.handle(
            CloseCasus(AfsluitingInvoer(reden=Sluitreden.STABIELE_VEILIGHEID, door=IEMAND, op=closes_at)),
            partij=bears,
        )
        assert isinstance(outcome, Decision), outcome
    lines = timeline(loop.toezicht.zicht)
    assert (lines[0].vanaf, lines[0].drager) == (ONTVANGEN, Drager.VEILIG_THUIS)
    assert all(one.vanaf < other.vanaf and one.partij != other.partij for one, other in pairwise(lines))
    assert [line.vanaf for line in lines if line.partij is None] == ([] if closes_at is None else [closes_at])
    for probe in (ONTVANGEN + timedelta(hours=5 * step) for step in range(200)):
        found = zicht_at(loop.toezicht.zicht, probe)
        assert found is not None
        if found.drager in {Drager.LOKAAL_TEAM, Drager.KETENPARTNER}:
            assert _has_the_case(loop.toezicht, found.partij, probe)


@examples(30)
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(story: tuple[list[Gebeurtenis], datetime | None], random: Random) -> None:
    """Facts decide, not the road they came by."""
    arrived, _ = story
    shuffled = random.sample(arrived, len(arrived))
    one, other = Casusloop(at("05-01 00:00")), Casusloop(at("05-01 00:00"))
    one.deliver(*arrived)
    other.deliver(*shuffled)
    told = [[(line.vanaf, line.partij) for line in timeline(loop.toezicht.zicht)] for loop in (one, other)]
    assert told[0] == told[1]


def _has_the_case(toezicht: Toezicht, partij: str | None, op: datetime) -> bool:
    """Handed over to this party, and not given back by then."""
    for beeld in toezicht.overdrachten.values():
        if beeld.ontvanger != partij:
            continue
        facts = {feit.anker.value: feit.op for feit in toezicht.feiten if feit.onderwerp_id == beeld.overdracht_id}
        came = [facts[name] for name in ("overdracht-afgeleverd", "overdracht-opgepakt") if name in facts]
        back = facts.get("overdracht-teruggekoppeld")
        if came and min(came) <= op and (back is None or op < back):
            return True
    return False
