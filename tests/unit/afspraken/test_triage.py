"""The triageadvies: every contra-indicatie of MB 4, what professionals conclude, and what is not known."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import OnbekendFeit, Triagefeit, Uitkomst, evaluate_triage, load_rule_book

MB = load_rule_book().for_case(regio="midden-brabant", gemeente="GM0855", on=date(2026, 3, 2))
WB = load_rule_book().for_case(regio="west-brabant", gemeente="GM0758", on=date(2026, 3, 2))

facts = st.dictionaries(st.sampled_from([feit.value for feit in Triagefeit]), st.sampled_from([True, False, None]))


def advise(**feiten: bool | None) -> str:
    return evaluate_triage(MB, feiten).uitkomst.value


@pytest.mark.parametrize(
    ("feiten", "uitkomst"),
    [
        ({}, "directe-overdracht"),
        ({"melder_wil_anoniem": True}, "directe-overdracht"),
        ({"melder_wil_anoniem": True, "betrokkenen_niet_open_voor_hulp": True}, "dienst"),
        ({"veiligheid_acuut_bedreigd": True}, "dienst"),
        ({"veiligheid_acuut_bedreigd": True, "lokaal_team_betrokken": False}, "dienst"),
        ({"veiligheid_acuut_bedreigd": True, "lokaal_team_betrokken": True}, "directe-overdracht"),
        ({"onduidelijk_of_hgkm": True}, "dienst"),
        ({"gezin_wil_geen_hulp": True}, "dienst"),
        ({"ernstig_letsel": True}, "dienst"),
        ({"geweld_tegen_ongeboren_kind": True}, "dienst"),
        ({"acute_psychiatrie": True}, "afstemmen-ggz"),
        ({"acute_psychiatrie": True, "ernstig_letsel": True}, "afstemmen-ggz"),
        ({"twijfel_over_overdracht": True}, "overleg"),
        ({"twijfel_over_overdracht": True, "ernstig_letsel": True}, "dienst"),
        ({"stalking": True, "sash_score_laag": True}, "directe-overdracht"),
        ({"stalking": True, "sash_score_laag": None}, "overleg"),
        ({"stalking": True, "kennis_lokaal_team_onvoldoende": True}, "dienst"),
        ({"stalking": True, "kennis_lokaal_team_onvoldoende": False}, "directe-overdracht"),
        ({"stalking": True, "sash_score_laag": True, "kennis_lokaal_team_onvoldoende": True}, "directe-overdracht"),
        ({"kennis_lokaal_team_onvoldoende": True}, "directe-overdracht"),
    ],
)
def test_the_advice_follows_the_list(feiten: dict[str, bool | None], uitkomst: str) -> None:
    """MB 4 and 4.1, one line per item, its exception and its neighbour."""
    assert advise(**feiten) == uitkomst


@pytest.mark.parametrize(
    "vorm",
    ["pcf", "vgv", "mensenhandel", "loverboy", "eergerelateerd", "seksueel_misbruik", "structureel_geweld"],
)
def test_a_special_form_is_asked_about_and_never_inferred(vorm: str) -> None:
    """MB 4: Veilig Thuis and the team conclude together that knowledge is lacking."""
    open_question = evaluate_triage(MB, {vorm: True})
    assert open_question.uitkomst is Uitkomst.OVERLEG
    (vraag,) = open_question.te_beoordelen
    assert (vraag.oordeel, vraag.feiten) == (Triagefeit.KENNIS_LOKAAL_TEAM_ONVOLDOENDE, (Triagefeit(vorm),))
    assert advise(**{vorm: True, "kennis_lokaal_team_onvoldoende": True}) == "dienst"
    assert advise(**{vorm: True, "kennis_lokaal_team_onvoldoende": False}) == "directe-overdracht"


def test_an_open_question_stays_visible_beside_a_weightier_reason() -> None:
    advies = evaluate_triage(MB, {"pcf": True, "ernstig_letsel": True})
    assert (advies.uitkomst, [reden.regel_id for reden in advies.redenen]) == (Uitkomst.DIENST, ["ernstig-letsel"])
    assert [vraag.regel_id for vraag in advies.te_beoordelen] == ["bijzondere-vorm"]


def test_west_brabant_says_that_the_list_is_advice_only() -> None:
    """WB c: in which cases how is handed over stands in a document that is not at hand."""
    (reden,) = evaluate_triage(WB, {}).redenen
    assert (reden.regel_id, reden.bron.document) == ("uitgangspunt-directe-overdracht", "WB")
    assert reden.lezing is not None
    assert "alleen als advies" in reden.lezing


def test_a_fact_outside_the_glossary_is_refused() -> None:
    with pytest.raises(OnbekendFeit, match="erg_letsel"):
        evaluate_triage(MB, {"erg_letsel": True})


@given(facts)
def test_every_advice_names_a_rule_its_source_and_true_facts(feiten: dict[str, bool | None]) -> None:
    """G9: every outcome explains itself."""
    advies = evaluate_triage(MB, feiten)
    assert advies.redenen
    for reden in (*advies.redenen, *advies.te_beoordelen):
        assert MB.regel(reden.regel_id) is not None
        assert reden.bron.citaat
        assert all(feiten[feit] for feit in reden.feiten)


@given(facts)
def test_what_is_not_known_advises_the_same_as_what_was_not_said(feiten: dict[str, bool | None]) -> None:
    said = {name: value for name, value in feiten.items() if value is not None}
    assert evaluate_triage(MB, feiten) == evaluate_triage(MB, said)


@given(facts)
def test_a_directe_overdracht_is_advised_only_when_nothing_speaks_against_it(feiten: dict[str, bool | None]) -> None:
    advies = evaluate_triage(MB, feiten)
    alone = [reden.regel_id for reden in advies.redenen] == ["uitgangspunt-directe-overdracht"]
    assert alone == (advies.uitkomst is Uitkomst.DIRECTE_OVERDRACHT) == (alone and not advies.te_beoordelen)
