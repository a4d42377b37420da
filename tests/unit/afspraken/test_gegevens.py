"""What the agreements say, subject by subject: the sentences of the sources that the services build on."""

from __future__ import annotations

from datetime import date, datetime

from contracts.afspraken import AMSTERDAM, Afspraken, Anker, Drager, Duur, load_rule_book
from contracts.messages.handover import Terugkoppelcriterium

BOOK = load_rule_book()
ON = date(2026, 3, 2)
WB = BOOK.for_case(regio="west-brabant", gemeente="GM0758", on=ON)
MB = BOOK.for_case(regio="midden-brabant", gemeente="GM0855", on=ON)


def durations(afspraken: Afspraken, *, telt_mee: bool = True) -> dict[str, str]:
    """Of every term that a source knows; what only the vangnet of the hub asks is not among them."""
    return {
        termijn.id: str(termijn.duur)
        for termijn in afspraken.termijnen
        if not termijn.is_vangnet and termijn.telt_mee is telt_mee
    }


def test_the_clock_table_of_west_brabant() -> None:
    """DOMAIN, the clock table: column WB."""
    assert durations(WB) == {
        "veiligheidsbeoordeling": "5 werkdagen",
        "overdracht-na-melding": "5 werkdagen",
        "ontvangstbevestiging": "2 werkdagen",
        "ontvangstbevestiging-ketenpartner": "2 werkdagen",
        "dienst-doorlooptijd": "10 weken",
        "meldpunt-warme-overdracht": "24 uur",
    }


def test_the_clock_table_of_midden_brabant() -> None:
    """DOMAIN, the clock table: column MB."""
    assert durations(MB) == {
        "veiligheidsbeoordeling": "5 werkdagen",
        "overdracht-na-melding": "5 werkdagen",
        "oppakken": "7 dagen",
        "oppakken-ketenpartner": "7 dagen",
        "dienst-doorlooptijd": "10 weken",
        "vbs-verdelen-urgent": "2 werkdagen",
        "vbs-verdelen-regulier": "7 dagen",
        "vbs-contact": "1 week",
        "antwoord-op-structureel-signaal": "6 weken",
        "opnieuw-wegen-na-teruggave": "5 werkdagen",
    }


def test_where_a_source_names_no_time_the_country_sets_one_and_nobody_is_reported_for_it() -> None:
    """FS, MB 4.1 and 4.3, BK annex 1 and 4.4.1, AEF A: who does it is agreed, within which time is not."""
    everywhere = {
        "overdrachtsgesprek": "1 werkdag",
        "veiligheidsplan": "6 weken",
        "melder-informeren": "10 werkdagen",
        "betrokkenen-informeren": "5 werkdagen",
        "betrokkenen-informeren-na-brief": "10 werkdagen",
        "betrokkenen-informeren-door-betrokken-team": "10 werkdagen",
    }
    assert durations(WB, telt_mee=False) == everywhere
    assert durations(MB, telt_mee=False) == everywhere | {"ontvangstbevestiging": "7 dagen"}
    for termijn in (termijn for termijn in WB.termijnen if not termijn.telt_mee):
        assert "instelling van het land" in (termijn.lezing or "")


def test_written_confirmation_is_asked_everywhere() -> None:
    """FS: what agreements hold at least, since 2017."""
    old = BOOK.for_case(regio="west-brabant", gemeente="GM0758", on=date(2020, 3, 2))
    assert durations(old)["ontvangstbevestiging"] == "7 dagen"


def test_before_2019_a_decision_took_ten_weeks() -> None:
    """FS."""
    days = (date(2018, 12, 31), date(2019, 1, 1))
    found = [durations(BOOK.for_case(regio="west-brabant", gemeente="GM0758", on=day)) for day in days]
    assert [terms["veiligheidsbeoordeling"] for terms in found] == ["10 weken", "5 werkdagen"]


def test_every_term_that_somebody_can_miss_climbs_a_ladder() -> None:
    """D11, and every ladder about what parties agreed ends at the gemeente."""
    for afspraken in (WB, MB):
        for termijn in afspraken.termijnen:
            if termijn.telt_mee:
                assert termijn.ladder is not None
            if termijn.is_agreed:
                assert termijn.ladder is not None
                assert afspraken.ladder(termijn.ladder).treden[-1].bij is Drager.GEMEENTE
        assert {"opschalen-lokaal-team", "opschalen-veilig-thuis", "meningsverschil"} <= {
            x.id for x in afspraken.ladders
        }


def test_who_takes_a_case_up_has_received_it() -> None:
    """What waits for a confirmation waits no longer once the case was taken up: the agreements themselves say so."""
    waiting = [t for afspraken in (WB, MB) for t in afspraken.termijnen if Anker.ONTVANGST_BEVESTIGD in t.tot]
    expected = {"ontvangstbevestiging", "ontvangstbevestiging-ketenpartner"}
    assert {t.id for t in waiting if not t.is_vangnet} == expected
    assert all(Anker.OVERDRACHT_OPGEPAKT in termijn.tot for termijn in waiting)


def test_an_urgent_vbs_request_has_one_term_and_a_regular_one_the_other() -> None:
    """MB 4.2."""
    for urgentie, name in (("crisis", "vbs-verdelen-urgent"), ("regulier", "vbs-verdelen-regulier")):
        applying = [t.id for t in MB.termijnen_from(Anker.VBS_GEVRAAGD) if t.applies({"vbs_urgentie": urgentie})]
        assert applying == [name]
    assert WB.termijnen_from(Anker.VBS_GEVRAAGD) == ()


def test_giving_back_is_possible_for_three_months_on_the_grounds_of_the_form() -> None:
    """MB 4.1 and 7.1."""
    (venster,) = MB.vensters
    start = datetime(2026, 11, 30, 12, tzinfo=AMSTERDAM)
    assert venster.end(start, MB.kalender).isoformat() == "2027-03-01T00:00:00+01:00"
    assert [criterium.id for criterium in MB.terugkoppelcriteria] == [member.value for member in Terugkoppelcriterium]


def test_verbindend_samenwerken_needs_consent_and_has_a_fall_back() -> None:
    """MB 4.2."""
    (vbs,) = MB.samenwerkvormen
    assert (vbs.toestemming_client, vbs.regie) == (True, Drager.VEILIG_THUIS)
    assert "dienst" in vbs.zonder_toestemming
    assert WB.samenwerkvormen == ()


def test_monitoring_in_midden_brabant() -> None:
    """MB 5: fixed moments, early stop, the conversations, who plans."""
    monitoring = next(regel for regel in MB.monitoring if regel.id == "monitoring-na-dienst")
    assert [str(moment.na) for moment in monitoring.momenten] == ["3 maanden", "12 maanden", "18 maanden"]
    assert [str(duur) for duur in monitoring.vervroegd_stoppen_na] == ["3 maanden", "6 maanden"]
    assert (monitoring.gemiddelde_looptijd, monitoring.plant) == (Duur.parse("18 maanden"), Drager.LOKAAL_TEAM)
    assert (monitoring.voert_uit, monitoring.bij_verstrijken) == (Drager.VEILIG_THUIS, "opschalen-veilig-thuis")
    assert monitoring.inplannen is not None
    assert monitoring.inplannen.bij_verstrijken == "opschalen-lokaal-team"
    assert (monitoring.fysieke_gesprekken_minstens, monitoring.kinderen_gesproken_of_onderbouwd) == (1, True)
    assert monitoring.lezing is not None


def test_there_is_no_monitoring_after_a_directe_overdracht_nor_after_the_jeugdbeschermingstafel() -> None:
    """FS, and MB 6."""
    exclusions = {regel.bij: regel.tenzij_vastgelegd for regel in MB.monitoring_uitsluitingen}
    assert exclusions == {Anker.OVERDRACHT_AFGELEVERD: True, Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT: False}


def test_stagnation_has_four_steps_of_which_the_last_reports_again() -> None:
    """MB 5."""
    assert [(stap.stap, stap.hermelding) for stap in MB.stagnatiestappen] == [
        (1, False),
        (2, False),
        (3, False),
        (4, True),
    ]


def test_a_structural_signal_goes_to_the_gemeente() -> None:
    """MB 6.2: the party itself; FS elsewhere: Veilig Thuis."""
    assert [(s.meldt, s.aan) for s in MB.structurele_signalen] == [("verantwoordelijke", Drager.GEMEENTE)]
    assert [s.meldt for s in WB.structurele_signalen] == ["veilig-thuis"]


def test_the_initiative_for_coercion_passes_with_the_overdracht() -> None:
    """MB 6."""
    assert [(i.vanaf, i.tot, i.initiatief) for i in MB.initiatieven] == [
        (Anker.MELDING_ONTVANGEN, Anker.OVERDRACHT_AFGELEVERD, Drager.VEILIG_THUIS),
        (Anker.OVERDRACHT_AFGELEVERD, None, Drager.LOKAAL_TEAM),
    ]


def test_other_parties_can_receive_or_be_involved() -> None:
    """D13."""
    assert {"partij-huisverbod", "partij-vrouwenopvang", "partij-interventieteam"} <= {p.id for p in WB.partijrollen}


def test_the_document_after_a_dienst_holds_all_of_the_direct_one_and_more() -> None:
    """MB 4.1 and 4.3."""
    direct, after = MB.document_velden("direct"), MB.document_velden("na-dienst")
    assert (len(direct), len(after)) == (13, 22)
    assert set(direct) < set(after)


def test_where_a_region_set_a_number_itself_the_reading_says_so() -> None:
    """No number without a source: waiting times and 'herhaaldelijk' are settings."""
    for afspraken in (WB, MB):
        for regel in (*afspraken.ladders, *afspraken.signaaldrempels):
            if regel.bron.document == "Houvast":
                continue
            assert regel.lezing is not None
            said = "instelling van de regio" in regel.lezing or regel.bron.document == "Houvast"
            assert said or regel.id == "opschalen-gemeente"


def test_an_unknown_rule_is_no_rule() -> None:
    assert MB.regel("bestaat-niet") is None
