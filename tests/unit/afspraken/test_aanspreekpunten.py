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
        Berichtsoort.SIGNAAL_AFGEGEVEN: Rol.GEMEENTE_AMBTELIJK,
        Berichtsoort.SIGNAAL_BEANTWOORD: Rol.LEIDINGGEVENDE,
        Berichtsoort.INTREKKING_KOMT_NIET_AAN: Rol.COORDINATOR,
        Berichtsoort.VBS_GEVRAAGD: Rol.TEAMCOORDINATOR,
        Berichtsoort.VBS_ZONDER_CAPACITEIT: Rol.COORDINATOR,
        Berichtsoort.NIEMAND_BEREIKT: Rol.LEIDINGGEVENDE,
        Berichtsoort.NIET_BEKEND: Rol.COORDINATOR,
        Berichtsoort.BEHEER_GEVRAAGD: Rol.BEHEERDER,
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
