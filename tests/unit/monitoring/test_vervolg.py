"""What follows an overdracht: samenwerken, the warm handover, monitoring, stagnation, coercion, closure, corrections."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.afspraken import Anker, Termijnstatus, load_rule_book
from contracts.afspraken.initiatief import find_initiatief
from contracts.messages.documenten import Aanvaardingsbewijs, Professional
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import Overdrachtsoort, VbsUrgentie
from contracts.messages.monitoring import (
    CasusGesloten,
    Drager,
    Dwangmaatregel,
    EscalatieAfgehandeld,
    Gesprekswijze,
    HermeldingInMonitoring,
    Kindgesprek,
    MonitoringGestopt,
    MonitormomentGepland,
    MonitormomentIngepland,
    Sluitreden,
    Stopreden,
    TermijnGehaald,
    TermijnGestart,
    TermijnVerstreken,
    ZorgAangeboden,
    ZorgAanvaard,
)
from contracts.messages.triage import Besluit
from services.monitoring.domain.invoer import (
    AanvaardingInvoer,
    AfsluitingInvoer,
    CorrectieInvoer,
    DwangmaatregelInvoer,
    InplanningInvoer,
    InstemmingInvoer,
    MonitormomentInvoer,
    StagnatiestapInvoer,
    UitkomstInvoer,
)
from services.monitoring.domain.toestand import Escalatiestatus, Termijn, Toezicht
from services.monitoring.domain.zicht import zicht_at
from services.monitoring.handlers import (
    CloseCasus,
    CorrectFeit,
    HoldMonitormoment,
    PlanMonitormoment,
    ReportAanvaarding,
    ReportDwangmaatregel,
    ScheduleMonitormoment,
    TakeStagnatiestap,
)
from services.monitoring.handlers.commands import NoteHermelding
from services.runtime.unit.decision import Decision, JsonObject, Outcome, Refused
from tests.unit.monitoring.casusloop import VT, Casusloop, asked, names
from tests.unit.monitoring.verhalen import ONTVANGEN, OVERDRACHT, Verhaal, at

WB = Verhaal()
SAFEGROUP = Verhaal(partij="safegroup")
MB = Verhaal(regio="midden-brabant", gemeente="GM0855")
VT_MB = "veilig-thuis-midden-brabant"
RAAD = "raad-voor-de-kinderbescherming-midden-brabant"
NOOR = Professional(naam="Noor van Voorbeeld", functie="medewerker monitoring")
TILBURG = load_rule_book().for_case(regio="midden-brabant", gemeente="GM0855", on=ONTVANGEN.date())
ALLEN = InstemmingInvoer(betrokkenen=True, lokaal_team=True, veilig_thuis=True)


def answer(outcome: Outcome[Toezicht]) -> JsonObject:
    assert isinstance(outcome, Decision), outcome
    return outcome.answer or {}


def reasons(outcome: Outcome[Toezicht]) -> str:
    assert isinstance(outcome, Refused), outcome
    return "; ".join(problem.message for problem in outcome.problems)


def termijn(loop: Casusloop, regel_id: str) -> Termijn:
    """The term of this rule that counts now."""
    (found,) = [
        item for item in loop.toezicht.termijnen.values() if item.regel_id == regel_id and item.vervangen_door is None
    ]
    return found


def bearer(loop: Casusloop, op: datetime) -> str | None:
    found = zicht_at(loop.toezicht.zicht, op)
    return None if found is None else found.partij


def in_dienst(verhaal: Verhaal = MB) -> Casusloop:
    loop = Casusloop(ONTVANGEN)
    loop.deliver(verhaal.melding())
    loop.move_to(at("03-04 10:00"))
    loop.deliver(
        verhaal.besluit(at("03-04 09:00"), Besluit.DIENST_VOORWAARDEN_VERVOLG),
        verhaal.dienst(at("03-04 10:00")),
    )
    return loop


def monitored(verhaal: Verhaal = MB) -> Casusloop:
    """A case handed over after a dienst on 4 May 2026: the months count from there."""
    loop = in_dienst(verhaal)
    delivered = at("05-04 10:00")
    loop.move_to(delivered)
    soort = Overdrachtsoort.NA_DIENST
    loop.deliver(
        verhaal.dienst_klaar(at("05-04 09:00")),
        verhaal.aangemaakt(at("05-04 09:30"), soort=soort),
        verhaal.afgeleverd(delivered, soort=soort),
        verhaal.bevestigd(delivered + timedelta(hours=1)),
    )
    return loop


def moments(loop: Casusloop) -> list[UUID]:
    """The moments of monitoring, the first to be held first."""
    return [moment.id for moment in sorted(loop.toezicht.momenten.values(), key=lambda moment: moment.gepland_op)]


def hold(loop: Casusloop, moment: UUID, *, als: str = VT_MB, **changes: Any) -> Outcome[Toezicht]:
    fields: dict[str, Any] = {
        "door": NOOR,
        "wijze": Gesprekswijze.FYSIEK,
        "kinderen": Kindgesprek.GESPROKEN,
        "stabiel_en_veilig": True,
    }
    return loop.handle(HoldMonitormoment(moment, UitkomstInvoer(**(fields | changes))), partij=als)


class TestSamenwerken:
    """Verbindend samenwerken (MB 4.2)."""

    @pytest.mark.parametrize(
        ("urgentie", "regel", "ends"),
        [
            (VbsUrgentie.CRISIS, "vbs-verdelen-urgent", at("03-07 00:00")),
            (VbsUrgentie.REGULIER, "vbs-verdelen-regulier", at("03-12 00:00")),
        ],
    )
    def test_a_request_is_assigned_by_its_urgency(self, urgentie: VbsUrgentie, regel: str, ends: datetime) -> None:
        """2 werkdagen in a crisis, 7 dagen otherwise."""
        loop = in_dienst()
        loop.deliver(MB.vbs(at("03-04 11:00"), urgentie))
        found = [item for item in loop.toezicht.termijnen.values() if item.regel_id.startswith("vbs-")]
        assert [(item.regel_id, item.eindigt_op, item.gemeente) for item in found] == [(regel, ends, "GM0855")]

    def test_assigned_in_time_it_is_met_and_the_week_runs_from_the_first_contact(self) -> None:
        loop = in_dienst()
        loop.deliver(MB.vbs(at("03-04 11:00")), MB.vbs_verdeeld(at("03-04 12:00")))
        assert termijn(loop, "vbs-verdelen-regulier").status is Termijnstatus.GEHAALD
        loop.move_to(at("03-06 09:00"))
        loop.deliver(MB.vbs_eerste_contact(at("03-06 09:00")))
        assert termijn(loop, "vbs-contact").eindigt_op == at("03-14 00:00")
        loop.deliver(MB.vbs_contact(at("03-06 10:00")))
        assert termijn(loop, "vbs-contact").status is Termijnstatus.GEHAALD

    def test_not_assigned_in_time_it_climbs_at_the_lokaal_team(self) -> None:
        loop = in_dienst()
        loop.deliver(MB.vbs(at("03-04 11:00"), VbsUrgentie.CRISIS))
        assert ("gedragswetenschapper", "GM0855") in asked(loop.move_to(at("03-07 00:00")))

    def test_a_team_that_never_joined_goes_back_to_the_normal_road(self) -> None:
        """Als het gedurende de dienst niet lukt om aan te sluiten, vindt een overdracht volgens reguliere werkwijze plaats."""
        loop = in_dienst()
        loop.deliver(MB.vbs(at("03-04 11:00")))
        loop.move_to(at("03-06 09:00"))
        loop.deliver(MB.dienst_klaar(at("03-06 09:00")))
        assert termijn(loop, "vbs-verdelen-regulier").status is Termijnstatus.VERVALLEN

    def test_what_was_asked_is_a_case_of_the_gemeente_before_anything_is_handed_over(self) -> None:
        loop = in_dienst()
        loop.deliver(MB.vbs(at("03-04 11:00")))
        assert "GM0855" in loop.toezicht.betrokken_partijen

    def test_the_order_of_arrival_does_not_matter(self) -> None:
        loop = in_dienst()
        loop.deliver(MB.vbs_verdeeld(at("03-04 12:00")), MB.vbs(at("03-04 11:00")))
        assert termijn(loop, "vbs-verdelen-regulier").status is Termijnstatus.GEHAALD


class TestWarmeOverdracht:
    """MB 4.3: in a conversation, or digitally where that is not feasible."""

    def test_zicht_goes_to_the_team_at_the_conversation(self) -> None:
        loop = in_dienst()
        loop.move_to(at("04-20 15:00"))
        loop.deliver(MB.warm(at("04-20 14:00")))
        assert bearer(loop, at("04-20 13:59")) == VT_MB
        assert bearer(loop, at("04-20 14:00")) == "GM0855"

    def test_a_conversation_that_is_reported_late_moves_it_back_in_time(self) -> None:
        loop = monitored()
        loop.deliver(MB.warm(at("05-01 14:00")))
        assert bearer(loop, at("05-01 14:00")) == "GM0855"


class TestMonitormomenten:
    """MB 5: after 3 and 12 months, once in person, early stop with everybody's consent."""

    def test_a_dienst_that_was_handed_over_is_monitored_up_to_the_mean_of_eighteen_months(self) -> None:
        loop = monitored()
        planned = [event for event in loop.events if isinstance(event, MonitormomentGepland)]
        assert [(event.regel_id, event.plant, event.voert_uit) for event in planned] == [
            ("monitormoment-3-maanden", Drager.LOKAAL_TEAM, Drager.VEILIG_THUIS),
            ("monitormoment-12-maanden", Drager.LOKAAL_TEAM, Drager.VEILIG_THUIS),
            ("monitormoment-18-maanden", Drager.LOKAAL_TEAM, Drager.VEILIG_THUIS),
        ]
        assert [event.gepland_op.astimezone(ONTVANGEN.tzinfo) for event in planned] == [
            datetime.fromisoformat("2026-08-05T00:00+02:00"),
            datetime.fromisoformat("2027-05-05T00:00+02:00"),
            datetime.fromisoformat("2027-11-05T00:00+01:00"),
        ]

    def test_west_brabant_monitors_too_by_the_national_rule_and_veilig_thuis_plans(self) -> None:
        """AEF C."""
        loop = monitored(WB)
        planned = [event for event in loop.events if isinstance(event, MonitormomentGepland)]
        assert {event.plant for event in planned} == {Drager.VEILIG_THUIS}

    def test_a_directe_overdracht_is_not_monitored(self) -> None:
        """FS."""
        loop = Casusloop(ONTVANGEN)
        loop.deliver(MB.melding())
        loop.move_to(at("03-04 10:00"))
        loop.deliver(MB.besluit(at("03-04 09:00")), MB.afgeleverd(at("03-04 10:00")))
        assert loop.toezicht.momenten == {}

    def test_unless_the_dossier_says_why(self) -> None:
        """FS: dan wordt dit vastgelegd in het dossier."""
        loop = Casusloop(ONTVANGEN)
        loop.deliver(MB.melding())
        loop.move_to(at("03-04 10:00"))
        loop.deliver(MB.besluit(at("03-04 09:00")), MB.afgeleverd(at("03-04 10:00")))
        without = PlanMonitormoment(MonitormomentInvoer(door=NOOR, gepland_op=at("06-04 10:00")))
        assert "tenzij is vastgelegd waarom (FS" in reasons(loop.handle(without, partij=VT_MB))
        planned = answer(
            loop.handle(
                PlanMonitormoment(
                    MonitormomentInvoer(door=NOOR, gepland_op=at("06-04 10:00"), reden="Zorgen om herhaling.")
                ),
                partij=VT_MB,
            )
        )
        loop.move_to(at("06-01 10:00"))
        only = UUID(str(planned["id"]))
        assert "er komt geen monitormoment meer" in reasons(hold(loop, only))
        assert answer(hold(loop, only, volgende_op=at("09-01 10:00")))["teLaat"] is False
        assert len(moments(loop)) == 2

    def test_holding_one_meets_only_that_one(self) -> None:
        loop = monitored()
        first, second, _ = moments(loop)
        loop.move_to(at("08-03 10:00"))
        assert answer(hold(loop, first))["monitoring"] == "loopt"
        assert loop.toezicht.termijnen[first].status is Termijnstatus.GEHAALD
        assert loop.toezicht.termijnen[second].status is Termijnstatus.LOPEND
        assert "al vastgelegd" in reasons(hold(loop, first))

    def test_one_that_was_not_held_climbs_and_is_met_too_late(self) -> None:
        loop = monitored()
        planning = ScheduleMonitormoment(
            moments(loop)[0], InplanningInvoer(door=NOOR, ingepland_voor=at("07-30 10:00"))
        )
        answer(loop.handle(planning, partij="GM0855"))
        happened = loop.move_to(at("08-05 10:00"))
        assert ("gedragswetenschapper", VT_MB) in asked(happened)
        assert ("gedragswetenschapper", "GM0855") not in asked(happened)
        assert answer(hold(loop, moments(loop)[0]))["teLaat"] is True

    def test_it_is_planned_by_the_team_for_a_day_on_which_it_is_still_in_time(self) -> None:
        """MB 5: De verantwoordelijkheid voor het inplannen van een monitoring ligt bij het lokaal (wijk)team."""
        loop = monitored()
        first = moments(loop)[0]
        for voor, why in ((at("04-01 10:00"), "verleden"), (at("08-05 10:00"), "04-08-2026, de laatste dag")):
            assert why in reasons(
                loop.handle(
                    ScheduleMonitormoment(first, InplanningInvoer(door=NOOR, ingepland_voor=voor)), partij="GM0855"
                )
            )
        assert isinstance(
            loop.handle(
                ScheduleMonitormoment(first, InplanningInvoer(door=NOOR, ingepland_voor=at("07-30 10:00"))),
                partij="GM0758",
            ),
            Refused,
        )
        answer(
            loop.handle(
                ScheduleMonitormoment(first, InplanningInvoer(door=NOOR, ingepland_voor=at("07-30 10:00"))),
                partij="GM0855",
            )
        )
        answer(
            loop.handle(
                ScheduleMonitormoment(first, InplanningInvoer(door=NOOR, ingepland_voor=at("07-29 10:00"))),
                partij="GM0855",
            )
        )
        assert loop.toezicht.momenten[first].ingepland_voor == at("07-29 10:00")
        assert termijn(loop, "monitormoment-3-maanden-inplannen").status is Termijnstatus.GEHAALD
        assert len([event for event in loop.events if isinstance(event, MonitormomentIngepland)]) == 2

    def test_not_planned_is_the_teams_and_not_held_is_of_veilig_thuis(self) -> None:
        loop = monitored()
        loop.move_to(at("08-06 10:00"))
        missed = [event for event in loop.events if isinstance(event, TermijnVerstreken)]
        assert {event.regel_id: event.verantwoordelijke for event in missed}.items() >= {
            "monitormoment-3-maanden-inplannen": Drager.LOKAAL_TEAM,
            "monitormoment-3-maanden": Drager.VEILIG_THUIS,
        }.items()

    def test_only_veilig_thuis_holds_it(self) -> None:
        loop = monitored()
        outcome = hold(loop, moments(loop)[0], als="GM0855")
        assert isinstance(outcome, Refused)
        assert outcome.status == 403

    def test_children_are_spoken_with_or_it_says_why_not(self) -> None:
        """MB 5: Zo niet, wordt dit helder en concreet onderbouwd."""
        loop = monitored()
        first, second, _ = moments(loop)
        unspoken: dict[str, Any] = {"kinderen": Kindgesprek.NIET_GESPROKEN}
        assert "waarom zijn de kinderen niet gesproken" in reasons(hold(loop, first, **unspoken))
        answer(hold(loop, first, **unspoken, toelichting="Te jong; besproken in het MDO."))
        loop.move_to(at("12-01 10:00"))
        assert "waarom" in reasons(hold(loop, second, **unspoken))

    def test_it_stops_early_only_when_all_three_agree_and_it_was_safe_after_three_and_after_six_months(self) -> None:
        loop = monitored()
        first, second, _ = moments(loop)
        loop.move_to(at("07-01 10:00"))
        partly = InstemmingInvoer(betrokkenen=False, lokaal_team=True, veilig_thuis=False)
        told = reasons(hold(loop, first, stoppen=partly, stabiel_en_veilig=False, wijze=Gesprekswijze.TELEFONISCH))
        for part in ("direct betrokkenen", "Veilig Thuis", "04-11-2026", "na 3 maanden", "na 6 maanden", "fysiek"):
            assert part in told
        assert loop.toezicht.momenten[first].gehouden_op is None
        loop.move_to(at("08-04 00:30"))
        answer(hold(loop, first))
        loop.move_to(at("11-03 10:00"))
        told = reasons(hold(loop, second, stoppen=ALLEN))
        assert "op zijn vroegst vanaf 04-11-2026" in told
        assert "na 3 maanden" not in told
        loop.move_to(at("11-04 10:00"))
        assert answer(hold(loop, second, stoppen=ALLEN))["monitoring"] == "gestopt"
        (stopped,) = [event for event in loop.events if isinstance(event, MonitoringGestopt)]
        assert stopped.reden is Stopreden.VERVROEGD
        ends = {item.status for item in loop.toezicht.termijnen.values() if item.regel_id == "monitormoment-18-maanden"}
        assert ends == {Termijnstatus.VERVALLEN}

    def test_moments_held_long_before_their_time_do_not_make_it_the_end(self) -> None:
        """Held within weeks the two fixed moments say nothing about three and twelve months."""
        loop = monitored()
        first, second, _ = moments(loop)
        loop.move_to(at("05-20 10:00"))
        answer(hold(loop, first))
        told = reasons(hold(loop, second, stoppen=ALLEN))
        assert "na 3 maanden" in told
        assert "na 6 maanden" in told

    def test_west_brabant_has_agreed_no_early_stop(self) -> None:
        loop = monitored(WB)
        loop.move_to(at("08-04 10:00"))
        outcome = hold(loop, moments(loop)[0], als=VT, stoppen=ALLEN)
        assert "kennen geen vervroegd stoppen" in reasons(outcome)

    def test_the_last_moment_ends_it_once_there_was_a_physical_conversation(self) -> None:
        loop = monitored()
        first, second, _ = moments(loop)
        loop.move_to(at("08-03 10:00"))
        answer(hold(loop, first, wijze=Gesprekswijze.TELEFONISCH))
        loop.move_to(datetime.fromisoformat("2027-05-03T10:00+02:00"))
        late: dict[str, Any] = {"wijze": Gesprekswijze.TELEFONISCH, "stoppen": ALLEN}
        assert "niet fysiek gesproken" in reasons(hold(loop, second, **late))
        assert answer(hold(loop, second, stoppen=ALLEN))["monitoring"] == "gestopt"

    def test_more_moments_are_planned_as_often_as_needed(self) -> None:
        loop = monitored()
        planned = answer(
            loop.handle(
                PlanMonitormoment(MonitormomentInvoer(door=NOOR, gepland_op=at("10-01 10:00"))), partij="GM0855"
            )
        )
        again = answer(
            loop.handle(
                PlanMonitormoment(MonitormomentInvoer(door=NOOR, gepland_op=at("10-01 12:00"))), partij="GM0855"
            )
        )
        assert planned == again
        assert len(moments(loop)) == 4
        assert "niet in de toekomst" in reasons(
            loop.handle(PlanMonitormoment(MonitormomentInvoer(door=NOOR, gepland_op=at("03-01 10:00"))), partij=VT_MB)
        )


class TestHermelding:
    """MB 5: in the monitoring phase zicht moves only after the seventh weekday."""

    def test_zicht_stays_with_the_team_until_the_seventh_weekday_has_passed(self) -> None:
        loop = monitored()
        loop.move_to(at("06-01 10:00"))
        loop.handle(NoteHermelding(UUID(int=7), at("06-01 09:00")))
        loop.move_to(at("06-20 10:00"))
        assert bearer(loop, at("06-10 22:59")) == "GM0855"
        assert bearer(loop, at("06-10 23:00")) == VT_MB

    def test_the_same_new_case_counts_once(self) -> None:
        loop = monitored()
        told = NoteHermelding(UUID(int=7), at("05-04 11:00"))
        loop.move_to(at("05-05 10:00"))
        loop.handle(told)
        loop.handle(told)
        assert len([event for event in loop.events if isinstance(event, HermeldingInMonitoring)]) == 1

    def test_outside_the_monitoring_phase_it_changes_nothing(self) -> None:
        loop = in_dienst()
        loop.handle(NoteHermelding(UUID(int=7), at("03-04 11:00")))
        assert not any(feit.anker is Anker.MONITORING_HERMELDING for feit in loop.toezicht.feiten)


class TestStagnatie:
    """MB 5: four steps, in order."""

    def test_the_steps_follow_each_other_and_the_last_one_reports_again(self) -> None:
        loop = monitored()
        loop.move_to(at("06-01 10:00"))
        assert "de volgende is stap 1" in reasons(
            loop.handle(TakeStagnatiestap(StagnatiestapInvoer(stap=2, door=NOOR)), partij="GM0855")
        )
        taken = [
            answer(loop.handle(TakeStagnatiestap(StagnatiestapInvoer(stap=step, door=NOOR)), partij="GM0855"))
            for step in (1, 2, 3, 4)
        ]
        assert [item["hermelding"] for item in taken] == [False, False, False, True]
        assert asked(loop.events[-6:]).count(("coordinator", VT_MB)) >= 1
        loop.move_to(at("06-20 10:00"))
        assert bearer(loop, at("06-10 22:59")) == "GM0855"
        assert bearer(loop, at("06-20 10:00")) == VT_MB
        assert "alle stappen zijn gezet" in reasons(
            loop.handle(TakeStagnatiestap(StagnatiestapInvoer(stap=4, door=NOOR)), partij="GM0855")
        )

    def test_they_belong_to_the_monitoring_phase_and_to_regions_that_agreed_them(self) -> None:
        assert "monitoringsfase" in reasons(
            in_dienst().handle(TakeStagnatiestap(StagnatiestapInvoer(stap=1, door=NOOR)), partij=VT_MB)
        )
        assert "kennen geen stappen" in reasons(
            monitored(WB).handle(TakeStagnatiestap(StagnatiestapInvoer(stap=1, door=NOOR)), partij=VT)
        )


class TestDwang:
    """MB 6: who takes the initiative, and what ends at the jeugdbeschermingstafel."""

    def test_veilig_thuis_has_the_initiative_until_the_overdracht_and_the_team_after_it(self) -> None:
        loop = monitored()
        before, after = (
            find_initiatief(loop.toezicht.feiten, TILBURG, at(text)) for text in ("05-04 09:59", "05-04 10:00")
        )
        assert before is not None
        assert after is not None
        assert (before.initiatief, after.initiatief) == ("veilig-thuis", "lokaal-team")

    def test_given_back_it_is_veilig_thuis_again(self) -> None:
        loop = Casusloop(ONTVANGEN)
        loop.deliver(MB.melding())
        loop.move_to(at("03-10 10:00"))
        loop.deliver(MB.afgeleverd(at("03-04 10:00")), MB.teruggekoppeld(at("03-10 09:00")))
        rule = find_initiatief(loop.toezicht.feiten, TILBURG, at("03-10 10:00"))
        assert rule is not None
        assert rule.initiatief == "veilig-thuis"

    def test_a_question_that_arrived_moves_it_only_once_it_is_accepted(self) -> None:
        """Veilig Thuis asks another party to take over; the initiative is not of a team that nothing was sent to."""
        loop = Casusloop(ONTVANGEN)
        loop.deliver(MB.melding())
        loop.move_to(at("03-10 10:00"))
        delivered = MB.afgeleverd(at("03-04 10:00"))
        loop.deliver(delivered)
        for aangeboden, wie in (({delivered.overdracht_id}, "veilig-thuis"), (set(), "lokaal-team")):
            rule = find_initiatief(loop.toezicht.feiten, TILBURG, at("03-10 10:00"), aangeboden=aangeboden)
            assert rule is not None
            assert rule.initiatief == wie

    def test_at_the_jeugdbeschermingstafel_monitoring_ends_and_the_raad_is_asked(self) -> None:
        loop = monitored()
        loop.move_to(at("06-01 10:00"))
        tafel = ReportDwangmaatregel(DwangmaatregelInvoer(maatregel=Dwangmaatregel.JEUGDBESCHERMINGSTAFEL, door=NOOR))
        told = answer(loop.handle(tafel, partij="GM0855"))
        assert (told["initiatief"], told["monitoring"]) == ("lokaal-team", "geen")
        (stopped,) = [event for event in loop.events if isinstance(event, MonitoringGestopt)]
        assert stopped.reden is Stopreden.JEUGDBESCHERMINGSTAFEL
        assert bearer(loop, at("06-01 10:00")) == "GM0855"
        (asked_of,) = [event for event in loop.events if isinstance(event, ZorgAangeboden)]
        assert (asked_of.partij, asked_of.aangeboden_door) == (RAAD, "GM0855")
        loop.move_to(at("06-01 12:00"))
        assert (
            answer(loop.handle(ReportAanvaarding(AanvaardingInvoer(partij=RAAD, door=NOOR)), partij=RAAD))[
                "zichtOpVeiligheid"
            ]
            == RAAD
        )
        assert bearer(loop, at("06-01 12:00")) == RAAD
        assert termijn(loop, "monitormoment-3-maanden").status is Termijnstatus.VERVALLEN
        assert "al vastgelegd" in reasons(loop.handle(tafel, partij=VT_MB))
        assert "bestaat niet" in reasons(loop.handle(tafel, partij="GM0855"))

    def test_brought_in_by_veilig_thuis_there_is_no_monitoring_after_the_overdracht_either(self) -> None:
        """MB 6: ook niet bij overdracht naar het lokale team."""
        loop = in_dienst()
        answer(
            loop.handle(
                ReportDwangmaatregel(DwangmaatregelInvoer(maatregel=Dwangmaatregel.JEUGDBESCHERMINGSTAFEL, door=NOOR)),
                partij=VT_MB,
            )
        )
        assert bearer(loop, loop.now) == VT_MB
        loop.move_to(at("05-04 10:00"))
        loop.deliver(MB.afgeleverd(at("05-04 10:00"), soort=Overdrachtsoort.NA_DIENST))
        assert loop.toezicht.momenten == {}

    def test_brought_in_by_veilig_thuis_zicht_stays_with_the_team_that_bears_it(self) -> None:
        """MB 6: the Raad takes over when the lokaal team itself reports that it cannot make it safe enough."""
        loop = monitored()
        loop.move_to(at("06-01 10:00"))
        tafel = ReportDwangmaatregel(DwangmaatregelInvoer(maatregel=Dwangmaatregel.JEUGDBESCHERMINGSTAFEL, door=NOOR))
        assert answer(loop.handle(tafel, partij=VT_MB))["monitoring"] == "geen"
        assert bearer(loop, loop.now) == "GM0855"

    def test_a_huisverbod_is_told_to_the_team_and_leaves_zicht_where_it_is(self) -> None:
        """AEF 2.4."""
        loop = monitored()
        before = len(loop.events)
        answer(
            loop.handle(
                ReportDwangmaatregel(DwangmaatregelInvoer(maatregel=Dwangmaatregel.HUISVERBOD, door=NOOR)), partij=VT_MB
            )
        )
        assert ("coordinator", "GM0855") in asked(loop.events[before:])
        assert bearer(loop, loop.now) == "GM0855"


class TestAnderePartij:
    """AEF C: it ends when another party has accepted it."""

    def test_a_party_that_is_named_is_asked_and_zicht_goes_when_it_says_so_itself(self) -> None:
        loop = monitored()
        loop.move_to(at("05-05 10:00"))
        told = answer(loop.handle(ReportAanvaarding(AanvaardingInvoer(partij="safegroup", door=NOOR)), partij="GM0855"))
        assert (told["status"], told["aanvaardOp"], told["zichtOpVeiligheid"]) == ("aangeboden", None, "GM0855")
        loop.move_to(at("05-05 12:00"))
        told = answer(
            loop.handle(ReportAanvaarding(AanvaardingInvoer(partij="safegroup", door=NOOR)), partij="safegroup")
        )
        assert (told["status"], told["zichtOpVeiligheid"]) == ("aanvaard", "safegroup")
        assert bearer(loop, at("05-05 11:59")) == "GM0855"
        (accepted,) = [event for event in loop.events if isinstance(event, ZorgAanvaard)]
        assert str(accepted.overdracht_id) == told["overdrachtId"]
        assert "al overgenomen" in reasons(
            loop.handle(ReportAanvaarding(AanvaardingInvoer(partij="ggz-crisisdienst", door=NOOR)), partij=VT_MB)
        )

    def test_who_is_asked_twice_is_asked_once(self) -> None:
        loop = monitored()
        loop.move_to(at("05-05 10:00"))
        first = answer(
            loop.handle(ReportAanvaarding(AanvaardingInvoer(partij="safegroup", door=NOOR)), partij="GM0855")
        )
        assert (
            answer(loop.handle(ReportAanvaarding(AanvaardingInvoer(partij="safegroup", door=NOOR)), partij=VT_MB))
            == first
        )
        assert len([event for event in loop.events if isinstance(event, ZorgAangeboden)]) == 1

    def test_a_proof_counts_and_says_whose_word_it_is(self) -> None:
        """AEF C: shown as what it is, and never as the act of the party itself."""
        loop = monitored()
        loop.move_to(at("05-05 10:00"))
        bewijs = Aanvaardingsbewijs(functie="hoofd opvang", op=at("05-05 09:30"))
        told = answer(
            loop.handle(
                ReportAanvaarding(AanvaardingInvoer(partij="safegroup", door=NOOR, bewijs=bewijs)), partij="GM0855"
            )
        )
        assert (told["status"], told["zichtOpVeiligheid"]) == ("aanvaard-volgens-bewijs", "safegroup")
        assert "hoofd opvang van safegroup, volgens GM0855" in loop.toezicht.zicht[-1].handeling
        asking = ReportAanvaarding(AanvaardingInvoer(partij="ggz-crisisdienst", door=NOOR))
        assert "bewijs al aanvaard" in reasons(loop.handle(asking, partij=VT_MB))
        assert "een andere partij heeft" in reasons(loop.handle(asking, partij="GM0855"))
        later = Aanvaardingsbewijs(functie="hoofd opvang", op=at("09-01 10:00"))
        assert "toekomst" in reasons(
            loop.handle(ReportAanvaarding(AanvaardingInvoer(partij="safegroup", door=NOOR, bewijs=later)), partij=VT_MB)
        )

    def test_who_was_not_asked_does_not_exist_here_and_who_bears_it_has_nothing_to_accept(self) -> None:
        loop = monitored()
        outcome = loop.handle(ReportAanvaarding(AanvaardingInvoer(partij="safegroup", door=NOOR)), partij="safegroup")
        assert isinstance(outcome, Refused)
        assert outcome.status == 404
        assert "geen aanbod" in reasons(
            loop.handle(ReportAanvaarding(AanvaardingInvoer(partij="GM0855", door=NOOR)), partij="GM0855")
        )

    def test_a_party_that_nobody_knows_accepts_nothing(self) -> None:
        assert "register" in reasons(
            monitored().handle(ReportAanvaarding(AanvaardingInvoer(partij="onbekend", door=NOOR)), partij="GM0855")
        )

    def test_an_acceptance_lies_between_melding_and_now(self) -> None:
        loop = monitored()
        for op, why in ((at("03-01 10:00"), "vóór de melding"), (at("09-01 10:00"), "toekomst")):
            assert why in reasons(
                loop.handle(ReportAanvaarding(AanvaardingInvoer(partij="safegroup", door=NOOR, op=op)), partij="GM0855")
            )


class TestAfsluiting:
    """AEF C: zicht ends at stable safety, with who decided."""

    def test_whoever_bears_zicht_closes_the_case_and_says_why(self) -> None:
        loop = Casusloop(ONTVANGEN)
        loop.deliver(WB.melding())
        loop.move_to(at("03-10 10:00"))
        loop.deliver(WB.besluit(at("03-03 09:30")), WB.afgeleverd(at("03-03 10:00")), WB.bevestigd(at("03-03 11:00")))
        answer(
            loop.handle(CloseCasus(AfsluitingInvoer(reden=Sluitreden.STABIELE_VEILIGHEID, door=NOOR)), partij="GM0758")
        )
        (closed,) = [event for event in loop.events if isinstance(event, CasusGesloten)]
        assert (closed.reden, closed.door) == (Sluitreden.STABIELE_VEILIGHEID, "medewerker monitoring (GM0758)")
        assert bearer(loop, at("03-10 09:59")) == "GM0758"
        assert bearer(loop, at("03-10 10:00")) is None
        assert "al gesloten" in reasons(
            loop.handle(CloseCasus(AfsluitingInvoer(reden=Sluitreden.GEEN_HGKM, door=NOOR)), partij=VT)
        )

    def test_who_does_not_bear_it_does_not_close_it(self) -> None:
        loop = Casusloop(ONTVANGEN)
        loop.deliver(WB.melding())
        loop.move_to(at("03-04 10:00"))
        loop.deliver(WB.besluit(at("03-03 09:30")), WB.afgeleverd(at("03-03 10:00")))
        outcome = loop.handle(
            CloseCasus(AfsluitingInvoer(reden=Sluitreden.STABIELE_VEILIGHEID, door=NOOR)), partij="GM0758"
        )
        assert isinstance(outcome, Refused)
        assert outcome.status == 403
        other = loop.handle(
            CloseCasus(AfsluitingInvoer(reden=Sluitreden.STABIELE_VEILIGHEID, door=NOOR)), partij="GM0855"
        )
        assert isinstance(other, Refused)
        assert other.status == 404

    def test_a_case_that_is_monitored_is_not_closed_in_passing(self) -> None:
        outcome = monitored().handle(
            CloseCasus(AfsluitingInvoer(reden=Sluitreden.STABIELE_VEILIGHEID, door=NOOR)), partij="GM0855"
        )
        assert "monitoring loopt nog" in reasons(outcome)


def correct(loop: Casusloop, feit: Anker, op: datetime, *, partij: str = VT, over: UUID | None = None) -> Any:
    return loop.handle(
        CorrectFeit(
            CorrectieInvoer(feit=feit, op=op, door=NOOR, toelichting="Verkeerd overgenomen.", onderwerp_id=over)
        ),
        partij=partij,
    )


def never_confirmed() -> Casusloop:
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding())
    loop.move_to(at("03-03 10:00"))
    loop.deliver(WB.besluit(at("03-03 09:30")), WB.afgeleverd(at("03-03 10:00")))
    return loop


class TestCorrecties:
    """A moment put right: everything anew, nothing silently, what fired stays in history (D16)."""

    def test_a_running_term_is_computed_anew_with_what_it_was(self) -> None:
        loop = never_confirmed()
        before = termijn(loop, "ontvangstbevestiging")
        loop.move_to(at("03-04 10:00"))
        answer(correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-04 09:00")))
        after = termijn(loop, "ontvangstbevestiging")
        assert (before.id, before.eindigt_op) == (after.id, at("03-06 00:00"))
        assert after.eindigt_op == at("03-07 00:00")
        (line,) = [line for line in loop.journal if line.what.startswith("termijn herrekend")]
        assert line.facts["eindigde"] == before.eindigt_op.isoformat()
        (audit,) = [line for line in loop.journal if line.what == "feit gecorrigeerd"]
        assert (audit.facts["was"], audit.facts["is"]) == (
            "2026-03-03T09:00:00+00:00",
            "2026-03-04T08:00:00+00:00",
        )
        loop.move_to(at("03-06 12:00"))
        assert not any(isinstance(event, TermijnVerstreken) for event in loop.events)

    def test_zicht_follows_and_says_that_it_was_revised(self) -> None:
        loop = never_confirmed()
        loop.move_to(at("03-06 10:00"))
        answer(correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-05 10:00")))
        assert bearer(loop, at("03-06 10:00")) == VT
        assert len(loop.toezicht.zicht) == 3
        loop.move_to(at("03-10 10:00"))
        assert bearer(loop, at("03-10 00:00")) == "GM0758"

    def test_a_term_that_fired_stays_and_gets_a_successor(self) -> None:
        """And whoever was called for it hears that it is over."""
        loop = never_confirmed()
        loop.move_to(at("03-06 10:00"))
        fired = termijn(loop, "ontvangstbevestiging")
        assert fired.status is Termijnstatus.VERSTREKEN
        before = len(loop.events)
        answer(correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-05 10:00")))
        kept = loop.toezicht.termijnen[fired.id]
        assert kept.status is Termijnstatus.VERSTREKEN
        anew = termijn(loop, "ontvangstbevestiging")
        assert kept.vervangen_door == anew.id
        assert (anew.status, anew.eindigt_op) == (Termijnstatus.LOPEND, at("03-10 00:00"))
        happened = loop.events[before:]
        assert anew.id in {event.termijn_id for event in happened if isinstance(event, TermijnGestart)}
        (closed,) = [event for event in happened if isinstance(event, EscalatieAfgehandeld)]
        assert closed.resultaat == "termijn-vervallen"
        loop.deliver(WB.bevestigd(at("03-06 11:00")))
        assert termijn(loop, "ontvangstbevestiging").status is Termijnstatus.GEHAALD

    def test_a_term_that_stays_missed_is_not_called_twice(self) -> None:
        loop = never_confirmed()
        loop.move_to(at("03-20 10:00"))
        known = termijn(loop, "ontvangstbevestiging")
        answer(correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-04 10:00")))
        assert termijn(loop, "ontvangstbevestiging") == known
        assert "termijn blijft verstreken na een correctie" in [line.what for line in loop.journal]

    def test_an_act_that_turns_out_to_be_late_makes_a_met_term_missed_beside_the_old_one(self) -> None:
        loop = never_confirmed()
        loop.deliver(WB.bevestigd(at("03-03 11:00")))
        loop.move_to(at("03-20 10:00"))
        met = termijn(loop, "ontvangstbevestiging")
        answer(correct(loop, Anker.ONTVANGST_BEVESTIGD, at("03-18 10:00"), partij="GM0758"))
        anew = termijn(loop, "ontvangstbevestiging")
        assert (met.status, anew.status) == (Termijnstatus.GEHAALD, Termijnstatus.TE_LAAT_GEHAALD)
        late = [event for event in loop.events if isinstance(event, TermijnGehaald) and event.te_laat]
        assert [event.termijn_id for event in late] == [anew.id]

    def test_the_first_report_does_not_undo_it_when_it_comes_again(self) -> None:
        loop = never_confirmed()
        answer(correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-03 09:45")))
        happened: list[Gebeurtenis] = loop.deliver(WB.afgeleverd(at("03-03 10:00")), WB.melding())
        assert happened == []

    def test_a_case_gets_the_agreements_of_the_right_date_of_its_melding(self) -> None:
        """WB: the 2017 agreements hold until 1 April 2022."""
        begin = datetime.fromisoformat("2022-04-02T09:00+02:00")
        loop = Casusloop(begin)
        loop.deliver(WB.melding(begin))
        assert termijn(loop, "veiligheidsbeoordeling").afspraken_versie == "west-brabant-2022"
        answer(correct(loop, Anker.MELDING_ONTVANGEN, datetime.fromisoformat("2022-03-31T09:00+02:00")))
        assert termijn(loop, "veiligheidsbeoordeling").afspraken_versie == "west-brabant-2017"
        assert "andere afspraken gelden op de juiste datum van de melding" in [line.what for line in loop.journal]
        loop.deliver(WB.melding(begin))
        assert loop.toezicht.melding_op == datetime.fromisoformat("2022-03-31T07:00+00:00")

    def test_what_runs_by_agreements_that_turn_out_not_to_hold_lapses(self) -> None:
        begin = datetime.fromisoformat("2022-04-01T09:00+02:00")
        loop = Casusloop(begin)
        loop.deliver(SAFEGROUP.melding(begin), SAFEGROUP.afgeleverd(begin))
        answer(correct(loop, Anker.MELDING_ONTVANGEN, datetime.fromisoformat("2022-03-31T09:00+02:00")))
        assert termijn(loop, "ontvangstbevestiging-ketenpartner").status is Termijnstatus.VERVALLEN
        answer(correct(loop, Anker.MELDING_ONTVANGEN, datetime.fromisoformat("2022-03-30T09:00+02:00")))
        assert termijn(loop, "ontvangstbevestiging-ketenpartner").status is Termijnstatus.VERVALLEN

    def test_what_passed_by_agreements_that_turn_out_not_to_hold_calls_nobody_any_more(self) -> None:
        """WB: in 2017 no confirmation by another party was agreed, so no ladder is climbed for it either."""
        begin = datetime.fromisoformat("2022-04-01T09:00+02:00")
        loop = Casusloop(begin)
        loop.deliver(SAFEGROUP.melding(begin), SAFEGROUP.afgeleverd(begin))
        loop.move_to(datetime.fromisoformat("2022-04-06T09:00+02:00"))
        (called,) = loop.toezicht.escalaties.values()
        assert (called.regel_id, called.status) == ("ontvangstbevestiging-ketenpartner", Escalatiestatus.OPEN)
        answer(correct(loop, Anker.MELDING_ONTVANGEN, datetime.fromisoformat("2022-03-31T09:00+02:00")))
        (closed,) = [event for event in loop.events if isinstance(event, EscalatieAfgehandeld)]
        assert closed.resultaat == "termijn-vervallen"
        assert "termijn telt niet: de afspraken west-brabant-2017 kennen deze termijn niet" in [
            line.what for line in loop.journal
        ]
        assert termijn(loop, "ontvangstbevestiging-ketenpartner").status is Termijnstatus.VERSTREKEN
        before = len(loop.events)
        loop.move_to(datetime.fromisoformat("2022-04-20T09:00+02:00"))
        assert "ontvangstbevestiging-ketenpartner" not in [
            getattr(event, "regel_id", None) for event in loop.events[before:]
        ]

    def test_a_correction_that_was_wrong_itself_calls_whoever_was_let_go(self) -> None:
        """A term that was missed is not lost between two corrections."""
        begin = datetime.fromisoformat("2022-04-01T09:00+02:00")
        loop = Casusloop(begin)
        loop.deliver(WB.melding(begin), WB.afgeleverd(begin))
        loop.move_to(datetime.fromisoformat("2022-04-06T09:00+02:00"))
        answer(correct(loop, Anker.MELDING_ONTVANGEN, datetime.fromisoformat("2022-03-31T09:00+02:00")))
        answer(correct(loop, Anker.MELDING_ONTVANGEN, begin))
        loop.move_to(loop.now + timedelta(minutes=1))
        assert termijn(loop, "ontvangstbevestiging").status is Termijnstatus.VERSTREKEN
        assert [escalatie.status for escalatie in loop.toezicht.escalaties.values()] == [
            Escalatiestatus.AFGEHANDELD,
            Escalatiestatus.OPEN,
        ]

    def test_refusals_say_what_is_wrong(self) -> None:
        loop = never_confirmed()
        for outcome, part in (
            (correct(loop, Anker.OVERDRACHT_OPGEPAKT, at("03-03 10:00")), "niet bekend"),
            (correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-09 10:00")), "toekomst"),
            (correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-01 10:00")), "vóór de melding"),
            (correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-03 10:00")), "heeft dit moment al"),
            (correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-03 09:50"), partij="GM0758"), "andere partij"),
            (correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-03 09:50"), partij="GM0855"), "bestaat niet"),
        ):
            assert part in reasons(outcome)
        assert names(loop.events).count("feit-gecorrigeerd") == 0

    def test_with_more_than_one_such_fact_it_is_asked_which(self) -> None:
        loop = never_confirmed()
        loop.deliver(WB.afgeleverd(at("03-03 10:00"), overdracht_id=UUID(int=9)))
        assert "noem waarover het gaat" in reasons(correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-03 09:50")))
        answer(correct(loop, Anker.OVERDRACHT_AFGELEVERD, at("03-03 09:50"), over=OVERDRACHT))
