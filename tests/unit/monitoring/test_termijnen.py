"""Terms and ladders, told as stories; West-Brabant 2022 unless said otherwise."""

from datetime import datetime
from typing import Any

import pytest

from contracts.afspraken import Rol, Termijnstatus
from contracts.messages.documenten import Professional
from contracts.messages.handover import Kanaal, OntvangstBevestigd
from contracts.messages.monitoring import (
    EscalatieAfgehandeld,
    EscalatieGestart,
    EscalatieOpgeschaald,
    Escalatieresultaat,
    TermijnGehaald,
    TermijnGestart,
    TermijnVerstreken,
    TermijnVervallen,
)
from contracts.messages.notifier import (
    Aanleiding,
    NotificatieGevraagd,
    Notificatiekanaal,
    NotificatieMislukt,
)
from contracts.messages.triage import Besluit
from contracts.rechten import HUB
from services.monitoring.domain.invoer import AfhandelingInvoer, MeningsverschilInvoer, OppakkingInvoer
from services.monitoring.domain.toestand import TERMIJN_TRANSITIONS, Escalatiestatus
from services.monitoring.handlers import ReportMeningsverschil, SettleEscalatie, TakeUpEscalatie
from services.runtime.unit.decision import Decision, Refused, TooEarly
from tests.unit.monitoring.casusloop import VT, Casusloop, asked, names
from tests.unit.monitoring.verhalen import MELDING, ONTVANGEN, OVERDRACHT, Verhaal, at

WB = Verhaal()
MB = Verhaal(regio="midden-brabant", gemeente="GM0855")
DOOR = Professional(naam="Noor van Voorbeeld", functie="gedragswetenschapper")

REMINDED = [("teamcoordinator", "GM0758")] * 3
"""In March, of a case that the team bears and has not taken up; nobody climbs a ladder for that."""


def handed_over() -> Casusloop:
    """Delivered on Tuesday 3 March at ten."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding())
    loop.move_to(at("03-03 10:00"))
    loop.deliver(WB.besluit(at("03-03 09:30")), WB.aangemaakt(at("03-03 09:31")), WB.afgeleverd(at("03-03 10:00")))
    return loop


def without_reminder(loop: Casusloop) -> dict[str, datetime]:
    return {name: at for name, at in loop.timers.items() if not name.startswith("mededeling:")}


def termijn(loop: Casusloop, regel_id: str) -> Termijnstatus:
    (found,) = [item for item in loop.toezicht.termijnen.values() if item.regel_id == regel_id]
    return found.status


def test_veiligheidsbeoordeling_within_five_werkdagen_is_met() -> None:
    """BK bijlage 1: five (werk)dagen after the melding; Monday 2 March ends when Monday 9 March ends."""
    loop = Casusloop(ONTVANGEN)
    (started,) = [event for event in loop.deliver(WB.melding()) if isinstance(event, TermijnGestart)]
    assert started.eindigt_op == at("03-10 00:00")
    loop.move_to(at("03-09 23:59"))
    happened = loop.deliver(WB.besluit(at("03-09 23:59"), Besluit.DIENST_ONDERZOEK))
    (met,) = [event for event in happened if isinstance(event, TermijnGehaald)]
    assert not met.te_laat
    assert without_reminder(loop) == {}


def test_the_overdracht_as_well_is_due_within_five_werkdagen_after_the_melding() -> None:
    """MB 4.1: from the besluit on; a besluit that is too late itself starts no second term."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(at("03-06 10:00")))
    (running,) = [item for item in loop.toezicht.termijnen.values() if item.regel_id == "overdracht-na-melding"]
    assert (running.begint_op, running.eindigt_op) == (at("03-06 10:00"), at("03-10 00:00"))
    late = Casusloop(ONTVANGEN)
    late.deliver(WB.melding())
    late.move_to(at("03-12 10:00"))
    late.deliver(WB.besluit(at("03-12 10:00")))
    assert "overdracht-na-melding" not in {item.regel_id for item in late.toezicht.termijnen.values()}


def test_overleg_is_no_triagebesluit_yet() -> None:
    """MB 4.1: in doubt there is an overleg first; the term runs on."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(at("03-03 09:00"), Besluit.OVERLEG))
    assert termijn(loop, "veiligheidsbeoordeling") is Termijnstatus.LOPEND


def test_never_confirmed_climbs_rung_by_rung_to_the_gemeente() -> None:
    """WB/BK 4.4.1: leidinggevende, gedragswetenschapper, gemeente (ambtelijk, bestuurlijk), who is called again."""
    loop = handed_over()
    happened = loop.move_to(at("03-28 00:00"))
    assert names(happened).count("termijn-verstreken") == 1
    rungs = [event for event in happened if isinstance(event, EscalatieGestart | EscalatieOpgeschaald)]
    assert [(event.trede, event.rol, event.bij) for event in rungs] == [
        (1, "leidinggevende", "GM0758"),
        (2, "gedragswetenschapper", "GM0758"),
        (3, "gemeente-ambtelijk", "GM0758"),
        (4, "gemeente-bestuurlijk", "GM0758"),
    ]
    moments = [rung.gestart_op if isinstance(rung, EscalatieGestart) else rung.opgeschaald_op for rung in rungs]
    assert moments == [at("03-06 00:00"), at("03-10 00:00"), at("03-12 00:00"), at("03-17 00:00")]
    called = [event for event in happened if isinstance(event, NotificatieGevraagd) and event.escalatie_id is not None]
    assert len({event.notificatie_id for event in called}) == len(called)
    again = [(event.rol, event.partij) for event in called[4:]]
    assert again == [("leidinggevende", VT), ("gemeente-bestuurlijk", "GM0758")]
    called = called[:4]
    assert all(event.aanleiding is Aanleiding.ESCALATIE for event in called)
    assert all(event.wettelijk_moment == at("03-06 00:00") for event in called)
    assert without_reminder(loop) == {f"trede:{next(iter(loop.toezicht.escalaties))}": at("04-01 23:00")}


def test_confirmed_late_stops_the_climb_and_says_so() -> None:
    """Alsnog bevestigd: the term is met too late, the escalatie is closed, nobody keeps climbing."""
    loop = handed_over()
    loop.move_to(at("03-06 11:00"))
    happened = loop.deliver(WB.bevestigd(at("03-06 11:00")))
    (met,) = [event for event in happened if isinstance(event, TermijnGehaald)]
    (closed,) = [event for event in happened if isinstance(event, EscalatieAfgehandeld)]
    assert met.te_laat
    assert closed.resultaat == "alsnog-bevestigd"
    assert asked(loop.move_to(at("04-01 00:00"))) == REMINDED


def test_news_that_comes_late_of_an_act_that_was_in_time_is_not_held_against_anyone() -> None:
    """The moment of the act counts, not that of arrival."""
    loop = handed_over()
    loop.move_to(at("03-06 11:00"))
    assert termijn(loop, "ontvangstbevestiging") is Termijnstatus.VERSTREKEN
    (met,) = [e for e in loop.deliver(WB.bevestigd(at("03-05 16:00"))) if isinstance(e, TermijnGehaald)]
    assert not met.te_laat
    assert termijn(loop, "ontvangstbevestiging") is Termijnstatus.GEHAALD
    assert all(item.status is Escalatiestatus.AFGEHANDELD for item in loop.toezicht.escalaties.values())


def test_opgepakt_meets_the_ontvangstbevestiging_and_the_record_says_which() -> None:
    """Whoever takes a case up has received it (D5 keeps the receipts apart)."""
    loop = handed_over()
    (met,) = [event for event in loop.deliver(WB.opgepakt(at("03-04 09:00"))) if isinstance(event, TermijnGehaald)]
    assert met.gehaald_door == "overdracht-opgepakt"


def test_confirmed_before_our_own_delivery_was_recorded_is_fine() -> None:
    """The gemeente may be faster than our own record of the delivery."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(at("03-03 09:30")), WB.bevestigd(at("03-03 09:59")))
    happened = loop.deliver(WB.afgeleverd(at("03-03 10:00")))
    assert names(happened) == ["termijn-gestart", "termijn-gehaald", "termijn-gehaald"]


def test_midden_brabant_counts_seven_dagen_to_taking_up() -> None:
    """MB 4.1: 7 dagen; delivered on 3 March, the last day is 10 March."""
    loop = Casusloop(ONTVANGEN)
    happened = loop.deliver(MB.melding(), MB.besluit(at("03-03 09:30")), MB.afgeleverd(at("03-03 10:00")))
    started = {event.regel_id: event.eindigt_op for event in happened if isinstance(event, TermijnGestart)}
    assert started["oppakken"] == at("03-11 00:00")
    assert started["ontvangstbevestiging"] == started["oppakken"]


def test_a_returned_overdracht_leaves_no_term_open() -> None:
    """Terugkoppeling answers the overdracht: its terms are met or lapse."""
    loop = handed_over()
    loop.move_to(at("03-04 12:00"))
    loop.deliver(WB.teruggekoppeld(at("03-04 12:00")))
    assert termijn(loop, "ontvangstbevestiging") is Termijnstatus.GEHAALD
    assert [item.regel_id for item in loop.toezicht.termijnen.values() if item.status is Termijnstatus.LOPEND] == [
        "opnieuw-wegen-na-teruggave"
    ]
    assert not [name for name in loop.timers if name.startswith("zicht")]


def test_closing_a_case_makes_its_open_terms_lapse() -> None:
    """A case that is closed owes nothing any more."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(MB.melding())
    loop.move_to(at("03-03 09:00"))
    happened = loop.deliver(MB.besluit(at("03-03 09:00"), Besluit.GEEN_VERVOLG))
    assert not [item for item in loop.toezicht.termijnen.values() if item.status is Termijnstatus.LOPEND]
    assert loop.timers == {}
    assert not [event for event in happened if isinstance(event, TermijnVervallen | TermijnVerstreken)]


def test_a_term_that_passed_before_the_case_was_closed_is_late_but_calls_nobody() -> None:
    """It is recorded as missed; about a closed case there is nothing left to ask."""
    loop = handed_over()
    loop.now = at("03-06 12:00")
    loop.deliver(WB.besluit(at("03-06 11:00"), Besluit.GEEN_VERVOLG, besluit_id=MELDING))
    happened = loop.wake_at(at("03-06 12:00"))
    assert names(happened).count("termijn-verstreken") == 1
    assert not [event for event in happened if isinstance(event, EscalatieGestart)]


def test_every_event_twice_changes_nothing_the_second_time() -> None:
    """G2: at least once on the road, once in effect."""
    once, twice = Casusloop(ONTVANGEN), Casusloop(ONTVANGEN)
    story = [
        WB.melding(),
        WB.besluit(at("03-03 09:30")),
        WB.aangemaakt(at("03-03 09:31")),
        WB.afgeleverd(at("03-03 10:00")),
        WB.bevestigd(at("03-04 10:00")),
        WB.opgepakt(at("03-04 11:00")),
    ]
    for event in story:
        once.deliver(event)
        twice.deliver(event)
        assert twice.deliver(event) == []
    assert once.toezicht == twice.toezicht
    assert once.events == twice.events


def test_after_a_day_of_downtime_everything_due_fires_once_in_order() -> None:
    """G4: late rather than never, once, and people get the time of a rung before the next one is called."""
    loop = handed_over()
    happened = loop.wake_at(at("03-07 12:00"))
    assert names(happened) == ["overgegaan", "termijn-verstreken", "gestart"]
    assert without_reminder(loop) == {f"trede:{next(iter(loop.toezicht.escalaties))}": at("03-10 00:00")}
    assert [event.onderwerp for event in happened if isinstance(event, NotificatieGevraagd)][1:] == [
        "Zicht op veiligheid ligt niet meer bij u",
        "Zicht op veiligheid ligt nu bij u",
    ]


def test_an_overdue_backlog_is_heard_before_anybody_is_accused() -> None:
    """Events that waited while the service was down are not called late because they are read late."""
    loop = Casusloop(at("03-20 09:00"))
    happened = loop.deliver(
        WB.melding(),
        WB.besluit(at("03-03 09:30")),
        WB.afgeleverd(at("03-03 10:00")),
        WB.bevestigd(at("03-04 10:00")),
    )
    happened += loop.move_to(at("03-20 09:00"))
    assert not [event for event in happened if isinstance(event, TermijnVerstreken | EscalatieGestart)]


def test_an_early_warning_goes_to_whoever_has_to_act() -> None:
    """The first role of the ladder at the party that owes the term, once, before the end."""
    loop = handed_over()
    happened = loop.move_to(at("03-05 23:00"))
    assert names(happened) == ["termijn-nadert"]
    assert asked(happened) == [("leidinggevende", "GM0758")]


def test_an_overdracht_event_that_comes_before_the_melding_starts_no_second_term() -> None:
    """Another topic, another partition: the order between topics is not given."""
    loop = Casusloop(at("03-03 12:00"))
    loop.deliver(WB.afgeleverd(at("03-03 10:00")), WB.aangemaakt(at("03-03 09:31")))
    assert "veiligheidsbeoordeling" not in {item.regel_id for item in loop.toezicht.termijnen.values()}
    happened = loop.deliver(WB.besluit(at("03-03 09:30")), WB.melding())
    started = [event for event in happened if isinstance(event, TermijnGestart)]
    assert [event.onderwerp_id for event in started] == [MELDING, MELDING]
    assert {event.regel_id for event in started} == {"veiligheidsbeoordeling", "overdracht-na-melding"}
    assert termijn(loop, "veiligheidsbeoordeling") is Termijnstatus.GEHAALD


def test_the_agreements_are_those_of_the_melding_date() -> None:
    """D16: a melding of March 2022 keeps the guidelines of 2017, whatever happens in April."""
    loop = Casusloop(ONTVANGEN)
    old = WB.melding().model_copy(update={"ontvangen_op": ONTVANGEN.replace(year=2022, month=3, day=31)})
    loop.deliver(old)
    assert {item.afspraken_versie for item in loop.toezicht.termijnen.values()} == {"west-brabant-2017"}


def test_a_stalled_delivery_is_told_to_veilig_thuis_and_the_gemeente_in_time() -> None:
    """G7: parked, and people are told in time to use another road; zicht stays where it is."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(at("03-03 09:30")), WB.aangemaakt(at("03-03 09:31")))
    happened = loop.deliver(WB.gestagneerd(at("03-03 15:00")))
    assert asked(happened) == [("triagist", VT), ("leidinggevende", "GM0758")]
    assert loop.toezicht.zicht[-1].partij == VT


@pytest.mark.parametrize(
    ("bij_houvast", "told", "mends"),
    [
        (
            True,
            "kan niet weg door een fout bij Houvast zelf: bij Houvast ontbreekt env:BREDA.",
            "De beheerder van Houvast weet ervan en herstelt het.",
        ),
        (False, "is niet bereikbaar voor de overdracht. Houvast blijft het proberen.", "Laat het systeem herstellen"),
    ],
)
def test_what_is_wrong_at_the_hub_is_not_put_on_the_receiver(*, bij_houvast: bool, told: str, mends: str) -> None:
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(at("03-03 09:30")), WB.aangemaakt(at("03-03 09:31")))
    stalled = WB.gestagneerd(at("03-03 15:00"))
    reden = {"bij_houvast": bij_houvast, "reden": "bij Houvast ontbreekt env:BREDA"}
    happened = loop.deliver(stalled.model_copy(update=reden))
    for vraag in (event for event in happened if isinstance(event, NotificatieGevraagd)):
        assert told in vraag.gevraagd
        assert ("Herstel de fout." if vraag.partij == HUB else mends) in vraag.gevraagd
        assert ("Het systeem van" in vraag.gevraagd) is not bij_houvast
    assert (("beheerder", HUB) in asked(happened)) is bij_houvast


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"blijvend": True}, ["weigert de overdracht", "De overdracht wordt niet opnieuw aangeboden", "opnieuw aan"]),
        ({"tot_hervatten": True}, ["tot de beheerder van Houvast het endpoint weer aanzet"]),
        (
            {"kanaal": Kanaal.E_MAIL, "teruggekomen_op": at("03-03 10:00"), "reden": "de mail is nog niet bezorgd"},
            ["leek afgeleverd, maar de mail is nog niet bezorgd.", "stuurt de mail niet vanzelf opnieuw", "mailadres"],
        ),
        (
            {
                "kanaal": Kanaal.E_MAIL,
                "teruggekomen_op": at("03-03 10:00"),
                "reden": "zij kwam terug",
                "blijvend": True,
            },
            [
                "leek afgeleverd, maar zij kwam terug.",
                "niet opnieuw aangeboden",
                "daarna",
            ],
        ),
    ],
)
def test_people_are_told_what_goes_on_by_itself_and_who_must_start_it(changes: dict[str, Any], told: list[str]) -> None:
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(at("03-03 09:30")), WB.aangemaakt(at("03-03 09:31")))
    happened = loop.deliver(WB.gestagneerd(at("03-03 15:00")).model_copy(update=changes))
    vragen = [event for event in happened if isinstance(event, NotificatieGevraagd)]
    assert vragen
    for vraag in vragen:
        assert all(words in vraag.gevraagd for words in told), vraag.gevraagd
        assert "blijft het proberen" not in vraag.gevraagd


@pytest.mark.parametrize("verhaal", [WB, MB])
@pytest.mark.parametrize(
    "changes", [{"blijvend": True}, {"blijvend": True, "teruggekomen_op": at("03-03 10:00"), "reden": "zij kwam terug"}]
)
def test_what_failed_for_good_is_told_to_who_can_choose_another_road(verhaal: Verhaal, changes: dict[str, Any]) -> None:
    """G10: a refusal for good and a mail that came back, with the reason why it is this role."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(verhaal.melding(), verhaal.besluit(at("03-03 09:30")), verhaal.aangemaakt(at("03-03 09:31")))
    happened = loop.deliver(verhaal.gestagneerd(at("03-03 15:00")).model_copy(update=changes))
    told = [event for event in happened if isinstance(event, NotificatieGevraagd) and "veilig-thuis" in event.partij]
    assert [vraag.rol for vraag in told] == ["triagist"]
    assert "De overdracht wordt niet opnieuw aangeboden. Kies een andere weg" in told[0].gevraagd
    assert "Bied haar daarna in Houvast opnieuw aan" in told[0].gevraagd
    assert told[0].gevraagd.endswith(f"Zicht op veiligheid ligt bij {told[0].partij}.")
    assert told[0].bron is not None
    assert told[0].bron.startswith("Geen afspraak, vangnet van Houvast: De afspraken zeggen niet wie meteen hoort")


@pytest.mark.parametrize("verhaal", [WB, MB])
def test_a_delivery_that_stays_out_is_told_again_and_climbs_until_it_arrives(verhaal: Verhaal) -> None:
    """Vangnet, in both regions and before anything ever arrived: one warning alone would be the end of all messages."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(verhaal.melding(), verhaal.besluit(at("03-03 09:30")), verhaal.aangemaakt(at("03-03 09:31")))
    loop.deliver(verhaal.gestagneerd(at("03-03 15:00")))
    loop.move_to(at("03-10 12:00"))
    (term,) = (item for item in loop.toezicht.termijnen.values() if item.regel_id == "aflevering-alsnog")
    assert term.status is Termijnstatus.VERSTREKEN
    (escalatie,) = (item for item in loop.toezicht.escalaties.values() if item.termijn_id == term.id)
    assert (escalatie.status, escalatie.trede) == (Escalatiestatus.OPEN, 2)
    loop.deliver(verhaal.afgeleverd(at("03-10 12:00")))
    assert loop.toezicht.escalaties[escalatie.id].status is Escalatiestatus.AFGEHANDELD


@pytest.mark.parametrize(
    "ends",
    [WB.ingetrokken(at("03-04 10:00")), WB.dienst(at("03-04 10:00"))],
    ids=["withdrawn", "another-road"],
)
def test_what_was_withdrawn_or_went_another_road_is_told_no_more(ends: Any) -> None:
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding(), WB.besluit(at("03-03 09:30")), WB.aangemaakt(at("03-03 09:31")))
    loop.deliver(WB.gestagneerd(at("03-03 15:00")))
    loop.now = at("03-04 10:00")
    loop.deliver(ends)
    (term,) = (item for item in loop.toezicht.termijnen.values() if item.regel_id == "aflevering-alsnog")
    assert term.status is Termijnstatus.VERVALLEN


def test_taking_up_an_escalatie_gives_its_rung_the_time_anew() -> None:
    """Someone takes it; when nothing comes of it, it climbs on after all."""
    loop = handed_over()
    loop.move_to(at("03-06 16:00"))
    (escalatie_id,) = loop.toezicht.escalaties
    outcome = loop.handle(
        TakeUpEscalatie(escalatie_id, OppakkingInvoer(door=DOOR, toelichting="Ik bel het team.")), partij="GM0758"
    )
    assert isinstance(outcome, Decision)
    escalatie = loop.toezicht.escalaties[escalatie_id]
    assert (escalatie.status, escalatie.volgende_op) == (Escalatiestatus.OPGEPAKT, at("03-10 00:00"))
    assert "Noor" not in str(loop.events) + str(loop.journal)
    assert isinstance(loop.handle(TakeUpEscalatie(escalatie_id, OppakkingInvoer(door=DOOR)), partij="GM0758"), Refused)


def test_every_call_of_a_rung_is_a_message_of_its_own_also_after_it_was_taken_up() -> None:
    """Under the id of an earlier call it would be taken for that one, and not leave."""
    loop = handed_over()
    loop.move_to(at("05-01 16:00"))
    (escalatie,) = [item for item in loop.toezicht.escalaties.values() if item.herhaald]
    before = [event.notificatie_id for event in loop.events if isinstance(event, NotificatieGevraagd)]
    taken = loop.handle(TakeUpEscalatie(escalatie.id, OppakkingInvoer(door=DOOR)), partij=escalatie.bij)
    assert isinstance(taken, Decision)
    again = [event for event in loop.move_to(at("06-01 16:00")) if isinstance(event, NotificatieGevraagd)]
    calls = [event for event in again if event.escalatie_id == escalatie.id]
    assert len(calls) > 1
    ids = [*before, *(event.notificatie_id for event in again)]
    assert len(ids) == len(set(ids))


def test_a_settled_escalatie_calls_nobody_for_a_while_and_comes_back_while_nothing_is_done() -> None:
    """It ends with a result out of a closed list; what was not done goes on being late, and is asked again."""
    loop = handed_over()
    loop.move_to(at("03-06 16:00"))
    (escalatie_id,) = loop.toezicht.escalaties
    closing = SettleEscalatie(
        escalatie_id, AfhandelingInvoer(door=DOOR, resultaat=Escalatieresultaat.WERKAFSPRAAK_GEMAAKT)
    )
    loop.handle(closing, partij=VT)
    again = loop.handle(closing, partij=VT)
    assert isinstance(again, Refused)
    assert again.status == 409
    assert loop.toezicht.escalaties[escalatie_id].status is Escalatiestatus.AFGEHANDELD
    assert [call for call in asked(loop.move_to(at("03-09 23:59"))) if call not in REMINDED] == []
    assert ("leidinggevende", "GM0758") in asked(loop.move_to(at("03-10 00:00")))
    assert loop.toezicht.escalaties[escalatie_id].status is Escalatiestatus.OPEN
    loop.handle(closing, partij=VT)
    loop.deliver(WB.bevestigd(at("03-10 09:00")))
    assert [call for call in asked(loop.move_to(at("04-01 00:00"))) if call not in REMINDED] == []


def test_whom_an_escalatie_calls_or_who_stands_above_settles_it() -> None:
    """MB 6.1: these professionals decide; a triagist does not settle what calls her own leidinggevende."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(WB.melding())
    loop.move_to(at("03-10 10:00"))
    (escalatie,) = (item for item in loop.toezicht.escalaties.values() if item.bij == VT)
    called = Rol(escalatie.rol)
    acts = (
        TakeUpEscalatie(escalatie.id, OppakkingInvoer(door=DOOR)),
        SettleEscalatie(escalatie.id, AfhandelingInvoer(door=DOOR, resultaat=Escalatieresultaat.ALSNOG_GEDAAN)),
    )
    assert called is not Rol.TRIAGIST
    for act in acts:
        refused = loop.handle(act, partij=VT, rollen=frozenset({Rol.TRIAGIST}))
        assert isinstance(refused, Refused)
        assert (refused.status, called.label in refused.problems[0].message) == (403, True)
        assert isinstance(loop.handle(act, partij=VT, rollen=frozenset({called, Rol.TRIAGIST})), Decision)


def test_another_gemeente_does_not_see_the_escalatie() -> None:
    """What a gemeente may not see does not exist for it."""
    loop = handed_over()
    loop.move_to(at("03-06 16:00"))
    (escalatie_id,) = loop.toezicht.escalaties
    outcome = loop.handle(TakeUpEscalatie(escalatie_id, OppakkingInvoer(door=DOOR)), partij="GM1674")
    assert isinstance(outcome, Refused)
    assert outcome.status == 404


def test_a_difference_of_opinion_climbs_the_ladder() -> None:
    """MB 6.1: gedragswetenschappers of both sides first."""
    loop = Casusloop(ONTVANGEN)
    loop.deliver(MB.melding(), MB.besluit(at("03-03 09:30")), MB.afgeleverd(at("03-03 10:00")))
    before = len(loop.events)
    loop.handle(ReportMeningsverschil(MeningsverschilInvoer(door=DOOR, overdracht_id=OVERDRACHT)), partij="GM0855")
    happened = loop.events[before:]
    assert names(happened) == ["gestart"]
    assert asked(happened) == [
        ("gedragswetenschapper", "GM0855"),
        ("gedragswetenschapper", "veilig-thuis-midden-brabant"),
    ]


def test_when_nobody_on_a_rung_can_be_reached_the_next_one_is_called_at_once() -> None:
    """A bounced mail is an immediate step on the ladder."""
    loop = handed_over()
    loop.move_to(at("03-06 00:00"))
    (escalatie,) = loop.toezicht.escalaties.values()
    failed = NotificatieMislukt(
        notificatie_id=escalatie.notificaties[0],
        partij="GM0758",
        rol="leidinggevende",
        kanaal=Notificatiekanaal.E_MAIL,
        referentie="HV-1",
        mislukt_op=at("03-06 00:05"),
        pogingen=1,
        reden="SMTP 550",
        niemand_bereikt=True,
    )
    assert asked(loop.deliver(failed)) == [("gedragswetenschapper", "GM0758")]
    assert loop.deliver(failed) == []


def test_what_says_nothing_about_the_case_waits_or_passes() -> None:
    """An event of a case without a melding waits; one that monitoring has no use for passes."""
    loop = Casusloop(ONTVANGEN)
    foreign = WB.bevestigd(at("03-04 10:00")).model_copy(update={"regio": "midden-brabant"})
    assert isinstance(foreign, OntvangstBevestigd)
    assert isinstance(loop.handle(foreign), TooEarly)
    assert loop.state is None


def test_a_miss_is_taken_back_when_the_overdracht_turns_out_to_have_been_withdrawn_in_time() -> None:
    """G11: nobody failed to confirm what had been taken back before the term ended."""
    loop = handed_over()
    loop.move_to(at("03-06 09:00"))
    assert termijn(loop, "ontvangstbevestiging") is Termijnstatus.VERSTREKEN
    happened = loop.deliver(WB.ingetrokken(at("03-05 10:00")))
    assert names(happened).count("termijn-vervallen") == 1
    assert termijn(loop, "ontvangstbevestiging") is Termijnstatus.VERVALLEN
    (closed,) = [event for event in happened if isinstance(event, EscalatieAfgehandeld)]
    assert closed.resultaat == Escalatieresultaat.TERMIJN_VERVALLEN.value
    late = handed_over()
    late.move_to(at("03-06 09:00"))
    late.deliver(WB.ingetrokken(at("03-06 08:00")))
    assert termijn(late, "ontvangstbevestiging") is Termijnstatus.VERSTREKEN


def test_a_confirmation_heard_of_after_a_withdrawal_that_came_later_counts() -> None:
    """What happened first decides; the term that ended stays, and another takes its place (D16)."""
    loop = handed_over()
    loop.deliver(WB.ingetrokken(at("03-05 10:00")))
    assert termijn(loop, "ontvangstbevestiging") is Termijnstatus.VERVALLEN
    loop.deliver(WB.bevestigd(at("03-04 10:00")))
    found = [item for item in loop.toezicht.termijnen.values() if item.regel_id == "ontvangstbevestiging"]
    assert [item.status for item in found] == [Termijnstatus.VERVALLEN, Termijnstatus.GEHAALD]
    assert found[0].vervangen_door == found[1].id
    before = loop.toezicht
    loop.deliver(WB.bevestigd(at("03-04 10:00")), WB.ingetrokken(at("03-05 10:00")))
    assert loop.toezicht == before


def test_no_termijn_leaves_an_end_state() -> None:
    """The table of transitions has ends."""
    ends = {status for status, following in TERMIJN_TRANSITIONS.items() if not following}
    assert ends == {Termijnstatus.GEHAALD, Termijnstatus.VERVALLEN}
