"""Who is who on a day, and which people a role means then."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import AMSTERDAM, load_rule_book
from contracts.afspraken.ankers import Rol
from contracts.messages.notifier import Notificatiekanaal
from contracts.register import (
    Doelgroep,
    Gezocht,
    Herkomst,
    NietInRegister,
    OnbekendeGemeente,
    OnbekendePartij,
    Ontvanger,
    Partijsoort,
    PartijZonderEndpoint,
    RegioZonderPartij,
    Register,
    choose,
    missing_roles,
    parse_register,
)
from contracts.register.werkplekken import find_rollen
from contracts.toml_plaats import BestandFouten
from tests.unit.triage.road import sample_register

KALENDER = load_rule_book().kalender
ON = date(2026, 3, 2)
AWAY = date(2026, 3, 10)

TEXT = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis West-Brabant"
soort = "veilig-thuis"
regio = "west-brabant"
persoon = [{ naam = "Vera", e_mail = "vera@vt.example" }, { naam = "Victor", e_mail = "victor@vt.example" }]
rol = [
  { rol = "gedragswetenschapper", personen = ["Vera"] },
  { rol = "leidinggevende", personen = ["Victor"] },
]

[[partij]]
code = "meldpunt-west-brabant"
naam = "Meldpunt Crisiszorg"
soort = "meldpunt"
regio = "west-brabant"

[[partij]]
code = "safegroup"
naam = "Safegroup"
soort = "safegroup"
regio = "west-brabant"
endpoint = { soort = "rest", url = "https://safegroup.example/in", geheimen = ["env:SAFEGROUP"] }
uitwijk = { soort = "e-mail", adres = "in@safegroup.example" }
persoon = [{ naam = "Sanne", e_mail = "sanne@safegroup.example" }]
rol = [{ rol = "coordinator", personen = ["Sanne"] }]

[[gemeente]]
code = "GM0758"
naam = "Breda"
oin = "00000099075800000000"
regio = "west-brabant"
endpoint = { soort = "rest", url = "https://breda.example/in", geheimen = ["env:BREDA", "env:BREDA_OUD"] }
team = [
  { code = "noord", naam = "Noord", soort = "volledig" },
  { code = "zuid", naam = "Zuid", soort = "volledig", endpoint = { soort = "e-mail", adres = "zuid@breda.example" } },
]
persoon = [
  { naam = "Anna", e_mail = "anna@breda.example", vervanger = "Bart" },
  { naam = "Bart", teams = "env:BART", vervanger = "Anna", afwezig = [{ van = 2026-03-10, tot_en_met = 2026-03-11 }] },
  { naam = "Cas", e_mail = "cas@breda.example", afwezig = [{ van = 2026-03-10, tot_en_met = 2026-03-10 }] },
  { naam = "Dina", e_mail = "dina@breda.example" },
]
rol = [
  { rol = "gedragswetenschapper", team = "noord", personen = ["Cas"] },
  { rol = "gedragswetenschapper", doelgroep = "jeugd", personen = ["Anna"] },
  { rol = "gedragswetenschapper", doelgroep = "volwassenen", personen = ["Bart"] },
  { rol = "teamcoordinator", team = "noord", personen = ["Dina"] },
  { rol = "gemeente-ambtelijk", personen = ["Cas"] },
]

[[gemeente]]
code = "GM0744"
naam = "Baarle-Nassau"
oin = "00000099074400000000"
regio = "west-brabant"
geldig_tot = 2023-01-01
endpoint = { soort = "e-mail", adres = "in@baarle.example" }
"""


@pytest.fixture(scope="module")
def register() -> Register:
    return parse_register(TEXT, bestand="register.toml")


def recipients(
    register: Register,
    *,
    partij: str = "GM0758",
    rol: str,
    on: date = ON,
    gemeente: str | None = None,
    team: str | None = None,
    doelgroep: Doelgroep = Doelgroep.ALLE,
) -> tuple[Ontvanger, ...]:
    """At noon of that day."""
    noon = datetime.combine(on, time(12), AMSTERDAM)
    return choose(register, Gezocht(partij, rol, noon, gemeente, team, doelgroep), KALENDER).ontvangers


def names(
    register: Register,
    rol: str,
    *,
    on: date = ON,
    team: str | None = None,
    doelgroep: Doelgroep = Doelgroep.ALLE,
) -> list[str]:
    return [item.naam for item in recipients(register, rol=rol, on=on, team=team, doelgroep=doelgroep)]


def test_who_replaces_somebody_works_in_their_roles_too_and_no_day_longer() -> None:
    """Messages for whoever is away go to the other, who must be able to do what they ask."""
    text = TEXT.replace(
        '{ rol = "gemeente-ambtelijk", personen = ["Cas"] }', '{ rol = "beleidsmedewerker", personen = ["Bart"] }'
    )
    known = parse_register(text, bestand="register.toml")

    def roles(naam: str, on: date) -> frozenset[Rol]:
        return find_rollen(known, "GM0758", naam, acr=None, by_provider=True, on=on)

    own = frozenset({Rol.GEDRAGSWETENSCHAPPER})
    assert [roles("Anna", date(2026, 3, day)) for day in (9, 10, 11, 12)] == [
        own,
        own | {Rol.BELEIDSMEDEWERKER},
        own | {Rol.BELEIDSMEDEWERKER},
        own,
    ]
    assert roles("Bart", date(2026, 3, 10)) == own | {Rol.BELEIDSMEDEWERKER}, "who is away and signs in, is there"


def test_a_gemeente_is_found_on_the_days_it_is_valid(register: Register) -> None:
    assert register.gemeente("GM0744", on=date(2022, 12, 31)).naam == "Baarle-Nassau"
    with pytest.raises(OnbekendeGemeente, match=r"gemeente Baarle-Nassau \(GM0744\) is op 01-01-2023 niet geldig"):
        register.gemeente("GM0744", on=date(2023, 1, 1))
    with pytest.raises(OnbekendeGemeente, match="GM9999 staat niet in het register"):
        register.gemeente("GM9999", on=ON)


def test_the_gemeenten_of_a_day_are_those_valid_then(register: Register) -> None:
    assert [gemeente.code for gemeente in register.gemeenten(date(2022, 12, 31))] == ["GM0744", "GM0758"]
    assert [gemeente.code for gemeente in register.gemeenten(ON, regio="west-brabant")] == ["GM0758"]
    assert register.gemeenten(ON, regio="elders") == ()


def test_parties_are_found_by_code_and_by_region(register: Register) -> None:
    assert register.partij("meldpunt-west-brabant").soort is Partijsoort.MELDPUNT
    assert register.veilig_thuis("west-brabant").code == "veilig-thuis-west-brabant"
    assert register.meldpunt("west-brabant").code == "meldpunt-west-brabant"
    assert register.regios() == ("west-brabant",)
    with pytest.raises(OnbekendePartij):
        register.partij("ggz")
    with pytest.raises(RegioZonderPartij):
        register.veilig_thuis("elders")


def test_names_are_for_people_and_unknown_codes_name_themselves(register: Register) -> None:
    assert [register.naam(code) for code in ("GM0744", "meldpunt-west-brabant", "x")] == [
        "Baarle-Nassau",
        "Meldpunt Crisiszorg",
        "x",
    ]
    assert register.knows("GM0744")
    assert not register.knows("x")


def test_a_team_with_its_own_endpoint_receives_there(register: Register) -> None:
    breda = register.gemeente("GM0758", on=ON)
    assert breda.endpoint_for("zuid").soort == "e-mail"
    assert breda.endpoint_for("noord") is breda.endpoint_for(None) is breda.endpoint_for("onbekend") is breda.endpoint


def test_the_own_team_goes_before_the_gemeente(register: Register) -> None:
    assert names(register, "gedragswetenschapper", team="noord") == ["Cas"]
    assert names(register, "gedragswetenschapper", team="zuid") == ["Anna", "Bart"]
    assert names(register, "gedragswetenschapper") == ["Anna", "Bart"]


def test_a_role_that_only_another_team_has_is_found_there(register: Register) -> None:
    assert names(register, "teamcoordinator", team="zuid") == ["Dina"]


def test_jeugd_and_volwassenen_have_their_own_people(register: Register) -> None:
    assert names(register, "gedragswetenschapper", doelgroep=Doelgroep.JEUGD) == ["Anna"]
    assert names(register, "gedragswetenschapper", doelgroep=Doelgroep.VOLWASSENEN) == ["Bart"]


def test_what_a_gemeente_buys_from_veilig_thuis_is_found_there(register: Register) -> None:
    """AEF 2.5: in one gemeente of a region Veilig Thuis supplies the gedragswetenschapper, in another it does not."""
    (found,) = recipients(register, partij="GM0758", rol="leidinggevende", on=ON)
    assert (found.naam, found.partij, found.herkomst) == ("Victor", "veilig-thuis-west-brabant", Herkomst.VEILIG_THUIS)


def test_a_party_without_the_role_falls_back_on_veilig_thuis_of_its_region(register: Register) -> None:
    (found,) = recipients(register, partij="meldpunt-west-brabant", rol="leidinggevende", on=ON)
    assert found.herkomst is Herkomst.VEILIG_THUIS
    (own,) = recipients(register, partij="veilig-thuis-west-brabant", rol="leidinggevende", on=ON)
    assert own.herkomst is Herkomst.PARTIJ


def test_who_is_away_is_replaced_and_that_is_said(register: Register) -> None:
    (found,) = recipients(
        register,
        partij="GM0758",
        rol="gedragswetenschapper",
        on=AWAY,
        doelgroep=Doelgroep.VOLWASSENEN,
    )
    assert (found.naam, found.vervangt) == ("Anna", "Bart")
    assert found.adressen == {Notificatiekanaal.E_MAIL: "anna@breda.example"}


def test_a_replacement_who_is_asked_anyway_is_told_once(register: Register) -> None:
    assert names(register, "gedragswetenschapper", on=AWAY) == ["Anna"]


def test_a_team_where_everybody_is_away_is_passed_over(register: Register) -> None:
    assert names(register, "gedragswetenschapper", team="noord", on=AWAY) == ["Anna"]


def test_when_nobody_is_there_at_all_the_absent_are_told(register: Register) -> None:
    (found,) = recipients(register, partij="GM0758", rol="gemeente-ambtelijk", on=AWAY)
    assert (found.naam, found.afwezig) == ("Cas", True)


def test_an_absence_includes_its_last_day(register: Register) -> None:
    days = {
        day: names(register, "gedragswetenschapper", doelgroep=Doelgroep.VOLWASSENEN, on=date(2026, 3, day))
        for day in (9, 10, 11, 12)
    }
    assert days == {9: ["Bart"], 10: ["Anna"], 11: ["Anna"], 12: ["Bart"]}


def test_a_role_that_leads_to_nobody_is_reported(register: Register) -> None:
    missing = missing_roles(register, ["gemeente-bestuurlijk", "leidinggevende"], KALENDER, on=ON)
    assert [str(item) for item in missing] == [
        "Breda (GM0758) heeft niemand in de rol gemeente-bestuurlijk, ook niet bij Veilig Thuis",
    ]
    assert recipients(register, partij="GM0758", rol="gemeente-bestuurlijk", on=ON) == ()


def test_a_role_for_jeugd_only_is_reported_as_missing_for_volwassenen() -> None:
    text = (
        TEXT.replace('{ rol = "gedragswetenschapper", personen = ["Vera"] },', "")
        .replace('{ rol = "gedragswetenschapper", doelgroep = "volwassenen", personen = ["Bart"] },', "")
        .replace('{ rol = "gedragswetenschapper", team = "noord", personen = ["Cas"] },', "")
    )
    (missing,) = missing_roles(parse_register(text, bestand="r.toml"), ["gedragswetenschapper"], KALENDER, on=ON)
    assert missing.doelgroep is Doelgroep.VOLWASSENEN


@given(
    rol=st.sampled_from(Rol),
    day=st.dates(date(2026, 3, 1), date(2026, 3, 14)),
    team=st.sampled_from([None, "noord", "zuid", "weg"]),
    doelgroep=st.sampled_from(Doelgroep),
)
def test_a_role_that_is_not_reported_always_leads_to_someone_reachable(
    register: Register,
    rol: Rol,
    day: date,
    team: str | None,
    doelgroep: Doelgroep,
) -> None:
    found = recipients(register, partij="GM0758", rol=rol, on=day, team=team, doelgroep=doelgroep)
    reported = bool(missing_roles(register, [rol], KALENDER, on=day))
    assert bool(found) is not reported
    assert all(ontvanger.adressen for ontvanger in found)
    assert len({ontvanger.naam for ontvanger in found}) == len(found)


def test_a_gemeente_out_of_its_days_has_no_recipients(register: Register) -> None:
    with pytest.raises(NietInRegister):
        recipients(register, partij="GM0744", rol="leidinggevende", on=ON)


def test_the_register_knows_every_role_that_a_ladder_can_call() -> None:
    assert {rol.value for rol in Rol} <= {rol.value for rol in Rol}


MERGED = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis West-Brabant"
soort = "veilig-thuis"
regio = "west-brabant"

[[gemeente]]
code = "GM0840"
naam = "Rucphen"
regio = "west-brabant"
oin = "00000099000000000840"
geldig_tot = 2026-04-01
opvolger = "GM1674"
endpoint = { soort = "e-mail", adres = "team@rucphen.example" }

[[gemeente]]
code = "GM1674"
naam = "Roosendaal"
regio = "west-brabant"
oin = "00000099000000001674"
endpoint = { soort = "rest", url = "https://roosendaal.example/in", geheimen = ["env:X"], tempo = { tegelijk = 2 } }
uitwijk = { soort = "e-mail", adres = "team@roosendaal.example" }
"""


def test_a_gemeente_that_merged_is_followed_to_whoever_goes_on() -> None:
    register = parse_register(MERGED, bestand="r.toml")
    assert register.going_on_for("GM0840", on=date(2026, 3, 31)).naam == "Rucphen"
    assert register.going_on_for("GM0840", on=date(2026, 4, 1)).naam == "Roosendaal"
    with pytest.raises(OnbekendeGemeente):
        register.going_on_for("GM0001", on=date(2026, 4, 1))


def test_another_road_is_taken_only_when_it_is_asked_for() -> None:
    roosendaal = parse_register(MERGED, bestand="r.toml").gemeente("GM1674", on=date(2026, 4, 1))
    assert [roosendaal.endpoint_for(None, soort).soort for soort in (None, "rest", "e-mail", "zgw")] == [
        "rest",
        "rest",
        "e-mail",
        "rest",
    ]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('opvolger = "GM1674"', 'opvolger = "GM0840"'), "gemeente[1]: een gemeente kan zichzelf niet opvolgen"),
        (('opvolger = "GM1674"', 'opvolger = "GM0001"'), "gemeente[1].opvolger: GM0001 staat op die dag niet"),
        (("geldig_tot = 2026-04-01\n", ""), "gemeente[1]: een opvolger hoort bij een geldig_tot"),
        (("tegelijk = 2", "tegelijk = 0"), "gemeente[2].endpoint.tempo.tegelijk"),
        (
            ("tempo = { tegelijk = 2 }", 'oauth2 = { token_url = "https://x.example", client_id = "a" }'),
            "geheim óf sleutel",
        ),
        (("tempo = { tegelijk = 2 }", 'tls = { certificaat = "file:x.pem" }'), "geef beide of geen van beide"),
        (("tempo = { tegelijk = 2 }", 'fsc = { grant_hash = "x" }'), "gemeente[2].endpoint.fsc.grant_hash"),
        (('adres = "team@roosendaal.example"', 'adres = "x"'), "gemeente[2].uitwijk.adres: is geen e-mailadres"),
    ],
)
def test_what_is_wrong_with_roads_and_successors_is_named_at_its_place(change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(BestandFouten) as told:
        parse_register(MERGED.replace(*change), bestand="r.toml")
    assert complaint in str(told.value)


def test_a_gemeente_receives_under_the_codes_of_those_it_goes_on_for() -> None:
    """And who ended with a successor under none; who ended without one keeps its own."""
    sample = sample_register()
    ended = date(2026, 4, 1)
    merged = Register(
        gemeenten=[
            entry.model_copy(update={"geldig_tot": ended, "opvolger": "GM1674"}) if entry.code == "GM0758" else entry
            for entry in sample.entries()
        ],
        partijen=sample.partijen(),
    )
    before, after = date(2026, 3, 31), ended
    assert merged.codes_of("GM1674", on=before) == {"GM1674"}
    assert merged.codes_of("GM0758", on=before) == {"GM0758"}
    assert merged.codes_of("GM1674", on=after) == {"GM1674", "GM0758"}
    assert merged.codes_of("GM0758", on=after) == frozenset()
    assert merged.codes_of("GM9999", on=after) == {"GM9999"}


def test_whoever_receives_is_found_by_one_code(register: Register) -> None:
    """D13: a gemeente, or a party with an endpoint; a party without one receives nothing."""
    assert register.receiver("GM0758", on=ON).naam == "Breda"
    safegroup = register.receiver("safegroup", on=ON)
    assert [road.soort for road in safegroup.roads_for(None)] == ["rest", "e-mail"]
    assert (safegroup.endpoint_for(None).soort, safegroup.endpoint_for(None, "e-mail").soort) == ("rest", "e-mail")
    assert (safegroup.naam_of_team("noord"), safegroup.team("noord")) == ("Safegroup", None)
    with pytest.raises(PartijZonderEndpoint, match="heeft geen endpoint"):
        register.receiver("meldpunt-west-brabant", on=ON)
    for code in ("GM0744", "niemand"):
        with pytest.raises(OnbekendeGemeente):
            register.receiver(code, on=ON)
    assert [item.code for item in register.receivers(on=ON)] == ["GM0758", "safegroup"]
    assert [item.code for item in register.receivers()] == ["GM0744", "GM0758", "safegroup"]


def test_a_role_that_a_party_does_not_fill_is_filled_by_veilig_thuis(register: Register) -> None:
    """An escalatie about a party always reaches somebody."""

    def found(rol: str) -> list[tuple[str, Herkomst]]:
        people = recipients(register, partij="safegroup", rol=rol, gemeente="GM0758", on=ON)
        return [(person.naam, person.herkomst) for person in people]

    assert found("coordinator") == [("Sanne", Herkomst.PARTIJ)]
    assert found("leidinggevende") == [("Victor", Herkomst.VEILIG_THUIS)]


@pytest.mark.parametrize(
    ("extra", "complaint"),
    [
        (
            'code = "x-y"\nsoort = "ggz"\nuitwijk = { soort = "e-mail", adres = "in@x.example" }',
            "een uitwijk hoort bij een endpoint",
        ),
        (
            'code = "vt-x"\nsoort = "veilig-thuis"\nendpoint = { soort = "e-mail", adres = "in@x.example" }',
            "Veilig Thuis draagt zelf over",
        ),
    ],
)
def test_the_roads_of_a_party_are_checked(extra: str, complaint: str) -> None:
    text = f'{TEXT}\n[[partij]]\nnaam = "X"\nregio = "west-brabant"\n{extra}\n'
    with pytest.raises(BestandFouten, match=complaint):
        parse_register(text, bestand="register.toml")
