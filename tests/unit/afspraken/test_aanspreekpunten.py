"""Whom people call on where no ladder is climbed: data of the agreements, which a region may replace."""

from datetime import date

import pytest

from contracts.afspraken import Berichtsoort, Rol, load_rule_book, packaged_bronnen
from contracts.toml_plaats import BestandFouten

WEST_BRABANT = "regions/west-brabant-2022.toml"
VANGNET = "national/vangnet.toml"
TODAY = date(2026, 3, 2)
OTHERS = """
[[aanspreekpunt]]
id = "aanspreekpunt-niemand-bereikt"
label = "Bij Veilig Thuis, over wat bestemd was voor een rol waarin niemand is bereikt"
bericht = "niemand-bereikt"
rol = "gedragswetenschapper"
geldig_van = 2022-04-01
bron = { document = "WB", paragraaf = "3", citaat = "een zin uit de afspraken" }
"""


def test_a_region_says_itself_who_is_told() -> None:
    bronnen = packaged_bronnen()
    book = load_rule_book(bronnen | {WEST_BRABANT: bronnen[WEST_BRABANT] + OTHERS})
    nobody = Berichtsoort.NIEMAND_BEREIKT
    assert book.rol_voor(nobody, regio="west-brabant", on=TODAY) is Rol.GEDRAGSWETENSCHAPPER
    assert book.for_case(regio="west-brabant", gemeente="GM0758", on=TODAY).rol_voor(nobody) is Rol.GEDRAGSWETENSCHAPPER
    assert book.rol_voor(nobody, regio="midden-brabant", on=TODAY) is Rol.LEIDINGGEVENDE


@pytest.mark.parametrize("regio", ["midden-brabant", "een-regio-zonder-afspraken"])
def test_of_every_message_it_is_known_who_is_told(regio: str) -> None:
    book = load_rule_book()
    assert {bericht: book.rol_voor(bericht, regio=regio, on=date(2017, 1, 1)) for bericht in Berichtsoort} == {
        Berichtsoort.HUISVERBOD: Rol.COORDINATOR,
        Berichtsoort.STAGNATIE_IN_MONITORING: Rol.COORDINATOR,
        Berichtsoort.SIGNAAL_GEVRAAGD: Rol.COORDINATOR,
        Berichtsoort.SIGNAAL_AFGEGEVEN: Rol.GEMEENTE_AMBTELIJK,
        Berichtsoort.SIGNAAL_BEANTWOORD: Rol.LEIDINGGEVENDE,
        Berichtsoort.INTREKKING_KOMT_NIET_AAN: Rol.COORDINATOR,
        Berichtsoort.AFLEVERING_GESTAGNEERD: Rol.TRIAGIST,
        Berichtsoort.VBS_GEVRAAGD: Rol.TEAMCOORDINATOR,
        Berichtsoort.VBS_ZONDER_CAPACITEIT: Rol.COORDINATOR,
        Berichtsoort.NIEMAND_BEREIKT: Rol.LEIDINGGEVENDE,
        Berichtsoort.NIET_BEKEND: Rol.COORDINATOR,
        Berichtsoort.BEHEER_GEVRAAGD: Rol.BEHEERDER,
        Berichtsoort.LADDER_TEN_EINDE: Rol.LEIDINGGEVENDE,
        Berichtsoort.SLUITING_VERVALLEN: Rol.TRIAGIST,
    }


def test_agreements_that_leave_out_who_is_told_are_refused() -> None:
    bronnen = packaged_bronnen()
    vangnet = bronnen[VANGNET]
    begin = vangnet.index('[[aanspreekpunt]]\nid = "aanspreekpunt-niemand-bereikt"')
    left_out = vangnet[:begin] + vangnet[vangnet.index("[[aanspreekpunt]]", begin + 1) :]
    with pytest.raises(BestandFouten) as error:
        load_rule_book(bronnen | {VANGNET: left_out})
    found = {fout.melding for fout in error.value.fouten}
    assert found == {"er is geen aanspreekpunt voor het bericht 'niemand-bereikt'"}


def test_a_rule_that_nobody_agreed_on_gives_its_reason() -> None:
    """G10: people read it in place of a sentence."""
    bronnen = packaged_bronnen()
    vangnet = bronnen[VANGNET]
    begin = vangnet.index("lezing = ", vangnet.index('id = "aanspreekpunt-niemand-bereikt"'))
    silent = vangnet[:begin] + vangnet[vangnet.index("\n", begin) + 1 :]
    with pytest.raises(BestandFouten) as error:
        load_rule_book(bronnen | {VANGNET: silent})
    (fout,) = error.value.fouten
    assert (fout.bestand, "noem de reden (lezing)" in fout.melding) == (VANGNET, True)
    shown = {
        regel.herkomst
        for regel in load_rule_book().for_regio(regio="west-brabant", on=TODAY).regels
        if regel.is_vangnet
    }
    assert all(herkomst.startswith("Geen afspraak, vangnet van Houvast: ") for herkomst in shown)


REMINDED = """
[[herinnering]]
id = "herinnering-niet-opgepakt"
label = "De casus is nog niet opgepakt"
drager = "lokaal-team"
tot = ["overdracht-opgepakt"]
elke = "2 werkdagen"
rol = "leidinggevende"
gevraagd = "Verdeel de casus."
geldig_van = 2022-04-01
bron = { document = "WB", paragraaf = "3", citaat = "een zin uit de afspraken" }
"""


def test_a_region_says_itself_who_is_reminded_and_how_often() -> None:
    bronnen = packaged_bronnen()
    book = load_rule_book(bronnen | {WEST_BRABANT: bronnen[WEST_BRABANT] + REMINDED})
    found = {
        regio: [
            (str(regel.elke), regel.rol)
            for regel in book.for_regio(regio=regio, on=TODAY).herinneringen
            if regel.id == "herinnering-niet-opgepakt"
        ]
        for regio in ("west-brabant", "midden-brabant")
    }
    assert found == {
        "west-brabant": [("2 werkdagen", Rol.LEIDINGGEVENDE)],
        "midden-brabant": [("7 dagen", Rol.TEAMCOORDINATOR)],
    }


@pytest.mark.parametrize(
    ("wrong", "veld"),
    [('elke = "0 dagen"', "elke"), ('rol = "buurman"', "rol"), ('tot = ["ooit"]', "tot[1]")],
)
def test_a_reminder_that_cannot_be_is_refused_with_its_field(wrong: str, veld: str) -> None:
    bronnen = packaged_bronnen()
    name = wrong.partition(" ")[0]
    text = "\n".join(wrong if line.startswith(f"{name} =") else line for line in REMINDED.splitlines())
    with pytest.raises(BestandFouten) as error:
        load_rule_book(bronnen | {WEST_BRABANT: f"{bronnen[WEST_BRABANT]}\n{text}\n"})
    assert any(fout.veld.endswith(veld) for fout in error.value.fouten), error.value
