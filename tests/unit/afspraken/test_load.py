"""The packaged agreements load; a file that is wrong is refused with every error named by file, line and field."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from contracts.afspraken import GeenAfspraken, OnbekendeLadder, OnbekendeRegio, load_rule_book, packaged_bronnen
from contracts.afspraken.citaten import find_missing_citaten
from contracts.afspraken.model import DocumentVeld
from contracts.messages.documenten import Overdrachtsdocument
from contracts.toml_plaats import BestandFouten, Fout

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"
WB = "regions/west-brabant-2022.toml"
MB = "regions/midden-brabant-2024.toml"


def change(naam: str, old: str, new: str) -> dict[str, str]:
    """The packaged texts with one of them changed at one place."""
    bronnen = packaged_bronnen()
    assert old in bronnen[naam]
    return bronnen | {naam: bronnen[naam].replace(old, new, 1)}


def fouten_of(bronnen: dict[str, str]) -> tuple[Fout, ...]:
    with pytest.raises(BestandFouten) as caught:
        load_rule_book(bronnen)
    return caught.value.fouten


def line_of(text: str, part: str, *, last: bool = False) -> int:
    return text[: text.rindex(part) if last else text.index(part)].count("\n") + 1


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents are not at hand")
def test_every_quote_stands_literally_in_its_document() -> None:
    """Issue 3, item 1."""
    teksten = {path.name: path.read_text("utf-8") for path in SEEDS.iterdir()}
    assert [(doc.kop.id, regel.id) for doc, regel in find_missing_citaten(load_rule_book(), teksten)] == []


def test_a_quote_that_is_not_in_its_document_is_found() -> None:
    bronnen = change(WB, "moet binnen 5 dagen", "moet binnen 6 dagen")
    seed = {"004_da13a8a2de544d1c.txt": "x - Beoordelen van meldingen (triage) moet binnen\n5 dagen x"}
    assert "veiligheidsbeoordeling" in {regel.id for _, regel in find_missing_citaten(load_rule_book(bronnen), seed)}
    intact = {
        regel.id for doc, regel in find_missing_citaten(load_rule_book(), seed) if doc.kop.id == "west-brabant-2022"
    }
    assert "veiligheidsbeoordeling" not in intact


def test_every_document_field_is_a_field_of_the_overdrachtsdocument() -> None:
    """What the agreement asks for is what systems can exchange; files may go along, but no agreement asks for them."""
    known = {field.alias for field in Overdrachtsdocument.model_fields.values()} - {"bijlagen"}
    velden = {
        regel.veld for doc in load_rule_book().documenten for _, regel in doc.regels if isinstance(regel, DocumentVeld)
    }
    assert velden == known


def test_a_case_gets_the_agreements_of_its_melding_date() -> None:
    """WB: the guidelines of 2017 end on 1 April 2022."""
    book = load_rule_book()
    before = book.for_case(regio="west-brabant", gemeente="GM0758", on=date(2022, 3, 31))
    after = book.for_case(regio="west-brabant", gemeente="GM0758", on=date(2022, 4, 1))
    assert (before.versie, after.versie) == ("west-brabant-2017", "west-brabant-2022")
    monday, tuesday = (book.for_case(regio="west-brabant", gemeente="GM0758", on=date(2026, 3, day)) for day in (2, 3))
    assert monday is tuesday


def test_an_addendum_overlays_its_region_for_one_gemeente() -> None:
    """WB, Risico's: Oosterhout worked that way before 2022."""
    book = load_rule_book()
    oosterhout = book.for_case(regio="west-brabant", gemeente="GM0826", on=date(2021, 6, 1))
    breda = book.for_case(regio="west-brabant", gemeente="GM0758", on=date(2021, 6, 1))
    assert oosterhout.versie == "west-brabant-2017+oosterhout-2017"
    moved = {a.gemeente: next(z for z in a.zicht if z.id == "zicht-na-overdracht") for a in (oosterhout, breda)}
    assert moved["GM0826"].vanaf == "overdracht-afgeleverd"
    assert moved["GM0758"].vanaf == "overdracht-opgepakt"


def test_a_region_overlays_the_national_norm_of_the_same_name() -> None:
    book = load_rule_book()
    wb = book.for_case(regio="west-brabant", gemeente="GM0758", on=date(2026, 3, 2))
    beoordeling = [termijn for termijn in wb.termijnen if termijn.id == "veiligheidsbeoordeling"]
    assert [termijn.bron.document for termijn in beoordeling] == ["BK"]


@pytest.mark.parametrize(
    ("regio", "gemeente", "on", "error", "melding"),
    [
        ("noord", "GM0758", date(2026, 3, 2), OnbekendeRegio, "west-brabant"),
        ("west-brabant", "GM0758", date(2016, 3, 2), GeenAfspraken, "02-03-2016"),
        ("west-brabant", "GM0855", date(2026, 3, 2), GeenAfspraken, "GM0855"),
        ("west-brabant", "GM1723", date(2023, 1, 1), GeenAfspraken, "GM1723"),
    ],
)
def test_a_case_without_agreements_is_refused_in_dutch(
    regio: str,
    gemeente: str,
    on: date,
    error: type[GeenAfspraken],
    melding: str,
) -> None:
    """D16: Alphen-Chaam leaves West-Brabant on 1 January 2023."""
    with pytest.raises(error, match=melding):
        load_rule_book().for_case(regio=regio, gemeente=gemeente, on=on)


def test_alphen_chaam_takes_part_in_west_brabant_up_to_its_last_day() -> None:
    found = load_rule_book().for_case(regio="west-brabant", gemeente="GM1723", on=date(2022, 12, 31))
    assert found.versie == "west-brabant-2022"


def test_a_ladder_that_does_not_exist_is_refused() -> None:
    afspraken = load_rule_book().for_regio(regio="west-brabant", on=date(2026, 3, 2))
    with pytest.raises(OnbekendeLadder, match="opschallen"):
        afspraken.ladder("opschallen")


@pytest.mark.parametrize(
    ("old", "new", "veld", "melding"),
    [
        ('duur = "2 werkdagen"', 'duur = "2 werkdagne"', "duur", "is geen duur"),
        ("waarschuw_na = 0.5", "warschuw_na = 0.5", "warschuw_na", "bedoeld is wellicht 'waarschuw_na'"),
        ('vanaf = "overdracht-afgeleverd"', 'vanaf = "overdracht-bezorgd"', "vanaf", "onbekende waarde"),
        ('citaat = "schriftelijk aan', 'citat = "schriftelijk aan', "bron.citat", "bedoeld is wellicht 'citaat'"),
        (
            'bij_verstrijken = "opschalen-lokaal-team"',
            'bij_verstrijken = "opschalen"',
            "bij_verstrijken",
            "kent geen ladder",
        ),
        ('document = "FS"', 'document = "FX"', "bron.document", "onbekend document 'FX'"),
        ("waarschuw_na = 0.5", 'waarschuw_na = 0.5\nwettelijk = "nee"', "wettelijk", "true of false"),
    ],
)
def test_a_mistake_in_a_term_is_named_with_file_line_and_field(old: str, new: str, veld: str, melding: str) -> None:
    """Issue 3, bad input: the table of the ontvangstbevestiging, one mistake at a time."""
    text = packaged_bronnen()[WB]
    at = text.index('id = "ontvangstbevestiging"')
    assert old in text[at:]
    broken = text[:at] + text[at:].replace(old, new, 1)
    fout = next(found for found in fouten_of(packaged_bronnen() | {WB: broken}) if melding in found.melding)
    assert fout.bestand == WB
    assert fout.veld.endswith(veld)
    assert broken.splitlines()[fout.regel - 1].lstrip().startswith((veld.split(".", maxsplit=1)[0], "bron"))


def test_a_missing_quote_is_named() -> None:
    bronnen = change(WB, ', citaat = "Beoordelen van meldingen (triage) moet binnen 5 dagen" }', " }")
    (fout,) = fouten_of(bronnen)
    assert (fout.bestand, fout.veld, fout.melding) == (WB, "termijn[1].bron.citaat", "ontbreekt")
    assert fout.regel == line_of(bronnen[WB], 'bron = { document = "BK", paragraaf = "bijlage 1" }')


def test_an_unknown_fact_is_named() -> None:
    naam = "national/contra-indicaties.toml"
    (fout,) = fouten_of(change(naam, '["ernstig_letsel"]', '["erstig_letsel"]'))
    assert (fout.bestand, fout.veld) == (naam, "contra_indicatie[5].alle_van[1]")
    assert "'erstig_letsel'" in fout.melding


def test_an_unknown_table_is_named() -> None:
    (fout,) = fouten_of(change(WB, "[[partijrol]]", "[[partijrollen]]"))
    assert fout.melding == "onbekende tabel; bedoeld is wellicht 'partijrol'"


def test_tables_with_single_brackets_are_named() -> None:
    fout = fouten_of(packaged_bronnen() | {"x.toml": "[termijn]\nid = 'a'\n"})
    assert {found.melding for found in fout} >= {"schrijf [[termijn]] met dubbele haken"}
    assert any("[afspraak] ontbreekt" in found.melding for found in fout)


def test_two_versions_of_a_region_that_overlap_are_named() -> None:
    fouten = fouten_of(change("regions/west-brabant-2017.toml", "geldig_tot = 2022-04-01", "geldig_tot = 2022-05-01"))
    assert any("overlapt in geldigheid met west-brabant-2017" in fout.melding for fout in fouten)


def test_two_tables_of_the_same_name_that_overlap_are_named() -> None:
    text = packaged_bronnen()[MB]
    at = text.index('[[termijn]]\nid = "vbs-contact"')
    table = text[at : text.index("\n\n", at)]
    twice = f"{text}\n{table}\n"
    (fout,) = fouten_of(packaged_bronnen() | {MB: twice})
    assert (fout.bestand, fout.regel) == (MB, line_of(twice, f"\n{table}\n", last=True) + line_of(table, "geldig_van"))
    assert "termijn 'vbs-contact' overlapt in geldigheid" in fout.melding


def test_a_table_outside_the_validity_of_its_document_is_named() -> None:
    early = change(MB, "geldig_van = 2024-01-01\nbron", "geldig_van = 2023-01-01\nbron")
    assert any("ligt voor 2024-01-01" in fout.melding for fout in fouten_of(early))
    late = change(
        "regions/addenda/oosterhout-2017.toml",
        "geldig_tot = 2022-04-01\nbron",
        "geldig_tot = 2022-06-01\nbron",
    )
    assert any("moet uiterlijk 2022-04-01 zijn" in fout.melding for fout in fouten_of(late))


def test_a_gemeente_is_not_in_two_regions_at_once() -> None:
    """BK: Alphen-Chaam leaves West-Brabant on 1 January 2023; where it is after that is one region."""
    stays = 'naam = "Alphen-Chaam"\ngeldig_tot = 2023-01-01'
    (fout,) = fouten_of(change(WB, stays, 'naam = "Alphen-Chaam"'))
    assert fout.veld.startswith("gemeente[")
    assert "Alphen-Chaam (GM1723) hoort vanaf 2024-01-01 ook bij de regio" in fout.melding
    load_rule_book(change(WB, stays, 'naam = "Alphen-Chaam"\ngeldig_tot = 2024-01-01'))


def test_loosening_a_statutory_term_quotes_both_sentences() -> None:
    """Issue 3, item 8."""
    (fout,) = fouten_of(change(WB, 'duur = "5 werkdagen"', 'duur = "8 dagen"'))
    assert fout.veld == "termijn[1].duur"
    assert "8 dagen kan later eindigen dan 5 werkdagen" in fout.melding
    assert "“Beoordelen van meldingen (triage) moet binnen 5 dagen” (BK bijlage 1)" in fout.melding
    assert "“Wettelijke termijn Binnen 5 werkdagen na de melding" in fout.melding


@pytest.mark.parametrize(
    ("old", "new", "veld"),
    [
        ("wettelijk = true", "wettelijk = false", "wettelijk"),
        ('vanaf = "melding-ontvangen"', 'vanaf = "triagebesluit-genomen"', "vanaf"),
        ('tot = ["triagebesluit-genomen"]', 'tot = ["triagebesluit-genomen", "dienst-gestart"]', "tot"),
        ("wettelijk = true", 'wettelijk = true\nvervalt_bij = ["dienst-gestart"]', "vervalt_bij"),
        ("wettelijk = true", 'wettelijk = true\nalleen_bij = { soort_overdracht = "direct" }', "alleen_bij"),
    ],
)
def test_a_statutory_term_cannot_be_loosened_by_a_side_door(old: str, new: str, veld: str) -> None:
    fouten = fouten_of(change(WB, old, new))
    assert [fout.veld for fout in fouten if "verruimt de wettelijke termijn" in fout.melding] == [f"termijn[1].{veld}"]


def test_an_addendum_cannot_loosen_what_is_statutory_everywhere() -> None:
    """MB 4.1: the overdracht as well falls within the statutory term, in every gemeente of every region."""
    addendum = """
[afspraak]
id = "tilburg-2024"
laag = "addendum"
regio = "midden-brabant"
gemeente = "GM0855"
titel = "Tilburg"
geldig_van = 2024-01-01

[[termijn]]
id = "overdracht-na-melding"
label = "Overdracht aan het lokale team na de melding"
duur = "10 werkdagen"
vanaf = "triagebesluit-genomen"
telt_vanaf = "melding-ontvangen"
tot = ["overdracht-afgeleverd"]
alleen_bij = { besluit = "directe-overdracht" }
verantwoordelijke = "veilig-thuis"
wettelijk = true
geldig_van = 2024-01-01
bron = { document = "MB", paragraaf = "4.1", citaat = "een verzonnen zin over tien werkdagen" }
"""
    (fout,) = fouten_of(packaged_bronnen() | {"regions/addenda/tilburg.toml": addendum})
    assert (fout.bestand, fout.veld) == ("regions/addenda/tilburg.toml", "termijn[1].duur")
    assert "een verzonnen zin over tien werkdagen" in fout.melding
    assert "de overdracht naar lokale (wijk)team te hebben plaatsgevonden." in fout.melding
    load_rule_book(packaged_bronnen() | {"regions/addenda/tilburg.toml": addendum.replace("10 werk", "4 werk")})


def test_a_region_may_be_stricter_than_the_law() -> None:
    book = load_rule_book(change(WB, 'duur = "5 werkdagen"', 'duur = "3 werkdagen"'))
    strict = book.for_case(regio="west-brabant", gemeente="GM0758", on=date(2026, 3, 2))
    assert "3 werkdagen" in {str(termijn.duur) for termijn in strict.termijnen}


def test_a_term_that_the_law_does_not_extend_cannot_ask_for_it() -> None:
    """ATW art. 4."""
    (hours,) = fouten_of(change(WB, 'duur = "24 uur"', 'duur = "24 uur"\nverlengen = true'))
    assert "uren wordt niet verlengd" in hours.melding
    (weeks,) = fouten_of(change(MB, 'duur = "6 weken"', 'duur = "13 weken"\nverlengen = true'))
    assert "13 weken is langer dan 12 weken" in weeks.melding


def test_a_region_in_which_nobody_bears_zicht_from_the_melding_is_refused() -> None:
    """G3: never none."""
    fouten = fouten_of(
        change("national/veilig-thuis.toml", 'vanaf = "melding-ontvangen"\nnaar', 'vanaf = "dienst-gestart"\nnaar'),
    )
    assert {fout.melding for fout in fouten} == {"niemand draagt zicht op veiligheid vanaf de melding"}


def test_a_region_without_an_uitgangspunt_is_refused() -> None:
    bronnen = packaged_bronnen()
    del bronnen["national/contra-indicaties.toml"]
    melding = {fout.melding for fout in fouten_of(change_in(bronnen, WB, "[[uitgangspunt]]", "[[initiatief]]"))}
    assert "er is geen uitgangspunt voor het triageadvies" in melding


def change_in(bronnen: dict[str, str], naam: str, old: str, new: str) -> dict[str, str]:
    return bronnen | {naam: bronnen[naam].replace(old, new, 1)}


@pytest.mark.parametrize(
    ("naam", "old", "new", "melding"),
    [
        (WB, 'id = "west-brabant-2022"', 'id = "midden-brabant-2024"', "is al de naam van"),
        (WB, 'id = "opschalen-meldpunt"', 'id = "ontvangstbevestiging"', "is al de naam van een termijn"),
        (WB, 'code = "GM0748"', 'code = "GM0758"', "staat er twee keer in"),
        (WB, "regio = ", "gemeente = 'GM0758'\nregio = ", "regio alleen een regio"),
        (WB, "geldig_van = 2022-04-01", "geldig_van = 2022-04-01\ngeldig_tot = 2022-01-01", "niet na geldig_van"),
        (
            WB,
            "geldig_van = 2022-04-01\nbron",
            "geldig_van = 2022-04-01\ngeldig_tot = 2022-01-01\nbron",
            "niet na geldig_van",
        ),
        (WB, 'id = "ontvangstbevestiging"', 'id = "Ontvangst bevestiging"', "heeft niet de juiste vorm"),
        (WB, "waarschuw_na = 0.6", "waarschuw_na = 6", "moet kleiner zijn dan 1.0"),
        (WB, 'waarschuw_lezing = "', '# "', "vraagt om waarschuw_lezing"),
        (WB, "waarschuw_na = 0.6\n", "", "waarschuw_lezing hoort bij waarschuw_na"),
        (WB, 'naar = "lokaal-team"', 'naar = "veilig-thuis"', "van en naar zijn gelijk"),
        (WB, 'vanaf = "overdracht-afgeleverd"\nna', 'vanaf = "overdracht-aangemaakt"\nna', "dat zij is afgeleverd"),
        (WB, 'van = "meldpunt"', 'van = "meldpunt"\nvervalt_bij = ["casus-gesloten"]', "vervalt_bij hoort bij na"),
        ("regions/addenda/oosterhout-2017.toml", "GM0826", "GM0855", "hoort niet bij de regio west-brabant"),
        ("national/contra-indicaties.toml", 'alle_van = ["ernstig_letsel"]', "alle_van = []", "noem minstens"),
        (
            "national/contra-indicaties.toml",
            'alle_van = ["ernstig_letsel"]',
            'alle_van = ["ernstig_letsel", "ernstig_letsel"]',
            "een feit staat er twee keer in",
        ),
        ("national/contra-indicaties.toml", 'oordeel_van = "professionals"\n', "", "alle drie of geen"),
        (
            "national/vangnet.toml",
            'bij = "huishouden-opnieuw-gemeld"\n',
            'bij = "huishouden-opnieuw-gemeld"\naan = "veilig-thuis"\n',
            "een bericht gaat naar een partij (aan), of naar wie dan zicht draagt (drager)",
        ),
        (
            "national/vangnet.toml",
            'aan = "ketenpartner"\nwie_aanbood = true\n',
            'aan = "lokaal-team"\nwie_aanbood = true\n',
            "precies de soort aanbieder",
        ),
        (
            "national/vangnet.toml",
            'aan = "ketenpartner"\nwie_aanbood = true\n',
            'aan = "ketenpartner"\nook_daarna = true\n',
            "ook_daarna hoort bij",
        ),
        (
            "national/vangnet.toml",
            'rol = "gemeente-ambtelijk"\nbij = "gemeente"\n',
            'rol = "gemeente-ambtelijk"\nbij = "gemeente"\nook_bij = ["veilig-thuis"]\n',
            "kan bij Veilig Thuis niets met een casus doen",
        ),
        (
            "national/vangnet.toml",
            'bericht = "huisverbod"\nrol = "coordinator"',
            'bericht = "huisverbod"\nrol = "triagist"',
            "kan bij het lokale team niets met een casus doen",
        ),
        (
            "national/vangnet.toml",
            'bericht = "beheer-gevraagd"\nrol = "beheerder"',
            'bericht = "beheer-gevraagd"\nrol = "coordinator"',
            "beheert Houvast niet",
        ),
        ("national/algemene-termijnenwet.toml", "dagen_na_pasen = -2", "", "geef maand en dag, of dagen_na_pasen"),
        (
            "national/veilig-thuis.toml",
            "[[monitoring]]",
            "[[gemeente]]\ncode='GM0001'\nnaam='x'\n[[monitoring]]",
            "alleen een regio",
        ),
    ],
)
def test_what_cannot_be_is_refused(naam: str, old: str, new: str, melding: str) -> None:
    assert any(melding in fout.melding for fout in fouten_of(change(naam, old, new)))


def test_a_region_names_its_gemeenten() -> None:
    text = packaged_bronnen()[WB]
    without = text[: text.index("[[gemeente]]")]
    assert any("noemt haar gemeenten" in fout.melding for fout in fouten_of(packaged_bronnen() | {WB: without}))


def test_a_table_that_is_wrong_is_not_also_called_missing() -> None:
    (ladder,) = fouten_of(change(WB, 'rol = "coordinator"', 'rol = "coordinater"'))
    assert ladder.veld == "ladder[3].trede[1].rol"
    (zicht,) = fouten_of(change("national/veilig-thuis.toml", 'naar = "veilig-thuis"', 'naar = "veiligthuis"'))
    assert zicht.veld == "zicht[1].naar"


def test_all_errors_in_all_files_come_at_once() -> None:
    """Nothing is applied by half, and nobody has to fix one error to see the next."""
    bronnen = change(WB, 'duur = "5 werkdagen"', 'duur = "vijf"') | {MB: "niet = = toml"}
    bronnen["national/contra-indicaties.toml"] = bronnen["national/contra-indicaties.toml"].replace(
        "\ntenzij",
        "\ntenzy",
        1,
    )
    assert {fout.bestand for fout in fouten_of(bronnen)} == {WB, MB, "national/contra-indicaties.toml"}


@pytest.mark.parametrize(
    ("tabel", "melding"),
    [
        (
            "zicht-eindigt-bij-ketenpartner",
            "zicht op veiligheid komt bij de ketenpartner, en blijft daar na het sluiten",
        ),
        (
            "zicht-bij-terugkoppeling-door-ketenpartner",
            "zicht op veiligheid komt bij de ketenpartner, en blijft daar na",
        ),
        (
            "zicht-bij-terugkoppeling",
            "zicht op veiligheid komt bij het lokale team, en blijft daar na de terugkoppeling",
        ),
        (
            "zicht-bij-weigering",
            "zicht op veiligheid komt bij het lokale team, en blijft daar na de weigering van de overdracht",
        ),
        (
            "zicht-bij-intrekking",
            "zicht op veiligheid komt bij het lokale team, en blijft daar na de intrekking van de overdracht",
        ),
    ],
)
def test_whoever_can_come_to_bear_zicht_can_give_it_back_and_end_it(tabel: str, melding: str) -> None:
    """G3 and BK 4.4.1: a region without the way back would leave it with who refused the case."""
    fouten = fouten_of(without_table("national/veilig-thuis.toml", "zicht", tabel))
    assert fouten
    assert all(fout.melding.startswith(melding) for fout in fouten)


def without_table(naam: str, soort: str, tabel: str) -> dict[str, str]:
    bronnen = packaged_bronnen()
    parts = bronnen[naam].split(f"[[{soort}]]\n")
    (left_out,) = [part for part in parts if part.startswith(f'id = "{tabel}"\n')]
    rest = left_out.partition("\n\n")[2]
    return bronnen | {naam: bronnen[naam].replace(f"[[{soort}]]\n{left_out}", rest, 1)}
