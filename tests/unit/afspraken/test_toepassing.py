"""What the agreements make of a case: terms, rungs, and one bearer of zicht op veiligheid at every moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import AMSTERDAM, Afspraken, Anker, Drager, load_rule_book
from contracts.afspraken.feiten import Ontvangersoort
from contracts.afspraken.model import MonitoringRegel, Omstandigheden, TermijnRegel, ZichtRegel
from contracts.afspraken.oproepen import follow_ladder
from contracts.afspraken.toepassing import (
    Termijnstatus,
    Termijnverloop,
    Wisseling,
    find_bewegingen,
    follow_termijnen,
    follow_zicht,
)
from services.cli.afspraken.casus import Gebeurtenis, Voorbeeldcasus

BOOK = load_rule_book()
WB = BOOK.for_case(regio="west-brabant", gemeente="GM0758", on=date(2026, 3, 2))
WB_2017 = BOOK.for_case(regio="west-brabant", gemeente="GM0758", on=date(2021, 3, 2))
MB = BOOK.for_case(regio="midden-brabant", gemeente="GM0855", on=date(2026, 3, 2))
DIRECT = {"soort_overdracht": "direct", "ontvanger": "lokaal-team", "overdrachtswijze": "overgedragen"}
NA_DIENST = {"soort_overdracht": "na-dienst", "ontvanger": "lokaal-team", "overdrachtswijze": "overgedragen"}
KETENPARTNER = {"soort_overdracht": "direct", "ontvanger": "ketenpartner", "overdrachtswijze": "overgedragen"}
AANGEBODEN = {"soort_overdracht": "direct", "ontvanger": "ketenpartner", "overdrachtswijze": "aangeboden"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def case(*moments: tuple[str, str]) -> tuple[Gebeurtenis, ...]:
    return tuple(Gebeurtenis(wat=Anker(wat), op=at(op)) for wat, op in moments)


def terms(
    afspraken: Afspraken, gebeurd: tuple[Gebeurtenis, ...], situatie: dict[str, str], name: str = ""
) -> list[Termijnverloop]:
    """The terms whose rule has this in its name."""
    found = follow_termijnen(Voorbeeldcasus(gebeurd, situatie, afspraken), afspraken)
    return [termijn for termijn in found if name in termijn.regel.id]


def zicht(afspraken: Afspraken, gebeurd: tuple[Gebeurtenis, ...], situatie: dict[str, str]) -> list[Wisseling]:
    casus = Voorbeeldcasus(gebeurd, situatie, afspraken)
    return follow_zicht(casus, find_bewegingen(casus, afspraken))


ROAD = case(
    ("melding-ontvangen", "2026-03-02T09:00"),
    ("triagebesluit-genomen", "2026-03-03T10:00"),
    ("overdracht-afgeleverd", "2026-03-03T10:01"),
)


def bearers(
    afspraken: Afspraken,
    gebeurd: tuple[Gebeurtenis, ...],
    situatie: dict[str, str],
) -> list[tuple[str, str | None]]:
    return [(f"{o.op.astimezone(AMSTERDAM):%m-%dT%H:%M}", o.regel.naar) for o in zicht(afspraken, gebeurd, situatie)]


def test_in_west_brabant_zicht_goes_over_two_werkdagen_after_delivery() -> None:
    """WB a."""
    assert bearers(WB, ROAD, DIRECT) == [("03-02T09:00", "veilig-thuis"), ("03-06T00:00", "lokaal-team")]


def test_in_midden_brabant_zicht_goes_over_after_seven_days() -> None:
    """MB 4.1."""
    assert bearers(MB, ROAD, DIRECT) == [("03-02T09:00", "veilig-thuis"), ("03-11T00:00", "lokaal-team")]


def test_under_the_guidelines_of_2017_a_waiting_list_leaves_zicht_with_veilig_thuis() -> None:
    """WB a: until 1 April 2022."""
    assert bearers(WB_2017, ROAD, DIRECT) == [("03-02T09:00", "veilig-thuis")]
    taken_up = (*ROAD, *case(("overdracht-opgepakt", "2026-03-20T11:00")))
    assert bearers(WB_2017, taken_up, DIRECT)[-1] == ("03-20T11:00", "lokaal-team")


def test_what_was_never_delivered_stays_with_veilig_thuis() -> None:
    """BK 4.4.1: ik laat niet los voordat een ander overneemt."""
    assert bearers(WB, ROAD[:2], DIRECT) == [("03-02T09:00", "veilig-thuis")]


def test_a_case_given_back_before_zicht_went_over_stays_with_veilig_thuis() -> None:
    back = (*ROAD, *case(("overdracht-teruggekoppeld", "2026-03-04T12:00")))
    assert bearers(WB, back, DIRECT) == [("03-02T09:00", "veilig-thuis")]


def test_a_case_given_back_afterwards_goes_to_veilig_thuis_at_once() -> None:
    """MB 4.1, Terugkoppelingsformulier."""
    back = (*ROAD, *case(("overdracht-teruggekoppeld", "2026-04-01T12:00")))
    assert bearers(MB, back, DIRECT)[-1] == ("04-01T12:00", "veilig-thuis")


def test_after_a_dienst_zicht_goes_over_with_the_warme_overdracht() -> None:
    """MB 4.3."""
    gebeurd = case(
        ("melding-ontvangen", "2026-03-02T09:00"),
        ("dienst-gestart", "2026-03-04T09:00"),
        ("dienst-afgerond", "2026-05-06T09:00"),
        ("warme-overdracht-gehouden", "2026-05-07T14:00"),
        ("overdracht-afgeleverd", "2026-05-08T10:00"),
    )
    assert bearers(MB, gebeurd, NA_DIENST)[1:] == [("05-07T14:00", "lokaal-team")]


def test_a_hermelding_in_monitoring_moves_zicht_after_the_seventh_weekdag() -> None:
    """MB 5: Koningsdag is a weekdag."""
    gebeurd = (*ROAD, *case(("monitoring-hermelding", "2026-04-20T09:00")))
    assert bearers(MB, gebeurd, DIRECT)[-1] == ("04-30T00:00", "veilig-thuis")


def test_the_meldpunt_keeps_the_regie_until_veilig_thuis_takes_over() -> None:
    """BK part II, 4.2: forwarding is no handover."""
    gebeurd = case(
        ("meldpuntmelding-ontvangen", "2026-03-02T02:00"),
        ("melding-ontvangen", "2026-03-02T02:30"),
        ("meldpuntmelding-overgenomen", "2026-03-02T08:00"),
    )
    assert bearers(WB, gebeurd, {}) == [("03-02T02:00", "meldpunt"), ("03-02T08:00", "veilig-thuis")]


def test_zicht_ends_when_the_case_is_closed() -> None:
    """AEF C."""
    gebeurd = (*ROAD, *case(("casus-gesloten", "2026-09-01T12:00")))
    assert bearers(WB, gebeurd, DIRECT)[-1] == ("09-01T12:00", None)


def test_the_24_hours_of_a_crisis_run_only_for_a_crisis_and_not_until_it_is_forwarded() -> None:
    """BK part II, 4.2."""
    gebeurd = case(("meldpuntmelding-ontvangen", "2026-03-28T12:00"), ("melding-ontvangen", "2026-03-28T12:30"))
    (crisis,) = terms(WB, gebeurd, {"meldpunt_urgentie": "acuut"}, "meldpunt")
    assert (crisis.eindigt_op.isoformat(), crisis.afloop) == ("2026-03-29T13:00:00+02:00", None)
    assert terms(WB, gebeurd, {"meldpunt_urgentie": "niet-acuut"}, "meldpunt") == []


def test_a_delivery_confirms_nothing() -> None:
    """G8: a technical receipt stops no human clock."""
    (bevestiging,) = terms(WB, ROAD, DIRECT, "ontvangstbevestiging")
    assert (bevestiging.afloop, bevestiging.status) == (None, Termijnstatus.VERSTREKEN)


def test_a_missed_term_climbs_the_ladder_of_its_region_in_order() -> None:
    """BK 4.4.1 and AEF F for West-Brabant; MB 6.1 and 6.2 for Midden-Brabant."""
    called: dict[str, list[str]] = {}
    for afspraken, name in ((WB, "ontvangstbevestiging"), (MB, "oppakken")):
        (missed,) = terms(afspraken, ROAD, DIRECT, name)
        rungs = follow_ladder(missed, afspraken)
        assert [rung.op for rung in rungs] == sorted(rung.op for rung in rungs)
        assert rungs[0].op == missed.eindigt_op
        called[afspraken.regio] = [str(rung.trede.rol) for rung in rungs]
    assert called == {
        "west-brabant": ["leidinggevende", "gedragswetenschapper", "gemeente-ambtelijk", "gemeente-bestuurlijk"],
        "midden-brabant": ["gedragswetenschapper", "coordinator", "gemeente-ambtelijk", "gemeente-bestuurlijk"],
    }


def test_a_term_met_late_stops_the_ladder_where_it_was() -> None:
    late = (*ROAD, *case(("ontvangst-bevestigd", "2026-03-09T12:00")))
    (confirmed,) = terms(WB, late, DIRECT, "ontvangstbevestiging")
    assert confirmed.status is Termijnstatus.TE_LAAT_GEHAALD
    assert [str(rung.trede.rol) for rung in follow_ladder(confirmed, WB)] == ["leidinggevende"]


def test_a_term_met_in_time_calls_nobody() -> None:
    in_time = (*ROAD, *case(("ontvangst-bevestigd", "2026-03-05T23:59")))
    (confirmed,) = terms(WB, in_time, DIRECT, "ontvangstbevestiging")
    assert confirmed.status is Termijnstatus.GEHAALD
    assert follow_ladder(confirmed, WB) == []


def test_monitoring_gives_a_term_per_moment_and_one_to_plan_it_where_that_is_for_another() -> None:
    """MB 5: 3, 12 and on average 18 months after the overdracht; Veilig Thuis holds them, the lokaal team plans them."""
    for monitoring in MB.of_kind(MonitoringRegel):
        found = [
            (regel.verantwoordelijke, regel.end(at("2026-05-08T10:00"), MB.kalender).date().isoformat())
            for regel in monitoring.to_termijnen()
        ]
        held = [(Drager.VEILIG_THUIS, day) for day in ("2026-08-09", "2027-05-09", "2027-11-09")]
        planned = [(Drager.LOKAAL_TEAM, day) for day in ("2026-07-09", "2027-04-09", "2027-10-09")]
        assert found == held + (planned if monitoring.plant is Drager.LOKAAL_TEAM else [])


def test_after_a_dienst_exactly_one_rule_about_monitoring_holds() -> None:
    """MB 5: the lokaal team plans; where a ketenpartner has the case there is no team that could."""
    for ontvanger, plans in (("lokaal-team", Drager.LOKAAL_TEAM), ("ketenpartner", Drager.VEILIG_THUIS)):
        situatie = {"soort_overdracht": "na-dienst", "ontvanger": ontvanger}
        found = [
            regel.plant
            for regel in MB.of_kind(MonitoringRegel)
            if regel.alleen_bij is not None and regel.alleen_bij.hold_in(situatie)
        ]
        assert found == [plans]


def test_a_ketenpartner_bears_zicht_once_it_took_the_case_up() -> None:
    """AEF C: accepted, not delivered and not confirmed; WB a is about the lokaal team alone."""
    for afspraken in (WB, WB_2017):
        assert bearers(afspraken, ROAD, KETENPARTNER) == [("03-02T09:00", "veilig-thuis")]
        seen = (*ROAD, *case(("ontvangst-bevestigd", "2026-03-04T09:00")))
        assert bearers(afspraken, seen, KETENPARTNER) == [("03-02T09:00", "veilig-thuis")]
        taken_up = (*seen, *case(("overdracht-opgepakt", "2026-03-20T11:00")))
        assert bearers(afspraken, taken_up, KETENPARTNER)[-1] == ("03-20T11:00", "ketenpartner")


def test_in_midden_brabant_a_ketenpartner_bears_zicht_after_seven_days() -> None:
    """MB 4.1: “Na 7 dagen is het lokale (wijk) team of de betrokken ketenpartner verantwoordelijk”."""
    taken_up = (*ROAD, *case(("overdracht-opgepakt", "2026-03-04T11:00")))
    for gebeurd in (ROAD, taken_up):
        assert bearers(MB, gebeurd, KETENPARTNER)[1:] == [("03-11T00:00", "ketenpartner")]


@pytest.mark.parametrize("afspraken", [WB, WB_2017, MB], ids=lambda a: a.versie)
@pytest.mark.parametrize(("last", "bearer"), [("overdracht-teruggekoppeld", "veilig-thuis"), ("casus-gesloten", None)])
def test_zicht_leaves_a_ketenpartner_with_the_case(afspraken: Afspraken, last: str, bearer: str | None) -> None:
    """BK 4.4.1 and AEF C."""
    gebeurd = (*ROAD, *case(("overdracht-opgepakt", "2026-03-20T11:00"), (last, "2026-04-01T12:00")))
    assert bearers(afspraken, gebeurd, KETENPARTNER)[-1] == ("04-01T12:00", bearer)


def test_what_is_owed_is_owed_by_who_received() -> None:
    """FS, MB 4.1."""
    for afspraken, situatie, owes in (
        (WB, DIRECT, "lokaal-team"),
        (WB, KETENPARTNER, "ketenpartner"),
        (MB, DIRECT, "lokaal-team"),
        (MB, KETENPARTNER, "ketenpartner"),
    ):
        answers = {Anker.ONTVANGST_BEVESTIGD, Anker.OVERDRACHT_OPGEPAKT}
        owed = [
            verloop.regel.verantwoordelijke.value
            for verloop in terms(afspraken, ROAD, situatie)
            if answers.intersection(verloop.regel.tot)
        ]
        assert set(owed) == {owes}


@pytest.mark.parametrize("afspraken", [WB, WB_2017, MB], ids=lambda a: a.versie)
@given(
    st.lists(st.tuples(st.sampled_from(list(Anker)), st.integers(1, 400 * 24 * 60)), max_size=12),
    st.sampled_from(["direct", "na-dienst"]),
    st.sampled_from(["lokaal-team", "ketenpartner"]),
    st.sampled_from(["overgedragen", "aangeboden"]),
)
def test_exactly_one_party_bears_zicht_from_the_melding_to_the_end(
    afspraken: Afspraken,
    later: list[tuple[Anker, int]],
    soort: str,
    ontvanger: str,
    wijze: str,
) -> None:
    """G3: whatever happens in whatever order, each transition hands over from the one who bore it."""
    melding = at("2026-03-02T09:00")
    rest = [Gebeurtenis(wat=wat, op=melding + timedelta(minutes=minutes)) for wat, minutes in later]
    gebeurd = (Gebeurtenis(wat=Anker.MELDING_ONTVANGEN, op=melding), *rest)
    wisselingen = zicht(
        afspraken, gebeurd, {"soort_overdracht": soort, "ontvanger": ontvanger, "overdrachtswijze": wijze}
    )
    assert (wisselingen[0].op, wisselingen[0].regel.naar) == (melding, Drager.VEILIG_THUIS)
    for one, other in pairwise(wisselingen):
        assert one.op <= other.op
        assert other.regel.van is one.regel.naar
    ended = [wisseling for wisseling in wisselingen if wisseling.regel.naar is None]
    assert ended in ([], [wisselingen[-1]])
    assert not ended or ended[0].gebeurd.anker is Anker.CASUS_GESLOTEN


def test_a_return_stops_a_move_also_where_the_agreement_forgot_to_say_so() -> None:
    """Nobody bears what has already been given back, whatever the data say."""
    forgetful = tuple(
        regel.model_copy(update={"vervalt_bij": ()}) if isinstance(regel, ZichtRegel) else regel for regel in WB.regels
    )
    back = (*ROAD, *case(("overdracht-teruggekoppeld", "2026-03-04T12:00")))
    assert bearers(replace(WB, regels=forgetful), back, DIRECT) == [("03-02T09:00", "veilig-thuis")]


def test_a_delivery_heard_of_after_a_withdrawal_brings_nobody_anything() -> None:
    """BK 4.4.1: what was taken back before it arrived has not been handed over, and what it asks lapses."""
    late = (
        *ROAD[:2],
        *case(("overdracht-ingetrokken", "2026-03-03T10:00"), ("overdracht-afgeleverd", "2026-03-03T10:01")),
    )
    assert bearers(WB, late, DIRECT) == [("03-02T09:00", "veilig-thuis")]
    (asked,) = terms(WB, late, DIRECT, "ontvangstbevestiging")
    assert asked.status is Termijnstatus.VERVALLEN


def test_bringing_a_case_to_the_raad_gives_it_to_nobody() -> None:
    """MB 6: the Raad takes over by its own act; who brings it in asks for that."""
    for door in ("lokaal-team", "veilig-thuis"):
        tafel = Gebeurtenis(wat=Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT, op=at("2026-04-01T12:00"), door=door)
        assert bearers(MB, (*ROAD, tafel), DIRECT)[-1][1] == "lokaal-team"
    (regel,) = MB.aanbiedingen
    assert (regel.bij, regel.door, regel.aan) == (
        Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT,
        Drager.LOKAAL_TEAM,
        Drager.RAAD_VOOR_DE_KINDERBESCHERMING,
    )


@pytest.mark.parametrize("afspraken", [WB, WB_2017, MB], ids=lambda a: a.versie)
def test_what_is_offered_goes_over_when_it_is_accepted_and_never_by_time(afspraken: Afspraken) -> None:
    """AEF C: also where the agreements let an overdracht of Veilig Thuis go over after days."""
    later = case(("overdracht-opgepakt", "2026-04-01T12:00"))
    assert bearers(afspraken, ROAD, AANGEBODEN) == [("03-02T09:00", "veilig-thuis")]
    assert bearers(afspraken, (*ROAD, *later), AANGEBODEN)[-1] == ("04-01T12:00", "ketenpartner")


def test_what_happened_first_decides_whether_a_term_was_met_or_lapsed() -> None:
    for first, status in (("ontvangst-bevestigd", "gehaald"), ("overdracht-ingetrokken", "vervallen")):
        (second,) = {"ontvangst-bevestigd", "overdracht-ingetrokken"} - {first}
        both = (*ROAD, *case((second, "2026-03-05T10:00"), (first, "2026-03-04T10:00")))
        (asked,) = terms(WB, both, DIRECT, "ontvangstbevestiging")
        assert asked.status == status


def test_a_circumstance_says_something_about_its_own_kind_of_thing_alone() -> None:
    """Who receives an overdracht is no circumstance of the melding: no rule about a melding can be limited to it."""
    limited = tuple(
        regel.model_copy(update={"alleen_bij": Omstandigheden(ontvanger=Ontvangersoort.LOKAAL_TEAM)})
        if isinstance(regel, TermijnRegel)
        else regel
        for regel in WB.regels
    )
    found = terms(replace(WB, regels=limited), ROAD, DIRECT)
    assert {termijn.vanaf for termijn in found} == {Anker.OVERDRACHT_AFGELEVERD}
